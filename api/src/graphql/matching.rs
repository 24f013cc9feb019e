//! Matching runs: read what was proposed, and why some have no proposal.
pub mod criteria;
pub mod exclusion;
mod mutation;
mod publish;
mod subscription;
mod unmatched;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    cohort::Cohort,
    id::Id,
    matches::Match,
    matching::{
        Findings,
        run::{self, Event, Failure as RunFailure, Run, Status},
    },
    page::{Page, PageRequest},
};

use super::{
    allowed::{self, AllowedAction},
    cohort::CohortObject,
    context::{Cx, Request},
    enumeration::E,
    matches::MatchObject,
    nested,
    page::{self, Connection, page_request},
    prefetch::{Prefetch, below, node_fields},
    program,
    scalar::{DateTime, Wire},
};
use crate::error::{Failure, Result};
use unmatched::UnmatchedObject;

pub use mutation::MatchingMutation;
pub use publish::PublishMutation;
pub use subscription::MatchingSubscription;

/// One run of the matching engine over a cohort. Its proposals are a draft that only staff see. The same people
/// and rules always give the same proposals, and no other plan matches more mentees or fits better.
#[derive(Debug, Clone)]
pub struct MatchingRunObject(pub Run);

/// One run of the matching engine over a cohort. Its proposals are a draft that only staff see. The same people
/// and rules always give the same proposals, and no other plan matches more mentees or fits better.
#[Object(name = "MatchingRun")]
impl MatchingRunObject {
    /// Names the run.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Where it is in its life.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// How far it is, from 0 to 100.
    async fn progress(&self) -> i16 {
        self.0.progress
    }

    /// The cohort whose people it matches; null when you may not see it.
    async fn cohort(&self, context: &Context<'_>) -> Result<Option<CohortObject>> {
        CohortObject::ahead(context.request(), self.0.cohort).await
    }

    /// The version of the program's policy that it follows.
    async fn policy_number(&self) -> i32 {
        self.0.policy_number
    }

    /// The version of the engine; null until it has proposals.
    async fn engine_version(&self) -> Option<&str> {
        self.0.result.as_ref().map(|result| result.engine_version.as_str())
    }

    /// SHA-256 of everything that was asked, in hexadecimal: equal hashes and engine versions mean equal
    /// proposals. Null until it has proposals.
    async fn input_hash(&self) -> Option<String> {
        let result = self.0.result.as_ref()?;
        Some(result.input_hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Mentees who were looked at: those enrolled without a match or an offer. Null until it has proposals.
    async fn mentee_count(&self) -> Option<i32> {
        self.0.result.as_ref().map(|result| result.mentees)
    }

    /// Mentors who were looked at. Null until it has proposals.
    async fn mentor_count(&self) -> Option<i32> {
        self.0.result.as_ref().map(|result| result.mentors)
    }

    /// Mentees for whom a mentor was proposed. Null until it has proposals.
    async fn matched_count(&self) -> Option<i32> {
        self.0.result.as_ref().map(|result| result.matched)
    }

    /// The scores of all proposed pairs together. Null until it has proposals.
    async fn total_score(&self) -> Option<i32> {
        self.0.result.as_ref().map(|result| result.total_score)
    }

    /// Why it ended without proposals.
    async fn failure(&self) -> Option<E<RunFailure>> {
        self.0.failure.map(E)
    }

    /// The pairs that it proposed, best first, whatever became of them.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn proposals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<MatchObject>> {
        let (request, field, id) = (context.request(), context.field(), self.0.id);
        let list = format!("proposals of {id}");
        let page = page_request(&list, first, after.as_deref())?;
        let proposals = match request.prefetched.get(nested::key(id, &field)) {
            Some(ahead) => ahead,
            None => {
                let mut pages = MatchObject::of_runs(request, &[id], &page, &node_fields(&field)).await?;
                pages.remove(&id).unwrap_or_else(Page::empty)
            }
        };
        let key = |proposal: &Match| (proposal.score, proposal.id);
        Ok(Connection::new(&list, proposals, &page, key, MatchObject))
    }

    /// The mentees for whom it has no proposal, in the order in which they were enrolled.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn unmatched(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<UnmatchedObject>> {
        let (request, field, id) = (context.request(), context.field(), self.0.id);
        let list = format!("unmatched of {id}");
        let page = page_request(&list, first, after.as_deref())?;
        let ahead = match request.prefetched.get(nested::key(id, &field)) {
            Some(ahead) => ahead,
            None => UnmatchedAhead::load(request, &[id], &page, &field, |_, _| ()).await?,
        };
        let connection =
            Connection::new(&list, ahead.page, &page, |unmatched| unmatched.place, |unmatched| unmatched);
        Ok(connection.with_total(Some(ahead.total)))
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        let facts = program::facts(self.0.program);
        let permitted = request.may(Action::ManageMatching, &facts)?;
        let judge = |event: Event| {
            allowed::action(&event.to_string(), permitted, run::transition(self.0.status, event))
        };
        Ok(run::BY_PEOPLE.map(judge).into())
    }

