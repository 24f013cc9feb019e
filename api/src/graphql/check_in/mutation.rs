//! Check-ins: plan, move, call off, record and rate them.
use async_graphql::{Context, Object};
use domain::{
    access::Action,
    check_in::{CheckIn, Mode, Plan},
    id::Id,
    matches::{Match, Side},
    notification::{Kind, Notice},
    profile::Profile,
};

use super::{
    CheckInObject,
    input::{
        CancelCheckInInput, MarkCheckInMissedInput, RateCheckInInput, RecordCheckInInput,
        RescheduleCheckInInput, ScheduleCheckInInput,
    },
};
use crate::{
    error::{ErrorCode, Failure, Result},
    graphql::{
        context::Cx,
        matches::{lock, side},
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

payload! {
    /// The answer of `scheduleCheckIn`.
    ScheduleCheckInPayload {
        /// The new check-in; null when it was refused.
        check_in as "checkIn": CheckInObject
    }
}
payload! {
    /// The answer of `rescheduleCheckIn`.
    RescheduleCheckInPayload {
        /// The new check-in that took the place of the moved one; null when it was refused.
        check_in as "checkIn": CheckInObject
    }
}
payload! {
    /// The answer of `cancelCheckIn`.
    CancelCheckInPayload {
        /// The check-in, now cancelled; null when it was refused.
        check_in as "checkIn": CheckInObject
    }
}
payload! {
    /// The answer of `recordCheckIn`.
    RecordCheckInPayload {
        /// The check-in, now held; null when it was refused.
        check_in as "checkIn": CheckInObject
    }
}
payload! {
    /// The answer of `rateCheckIn`.
    RateCheckInPayload {
        /// The check-in with your rating; null when it was refused.
        check_in as "checkIn": CheckInObject
    }
}
payload! {
    /// The answer of `markCheckInMissed`.
    MarkCheckInMissedPayload {
        /// The check-in, now missed; null when it was refused.
        check_in as "checkIn": CheckInObject
    }
}

#[derive(Default)]
pub struct CheckInMutation;

#[Object]
impl CheckInMutation {
    /// Plans a check-in of your match: in person with a place, online with a video address, or by phone.
    async fn schedule_check_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "When and how.")] input: ScheduleCheckInInput,
    ) -> Result<ScheduleCheckInPayload> {
        ScheduleCheckInPayload::of(schedule(context, input).await)
    }

    /// Moves a check-in: it becomes RESCHEDULED, and a new one takes its place.
    async fn reschedule_check_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which check-in, when and how instead.")] input: RescheduleCheckInInput,
    ) -> Result<RescheduleCheckInPayload> {
        RescheduleCheckInPayload::of(reschedule(context, input).await)
    }

    /// Calls a check-in off.
    async fn cancel_check_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which check-in, and why.")] input: CancelCheckInInput,
    ) -> Result<CancelCheckInPayload> {
        CancelCheckInPayload::of(cancel(context, input).await)
    }

    /// Says that a check-in took place, planned or not, and how it was for you.
    async fn record_check_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What took place.")] input: RecordCheckInInput,
    ) -> Result<RecordCheckInPayload> {
        RecordCheckInPayload::of(record(context, input).await)
    }

    /// Says how a check-in was for you that the other side has recorded; a second time replaces the first.
    async fn rate_check_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which check-in, and how it was.")] input: RateCheckInInput,
    ) -> Result<RateCheckInPayload> {
        RateCheckInPayload::of(rate(context, input).await)
    }

    /// Says that a check-in did not take place. When nobody records one in time, this happens by itself.
    async fn mark_check_in_missed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which check-in.")] input: MarkCheckInMissedInput,
    ) -> Result<MarkCheckInMissedPayload> {
        MarkCheckInMissedPayload::of(miss(context, input).await)
    }
}

async fn schedule(context: &Context<'_>, input: ScheduleCheckInInput) -> Result<CheckInObject> {
    let id = write(context, async move |tx| {
        let (of, (_, by)) = pair(tx, input.match_id.0).await?;
        let minutes = usual_minutes(tx, &of).await?;
        let (id, now) = (tx.id(input.id.map(|id| id.0)), tx.now);
        let planned = CheckIn::schedule(id, &of, &input.plan(), minutes, by, now)?;
        let organization = tx.organization()?;
        persistence::check_in::insert(tx.conn(), organization, &planned).await?;
        tell(tx, &of, &planned, Kind::CheckInScheduled, &[]).await?;
        counted(tx, &of, &[planned.id]).await
    })
    .await?;
    CheckInObject::get(context.request(), id).await
}

async fn reschedule(context: &Context<'_>, input: RescheduleCheckInInput) -> Result<CheckInObject> {
    let id = write(context, async move |tx| {
        let (of, found, (_, by)) = hold(tx, input.id.0).await?;
        let (organization, now, later, expected) =
            (tx.organization()?, tx.now, tx.id(None), input.expected_version);
        let (moved, planned) = found.reschedule(&of, later, &input.plan(), by, expected, now)?;
        persistence::check_in::insert(tx.conn(), organization, &planned).await?;
        persistence::check_in::update(tx.conn(), organization, &moved).await?;
        tell(tx, &of, &planned, Kind::CheckInScheduled, &[]).await?;
        counted(tx, &of, &[planned.id, moved.id]).await
    })
    .await?;
    CheckInObject::get(context.request(), id).await
}

