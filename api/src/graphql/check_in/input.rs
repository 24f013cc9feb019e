//! What people say about a check-in that they plan or record.
use async_graphql::InputObject;
use domain::{
    check_in::{CheckIn, Mode, Plan, Record},
    matches::Match,
};

use crate::graphql::{
    enumeration::E,
    scalar::{DateTime, Wire},
};

/// When and how you want to meet.
#[derive(InputObject)]
pub struct ScheduleCheckInInput {
    /// An id made by you (`checkin_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    pub id: Option<Wire<CheckIn>>,
    /// Your match.
    pub match_id: Wire<Match>,
    /// How you meet.
    pub mode: E<Mode>,
    /// When.
    pub starts_at: DateTime,
    /// How long, from 5 to 480; as the program's policy says, if left out.
    pub minutes: Option<i32>,
    /// Where, of a check-in in person; at most 200 characters.
    pub place: Option<String>,
    /// The address of the video call, of a check-in online; begins with `https://`.
    pub video_url: Option<String>,
    /// What to talk about, at most 2,000 characters.
    pub agenda: Option<String>,
}

/// When and how you want to meet instead.
#[derive(InputObject)]
pub struct RescheduleCheckInInput {
    /// The check-in to move.
    pub id: Wire<CheckIn>,
    /// How you meet.
    pub mode: E<Mode>,
    /// When.
    pub starts_at: DateTime,
    /// How long, from 5 to 480; as the program's policy says, if left out.
    pub minutes: Option<i32>,
    /// Where, of a check-in in person; at most 200 characters.
    pub place: Option<String>,
    /// The address of the video call, of a check-in online; begins with `https://`.
    pub video_url: Option<String>,
    /// What to talk about, at most 2,000 characters.
    pub agenda: Option<String>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    pub expected_version: Option<i32>,
}

/// Which check-in is called off.
#[derive(InputObject)]
pub struct CancelCheckInInput {
    /// The check-in.
    pub id: Wire<CheckIn>,
    /// Why, at most 500 characters; the other side can read it.
    pub reason: Option<String>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    pub expected_version: Option<i32>,
}

/// Which check-in did not take place.
#[derive(InputObject)]
pub struct MarkCheckInMissedInput {
    /// The check-in.
    pub id: Wire<CheckIn>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    pub expected_version: Option<i32>,
}

/// What became of a planned check-in, or of one that nobody had planned.
#[derive(InputObject)]
pub struct RecordCheckInInput {
    /// The planned check-in; leave it out for one that nobody had planned.
    pub id: Option<Wire<CheckIn>>,
    /// Your match, of a check-in that nobody had planned.
    pub match_id: Option<Wire<Match>>,
    /// How you met, of a check-in that nobody had planned; in person, if left out.
    pub mode: Option<E<Mode>>,
    /// When it began, not in the future; as planned, if left out, or now.
    pub starts_at: Option<DateTime>,
    /// How long it took, from 5 to 480 minutes; as planned, if left out.
    pub minutes: Option<i32>,
    /// Where you met, of a check-in that nobody had planned.
    pub place: Option<String>,
    /// What you talked about, at most 4,000 characters; for both of you and the safeguarding lead.
    pub summary: Option<String>,
    /// How it was for you, from 1, bad, to 5, good; for you and the safeguarding lead only.
    pub rating: Option<i32>,
    /// How it was for you, at most 2,000 characters; for you and the safeguarding lead only.
    pub feedback: Option<String>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    pub expected_version: Option<i32>,
}

/// How a check-in was for you.
#[derive(InputObject)]
pub struct RateCheckInInput {
    /// The check-in, which took place.
    pub id: Wire<CheckIn>,
    /// From 1, bad, to 5, good; for you and the safeguarding lead only.
    pub rating: i32,
    /// At most 2,000 characters; for you and the safeguarding lead only.
    pub feedback: Option<String>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    pub expected_version: Option<i32>,
}

impl ScheduleCheckInInput {
    pub fn plan(self) -> Plan {
        Plan {
            mode: self.mode.0,
            starts_at: self.starts_at.0,
            minutes: self.minutes,
            place: self.place,
            video_url: self.video_url,
            agenda: self.agenda,
        }
    }
}

impl RescheduleCheckInInput {
    pub fn plan(self) -> Plan {
        Plan {
            mode: self.mode.0,
            starts_at: self.starts_at.0,
            minutes: self.minutes,
            place: self.place,
            video_url: self.video_url,
            agenda: self.agenda,
        }
    }
}

impl RecordCheckInInput {
    pub fn record(&self) -> Record {
        Record {
            starts_at: self.starts_at.map(|at| at.0),
            minutes: self.minutes,
            summary: self.summary.clone(),
            rating: self.rating,
            feedback: self.feedback.clone(),
        }
    }
}
