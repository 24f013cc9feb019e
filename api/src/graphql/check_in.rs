//! Check-ins: when a pair meets, how, and what became of it.
mod input;
mod mutation;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    check_in::{CheckIn, Event, Mode, Status},
    id::Id,
    matches::{Match, Side},
    page::{Page, PageRequest},
    text::TextEnum,
};

use super::{
    allowed::{self, AllowedAction},
    context::{Cx, Request},
    enumeration::E,
    matches::{self, MatchObject},
    nested::Listed,
    prefetch::Prefetch,
    scalar::{DateTime, Wire},
    stored::{self, Stored},
};
use crate::error::Result;

pub use mutation::CheckInMutation;

/// Fields that depend on who the reader is to the pair.
const OF_THE_PAIR: [&str; 6] =
    ["summary", "mentorRating", "mentorFeedback", "menteeRating", "menteeFeedback", "allowedActions"];

/// A meeting of a pair, planned or held, in person, online or by phone.
#[derive(Debug, Clone)]
pub struct CheckInObject(pub CheckIn);

/// A meeting of a pair, planned or held, in person, online or by phone.
#[Object(name = "CheckIn")]
impl CheckInObject {
    /// Names the check-in.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The pair that meets.
    async fn match_id(&self) -> ID {
        ID(self.0.of.to_string())
    }

    /// Where it is in its life.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// How the pair meets.
    async fn mode(&self) -> E<Mode> {
        E(self.0.mode)
    }

    /// When it begins, or began.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.starts_at)
    }

    /// How long it lasts, or lasted.
    async fn minutes(&self) -> i16 {
        self.0.minutes
    }

    /// Where, of a check-in in person.
    async fn place(&self) -> Option<&str> {
        self.0.place.as_deref()
    }

    /// The address of the video call, of a check-in online.
    async fn video_url(&self) -> Option<&str> {
        self.0.video_url.as_deref()
    }

    /// What the pair wants to talk about.
    async fn agenda(&self) -> Option<&str> {
        self.0.agenda.as_deref()
    }

    /// What was talked about; for the pair and the safeguarding lead.
    async fn summary(&self, context: &Context<'_>) -> Result<Option<&str>> {
        let shown = self.reader(context.request()).await?.is_some();
        Ok(self.0.summary.as_deref().filter(|_| shown))
    }

    /// How it was for the mentor, from 1 to 5; for the mentor and the safeguarding lead only.
    async fn mentor_rating(&self, context: &Context<'_>) -> Result<Option<i16>> {
        let shown = self.shows(context.request(), Side::Mentor).await?;
        Ok(self.0.mentor.rating.filter(|_| shown))
    }

    /// What the mentor wrote about it; for the mentor and the safeguarding lead only.
    async fn mentor_feedback(&self, context: &Context<'_>) -> Result<Option<&str>> {
        let shown = self.shows(context.request(), Side::Mentor).await?;
        Ok(self.0.mentor.feedback.as_deref().filter(|_| shown))
    }

    /// How it was for the mentee, from 1 to 5; for the mentee and the safeguarding lead only.
    async fn mentee_rating(&self, context: &Context<'_>) -> Result<Option<i16>> {
        let shown = self.shows(context.request(), Side::Mentee).await?;
        Ok(self.0.mentee.rating.filter(|_| shown))
    }

    /// What the mentee wrote about it; for the mentee and the safeguarding lead only.
    async fn mentee_feedback(&self, context: &Context<'_>) -> Result<Option<&str>> {
        let shown = self.shows(context.request(), Side::Mentee).await?;
        Ok(self.0.mentee.feedback.as_deref().filter(|_| shown))
    }

    /// Why it was called off.
    async fn cancel_reason(&self) -> Option<&str> {
        self.0.cancel_reason.as_deref()
    }

    /// The check-in that took its place, when it was moved.
    async fn replaced_by_id(&self) -> Option<ID> {
        self.0.replaced_by.map(|id| ID(id.to_string()))
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> Option<DateTime> {
        self.0.recorded_at.map(DateTime)
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        let Some(MatchObject(of)) = MatchObject::find(request, self.0.of).await? else {
            return Ok(Vec::new());
        };
        let (actor, now) = (request.actor()?, request.app.clock.now());
        let permitted = request.app.policy.may(actor, Action::ManageCheckIn, &matches::facts(&of))
            && of.side(actor.profile).is_some();
        let judge = |&event: &Event| allowed::check(event.as_str(), permitted, self.0.next(&of, event, now));
        let mut actions: Vec<AllowedAction> = Event::ALL.iter().map(judge).collect();
        actions.push(allowed::check("rateCheckIn", permitted, self.0.may_rate()));
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

/// Who reads what a pair says about a check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    One(Side),
    SafeguardingLead,
}

impl CheckInObject {
    async fn reader(&self, request: &Request) -> Result<Option<Reader>> {
        let Some(MatchObject(of)) = MatchObject::find(request, self.0.of).await? else { return Ok(None) };
        let actor = request.actor()?;
        if let Some(side) = of.side(actor.profile) {
            return Ok(Some(Reader::One(side)));
        }
        let permitted = request.app.policy.may(actor, Action::ReadCheckInNotes, &matches::facts(&of));
        Ok(permitted.then_some(Reader::SafeguardingLead))
    }

    async fn shows(&self, request: &Request, side: Side) -> Result<bool> {
        let reader = self.reader(request).await?;
        Ok(matches!(reader, Some(Reader::SafeguardingLead)) || reader == Some(Reader::One(side)))
    }
}

impl Prefetch for CheckInObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        if !fields.iter().any(|field| OF_THE_PAIR.contains(&field.name())) {
            return Ok(());
        }
        stored::keep::<MatchObject>(request, items.iter().map(|item| item.0.of).collect(), &[]).await
    }
}

impl Stored for CheckInObject {
    type Entity = CheckIn;

    fn key(&self) -> Id<CheckIn> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<CheckIn>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadCheckIn)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::check_in::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Match> for CheckInObject {
    type Place = (chrono::DateTime<chrono::Utc>, Id<CheckIn>);
    type Filter = ();

    fn place(&self) -> Self::Place {
        (self.0.starts_at, self.0.id)
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Match>>,
        _all: (),
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Match>, Page<Self>>> {
        let organization = request.organization()?;
        let pages = request
            .load(async move |conn| {
                persistence::check_in::by_matches(conn, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}

#[derive(Default)]
pub struct CheckInQuery;

#[Object]
impl CheckInQuery {
    /// A check-in; null when it does not exist or you may not see it.
    async fn check_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the check-in.")] id: Wire<CheckIn>,
    ) -> Result<Option<CheckInObject>> {
        CheckInObject::one(context, id.0).await
    }
}