async fn cancel(context: &Context<'_>, input: CancelCheckInInput) -> Result<CheckInObject> {
    let id = write(context, async move |tx| {
        let (of, found, _) = hold(tx, input.id.0).await?;
        let cancelled = found.cancel(&of, input.reason.as_deref(), input.expected_version, tx.now)?;
        tell(tx, &of, &cancelled, Kind::CheckInCancelled, &[]).await?;
        save(tx, &of, &cancelled).await
    })
    .await?;
    CheckInObject::get(context.request(), id).await
}

async fn miss(context: &Context<'_>, input: MarkCheckInMissedInput) -> Result<CheckInObject> {
    let id = write(context, async move |tx| {
        let (of, found, (_, by)) = hold(tx, input.id.0).await?;
        let missed = found.miss(&of, input.expected_version, tx.now)?;
        tell(tx, &of, &missed, Kind::CheckInMissed, &[by]).await?;
        save(tx, &of, &missed).await
    })
    .await?;
    CheckInObject::get(context.request(), id).await
}

async fn record(context: &Context<'_>, input: RecordCheckInInput) -> Result<CheckInObject> {
    let id = write(context, async move |tx| {
        let told_by = input.record();
        match (input.id, input.match_id) {
            (Some(id), None) => {
                let (of, found, by) = hold(tx, id.0).await?;
                let held = found.record(&of, &told_by, by, input.expected_version, tx.now)?;
                save(tx, &of, &held).await
            }
            (None, Some(of)) => {
                let (of, by) = pair(tx, of.0).await?;
                let (now, minutes) = (tx.now, usual_minutes(tx, &of).await?);
                let plan = Plan {
                    mode: input.mode.map_or(Mode::InPerson, |mode| mode.0),
                    starts_at: input.starts_at.map_or(now, |at| at.0),
                    minutes: input.minutes,
                    place: input.place,
                    video_url: None,
                    agenda: None,
                };
                let met = CheckIn::ad_hoc(tx.id(None), &of, &plan, minutes, by.1, now)?;
                let held = met.record(&of, &told_by, by, None, now)?;
                let organization = tx.organization()?;
                persistence::check_in::insert(tx.conn(), organization, &held).await?;
                counted(tx, &of, &[held.id]).await
            }
            _ => Err(Failure::request(ErrorCode::BadUserInput, "give either `id` or `matchId`")),
        }
    })
    .await?;
    CheckInObject::get(context.request(), id).await
}

async fn rate(context: &Context<'_>, input: RateCheckInInput) -> Result<CheckInObject> {
    let id = write(context, async move |tx| {
        let (of, found, (side, _)) = hold(tx, input.id.0).await?;
        let (rating, feedback) = (input.rating, input.feedback.as_deref());
        let rated = found.rate(side, rating, feedback, input.expected_version, tx.now)?;
        save(tx, &of, &rated).await
    })
    .await?;
    CheckInObject::get(context.request(), id).await
}

/// How long a check-in lasts by the policy that the match follows.
async fn usual_minutes(tx: &mut Tx<'_>, of: &Match) -> Result<i16> {
    let organization = tx.organization()?;
    let policy =
        persistence::program::policy::get(tx.conn(), organization, of.program, of.policy_number).await?;
    Ok(policy.rules.check_in_minutes)
}

/// Holds the caller's own match.
async fn pair(tx: &mut Tx<'_>, id: Id<Match>) -> Result<(Match, (Side, Id<Profile>))> {
    let of = lock(tx, id, "matchId").await?;
    let by = side(tx, Action::ManageCheckIn, &of)?;
    Ok((of, by))
}

/// Holds the match of a check-in, under which its check-ins change one after the other.
async fn hold(tx: &mut Tx<'_>, id: Id<CheckIn>) -> Result<(Match, CheckIn, (Side, Id<Profile>))> {
    let missing = || Failure::not_found("id");
    let (organization, scope) = (tx.organization()?, tx.request.scope(Action::ReadCheckIn)?);
    let seen = persistence::check_in::find(tx.conn(), &scope, organization, id).await?.ok_or_else(missing)?;
    let of = lock(tx, seen.of, "id").await?;
    let by = side(tx, Action::ManageCheckIn, &of)?;
    let held = persistence::check_in::find(tx.conn(), &scope, organization, id).await?.ok_or_else(missing)?;
    Ok((of, held, by))
}

async fn save(tx: &mut Tx<'_>, of: &Match, check_in: &CheckIn) -> Result<Id<CheckIn>> {
    let organization = tx.organization()?;
    persistence::check_in::update(tx.conn(), organization, check_in).await?;
    counted(tx, of, &[check_in.id]).await
}

/// Tells both sides, but for those who know. Who plans a meeting is told too, as the mail brings the calendar entry.
async fn tell(
    tx: &mut Tx<'_>,
    of: &Match,
    check_in: &CheckIn,
    kind: Kind,
    know: &[Id<Profile>],
) -> Result<()> {
    tx.tell(&of.others(know), &Notice::about(kind, check_in.id, "once")).await
}

/// Counts the figures of the match anew, and notes what changed; answers the first of it.
async fn counted(tx: &mut Tx<'_>, of: &Match, changed: &[Id<CheckIn>]) -> Result<Id<CheckIn>> {
    let organization = tx.organization()?;
    persistence::matches::counter::refresh(tx.conn(), organization, of.id).await?;
    for &id in changed {
        tx.changed(id, Some(of.id.uuid()));
    }
    changed.first().copied().ok_or(Failure::NotFound { path: None })
}
