//! When does a pair meet, how, and what became of it?
mod rule;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    id::{Entity, Id},
    machine::Machine,
    matches::Match,
    profile::Profile,
    refusal::WrongState,
};

pub use rule::{Plan, Record, Refusal, suggest_next};

crate::text_enum! {
    /// Where a check-in is in its life.
    pub enum Status as "CheckInStatus" {
        /// Planned.
        Scheduled = "SCHEDULED",
        /// Moved: another check-in has taken its place.
        Rescheduled = "RESCHEDULED",
        /// Called off.
        Cancelled = "CANCELLED",
        /// It took place.
        Held = "HELD",
        /// It did not take place, or nobody recorded it in time.
        Missed = "MISSED",
    }
}

crate::text_enum! {
    /// How a pair meets.
    pub enum Mode as "CheckInMode" {
        /// At a place.
        InPerson = "IN_PERSON",
        /// By video.
        Online = "ONLINE",
        /// By phone.
        Phone = "PHONE",
    }
}

crate::text_enum! {
    /// What can happen to a check-in, named by the mutation that does it.
    pub enum Event as "CheckInEvent" {
        /// It is moved to another time.
        Reschedule = "rescheduleCheckIn",
        /// It is called off.
        Cancel = "cancelCheckIn",
        /// It took place.
        Record = "recordCheckIn",
        /// It did not take place.
        Miss = "markCheckInMissed",
    }
}

/// The life of a check-in. Either side may bring each event about; the server may call one missed.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Scheduled, Event::Reschedule, Status::Rescheduled),
    (Status::Scheduled, Event::Cancel, Status::Cancelled),
    (Status::Scheduled, Event::Record, Status::Held),
    (Status::Scheduled, Event::Miss, Status::Missed),
]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// How long before a check-in both sides are reminded of it.
pub const REMINDER: TimeDelta = TimeDelta::hours(24);

/// A meeting of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    pub id: Id<CheckIn>,
    pub of: Id<Match>,
    pub status: Status,
    pub mode: Mode,
    pub starts_at: DateTime<Utc>,
    pub minutes: i16,
    pub place: Option<String>,
    pub video_url: Option<String>,
    pub agenda: Option<String>,
    pub summary: Option<String>,
    pub mentor: Opinion,
    pub mentee: Opinion,
    pub cancel_reason: Option<String>,
    /// The check-in that took its place.
    pub replaced_by: Option<Id<CheckIn>>,
    pub scheduled_by: Id<Profile>,
    pub recorded_by: Option<Id<Profile>>,
    pub recorded_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// How a check-in was for one side; for that side and the safeguarding lead only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opinion {
    /// From 1, bad, to 5, good.
    pub rating: Option<i16>,
    pub feedback: Option<String>,
}

impl Entity for CheckIn {
    const PREFIX: &'static str = "checkin";
}

#[cfg(test)]
mod tests;
