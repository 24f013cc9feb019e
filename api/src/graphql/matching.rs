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
    matching::run::{self, Event, Failure as RunFailure, Run, Status},
    page::{Page, PageRequest},
};
use futures_util::try_join;

use super::{
    allowed::{self, AllowedAction},
    cohort::CohortObject,
    context::{Cx, Request},
    enumeration::E,
    matches::MatchObject,
    nested::{self, Listed},
    page::{self, Connection},
    prefetch::Prefetch,
    program,
    scalar::{DateTime, Wire},
    stored::Stored,
};
use crate::error::Result;
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
        CohortObject::find(context.request(), self.0.cohort).await
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
        nested::list(context, self.0.id, (), first, after).await
    }

    /// The mentees for whom it has no proposal, in the order in which they were enrolled.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn unmatched(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<UnmatchedObject>> {
        nested::list(context, self.0.id, (), first, after).await
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

impl Prefetch for MatchingRunObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let ids: Vec<Id<Run>> = items.iter().map(|item| item.0.id).collect();
        let cohorts = items.iter().map(|item| item.0.cohort).collect();
        try_join!(
            CohortObject::prefetch_by_ids(request, fields, "cohort", cohorts),
            nested::ahead::<_, MatchObject>(request, &ids, fields, "proposals"),
            nested::ahead::<_, UnmatchedObject>(request, &ids, fields, "unmatched"),
        )?;
        Ok(())
    }
}

impl Stored for MatchingRunObject {
    type Entity = Run;

    fn key(&self) -> Id<Run> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Run>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ManageMatching)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::matching::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Cohort> for MatchingRunObject {
    type Place = Id<Run>;
    type Filter = ();

    fn place(&self) -> Self::Place {
        self.0.id
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Cohort>>,
        _all: (),
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Cohort>, Page<Self>>> {
        let (scope, organization) = (request.scope(Action::ManageMatching)?, request.organization()?);
        let pages = request
            .load(async move |conn| {
                persistence::matching::by_cohorts(conn, &scope, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
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
        MatchingRunObject::one(context, id.0).await
    }
}
