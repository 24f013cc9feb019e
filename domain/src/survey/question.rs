//! Which questions can be asked?
use crate::{
    id::{Entity, Id},
    text::{self, TextFault},
};

use super::Refusal;

crate::text_enum! {
    /// How a question is answered.
    pub enum Kind as "QuestionKind" {
        /// A step between two ends, such as 1 (never) to 5 (always). Means are computed.
        Scale = "SCALE",
        /// A whole number within a range. Means are computed.
        Number = "NUMBER",
        /// One of several options.
        SingleChoice = "SINGLE_CHOICE",
        /// Any of several options.
        MultipleChoice = "MULTIPLE_CHOICE",
        /// Words of one's own. Only counted in results, never shown to staff.
        Text = "TEXT",
    }
}

/// One question of a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub id: Id<Question>,
    pub position: i16,
    pub kind: Kind,
    pub text: String,
    pub required: bool,
    /// Of scales and numbers.
    pub range: Option<Range>,
    /// Of choices.
    pub options: Vec<String>,
}

impl Entity for Question {
    const PREFIX: &'static str = "question";
}

/// The ends of a scale or number, with what they mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    pub minimum: i32,
    pub maximum: i32,
    pub minimum_label: Option<String>,
    pub maximum_label: Option<String>,
}

/// What somebody wants to ask.
#[derive(Debug, Clone)]
pub struct QuestionDraft {
    pub kind: Kind,
    pub text: String,
    pub required: bool,
    pub minimum: Option<i32>,
    pub maximum: Option<i32>,
    pub minimum_label: Option<String>,
    pub maximum_label: Option<String>,
    pub options: Vec<String>,
}

/// Most steps of a scale: 0 to 10.
const MAX_STEPS: i32 = 11;
const MAX_OPTIONS: usize = 20;
/// Numbers beyond this are no answers about mentoring, and their sums must fit.
const MAX_NUMBER: i32 = 1_000_000;

impl Question {
    pub fn create(id: Id<Question>, position: usize, draft: &QuestionDraft) -> Result<Self, Refusal> {
        let path = |field: &str| format!("questions.{position}.{field}");
        let fault = |field: &str, problem| Refusal::Question { path: path(field), problem };
        let text = text::line(&path("text"), &draft.text, 500)?;
        let numeric = matches!(draft.kind, Kind::Scale | Kind::Number);
        let choice = matches!(draft.kind, Kind::SingleChoice | Kind::MultipleChoice);
        let range = match (numeric, draft.minimum, draft.maximum) {
            (true, Some(minimum), Some(maximum)) => Some(range(draft, minimum, maximum, &path, &fault)?),
            (true, None, _) => return Err(fault("minimum", "a scale or number needs its smallest value")),
            (true, _, None) => return Err(fault("maximum", "a scale or number needs its largest value")),
            (false, None, None) => None,
            (false, ..) => return Err(fault("minimum", "only scales and numbers have a range")),
        };
        let options = match (choice, draft.options.len()) {
            (true, 2..=MAX_OPTIONS) => options(&draft.options, position, &fault)?,
            (true, _) => return Err(fault("options", "a choice has from 2 to 20 options")),
            (false, 0) => Vec::new(),
            (false, _) => return Err(fault("options", "only choices have options")),
        };
        let position = i16::try_from(position).map_err(|_too_many| Refusal::QuestionCount)?;
        Ok(Self { id, position, kind: draft.kind, text, required: draft.required, range, options })
    }
}

fn range(
    draft: &QuestionDraft,
    minimum: i32,
    maximum: i32,
    path: &impl Fn(&str) -> String,
    fault: &impl Fn(&str, &'static str) -> Refusal,
) -> Result<Range, Refusal> {
    if !(-MAX_NUMBER..=MAX_NUMBER).contains(&minimum) || !(-MAX_NUMBER..=MAX_NUMBER).contains(&maximum) {
        return Err(fault("maximum", "numbers are from -1,000,000 to 1,000,000"));
    }
    if minimum >= maximum {
        return Err(fault("maximum", "the largest value must be above the smallest"));
    }
    if draft.kind == Kind::Scale && maximum - minimum >= MAX_STEPS {
        return Err(fault("maximum", "a scale has at most 11 steps"));
    }
    let label = |field: &str, value: &Option<String>| -> Result<Option<String>, TextFault> {
        text::optional_line(&path(field), value.as_deref(), 100)
    };
    Ok(Range {
        minimum,
        maximum,
        minimum_label: label("minimumLabel", &draft.minimum_label)?,
        maximum_label: label("maximumLabel", &draft.maximum_label)?,
    })
}

fn options(
    drafts: &[String],
    position: usize,
    fault: &impl Fn(&str, &'static str) -> Refusal,
) -> Result<Vec<String>, Refusal> {
    let mut accepted: Vec<String> = Vec::with_capacity(drafts.len());
    for (index, option) in drafts.iter().enumerate() {
        let option = text::line(&format!("questions.{position}.options.{index}"), option, 200)?;
        if accepted.contains(&option) {
            return Err(fault(&format!("options.{index}"), "this option is there twice"));
        }
        accepted.push(option);
    }
    Ok(accepted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refuse;
    use uuid::Uuid;

    fn draft(kind: Kind) -> QuestionDraft {
        QuestionDraft {
            kind,
            text: "How was it?".into(),
            required: true,
            minimum: None,
            maximum: None,
            minimum_label: None,
            maximum_label: None,
            options: Vec::new(),
        }
    }

    fn path(draft: &QuestionDraft) -> Option<String> {
        Question::create(Id::new(Uuid::nil()), 3, draft)
            .err()
            .map(|refusal| refusal.path().unwrap_or_default())
    }

    #[test]
    fn each_kind_needs_what_it_is_answered_with() {
        let scale = |minimum, maximum| QuestionDraft { minimum, maximum, ..draft(Kind::Scale) };
        let choice = |options: &[&str]| {
            let options = options.iter().map(|option| (*option).to_owned()).collect();
            QuestionDraft { options, ..draft(Kind::SingleChoice) }
        };
        for (good, bad_path) in [
            (draft(Kind::Text), None),
            (scale(Some(1), Some(5)), None),
            (scale(Some(0), Some(10)), None),
            (scale(Some(0), Some(11)), Some("questions.3.maximum")),
            (scale(Some(5), Some(5)), Some("questions.3.maximum")),
            (scale(None, Some(5)), Some("questions.3.minimum")),
            (scale(Some(i32::MIN), Some(i32::MAX)), Some("questions.3.maximum")),
            (choice(&["Yes", "No"]), None),
            (choice(&["Yes"]), Some("questions.3.options")),
            (choice(&["Yes", " Yes "]), Some("questions.3.options.1")),
            (choice(&["Yes", ""]), Some("questions.3.options.1")),
            (QuestionDraft { options: vec!["a".into()], ..draft(Kind::Text) }, Some("questions.3.options")),
            (QuestionDraft { minimum: Some(1), ..draft(Kind::Text) }, Some("questions.3.minimum")),
            (QuestionDraft { text: " ".into(), ..draft(Kind::Text) }, Some("questions.3.text")),
        ] {
            assert_eq!(path(&good).as_deref(), bad_path, "{good:?}");
        }
    }
}
