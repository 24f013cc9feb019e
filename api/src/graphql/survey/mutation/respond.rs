//! Answering a survey.
use async_graphql::{Context, InputObject};
use domain::{
    access::Scope,
    survey::{
        answer::{self, AnswerDraft},
        question::Question,
        wave::Wave,
    },
};

use crate::{
    error::{Failure, Result},
    graphql::{context::Cx, scalar::Wire, stored::Stored, survey::SurveyResponseObject, write::write},
    payload,
};

/// Your answer to one question; fill the field that fits its kind.
#[derive(InputObject)]
pub struct SurveyAnswerInput {
    /// The question.
    question_id: Wire<Question>,
    /// The value, for scales and numbers.
    number: Option<i32>,
    /// Your words, for text questions, at most 4,000 characters.
    text: Option<String>,
    /// The positions of the chosen options, from 0; exactly one for a single choice.
    choices: Option<Vec<i32>>,
}

/// Your answers to a survey.
#[derive(InputObject)]
pub struct SubmitSurveyResponseInput {
    /// The wave in which you were asked.
    wave_id: Wire<Wave>,
    /// One answer for each question that you answer; required questions must be among them.
    answers: Vec<SurveyAnswerInput>,
}

payload! {
    /// The answer of `submitSurveyResponse`.
    SubmitSurveyResponsePayload {
        /// Your response with its answers; null when it was refused.
        response as "response": SurveyResponseObject
    }
}

pub async fn submit(context: &Context<'_>, input: SubmitSurveyResponseInput) -> Result<SurveyResponseObject> {
    let draft = |answer: SurveyAnswerInput| AnswerDraft {
        question: answer.question_id.0,
        number: answer.number,
        text: answer.text,
        choices: answer.choices,
    };
    let drafts: Vec<AnswerDraft> = input.answers.into_iter().map(draft).collect();
    let wave_id = input.wave_id.0;
    let id = write(context, async move |tx| {
        let organization = tx.organization()?;
        let missing = || Failure::not_found("waveId");
        // Whoever was not asked learns nothing of the wave.
        let profile = tx.actor()?.profile.ok_or_else(missing)?;
        let response =
            match persistence::survey::response::lock(tx.conn(), organization, wave_id, profile).await {
                Err(persistence::Error::Missing) => return Err(missing()),
                other => other?,
            };
        let everything = Scope::organization();
        let waves =
            persistence::survey::wave::by_ids(tx.conn(), &everything, organization, &[wave_id]).await?;
        let wave = waves.into_iter().next().ok_or_else(missing)?;
        let survey = persistence::survey::find(tx.conn(), &everything, organization, wave.survey).await?;
        let answers = answer::check(&survey.ok_or_else(missing)?.questions, &drafts)?;
        let response = response.submit(&wave, tx.now)?;
        persistence::survey::response::submit(tx.conn(), organization, &response, &answers).await?;
        tx.changed(response.id, Some(wave.cohort.uuid()));
        Ok(response.id)
    })
    .await?;
    SurveyResponseObject::find(context.request(), id).await?.ok_or(Failure::NotFound { path: None })
}
