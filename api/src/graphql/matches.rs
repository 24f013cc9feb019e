//! Matches: read a pair, and why it was proposed.
use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::{Action, Facts},
    cohort::Cohort,
    id::Id,
    matches::{Match, Status},
    matching::run::Run,
    page::{Page, PageRequest},
};

use super::{
    cohort::CohortObject,
    context::{Cx, Request},
    enumeration::E,
    matching::criteria::CriterionObject,
    nested,
    prefetch::{Prefetch, below},
    profile::ProfileObject,
    scalar::{DateTime, Wire},
};
use crate::error::{Failure, Result};

/// A mentor and a mentee. Only staff see it until it is offered.
#[derive(Debug, Clone)]
pub struct MatchObject(pub Match);

/// A mentor and a mentee. Only staff see it until it is offered.
#[Object(name = "Match")]
impl MatchObject {
    /// Names the match.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Where it is in its life.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// The mentor; null when you may not see them.
    async fn mentor(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        ProfileObject::ahead(context.request(), self.0.mentor).await
    }

    /// The mentee; null when you may not see them.
    async fn mentee(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        ProfileObject::ahead(context.request(), self.0.mentee).await
    }

    /// The cohort in which they were matched; null when you may not see it.
    async fn cohort(&self, context: &Context<'_>) -> Result<Option<CohortObject>> {
        CohortObject::ahead(context.request(), self.0.cohort).await
    }

    /// How well they fit, from 0 to 10,000: the sum of the points of its criteria.
    async fn score(&self) -> i16 {
        self.0.score
    }

    /// Why they fit, criterion by criterion.
    async fn criteria(&self) -> Vec<CriterionObject> {
        self.0.criteria.iter().cloned().map(CriterionObject).collect()
    }

    /// The policy version that it follows.
    async fn policy_number(&self) -> i32 {
        self.0.policy_number
    }

    /// When it was offered to both sides.
    async fn offered_at(&self) -> Option<DateTime> {
        self.0.offered_at.map(DateTime)
    }

    /// Until when both sides can accept it.
    async fn offer_expires_at(&self) -> Option<DateTime> {
        self.0.offer_expires_at.map(DateTime)
    }

    /// Rises with each change; pass it as `expectedVersion` to be told of changes in between.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was proposed.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

/// What the policy needs to know about a match.
pub fn facts(the_match: &Match) -> Facts {
    Facts {
        program: Some(the_match.program),
        mentor: Some(the_match.mentor),
        mentee: Some(the_match.mentee),
        person: None,
    }
}

impl Prefetch for MatchObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        if let Some(wanted) = below(fields, "mentor") {
            let mentors = items.iter().map(|item| item.0.mentor).collect();
            ProfileObject::prefetch_by_ids(request, mentors, &wanted).await?;
        }
        if let Some(wanted) = below(fields, "mentee") {
            let mentees = items.iter().map(|item| item.0.mentee).collect();
            ProfileObject::prefetch_by_ids(request, mentees, &wanted).await?;
        }
        if let Some(wanted) = below(fields, "cohort") {
            let cohorts: Vec<Id<Cohort>> = items.iter().map(|item| item.0.cohort).collect();
            CohortObject::prefetch_by_ids(request, &cohorts, &wanted).await?;
        }
        Ok(())
    }
}

impl MatchObject {
    /// The match, if the caller may see it.
    pub async fn find(request: &Request, id: Id<Match>) -> Result<Option<Self>> {
        let scope = request.scope(Action::ReadMatch)?;
        let organization = request.organization()?;
        let found = request
            .load(async move |conn| persistence::matches::find(conn, &scope, organization, id).await)
            .await?;
        Ok(found.map(Self))
    }

    /// The match that a mutation changed.
    pub async fn get(request: &Request, id: Id<Match>) -> Result<Self> {
        Self::find(request, id).await?.ok_or(Failure::NotFound { path: None })
    }

    /// A page of what each of several runs proposed, with what `fields` wants below.
    pub async fn of_runs(
        request: &Request,
        runs: &[Id<Run>],
        page: &PageRequest<(i16, Id<Match>)>,
        fields: &[SelectionField<'_>],
    ) -> Result<HashMap<Id<Run>, Page<Match>>> {
        let scope = request.scope(Action::ReadMatch)?;
        let organization = request.organization()?;
        let (runs, page) = (runs.to_vec(), page.clone());
        let pages = request
            .load(async move |conn| {
                persistence::matches::by_runs(conn, &scope, organization, &runs, &page).await
            })
            .await?;
        let all: Vec<Self> = pages.values().flat_map(|page| page.items.iter().cloned().map(Self)).collect();
        nested::prefetch(request, &all, fields).await?;
        Ok(pages)
    }
}

#[derive(Default)]
pub struct MatchQuery;

#[Object]
impl MatchQuery {
    /// A match; null when it does not exist or you may not see it. Mentors and mentees see it once it is offered.
    async fn r#match(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the match.")] id: Wire<Match>,
    ) -> Result<Option<MatchObject>> {
        MatchObject::find(context.request(), id.0).await
    }
}
