//! Matches: read a pair, and why it was proposed.
mod mutation;
mod places;
mod query;
mod subscription;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::{Action, Facts},
    check_in::{CheckIn, suggest_next},
    id::Id,
    matches::{Answer, Event, Match, Outcome, Places, Side, Status, transition},
    matching::run::Run,
    page::{Page, PageRequest},
    program::policy::Rules,
    text::TextEnum,
};
use futures_util::try_join;

use super::{
    allowed::{self, AllowedAction},
    check_in::CheckInObject,
    cohort::CohortObject,
    context::{Cx, Request},
    conversation::ConversationObject,
    enumeration::E,
    matching::criteria::CriterionObject,
    nested::{self, Listed},
    objective::ObjectiveObject,
    page::{self, Connection},
    prefetch::{Prefetch, below},
    profile::ProfileObject,
    program::{PolicyObject, ProgramObject},
    resource::ResourceObject,
    scalar::DateTime,
    stored::Stored,
};
use crate::error::{Failure, Result};

pub use mutation::{MatchMutation, lock, side, tell_withdrawn};
pub use query::MatchQuery;
pub use subscription::PairSubscription;

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
        ProfileObject::find(context.request(), self.0.mentor).await
    }

    /// The mentee; null when you may not see them.
    async fn mentee(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        ProfileObject::find(context.request(), self.0.mentee).await
    }

    /// The cohort in which they were matched; null when you may not see it.
    async fn cohort(&self, context: &Context<'_>) -> Result<Option<CohortObject>> {
        CohortObject::find(context.request(), self.0.cohort).await
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

    /// What the mentor said to the offer.
    async fn mentor_answer(&self) -> E<Answer> {
        E(self.0.mentor_answer)
    }

    /// What the mentee said to the offer.
    async fn mentee_answer(&self) -> E<Answer> {
        E(self.0.mentee_answer)
    }

    /// Why it was declined, if that was told.
    async fn decline_reason(&self) -> Option<&str> {
        self.0.decline_reason.as_deref()
    }

    /// When both had accepted.
    async fn accepted_at(&self) -> Option<DateTime> {
        self.0.accepted_at.map(DateTime)
    }

    /// When the pair agreed its first objective.
    async fn activated_at(&self) -> Option<DateTime> {
        self.0.activated_at.map(DateTime)
    }

    /// When it ended.
    async fn closed_at(&self) -> Option<DateTime> {
        self.0.closed_at.map(DateTime)
    }

    /// How it ended.
    async fn outcome(&self) -> Option<E<Outcome>> {
        self.0.outcome.map(E)
    }

    /// The program; null when you may not see it.
    async fn program(&self, context: &Context<'_>) -> Result<Option<ProgramObject>> {
        ProgramObject::find(context.request(), self.0.program).await
    }

    /// How many check-ins took place.
    async fn check_ins_held(&self) -> i32 {
        self.0.counters.check_ins_held
    }

    /// How many check-ins were missed.
    async fn check_ins_missed(&self) -> i32 {
        self.0.counters.check_ins_missed
    }

    /// How many minutes the pair has met.
    async fn minutes_held(&self) -> i32 {
        self.0.counters.minutes_held
    }

    /// How many objectives both sides agreed.
    async fn objectives_agreed(&self) -> i32 {
        self.0.counters.objectives_agreed
    }

    /// How many objectives were rated as expected or better.
    async fn objectives_reached(&self) -> i32 {
        self.0.counters.objectives_reached
    }

    /// The latest check-in that took place.
    async fn last_check_in(&self, context: &Context<'_>) -> Result<Option<CheckInObject>> {
        check_in(context, self.0.counters.last_check_in).await
    }

    /// The next check-in that is planned.
    async fn next_check_in(&self, context: &Context<'_>) -> Result<Option<CheckInObject>> {
        check_in(context, self.0.counters.next_check_in).await
    }

    /// When the next check-in should be by the program's cadence; null while none is due or one is planned.
    async fn suggested_check_in_at(&self, context: &Context<'_>) -> Result<Option<DateTime>> {
        let request = context.request();
        let counters = &self.0.counters;
        let since = counters.last_check_in_at.or(self.0.accepted_at).filter(|_| self.0.holds_place());
        let (Some(since), None) = (since, counters.next_check_in_at) else { return Ok(None) };
        let cadence = rules(request, &self.0).await?.cadence_days;
        Ok(Some(DateTime(suggest_next(since, cadence, request.app.clock.now()))))
    }

    /// What the pair wants to reach, oldest first.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn objectives(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ObjectiveObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// When the pair meets and met, the latest first.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn check_ins(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<CheckInObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// What was shared with the pair, newest first.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn resources(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ResourceObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// What the two write to each other; null before both accepted, and for those who may not read it.
    async fn conversation(&self, context: &Context<'_>) -> Result<Option<ConversationObject>> {
        ConversationObject::ahead(context.request(), self.0.id).await
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        allowed(request, &self.0, places::find(request, &self.0).await?)
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

async fn check_in(context: &Context<'_>, id: Option<Id<CheckIn>>) -> Result<Option<CheckInObject>> {
    match id {
        Some(id) => CheckInObject::find(context.request(), id).await,
        None => Ok(None),
    }
}

/// The rules that a match follows.
pub async fn rules(request: &Request, of: &Match) -> Result<Rules> {
    let policy = PolicyObject::find(request, of.program, of.policy_number).await?;
    Ok(policy.ok_or_else(|| Failure::internal("a match without a policy"))?.0.rules)
}

async fn prefetch_places(
    request: &Request,
    items: &[MatchObject],
    fields: &[SelectionField<'_>],
) -> Result<()> {
    if below(fields, "allowedActions").is_none() {
        return Ok(());
    }
    Box::pin(places::prefetch(request, items.iter().map(|item| &item.0))).await
}

async fn prefetch_rules(
    request: &Request,
    items: &[MatchObject],
    fields: &[SelectionField<'_>],
) -> Result<()> {
    if below(fields, "suggestedCheckInAt").is_none() {
        return Ok(());
    }
    let rules: Vec<_> = items.iter().map(|item| (item.0.program, item.0.policy_number)).collect();
    PolicyObject::prefetch(request, &rules).await
}

fn allowed(request: &Request, of: &Match, places: Places) -> Result<Vec<AllowedAction>> {
    let (actor, facts, now) = (request.actor()?, facts(of), request.app.clock.now());
    let policy = request.app.policy;
    let side = of.side(actor.profile);
    let answers = policy.may(actor, Action::AnswerMatch, &facts) && side.is_some();
    let manages = policy.may(actor, Action::ManageMatching, &facts);
    let accept = of.may_accept(side.unwrap_or(Side::Mentor), places, now);
    let next = |event| transition(of.status, event);
    Ok(vec![
        allowed::action(Event::Discard.as_str(), manages, next(Event::Discard)),
        allowed::check(Event::Accept.as_str(), answers, accept),
        allowed::action(Event::Decline.as_str(), answers, next(Event::Decline)),
        allowed::action(Event::Withdraw.as_str(), manages, next(Event::Withdraw)),
        allowed::action(Event::Close.as_str(), answers || manages, next(Event::Close)),
    ])
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
        let ids: Vec<Id<Match>> = items.iter().map(|item| item.0.id).collect();
        let programs = items.iter().map(|item| item.0.program).collect();
        let cohorts = items.iter().map(|item| item.0.cohort).collect();
        let mentors = items.iter().map(|item| item.0.mentor).collect();
        let mentees = items.iter().map(|item| item.0.mentee).collect();
        let last = items.iter().filter_map(|item| item.0.counters.last_check_in).collect();
        let next = items.iter().filter_map(|item| item.0.counters.next_check_in).collect();
        try_join!(
            ProgramObject::prefetch_by_ids(request, fields, "program", programs),
            CohortObject::prefetch_by_ids(request, fields, "cohort", cohorts),
            ProfileObject::prefetch_all(request, fields, [("mentor", mentors), ("mentee", mentees)]),
            CheckInObject::prefetch_all(request, fields, [("lastCheckIn", last), ("nextCheckIn", next)]),
            prefetch_rules(request, items, fields),
            prefetch_places(request, items, fields),
            ConversationObject::prefetch_of(request, &ids, fields, "conversation"),
            nested::ahead::<_, ObjectiveObject>(request, &ids, fields, "objectives"),
            nested::ahead::<_, CheckInObject>(request, &ids, fields, "checkIns"),
            nested::ahead::<_, ResourceObject>(request, &ids, fields, "resources"),
        )?;
        Ok(())
    }
}

impl Stored for MatchObject {
    type Entity = Match;

    fn key(&self) -> Id<Match> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Match>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadMatch)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::matches::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Run> for MatchObject {
    type Place = (i16, Id<Match>);
    type Filter = ();

    fn place(&self) -> Self::Place {
        (self.0.score, self.0.id)
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Run>>,
        _all: (),
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Run>, Page<Self>>> {
        let (scope, organization) = (request.scope(Action::ReadMatch)?, request.organization()?);
        let pages = request
            .load(async move |conn| {
                persistence::matches::by_runs(conn, &scope, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}
