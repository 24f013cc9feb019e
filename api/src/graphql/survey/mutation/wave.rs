//! Changes of survey waves. The scheduler makes the same ones when their time has come.
use std::sync::Arc;

use async_graphql::{Context, InputObject};
use domain::{
    access::{Action, Scope},
    cohort::Cohort,
    id::Id,
    survey::{
        Survey,
        wave::{Event, Status, Wave},
    },
};

use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        program,
        scalar::{DateTime, Wire},
        stored::Stored,
        survey::SurveyWaveObject,
        write::{Tx, write},
    },
    payload,
};

/// Which survey to ask whom, and when.
#[derive(InputObject)]
pub struct ScheduleSurveyWaveInput {
    /// An id made by you (`wave_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Wave>>,
    /// The survey; it must be published.
    survey_id: Wire<Survey>,
    /// The cohort whose people are asked; it must be one of the survey's program.
    cohort_id: Wire<Cohort>,
    /// From when it can be answered; now when left out.
    opens_at: Option<DateTime>,
    /// Until when it can be answered.
    closes_at: DateTime,
}

/// Which wave to open, close or cancel.
#[derive(InputObject)]
pub struct SurveyWaveInput {
    /// The wave.
    wave_id: Wire<Wave>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// Which wave to keep open, and until when.
#[derive(InputObject)]
pub struct ExtendSurveyWaveInput {
    /// The wave.
    wave_id: Wire<Wave>,
    /// Until when it can be answered.
    closes_at: DateTime,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `scheduleSurveyWave`.
    ScheduleSurveyWavePayload {
        /// The new wave; null when it was refused.
        wave as "wave": SurveyWaveObject
    }
}

payload! {
    /// The answer of `openSurveyWave`.
    OpenSurveyWavePayload {
        /// The open wave; null when it was refused.
        wave as "wave": SurveyWaveObject
    }
}

payload! {
    /// The answer of `closeSurveyWave`.
    CloseSurveyWavePayload {
        /// The closed wave; null when it was refused.
        wave as "wave": SurveyWaveObject
    }
}

payload! {
    /// The answer of `cancelSurveyWave`.
    CancelSurveyWavePayload {
        /// The cancelled wave; null when it was refused.
        wave as "wave": SurveyWaveObject
    }
}

payload! {
    /// The answer of `extendSurveyWave`.
    ExtendSurveyWavePayload {
        /// The wave as it is now; null when it was refused.
        wave as "wave": SurveyWaveObject
    }
}

async fn get(context: &Context<'_>, id: Id<Wave>) -> Result<SurveyWaveObject> {
    SurveyWaveObject::find(context.request(), id).await?.ok_or(Failure::NotFound { path: None })
}

/// Holds a wave that the caller may see, and refuses callers who do not manage it.
async fn lock(tx: &mut Tx<'_>, id: Id<Wave>) -> Result<Wave> {
    let (scope, organization) = (tx.request.scope(Action::ReadSurvey)?, tx.organization()?);
    let locked = persistence::survey::wave::lock(tx.conn(), &scope, organization, id).await;
    let wave = locked.map_err(|error| Failure::from(error).at("waveId"))?;
    tx.permit(Action::ManageSurvey, &program::facts(wave.program))?;
    Ok(wave)
}

pub async fn schedule(context: &Context<'_>, input: ScheduleSurveyWaveInput) -> Result<SurveyWaveObject> {
    let id = write(context, async move |tx| {
        let organization = tx.organization()?;
        let survey = super::lock(tx, input.survey_id.0).await?;
        let everything = Scope::organization();
        let cohort =
            persistence::cohort::find(tx.conn(), &everything, organization, input.cohort_id.0).await?;
        cohort
            .filter(|cohort| cohort.program == survey.program)
            .ok_or_else(|| Failure::not_found("cohortId"))?;
        let program =
            persistence::program::find(tx.conn(), &everything, organization, survey.program).await?;
        let policy_number = program.ok_or(Failure::NotFound { path: None })?.policy_number;
        let now = tx.now;
        let dates = (input.opens_at.map_or(now, |moment| moment.0), input.closes_at.0);
        let wave = Wave::schedule(
            tx.id(input.id.map(|id| id.0)),
            &survey,
            input.cohort_id.0,
            policy_number,
            dates,
            now,
        )?;
        persistence::survey::wave::insert(tx.conn(), organization, &wave).await?;
        if wave.status == Status::Open {
            let app = Arc::clone(&tx.request.app);
            let asked = crate::survey::ask(&app, tx.conn(), organization, &wave, now).await?;
            tx.tell(&asked, &crate::survey::notice(&wave)).await?;
        }
        tx.changed(wave.id, Some(wave.cohort.uuid()));
        Ok(wave.id)
    })
    .await?;
    get(context, id).await
}

async fn change(context: &Context<'_>, input: SurveyWaveInput, event: Event) -> Result<SurveyWaveObject> {
    let id = input.wave_id.0;
    let id = write(context, async move |tx| {
        let wave = lock(tx, id).await?.change(event, input.expected_version, tx.now)?;
        save(tx, &wave, event).await?;
        Ok(id)
    })
    .await?;
    get(context, id).await
}

async fn save(tx: &mut Tx<'_>, wave: &Wave, event: Event) -> Result<()> {
    let (app, organization, now) = (Arc::clone(&tx.request.app), tx.organization()?, tx.now);
    let asked = crate::survey::save(&app, tx.conn(), organization, wave, event, now).await?;
    tx.tell(&asked, &crate::survey::notice(wave)).await?;
    tx.changed(wave.id, Some(wave.cohort.uuid()));
    Ok(())
}

pub async fn open(context: &Context<'_>, input: SurveyWaveInput) -> Result<SurveyWaveObject> {
    change(context, input, Event::Open).await
}

pub async fn close(context: &Context<'_>, input: SurveyWaveInput) -> Result<SurveyWaveObject> {
    change(context, input, Event::Close).await
}

pub async fn cancel(context: &Context<'_>, input: SurveyWaveInput) -> Result<SurveyWaveObject> {
    change(context, input, Event::Cancel).await
}

pub async fn extend(context: &Context<'_>, input: ExtendSurveyWaveInput) -> Result<SurveyWaveObject> {
    let id = input.wave_id.0;
    let id = write(context, async move |tx| {
        let wave = lock(tx, id).await?.extend(input.closes_at.0, input.expected_version, tx.now)?;
        save(tx, &wave, Event::Extend).await?;
        Ok(id)
    })
    .await?;
    get(context, id).await
}
