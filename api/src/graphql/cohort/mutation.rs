//! Cohorts: create, change, and move them through their life.
use async_graphql::{Context, InputObject, Object};
use domain::{
    access::Action,
    cohort::{Cohort, Draft, Edit, Event, Status, Surroundings},
    enrollment,
    id::Id,
    program::Program,
};

use super::CohortObject;
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        program,
        scalar::{Date, Wire},
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

/// What a new cohort is.
#[derive(InputObject)]
pub struct CreateCohortInput {
    /// An id made by you (`cohort_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Cohort>>,
    /// The program of which it is a round.
    program_id: Wire<Program>,
    /// Its name, at most 120 characters, unique in the program.
    name: String,
    /// Its first day, in the time zone of the program.
    starts_on: Date,
    /// Its last day; after the first, and within five years.
    ends_on: Date,
}

/// What to change; what you leave out stays.
#[derive(InputObject)]
pub struct UpdateCohortInput {
    /// The cohort.
    id: Wire<Cohort>,
    /// Its new name, at most 120 characters, unique in the program.
    name: Option<String>,
    /// Its first day, in the time zone of the program.
    starts_on: Option<Date>,
    /// Its last day; after the first, and within five years.
    ends_on: Option<Date>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// A step in the life of a cohort.
#[derive(InputObject)]
pub struct CohortTransitionInput {
    /// The cohort.
    id: Wire<Cohort>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `createCohort`.
    CreateCohortPayload {
        /// The new cohort, in preparation; null when it was refused.
        cohort as "cohort": CohortObject
    }
}
payload! {
    /// The answer of `updateCohort`.
    UpdateCohortPayload {
        /// The cohort as it is now; null when it was refused.
        cohort as "cohort": CohortObject
    }
}
payload! {
    /// The answer of `openCohort`.
    OpenCohortPayload {
        /// The cohort, now open; null when it was refused.
        cohort as "cohort": CohortObject
    }
}
payload! {
    /// The answer of `startCohort`.
    StartCohortPayload {
        /// The cohort, now running; null when it was refused.
        cohort as "cohort": CohortObject
    }
}
payload! {
    /// The answer of `closeCohort`.
    CloseCohortPayload {
        /// The cohort, now closing; null when it was refused.
        cohort as "cohort": CohortObject
    }
}
payload! {
    /// The answer of `extendCohort`.
    ExtendCohortPayload {
        /// The cohort, running again; null when it was refused.
        cohort as "cohort": CohortObject
    }
}
payload! {
    /// The answer of `completeCohort`.
    CompleteCohortPayload {
        /// The cohort, now completed; null when it was refused.
        cohort as "cohort": CohortObject
    }
}
payload! {
    /// The answer of `cancelCohort`.
    CancelCohortPayload {
        /// The cohort, now cancelled; null when it was refused.
        cohort as "cohort": CohortObject
    }
}

#[derive(Default)]
pub struct CohortMutation;

#[Object]
impl CohortMutation {
    /// Creates a round of a program, in preparation: open it to enroll people.
    async fn create_cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the cohort is.")] input: CreateCohortInput,
    ) -> Result<CreateCohortPayload> {
        CreateCohortPayload::of(create(context, input).await)
    }

    /// Changes the name or the dates of a cohort.
    async fn update_cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateCohortInput,
    ) -> Result<UpdateCohortPayload> {
        UpdateCohortPayload::of(update(context, input).await)
    }

    /// Opens a cohort, so that people can be enrolled and matched. Its program must be active.
    async fn open_cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which cohort.")] input: CohortTransitionInput,
    ) -> Result<OpenCohortPayload> {
        OpenCohortPayload::of(apply(context, input, Event::Open).await)
    }

    /// Says that the pairs are at work; people can still be enrolled.
    async fn start_cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which cohort.")] input: CohortTransitionInput,
    ) -> Result<StartCohortPayload> {
        StartCohortPayload::of(apply(context, input, Event::Start).await)
    }

    /// Brings a cohort to its end: nobody is enrolled any more, and its pairs say farewell.
    async fn close_cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which cohort.")] input: CohortTransitionInput,
    ) -> Result<CloseCohortPayload> {
        CloseCohortPayload::of(apply(context, input, Event::Close).await)
    }

    /// Goes on with a cohort that was closing.
    async fn extend_cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which cohort.")] input: CohortTransitionInput,
    ) -> Result<ExtendCohortPayload> {
        ExtendCohortPayload::of(apply(context, input, Event::Extend).await)
    }

    /// Ends a cohort whose matches are all closed, and with it everybody's enrollment.
    async fn complete_cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which cohort.")] input: CohortTransitionInput,
    ) -> Result<CompleteCohortPayload> {
        CompleteCohortPayload::of(apply(context, input, Event::Complete).await)
    }

    /// Calls a cohort off; everybody in it is withdrawn. Not possible while matches are accepted or active.
    async fn cancel_cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which cohort.")] input: CohortTransitionInput,
    ) -> Result<CancelCohortPayload> {
        CancelCohortPayload::of(apply(context, input, Event::Cancel).await)
    }
}

