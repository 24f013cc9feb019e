//! Cohorts: read the rounds of a program.
mod mutation;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    cohort::{Cohort, Event, Status, Surroundings},
    enrollment::{self},
    id::Id,
    page::{Page, PageRequest},
    program::Program,
};
use futures_util::try_join;
use persistence::enrollment::Filter;

use super::{
    allowed::{self, AllowedAction},
    context::{Cx, Request},
    enrollment::EnrollmentObject,
    enumeration::E,
    matching::MatchingRunObject,
    nested::{self, Listed},
    page::{self, Connection},
    prefetch::Prefetch,
    program::{self, ProgramObject},
    scalar::{Date, DateTime, Wire},
    stored::Stored,
};
use crate::error::{Failure, Result};

pub use mutation::CohortMutation;

/// One round of a program, with a beginning and an end: people are enrolled in it and matched within it.
#[derive(Debug, Clone)]
pub struct CohortObject(pub Cohort);

/// One round of a program, with a beginning and an end: people are enrolled in it and matched within it.
#[Object(name = "Cohort")]
impl CohortObject {
    /// Names the cohort.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Its name, unique in the program.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where it is in its life.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// Its first day, in the time zone of the program.
    async fn starts_on(&self) -> Date {
        Date(self.0.starts_on)
    }

    /// Its last day, in the time zone of the program.
    async fn ends_on(&self) -> Date {
        Date(self.0.ends_on)
    }

    /// The program of which it is a round; null when you may not see it.
    async fn program(&self, context: &Context<'_>) -> Result<Option<ProgramObject>> {
        ProgramObject::find(context.request(), self.0.program).await
    }

    /// Who takes part, in the order in which they came, as far as you may see it.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn enrollments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "Only mentors, or only mentees.")] role: Option<E<enrollment::Role>>,
        #[graphql(desc = "Only those in this state.")] status: Option<E<enrollment::Status>>,
    ) -> Result<Connection<EnrollmentObject>> {
        let filter = Filter { role: role.map(|role| role.0), status: status.map(|status| status.0) };
        nested::list(context, self.0.id, filter, first, after).await
    }

    /// The matching runs, newest first. For those who manage the program; empty for others.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn matching_runs(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<MatchingRunObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        let around = match request.prefetched.get(self.0.id) {
            Some(around) => around,
            None => {
                let around = surroundings(request, std::slice::from_ref(&self.0)).await?;
                *around.get(&self.0.id).ok_or(Failure::NotFound { path: None })?
            }
        };
        let facts = program::facts(self.0.program);
        let mut actions = allowed::events(request, Action::ManageCohort, &facts, |event: Event| {
            self.0.next(event, around).map(|_next| ())
        })?;
        let permitted = request.may(Action::ManageCohort, &facts)?;
        actions.push(allowed::check("updateCohort", permitted, self.0.still_changes()));
        Ok(actions)
    }

    /// Rises with each change; pass it as `expectedVersion` to be told of changes in between.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

/// What else decides what may happen to these cohorts.
async fn surroundings(request: &Request, cohorts: &[Cohort]) -> Result<HashMap<Id<Cohort>, Surroundings>> {
    let organization = request.organization()?;
    let scope = request.scope(Action::ReadProgram)?;
    let programs: Vec<Id<Program>> = cohorts.iter().map(|cohort| cohort.program).collect();
    let ids: Vec<Id<Cohort>> = cohorts.iter().map(|cohort| cohort.id).collect();
    let (programs, live) = request
        .load(async move |conn| {
            let programs = persistence::program::by_ids(conn, &scope, organization, &programs);
            let live = persistence::cohort::count_live_matches(conn, organization, &ids);
            futures_util::future::try_join(programs, live).await
        })
        .await?;
    let statuses: HashMap<_, _> = programs.iter().map(|program| (program.id, program.status)).collect();
    let live: HashMap<_, _> = live.into_iter().collect();
    let around = |cohort: &Cohort| {
        let live_matches = live.get(&cohort.id).copied().unwrap_or_default();
        let program = *statuses.get(&cohort.program)?;
        Some((cohort.id, Surroundings { program, live_matches }))
    };
    Ok(cohorts.iter().filter_map(around).collect())
}

impl Prefetch for CohortObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let ids: Vec<Id<Cohort>> = items.iter().map(|item| item.0.id).collect();
        let programs = items.iter().map(|item| item.0.program).collect();
        if fields.iter().any(|field| field.name() == "allowedActions") {
            let cohorts: Vec<Cohort> = items.iter().map(|item| item.0.clone()).collect();
            for (id, around) in surroundings(request, &cohorts).await? {
                request.prefetched.put(id, around);
            }
        }
        try_join!(
            ProgramObject::prefetch_by_ids(request, fields, "program", programs),
            nested::ahead::<_, EnrollmentObject>(request, &ids, fields, "enrollments"),
            nested::ahead::<_, MatchingRunObject>(request, &ids, fields, "matchingRuns"),
        )?;
        Ok(())
    }
}

impl Stored for CohortObject {
    type Entity = Cohort;

    fn key(&self) -> Id<Cohort> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Cohort>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadCohort)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::cohort::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Program> for CohortObject {
    type Place = Id<Cohort>;
    type Filter = ();

    fn place(&self) -> Self::Place {
        self.0.id
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Program>>,
        _all: (),
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Program>, Page<Self>>> {
        let (scope, organization) = (request.scope(Action::ReadCohort)?, request.organization()?);
        let pages = request
            .load(async move |conn| {
                persistence::cohort::by_programs(conn, &scope, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}

#[derive(Default)]
pub struct CohortQuery;

#[Object]
impl CohortQuery {
    /// A cohort; null when it does not exist or you may not see it.
    async fn cohort(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the cohort.")] id: Wire<Cohort>,
    ) -> Result<Option<CohortObject>> {
        CohortObject::one(context, id.0).await
    }
}
