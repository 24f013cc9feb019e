//! What is a pair, from suggestion to close, and what can happen to it?
use chrono::{DateTime, Utc};

use crate::{
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
        /// Staff take it back, as when the two must not be a pair.
        Withdraw = "addExclusion",
    }
}

/// The life of a match.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Suggested, Event::Offer, Status::Offered),
    (Status::Suggested, Event::Discard, Status::Discarded),
    (Status::Offered, Event::Withdraw, Status::Withdrawn),
]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
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
    pub offered_at: Option<DateTime<Utc>>,
    pub offer_expires_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Match {
    const PREFIX: &'static str = "match";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::assert_machine;

    #[test]
    fn a_match_lives_as_the_table_says() {
        assert_machine(
            MACHINE,
            &[
                "SUGGESTED: publishMatchingRun OFFERED, discardSuggestion DISCARDED",
                "OFFERED: addExclusion WITHDRAWN",
            ],
        );
    }
}
