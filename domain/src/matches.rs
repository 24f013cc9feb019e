//! What is a pair, from suggestion to close, and what can happen to it?
use chrono::{DateTime, Utc};

use crate::{
    check_in::CheckIn,
    cohort::Cohort,
    enrollment::Enrollment,
    id::{Entity, Id},
    machine::Machine,
    matching::{CriterionPoints, run::Run},
    profile::Profile,
    program::Program,
    refusal::WrongState,
};

crate::text_enum! {
    /// Where a match is in its life.
    pub enum Status as "MatchStatus" {
        /// Proposed by a matching run; only staff see it.
        Suggested = "SUGGESTED",
        /// Proposed, and not wanted.
        Discarded = "DISCARDED",
        /// Both sides are asked.
        Offered = "OFFERED",
        /// Both sides said yes; a place is taken.
        Accepted = "ACCEPTED",
        /// The pair is at work.
        Active = "ACTIVE",
        /// One side said no.
        Declined = "DECLINED",
        /// Nobody answered in time.
        Expired = "EXPIRED",
        /// The place was filled, or the mentee found another mentor first.
        Superseded = "SUPERSEDED",
        /// Taken back by staff.
        Withdrawn = "WITHDRAWN",
        /// Over.
        Closed = "CLOSED",
    }
}

crate::text_enum! {
    /// What can happen to a match, named by the mutation that does it.
    pub enum Event as "MatchEvent" {
        /// Both sides are asked.
        Offer = "publishMatchingRun",
        /// The proposal is not wanted.
        Discard = "discardSuggestion",
        /// The two must not be a pair.
        Exclude = "addExclusion",
        /// Both sides say yes.
        Accept = "acceptMatch",
        /// One side says no.
        Decline = "declineMatch",
        /// Staff take the offer back.
        Withdraw = "withdrawOffer",
        /// Nobody answered in time.
        Expire = "expireOffer",
        /// The place was filled, or the mentee found another mentor.
        Supersede = "supersedeOffer",
        /// The pair agrees its first objective.
        Activate = "agreeObjective",
        /// It is over.
        Close = "closeMatch",
    }
}

crate::text_enum! {
    /// What one side of a match said to the offer.
    pub enum Answer as "MatchAnswer" {
        /// Nothing yet.
        None = "NONE",
        /// Yes.
        Accepted = "ACCEPTED",
        /// No.
        Declined = "DECLINED",
    }
}

crate::text_enum! {
    /// How a match ended.
    pub enum Outcome as "MatchOutcome" {
        /// The pair went all the way.
        Completed = "COMPLETED",
        /// The pair worked together, and stopped before the end.
        EndedEarly = "ENDED_EARLY",
        /// The pair never began to work.
        NeverStarted = "NEVER_STARTED",
    }
}

crate::text_enum! {
    /// One of the two people of a match.
    pub enum Side as "MatchSide" {
        /// The mentor.
        Mentor = "MENTOR",
        /// The mentee.
        Mentee = "MENTEE",
    }
}

crate::text_enum! {
    /// Who brings an event about.
    pub enum Party as "MatchParty" {
        /// The mentor or the mentee.
        Pair = "PAIR",
        /// Staff of the program.
        Staff = "STAFF",
        /// The server itself.
        Server = "SERVER",
    }
}

/// The life of a match.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Suggested, Event::Offer, Status::Offered),
    (Status::Suggested, Event::Discard, Status::Discarded),
    (Status::Offered, Event::Exclude, Status::Withdrawn),
    (Status::Offered, Event::Accept, Status::Accepted),
    (Status::Offered, Event::Decline, Status::Declined),
    (Status::Offered, Event::Withdraw, Status::Withdrawn),
    (Status::Offered, Event::Expire, Status::Expired),
    (Status::Offered, Event::Supersede, Status::Superseded),
    (Status::Accepted, Event::Activate, Status::Active),
    (Status::Accepted, Event::Close, Status::Closed),
    (Status::Active, Event::Close, Status::Closed),
]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

impl Event {
    /// Who may bring it about.
    pub const fn parties(self) -> &'static [Party] {
        match self {
            Self::Offer | Self::Discard | Self::Exclude | Self::Withdraw => &[Party::Staff],
            Self::Accept | Self::Decline | Self::Activate => &[Party::Pair],
            Self::Expire | Self::Supersede => &[Party::Server],
            Self::Close => &[Party::Pair, Party::Staff],
        }
    }
}

/// A mentor and a mentee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub id: Id<Match>,
    pub program: Id<Program>,
    pub cohort: Id<Cohort>,
    /// The matching run that proposed it.
    pub run: Option<Id<Run>>,
    pub policy_number: i32,
    pub mentor_enrollment: Id<Enrollment>,
    pub mentee_enrollment: Id<Enrollment>,
    pub mentor: Id<Profile>,
    pub mentee: Id<Profile>,
    pub status: Status,
    /// Basis points: the sum of the criteria's points.
    pub score: i16,
    pub criteria: Vec<CriterionPoints>,
    pub mentor_answer: Answer,
    pub mentee_answer: Answer,
    pub decline_reason: Option<String>,
    pub offered_at: Option<DateTime<Utc>>,
    pub offer_expires_at: Option<DateTime<Utc>>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub activated_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub outcome: Option<Outcome>,
    pub counters: Counters,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Match {
    const PREFIX: &'static str = "match";
}

/// What every screen shows of a pair, kept where it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    pub check_ins_held: i32,
    pub check_ins_missed: i32,
    pub minutes_held: i32,
    pub objectives_agreed: i32,
    /// Rated as expected or better.
    pub objectives_reached: i32,
    pub last_check_in: Option<Id<CheckIn>>,
    pub last_check_in_at: Option<DateTime<Utc>>,
    pub next_check_in: Option<Id<CheckIn>>,
    pub next_check_in_at: Option<DateTime<Utc>>,
}

mod rule;
pub use rule::{Places, Refusal};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use tests::sample;
