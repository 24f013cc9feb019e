//! Changes of surveys and their waves.
mod input;
mod respond;
mod wave;

use async_graphql::{Context, Object};
use domain::{
    access::Action,
    id::Id,
    survey::{Event, Survey},
};

use super::SurveyObject;
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        program,
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

use input::{CreateSurveyInput, SurveyInput, UpdateSurveyInput};
use respond::{SubmitSurveyResponseInput, SubmitSurveyResponsePayload};
use wave::{
    CancelSurveyWavePayload, CloseSurveyWavePayload, ExtendSurveyWaveInput, ExtendSurveyWavePayload,
    OpenSurveyWavePayload, ScheduleSurveyWaveInput, ScheduleSurveyWavePayload, SurveyWaveInput,
};

payload! {
    /// The answer of `createSurvey`.
    CreateSurveyPayload {
        /// The new survey, still a draft; null when it was refused.
        survey as "survey": SurveyObject
    }
}

payload! {
    /// The answer of `updateSurvey`.
    UpdateSurveyPayload {
        /// The survey as it is now; null when it was refused.
        survey as "survey": SurveyObject
    }
}

payload! {
    /// The answer of `publishSurvey`.
    PublishSurveyPayload {
        /// The published survey; null when it was refused.
        survey as "survey": SurveyObject
    }
}

payload! {
    /// The answer of `retireSurvey`.
    RetireSurveyPayload {
        /// The retired survey; null when it was refused.
        survey as "survey": SurveyObject
    }
}

#[derive(Default)]
pub struct SurveyMutation;

#[Object]
impl SurveyMutation {
    /// Writes a survey for a program, as a draft. For staff of the program.
    async fn create_survey(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The survey and its questions.")] input: CreateSurveyInput,
    ) -> Result<CreateSurveyPayload> {
        CreateSurveyPayload::of(create(context, input).await)
    }

    /// Replaces the text and questions of a draft.
    async fn update_survey(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The survey and its new text and questions.")] input: UpdateSurveyInput,
    ) -> Result<UpdateSurveyPayload> {
        UpdateSurveyPayload::of(update(context, input).await)
    }

    /// Fixes a draft for good, so that it can be asked.
    async fn publish_survey(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which survey.")] input: SurveyInput,
    ) -> Result<PublishSurveyPayload> {
        PublishSurveyPayload::of(change(context, input, Event::Publish).await)
    }

    /// Asks a survey no more; its results stay.
    async fn retire_survey(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which survey.")] input: SurveyInput,
    ) -> Result<RetireSurveyPayload> {
        RetireSurveyPayload::of(change(context, input, Event::Retire).await)
    }

    /// Asks the people of a cohort a published survey, now or from a later time.
    async fn schedule_survey_wave(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which survey, whom, and when.")] input: ScheduleSurveyWaveInput,
    ) -> Result<ScheduleSurveyWavePayload> {
        ScheduleSurveyWavePayload::of(wave::schedule(context, input).await)
    }

    /// Opens a scheduled wave now instead of at its time.
    async fn open_survey_wave(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which wave.")] input: SurveyWaveInput,
    ) -> Result<OpenSurveyWavePayload> {
        OpenSurveyWavePayload::of(wave::open(context, input).await)
    }

    /// Closes an open wave now; its results can be read from then on.
    async fn close_survey_wave(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which wave.")] input: SurveyWaveInput,
    ) -> Result<CloseSurveyWavePayload> {
        CloseSurveyWavePayload::of(wave::close(context, input).await)
    }

    /// Calls off a wave that has not opened.
    async fn cancel_survey_wave(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which wave.")] input: SurveyWaveInput,
    ) -> Result<CancelSurveyWavePayload> {
        CancelSurveyWavePayload::of(wave::cancel(context, input).await)
    }

    /// Keeps a wave open for longer, also one that has closed.
    async fn extend_survey_wave(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which wave, and until when.")] input: ExtendSurveyWaveInput,
    ) -> Result<ExtendSurveyWavePayload> {
        ExtendSurveyWavePayload::of(wave::extend(context, input).await)
    }

    /// Answers a survey. It can be done once, while the wave is open.
    async fn submit_survey_response(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The wave in which you were asked, and your answers.")]
        input: SubmitSurveyResponseInput,
    ) -> Result<SubmitSurveyResponsePayload> {
        SubmitSurveyResponsePayload::of(respond::submit(context, input).await)
    }
}

async fn get(context: &Context<'_>, id: Id<Survey>) -> Result<SurveyObject> {
    SurveyObject::find(context.request(), id).await?.ok_or(Failure::NotFound { path: None })
}

/// Holds a survey that the caller may see, and refuses callers who do not manage it.
async fn lock(tx: &mut Tx<'_>, id: Id<Survey>) -> Result<Survey> {
    let (scope, organization) = (tx.request.scope(Action::ReadSurvey)?, tx.organization()?);
    let locked = persistence::survey::lock(tx.conn(), &scope, organization, id).await;
    let survey = locked.map_err(|error| Failure::from(error).at("surveyId"))?;
    tx.permit(Action::ManageSurvey, &program::facts(survey.program))?;
    Ok(survey)
}

async fn create(context: &Context<'_>, input: CreateSurveyInput) -> Result<SurveyObject> {
    let (draft, program) = (input.draft(), input.program_id.0);
    let id = write(context, async move |tx| {
        let (scope, organization) = (tx.request.scope(Action::ReadProgram)?, tx.organization()?);
        let known = persistence::program::find(tx.conn(), &scope, organization, program).await?;
        known.ok_or_else(|| Failure::not_found("programId"))?;
        tx.permit(Action::ManageSurvey, &program::facts(program))?;
        let question_ids: Vec<_> = draft.questions.iter().map(|_| tx.id(None)).collect();
        let survey = Survey::create(tx.id(input.id.map(|id| id.0)), program, &draft, &question_ids, tx.now)?;
        persistence::survey::insert(tx.conn(), organization, &survey).await?;
        tx.changed(survey.id, None);
        Ok(survey.id)
    })
    .await?;
    get(context, id).await
}

async fn update(context: &Context<'_>, input: UpdateSurveyInput) -> Result<SurveyObject> {
    let (draft, id) = (input.draft(), input.survey_id.0);
    let id = write(context, async move |tx| {
        let organization = tx.organization()?;
        let survey = lock(tx, id).await?;
        let question_ids: Vec<_> = draft.questions.iter().map(|_| tx.id(None)).collect();
        let survey = survey.edit(&draft, &question_ids, input.expected_version, tx.now)?;
        persistence::survey::update_questions(tx.conn(), organization, &survey).await?;
        tx.changed(id, None);
        Ok(id)
    })
    .await?;
    get(context, id).await
}

async fn change(context: &Context<'_>, input: SurveyInput, event: Event) -> Result<SurveyObject> {
    let id = input.survey_id.0;
    let id = write(context, async move |tx| {
        let organization = tx.organization()?;
        let survey = lock(tx, id).await?.change(event, input.expected_version, tx.now)?;
        persistence::survey::update(tx.conn(), organization, &survey).await?;
        tx.changed(id, None);
        Ok(id)
    })
    .await?;
    get(context, id).await
}
