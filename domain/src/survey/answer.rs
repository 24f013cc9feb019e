//! Does an answer fit its question?
use std::collections::BTreeSet;

use crate::{id::Id, refusal::Code, text};

use super::{
    Refusal,
    question::{Kind, Question},
};

/// What somebody answered to one question, as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerDraft {
    pub question: Id<Question>,
    pub number: Option<i32>,
    pub text: Option<String>,
    /// Positions in the question's options, from 0.
    pub choices: Option<Vec<i32>>,
}

/// An answer that fits its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub question: Id<Question>,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Number(i32),
    Text(String),
    /// Positions in the question's options, rising.
    Choices(Vec<i16>),
}

/// Checks all answers of one person: each fits a question of the survey, none is there twice, and no required one
/// is missing.
pub fn check(questions: &[Question], drafts: &[AnswerDraft]) -> Result<Vec<Answer>, Refusal> {
    let mut answers: Vec<Answer> = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        let Some(question) = questions.iter().find(|question| question.id == draft.question) else {
            return Err(fault(index, "questionId", Code::NotFound, "this question is not in the survey"));
        };
        if answers.iter().any(|answer| answer.question == question.id) {
            return Err(fault(index, "questionId", Code::Taken, "this question is answered twice"));
        }
        answers.push(Answer { question: question.id, value: value(index, question, draft)? });
    }
    let missing = questions.iter().filter(|question| question.required);
    let mut missing = missing.filter(|question| answers.iter().all(|answer| answer.question != question.id));
    match missing.next() {
        None => Ok(answers),
        Some(question) => Err(Refusal::Answer {
            path: "answers".to_owned(),
            code: Code::Required,
            problem: format!("please answer question {} too", question.position + 1),
        }),
    }
}

fn fault(index: usize, field: &str, code: Code, problem: impl Into<String>) -> Refusal {
    Refusal::Answer { path: format!("answers.{index}.{field}"), code, problem: problem.into() }
}

fn value(index: usize, question: &Question, draft: &AnswerDraft) -> Result<Value, Refusal> {
    match (question.kind, draft.number, &draft.text, &draft.choices) {
        (Kind::Scale | Kind::Number, Some(number), None, None) => {
            let range = question.range.as_ref();
            match range.filter(|range| !(range.minimum..=range.maximum).contains(&number)) {
                None => Ok(Value::Number(number)),
                Some(range) => {
                    let problem = format!("must be from {} to {}", range.minimum, range.maximum);
                    Err(fault(index, "number", Code::OutOfRange, problem))
                }
            }
        }
        (Kind::Text, None, Some(words), None) => {
            Ok(Value::Text(text::prose(&format!("answers.{index}.text"), words, 4000)?))
        }
        (Kind::SingleChoice | Kind::MultipleChoice, None, None, Some(choices)) => {
            choose(index, question, choices)
        }
        (Kind::Scale | Kind::Number, ..) => {
            Err(fault(index, "number", Code::Required, "answer with a number"))
        }
        (Kind::Text, ..) => Err(fault(index, "text", Code::Required, "answer with text")),
        (Kind::SingleChoice | Kind::MultipleChoice, ..) => {
            Err(fault(index, "choices", Code::Required, "answer with positions of options"))
        }
    }
}

fn choose(index: usize, question: &Question, choices: &[i32]) -> Result<Value, Refusal> {
    let count = question.options.len();
    let known = |choice: &&i32| usize::try_from(**choice).is_ok_and(|choice| choice < count);
    let positions: BTreeSet<i16> =
        choices.iter().filter(known).filter_map(|choice| i16::try_from(*choice).ok()).collect();
    if positions.len() != choices.len() {
        let problem = format!("positions are from 0 to {}, each at most once", count.saturating_sub(1));
        return Err(fault(index, "choices", Code::Invalid, problem));
    }
    match (question.kind, positions.len()) {
        (_, 0) => Err(fault(index, "choices", Code::Required, "choose at least one option")),
        (Kind::SingleChoice, 2..) => Err(fault(index, "choices", Code::TooLong, "choose one option only")),
        _ => Ok(Value::Choices(positions.into_iter().collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{refusal::Refuse, survey::question::Range};
    use uuid::Uuid;

    fn question(number: u128, kind: Kind, required: bool) -> Question {
        let range = Range { minimum: 1, maximum: 5, minimum_label: None, maximum_label: None };
        Question {
            id: Id::new(Uuid::from_u128(number)),
            position: i16::try_from(number).expect("small"),
            kind,
            text: "How?".into(),
            required,
            range: matches!(kind, Kind::Scale).then_some(range),
            options: if kind == Kind::SingleChoice { vec!["Yes".into(), "No".into()] } else { Vec::new() },
        }
    }

    fn answer(number: u128) -> AnswerDraft {
        AnswerDraft { question: Id::new(Uuid::from_u128(number)), number: None, text: None, choices: None }
    }

    #[test]
    fn answers_must_fit_their_questions() {
        let questions = [
            question(0, Kind::Scale, true),
            question(1, Kind::Text, false),
            question(2, Kind::SingleChoice, false),
        ];
        let scale = |number| AnswerDraft { number: Some(number), ..answer(0) };
        let text = |words: &str| AnswerDraft { text: Some(words.into()), ..answer(1) };
        let choice = |choices: &[i32]| AnswerDraft { choices: Some(choices.to_vec()), ..answer(2) };
        for (drafts, refused) in [
            (vec![scale(5), text("Fine."), choice(&[1])], None),
            (vec![scale(1)], None),
            (vec![scale(0)], Some((Code::OutOfRange, "answers.0.number"))),
            (vec![scale(6)], Some((Code::OutOfRange, "answers.0.number"))),
            (vec![text("Fine.")], Some((Code::Required, "answers"))),
            (vec![scale(5), scale(4)], Some((Code::Taken, "answers.1.questionId"))),
            (vec![scale(5), answer(9)], Some((Code::NotFound, "answers.1.questionId"))),
            (vec![scale(5), text(" ")], Some((Code::Required, "answers.1.text"))),
            (vec![scale(5), choice(&[])], Some((Code::Required, "answers.1.choices"))),
            (vec![scale(5), choice(&[0, 1])], Some((Code::TooLong, "answers.1.choices"))),
            (vec![scale(5), choice(&[2])], Some((Code::Invalid, "answers.1.choices"))),
            (vec![scale(5), choice(&[-1])], Some((Code::Invalid, "answers.1.choices"))),
            (
                vec![AnswerDraft { text: Some("5".into()), ..answer(0) }],
                Some((Code::Required, "answers.0.number")),
            ),
        ] {
            let outcome = check(&questions, &drafts).err();
            let outcome = outcome.map(|refusal| (refusal.code(), refusal.path().unwrap_or_default()));
            assert_eq!(outcome, refused.map(|(code, path)| (code, path.to_owned())), "{drafts:?}");
        }
    }
}
