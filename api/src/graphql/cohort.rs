//! Cohorts: read the rounds of a program.
mod mutation;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    cohort::{Cohort, Event, Status, Surroundings},
    enrollment::{self, Enrollment},
    id::Id,
    page::{Page, PageRequest},
    program::Program,
};

use persistence::enrollment::Filter;

use super::{
    allowed::{self, AllowedAction},
    context::{Cx, Request},
    enrollment::EnrollmentObject,
    enumeration::E,
    matching::MatchingRunObject,
    nested,
    page::{self, Connection, page_request},
    prefetch::{Prefetch, below, node_fields},
    program::{self, ProgramObject},
    scalar::{Date, DateTime, Wire},
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
        ProgramObject::ahead(context.request(), self.0.program).await
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
        let (request, field, id) = (context.request(), context.field(), self.0.id);
        let filter = Filter { role: role.map(|role| role.0), status: status.map(|status| status.0) };
        let list = format!("enrollments of {id} {filter:?}");
        let page = page_request(&list, first, after.as_deref())?;
        let key = nested::key(id, &field);
        let (enrollments, total) = match request.prefetched.get(&key) {
            Some(EnrollmentsAhead(enrollments, total)) => (enrollments, total),
            None => EnrollmentsAhead::load(request, &[id], filter, &page, &field, |_, _| ()).await?,
        };
        let connection =
            Connection::new(&list, enrollments, &page, |enrollment| enrollment.id, EnrollmentObject);
        Ok(connection.with_total(total))
    }

    /// The matching runs, newest first. For those who manage the program; empty for others.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn matching_runs(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<MatchingRunObject>> {
        let (request, field, id) = (context.request(), context.field(), self.0.id);
        let list = format!("matching runs of {id}");
        let page = page_request(&list, first, after.as_deref())?;
        let runs = match request.prefetched.get(nested::key(id, &field)) {
            Some(ahead) => ahead,
            None => {
                let mut pages =
                    MatchingRunObject::of_cohorts(request, &[id], &page, &node_fields(&field)).await?;
                pages.remove(&id).unwrap_or_else(Page::empty)
            }
        };
        Ok(Connection::new(&list, runs, &page, |run| run.id, MatchingRunObject))
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
        allowed::events(request, Action::ManageCohort, &program::facts(self.0.program), |event: Event| {
            self.0.next(event, around).map(|_next| ())
        })
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

/// A page of the enrollments of one cohort, and how many there are when somebody asked.
#[derive(Debug, Clone)]
struct EnrollmentsAhead(Page<Enrollment>, Option<i64>);

