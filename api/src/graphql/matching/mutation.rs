//! Matching runs: start, cancel and discard them, and discard single suggestions.
use async_graphql::{Context, InputObject, Object};
use domain::{
    access::Action,
    cohort::Cohort,
    id::Id,
    matches::{self, Match},
    matching::run::{Event, Run},
};

use super::MatchingRunObject;
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        matches::{MatchObject, facts},
        program,
        scalar::Wire,
        stored::Stored,
        write::{Tx, write},
    },
    job::Task,
    payload,
};

/// Which cohort to match.
#[derive(InputObject)]
pub struct StartMatchingRunInput {
    /// An id made by you (`run_` and a UUIDv7 in Crockford base32), so that a repeat cannot start two.
    id: Option<Wire<Run>>,
    /// The cohort; it must be open or running, and its program active.
    cohort_id: Wire<Cohort>,
}

/// A step in the life of a matching run.
#[derive(InputObject)]
pub struct MatchingRunTransitionInput {
    /// The run.
    id: Wire<Run>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// Which suggestion is not wanted.
#[derive(InputObject)]
pub struct DiscardSuggestionInput {
    /// The suggested match.
    match_id: Wire<Match>,
}

payload! {
    /// The answer of `startMatchingRun`.
    StartMatchingRunPayload {
        /// The run, waiting for a worker; null when it was refused.
        run as "run": MatchingRunObject
    }
}
payload! {
    /// The answer of `cancelMatchingRun`.
    CancelMatchingRunPayload {
        /// The run, cancelled; null when it was refused.
        run as "run": MatchingRunObject
    }
}
payload! {
    /// The answer of `discardMatchingRun`.
    DiscardMatchingRunPayload {
        /// The run, discarded; null when it was refused.
        run as "run": MatchingRunObject
    }
}
payload! {
    /// The answer of `discardSuggestion`.
    DiscardSuggestionPayload {
        /// The match, discarded; null when it was refused.
        matched as "match": MatchObject
    }
}

#[derive(Default)]
pub struct MatchingMutation;

#[Object]
impl MatchingMutation {
    /// Looks for the best plan that gives mentors to the mentees of a cohort who have neither a match nor an offer.
    /// It goes on in the background: watch it with `matchingRunChanged`. A cohort has one open run at a time.
    async fn start_matching_run(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which cohort.")] input: StartMatchingRunInput,
    ) -> Result<StartMatchingRunPayload> {
        StartMatchingRunPayload::of(start(context, input).await)
    }

    /// Stops a run that has no proposals yet. It leaves nothing behind.
    async fn cancel_matching_run(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which run.")] input: MatchingRunTransitionInput,
    ) -> Result<CancelMatchingRunPayload> {
        CancelMatchingRunPayload::of(apply(context, input, Event::Cancel).await)
    }

    /// Discards all proposals of a run. Nobody is told.
    async fn discard_matching_run(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which run.")] input: MatchingRunTransitionInput,
    ) -> Result<DiscardMatchingRunPayload> {
        DiscardMatchingRunPayload::of(apply(context, input, Event::Discard).await)
    }

    /// Discards one proposal of a run before it is published. Nobody is told. Exclude the two, when no later run
    /// shall propose them again.
    async fn discard_suggestion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which suggestion.")] input: DiscardSuggestionInput,
    ) -> Result<DiscardSuggestionPayload> {
        DiscardSuggestionPayload::of(discard(context, input).await)
    }
}

async fn start(context: &Context<'_>, input: StartMatchingRunInput) -> Result<MatchingRunObject> {
    let id = write(context, async move |tx| {
        let (organization, now) = (tx.organization()?, tx.now);
        let (cohorts, programs) =
            (tx.request.scope(Action::ReadCohort)?, tx.request.scope(Action::ReadProgram)?);
        let cohort = persistence::cohort::lock(tx.conn(), &cohorts, organization, input.cohort_id.0).await;
        let cohort = cohort.map_err(|error| Failure::from(error).at("cohortId"))?;
        tx.permit(Action::ManageMatching, &program::facts(cohort.program))?;
        let program = persistence::program::find(tx.conn(), &programs, organization, cohort.program).await?;
        let program = program.ok_or_else(|| Failure::not_found("cohortId"))?;
        let by = tx.signed_in()?.account;
        let run = Run::start(tx.id(input.id.map(|id| id.0)), &cohort, &program, by, now)?;
        persistence::matching::insert(tx.conn(), organization, &run).await?;
        tx.enqueue(&Task::RunMatching { run: run.id }).await?;
        tx.changed(run.id, Some(cohort.id.uuid()));
        Ok(run.id)
    })
    .await?;
    MatchingRunObject::get(context.request(), id).await
}

async fn apply(
    context: &Context<'_>,
    input: MatchingRunTransitionInput,
    event: Event,
) -> Result<MatchingRunObject> {
    let id = write(context, async move |tx| {
        let (organization, now) = (tx.organization()?, tx.now);
        let run = lock(tx, input.id.0).await?.apply(event, input.expected_version, now)?;
        persistence::matching::update(tx.conn(), organization, &run).await?;
        persistence::matching::proposal::discard_all(tx.conn(), organization, run.id, now).await?;
        tx.changed(run.id, Some(run.cohort.uuid()));
        Ok(run.id)
    })
    .await?;
    MatchingRunObject::get(context.request(), id).await
}

/// Holds a run that the caller manages; for everybody else it does not exist.
pub async fn lock(tx: &mut Tx<'_>, id: Id<Run>) -> Result<Run> {
    let (scope, organization) = (tx.request.scope(Action::ManageMatching)?, tx.organization()?);
    let run = persistence::matching::lock(tx.conn(), &scope, organization, id).await;
    run.map_err(|error| Failure::from(error).at("id"))
}

async fn discard(context: &Context<'_>, input: DiscardSuggestionInput) -> Result<MatchObject> {
    let id = write(context, async move |tx| {
        let (organization, now) = (tx.organization()?, tx.now);
        let scope = tx.request.scope(Action::ReadMatch)?;
        let found = persistence::matches::lock(tx.conn(), &scope, organization, input.match_id.0).await;
        let found = found.map_err(|error| Failure::from(error).at("matchId"))?;
        tx.permit(Action::ManageMatching, &facts(&found))?;
        matches::transition(found.status, matches::Event::Discard)?;
        persistence::matching::proposal::discard(tx.conn(), organization, &[found.id], now).await?;
        tx.changed(found.id, Some(found.id.uuid()));
        Ok(found.id)
    })
    .await?;
    MatchObject::get(context.request(), id).await
}