async fn create(context: &Context<'_>, input: CreateCohortInput) -> Result<CohortObject> {
    let draft = Draft { name: input.name, starts_on: input.starts_on.0, ends_on: input.ends_on.0 };
    let id = write(context, async move |tx| {
        let scope = tx.request.scope(Action::ReadProgram)?;
        let (organization, now) = (tx.organization()?, tx.now);
        let found = persistence::program::find(tx.conn(), &scope, organization, input.program_id.0).await?;
        let program = found.ok_or_else(|| Failure::not_found("programId"))?;
        tx.permit(Action::ManageCohort, &program::facts(program.id))?;
        let cohort = Cohort::create(tx.id(input.id.map(|id| id.0)), &program, &draft, now)?;
        persistence::cohort::insert(tx.conn(), organization, &cohort).await?;
        tx.changed(cohort.id, Some(cohort.id.uuid()));
        Ok(cohort.id)
    })
    .await?;
    CohortObject::get(context.request(), id).await
}

async fn update(context: &Context<'_>, input: UpdateCohortInput) -> Result<CohortObject> {
    let edit = Edit {
        name: input.name,
        starts_on: input.starts_on.map(|date| date.0),
        ends_on: input.ends_on.map(|date| date.0),
    };
    let id = write(context, async move |tx| {
        let cohort = manage(tx, input.id.0, "id").await?;
        let cohort = cohort.edit(&edit, input.expected_version, tx.now)?;
        let organization = tx.organization()?;
        persistence::cohort::update(tx.conn(), organization, &cohort).await?;
        tx.changed(cohort.id, Some(cohort.id.uuid()));
        Ok(cohort.id)
    })
    .await?;
    CohortObject::get(context.request(), id).await
}

async fn apply(context: &Context<'_>, input: CohortTransitionInput, event: Event) -> Result<CohortObject> {
    let id = write(context, async move |tx| {
        let cohort = manage(tx, input.id.0, "id").await?;
        let (organization, now) = (tx.organization()?, tx.now);
        let scope = tx.request.scope(Action::ReadProgram)?;
        let program = persistence::program::find(tx.conn(), &scope, organization, cohort.program).await?;
        let program = program.ok_or(Failure::NotFound { path: None })?.status;
        let live = persistence::cohort::count_live_matches(tx.conn(), organization, &[cohort.id]).await?;
        let live_matches = live.first().map_or(0, |(_, count)| *count);
        let around = Surroundings { program, live_matches };
        let cohort = cohort.apply(event, around, input.expected_version, now)?;
        persistence::cohort::update(tx.conn(), organization, &cohort).await?;
        let last = match cohort.status {
            Status::Completed => Some(enrollment::Status::Completed),
            Status::Cancelled => Some(enrollment::Status::Withdrawn),
            _ => None,
        };
        if let Some(status) = last {
            persistence::enrollment::end_cohort(tx.conn(), organization, cohort.id, status, now).await?;
        }
        tx.changed(cohort.id, Some(cohort.id.uuid()));
        Ok(cohort.id)
    })
    .await?;
    CohortObject::get(context.request(), id).await
}

/// Holds a cohort that the caller may see, and refuses callers who do not manage it.
pub async fn manage(tx: &mut Tx<'_>, id: Id<Cohort>, path: &str) -> Result<Cohort> {
    let scope = tx.request.scope(Action::ReadCohort)?;
    let organization = tx.organization()?;
    let locked = persistence::cohort::lock(tx.conn(), &scope, organization, id).await;
    let cohort = locked.map_err(|error| Failure::from(error).at(path))?;
    tx.permit(Action::ManageCohort, &program::facts(cohort.program))?;
    Ok(cohort)
}