    /// Rises with each change; pass it as `expectedVersion` to be told of changes in between.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it came to an end, with proposals or without.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

/// A page of the mentees whom one run left out, and how many there are.
#[derive(Debug, Clone)]
struct UnmatchedAhead {
    page: Page<UnmatchedObject>,
    total: i64,
}

impl UnmatchedAhead {
    /// Tells those of each run, and answers those of the first.
    async fn load(
        request: &Request,
        runs: &[Id<Run>],
        page: &PageRequest<usize>,
        field: &SelectionField<'_>,
        mut tell: impl FnMut(Id<Run>, Self),
    ) -> Result<Self> {
        let (organization, wanted) = (request.organization()?, runs.to_vec());
        let found = request
            .load(async move |conn| persistence::matching::findings(conn, organization, &wanted).await)
            .await?;
        let found: HashMap<Id<Run>, Findings> = found.into_iter().collect();
        let of = |run: &Id<Run>| {
            let findings = found.get(run);
            let total = findings.map_or(0, |findings| i64::from(findings.totals.unmatched));
            let page = findings.map_or_else(Page::empty, |findings| unmatched::page(findings, page));
            Self { page, total }
        };
        let ahead: Vec<Self> = runs.iter().map(of).collect();
        let all: Vec<UnmatchedObject> = ahead.iter().flat_map(|ahead| ahead.page.items.clone()).collect();
        nested::prefetch(request, &all, &node_fields(field)).await?;
        let first = ahead.first().cloned().unwrap_or_else(|| Self { page: Page::empty(), total: 0 });
        for (&run, ahead) in runs.iter().zip(ahead) {
            tell(run, ahead);
        }
        Ok(first)
    }
}

impl Prefetch for MatchingRunObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        if let Some(wanted) = below(fields, "cohort") {
            let cohorts: Vec<Id<Cohort>> = items.iter().map(|item| item.0.cohort).collect();
            CohortObject::prefetch_by_ids(request, &cohorts, &wanted).await?;
        }
        let ids: Vec<Id<Run>> = items.iter().map(|item| item.0.id).collect();
        for field in fields.iter().filter(|field| field.name() == "proposals") {
            let Some(page) = nested::first_page(field) else { continue };
            let mut pages = MatchObject::of_runs(request, &ids, &page, &node_fields(field)).await?;
            for &id in &ids {
                request.prefetched.put(nested::key(id, field), pages.remove(&id).unwrap_or_else(Page::empty));
            }
        }
        for field in fields.iter().filter(|field| field.name() == "unmatched") {
            let Some(page) = nested::first_page(field) else { continue };
            UnmatchedAhead::load(request, &ids, &page, field, |id, ahead| {
                request.prefetched.put(nested::key(id, field), ahead);
            })
            .await?;
        }
        Ok(())
    }
}

impl MatchingRunObject {
    /// The run, if the caller may see it.
    pub async fn find(request: &Request, id: Id<Run>) -> Result<Option<Self>> {
        let scope = request.scope(Action::ManageMatching)?;
        let organization = request.organization()?;
        let found = request
            .load(async move |conn| persistence::matching::find(conn, &scope, organization, id).await)
            .await?;
        Ok(found.map(Self))
    }

    /// The run that a mutation changed.
    async fn get(request: &Request, id: Id<Run>) -> Result<Self> {
        Self::find(request, id).await?.ok_or(Failure::NotFound { path: None })
    }

    /// A page of runs for each of several cohorts, with what `fields` wants below them.
    pub async fn of_cohorts(
        request: &Request,
        cohorts: &[Id<Cohort>],
        page: &PageRequest<Id<Run>>,
        fields: &[SelectionField<'_>],
    ) -> Result<HashMap<Id<Cohort>, Page<Run>>> {
        let scope = request.scope(Action::ManageMatching)?;
        let organization = request.organization()?;
        let (cohorts, page) = (cohorts.to_vec(), page.clone());
        let pages = request
            .load(async move |conn| {
                persistence::matching::by_cohorts(conn, &scope, organization, &cohorts, &page).await
            })
            .await?;
        let all: Vec<Self> = pages.values().flat_map(|page| page.items.iter().cloned().map(Self)).collect();
        nested::prefetch(request, &all, fields).await?;
        Ok(pages)
    }
}

#[derive(Default)]
pub struct MatchingQuery;

#[Object]
impl MatchingQuery {
    /// A matching run; null when it does not exist or you may not see it. For those who manage the program.
    async fn matching_run(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the run.")] id: Wire<Run>,
    ) -> Result<Option<MatchingRunObject>> {
        MatchingRunObject::find(context.request(), id.0).await
    }
}
