//! What a client sends to write a survey.
use async_graphql::InputObject;
use domain::{
    program::Program,
    survey::{
        Draft, Survey,
        question::{Kind, QuestionDraft},
    },
};

use crate::graphql::{enumeration::E, scalar::Wire};

/// A question to ask.
#[derive(InputObject)]
pub struct SurveyQuestionInput {
    /// How it is answered.
    kind: E<Kind>,
    /// The question itself, at most 500 characters.
    text: String,
    /// Must it be answered?
    #[graphql(default = true)]
    required: bool,
    /// The smallest value of a scale or number.
    minimum: Option<i32>,
    /// The largest value of a scale or number; a scale has at most 11 steps.
    maximum: Option<i32>,
    /// What the smallest value means, such as "never".
    minimum_label: Option<String>,
    /// What the largest value means, such as "always".
    maximum_label: Option<String>,
    /// The options of a choice: 2 to 20.
    #[graphql(default)]
    options: Vec<String>,
}

fn draft(title: &str, description: Option<&String>, questions: &[SurveyQuestionInput]) -> Draft {
    let question = |input: &SurveyQuestionInput| QuestionDraft {
        kind: input.kind.0,
        text: input.text.clone(),
        required: input.required,
        minimum: input.minimum,
        maximum: input.maximum,
        minimum_label: input.minimum_label.clone(),
        maximum_label: input.maximum_label.clone(),
        options: input.options.clone(),
    };
    Draft {
        title: title.to_owned(),
        description: description.cloned(),
        questions: questions.iter().map(question).collect(),
    }
}

/// A new survey.
#[derive(InputObject)]
pub struct CreateSurveyInput {
    /// An id made by you (`survey_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    pub id: Option<Wire<Survey>>,
    /// The program whose people it will ask.
    pub program_id: Wire<Program>,
    /// What it is about, in one line of at most 200 characters.
    title: String,
    /// What people read before they answer.
    description: Option<String>,
    /// Its questions, in the order in which they are asked: 1 to 50.
    questions: Vec<SurveyQuestionInput>,
}

impl CreateSurveyInput {
    pub fn draft(&self) -> Draft {
        draft(&self.title, self.description.as_ref(), &self.questions)
    }
}

/// The new text and questions of a draft; they replace the old ones.
#[derive(InputObject)]
pub struct UpdateSurveyInput {
    /// The draft.
    pub survey_id: Wire<Survey>,
    /// What it is about, in one line of at most 200 characters.
    title: String,
    /// What people read before they answer.
    description: Option<String>,
    /// Its questions, in the order in which they are asked: 1 to 50.
    questions: Vec<SurveyQuestionInput>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    pub expected_version: Option<i32>,
}

impl UpdateSurveyInput {
    pub fn draft(&self) -> Draft {
        draft(&self.title, self.description.as_ref(), &self.questions)
    }
}

/// Which survey to publish or retire.
#[derive(InputObject)]
pub struct SurveyInput {
    /// The survey.
    pub survey_id: Wire<Survey>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    pub expected_version: Option<i32>,
}