impl EnrollmentsAhead {
    /// Tells those of each cohort, and answers those of the first.
    async fn load(
        request: &Request,
        cohorts: &[Id<Cohort>],
        filter: Filter,
        page: &PageRequest<Id<Enrollment>>,
        field: &SelectionField<'_>,
        mut tell: impl FnMut(Id<Cohort>, Self),
    ) -> Result<(Page<Enrollment>, Option<i64>)> {
        let fields = node_fields(field);
        let mut pages = EnrollmentObject::of_cohorts(request, cohorts, filter, page, &fields).await?;
        let totals = match nested::wants_total(field) {
            true => Some(EnrollmentObject::count_of_cohorts(request, cohorts, filter).await?),
            false => None,
        };
        let mut first = None;
        for &cohort in cohorts {
            let enrollments = pages.remove(&cohort).unwrap_or_else(Page::empty);
            let total = totals.as_ref().map(|totals| totals.get(&cohort).copied().unwrap_or_default());
            first.get_or_insert_with(|| (enrollments.clone(), total));
            tell(cohort, Self(enrollments, total));
        }
        Ok(first.unwrap_or_else(|| (Page::empty(), None)))
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
        if items.is_empty() {
            return Ok(());
        }
        if let Some(wanted) = below(fields, "program") {
            let programs: Vec<Id<Program>> = items.iter().map(|item| item.0.program).collect();
            ProgramObject::prefetch_by_ids(request, &programs, &wanted).await?;
        }
        if fields.iter().any(|field| field.name() == "allowedActions") {
            let cohorts: Vec<Cohort> = items.iter().map(|item| item.0.clone()).collect();
            for (id, around) in surroundings(request, &cohorts).await? {
                request.prefetched.put(id, around);
            }
        }
        let ids: Vec<Id<Cohort>> = items.iter().map(|item| item.0.id).collect();
        for field in fields.iter().filter(|field| field.name() == "enrollments") {
            let Some(page) = nested::first_page(field) else { continue };
            let role = nested::argument::<E<enrollment::Role>>(field, "role").map(|role| role.0);
            let status = nested::argument::<E<enrollment::Status>>(field, "status").map(|status| status.0);
            EnrollmentsAhead::load(request, &ids, Filter { role, status }, &page, field, |id, ahead| {
                request.prefetched.put(nested::key(id, field), ahead);
            })
            .await?;
        }
        for field in fields.iter().filter(|field| field.name() == "matchingRuns") {
            let Some(page) = nested::first_page(field) else { continue };
            let mut pages = MatchingRunObject::of_cohorts(request, &ids, &page, &node_fields(field)).await?;
            for &id in &ids {
                request.prefetched.put(nested::key(id, field), pages.remove(&id).unwrap_or_else(Page::empty));
            }
        }
        Ok(())
    }
}

impl CohortObject {
    /// The cohort, if the caller may see it.
    pub async fn find(request: &Request, id: Id<Cohort>) -> Result<Option<Self>> {
        let scope = request.scope(Action::ReadCohort)?;
        let organization = request.organization()?;
        let found = request
            .load(async move |conn| persistence::cohort::find(conn, &scope, organization, id).await)
            .await?;
        Ok(found.map(Self))
    }

    /// The cohort that a mutation changed.
    async fn get(request: &Request, id: Id<Cohort>) -> Result<Self> {
        Self::find(request, id).await?.ok_or(Failure::NotFound { path: None })
    }

    /// The cohorts that other objects point to, kept for [`CohortObject::ahead`], with what is wanted below.
    pub async fn prefetch_by_ids(
        request: &Request,
        ids: &[Id<Cohort>],
        below: &[SelectionField<'_>],
    ) -> Result<()> {
        let scope = request.scope(Action::ReadCohort)?;
        let organization = request.organization()?;
        let ids = ids.to_vec();
        let found = request
            .load(async move |conn| persistence::cohort::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        let found: Vec<Self> = found.into_iter().map(Self).collect();
        nested::prefetch(request, &found, below).await?;
        for cohort in found {
            request.prefetched.put(cohort.0.id, cohort);
        }
        Ok(())
    }

    /// The cohort, from what was loaded ahead or by itself.
    pub async fn ahead(request: &Request, id: Id<Cohort>) -> Result<Option<Self>> {
        match request.prefetched.get(id) {
            Some(cohort) => Ok(Some(cohort)),
            None => Self::find(request, id).await,
        }
    }

    /// A page of cohorts for each of several programs, with what `fields` wants below them.
    pub async fn of_programs(
        request: &Request,
        programs: &[Id<Program>],
        page: &PageRequest<Id<Cohort>>,
        fields: &[SelectionField<'_>],
    ) -> Result<HashMap<Id<Program>, Page<Cohort>>> {
        let scope = request.scope(Action::ReadCohort)?;
        let organization = request.organization()?;
        let (programs, page) = (programs.to_vec(), page.clone());
        let pages = request
            .load(async move |conn| {
                persistence::cohort::by_programs(conn, &scope, organization, &programs, &page).await
            })
            .await?;
        let all: Vec<Self> = pages.values().flat_map(|page| page.items.iter().cloned().map(Self)).collect();
        nested::prefetch(request, &all, fields).await?;
        Ok(pages)
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
        CohortObject::find(context.request(), id.0).await
    }
}
