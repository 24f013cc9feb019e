//! What is asked of the people of a program, when, and of whom?
pub mod answer;
pub mod question;
pub mod result;
pub mod wave;

use chrono::{DateTime, Utc};

use crate::{
    id::{Entity, Id},
    machine::Machine,
    program::Program,
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
    text::{self, TextFault},
};

use question::{Question, QuestionDraft};

crate::text_enum! {
    /// Where a survey is in its life.
    pub enum Status as "SurveyStatus" {
        /// Being written; nobody can be asked yet.
        Draft = "DRAFT",
        /// Can be asked, and never changes again, so that answers stay comparable.
        Published = "PUBLISHED",
        /// Is not asked any more; its results stay.
        Retired = "RETIRED",
    }
}

crate::text_enum! {
    /// What can be done with a survey.
    pub enum Event as "SurveyEvent" {
        /// Change its text and questions.
        Edit = "EDIT",
        /// Fix it for good, so that it can be asked.
        Publish = "PUBLISH",
        /// Ask it no more.
        Retire = "RETIRE",
    }
}

const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Draft, Event::Edit, Status::Draft),
    (Status::Draft, Event::Publish, Status::Published),
    (Status::Published, Event::Retire, Status::Retired),
]);

/// The next state, or what is possible instead.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// A questionnaire of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    pub id: Id<Survey>,
    pub program: Id<Program>,
    pub title: String,
    pub description: Option<String>,
    pub status: Status,
    pub questions: Vec<Question>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Survey {
    const PREFIX: &'static str = "survey";
}

/// Most questions of one survey: people stop answering long before.
pub const MAX_QUESTIONS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("a survey has from 1 to {MAX_QUESTIONS} questions")]
    QuestionCount,
    #[error("{problem}")]
    Question { path: String, problem: &'static str },
    #[error("{problem}")]
    Answer { path: String, code: Code, problem: String },
    #[error("the wave must close after it opens, and not before now")]
    Dates,
    #[error("only a published survey can be asked; this one is {0}")]
    NotPublished(Status),
    #[error("this id is already in use")]
    IdTaken,
    #[error("you have answered already")]
    AnsweredAlready,
    #[error("this survey can be answered from {opens} to {closes}")]
    WindowClosed { opens: DateTime<Utc>, closes: DateTime<Utc> },
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::State(state) => state.code(),
            Self::QuestionCount | Self::Dates => Code::OutOfRange,
            Self::Question { .. } => Code::Invalid,
            Self::Answer { code, .. } => *code,
            Self::NotPublished(_) => Code::WrongState,
            Self::IdTaken | Self::AnsweredAlready => Code::Taken,
            Self::WindowClosed { .. } => Code::WindowClosed,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Text(fault) => fault.path(),
            Self::Stale(stale) => stale.path(),
            Self::QuestionCount => Some("questions".to_owned()),
            Self::Question { path, .. } | Self::Answer { path, .. } => Some(path.clone()),
            Self::Dates => Some("closesAt".to_owned()),
            Self::NotPublished(_) => Some("surveyId".to_owned()),
            Self::IdTaken => Some("id".to_owned()),
            Self::State(_) | Self::AnsweredAlready | Self::WindowClosed { .. } => None,
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::State(state) => state.params(),
            Self::QuestionCount => vec![("min", "1".to_owned()), ("max", MAX_QUESTIONS.to_string())],
            Self::WindowClosed { opens, closes } => {
                vec![("opensAt", opens.to_rfc3339()), ("closesAt", closes.to_rfc3339())]
            }
            _ => Vec::new(),
        }
    }
}

/// What somebody wants to ask.
#[derive(Debug, Clone)]
pub struct Draft {
    pub title: String,
    pub description: Option<String>,
    pub questions: Vec<QuestionDraft>,
}

impl Survey {
    /// `question_ids` gives each question its id, in their order.
    pub fn create(
        id: Id<Survey>,
        program: Id<Program>,
        draft: &Draft,
        question_ids: &[Id<Question>],
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            id,
            program,
            title: text::line("title", &draft.title, 200)?,
            description: text::optional_prose("description", draft.description.as_deref(), 2000)?,
            status: Status::Draft,
            questions: questions(&draft.questions, question_ids)?,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Replaces text and questions of a draft.
    pub fn edit(
        self,
        draft: &Draft,
        question_ids: &[Id<Question>],
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        transition(self.status, Event::Edit)?;
        let edited = Self::create(self.id, self.program, draft, question_ids, now)?;
        Ok(Self { version: self.version, created_at: self.created_at, ..edited })
    }

    /// Publishes or retires.
    pub fn change(
        mut self,
        event: Event,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = transition(self.status, event)?;
        self.updated_at = now;
        Ok(self)
    }
}

fn questions(drafts: &[QuestionDraft], ids: &[Id<Question>]) -> Result<Vec<Question>, Refusal> {
    if !(1..=MAX_QUESTIONS).contains(&drafts.len()) || ids.len() < drafts.len() {
        return Err(Refusal::QuestionCount);
    }
    let numbered = drafts.iter().zip(ids).enumerate();
    numbered.map(|(position, (draft, id))| Question::create(*id, position, draft)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::assert_machine;

    #[test]
    fn a_survey_goes_from_draft_to_published_to_retired_and_no_other_way() {
        assert_machine(MACHINE, &["DRAFT: EDIT DRAFT, PUBLISH PUBLISHED", "PUBLISHED: RETIRE RETIRED"]);
    }
}
