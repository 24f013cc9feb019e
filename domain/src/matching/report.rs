//! What does a run propose, and why? Ids, figures and shared words; no names.
use serde::{Deserialize, Serialize};

use super::{certificate::Certificate, rule::Rule, score::CriterionPoints};
use crate::{enrollment::Enrollment, id::Id};

/// A proposal with its reasons and its proof. The same input gives the same report, to the last byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchReport {
    pub engine_version: String,
    /// The proposed pairs, by the mentee's id.
    pub assignments: Vec<Assigned>,
    pub unmatched: Vec<Unmatched>,
    /// Groups that compete for too few places; [`UnmatchedReason::CapacityExhausted`] refers to them.
    pub contests: Vec<Contest>,
    /// Other mentors for each mentee who has any, matched or not.
    pub alternates: Vec<Alternates>,
    pub mentor_load: Vec<MentorLoad>,
    pub totals: Totals,
    pub certificate: Certificate,
    /// The input in its one normal form, to be hashed: equal bytes mean an equal question. Not stored.
    #[serde(skip)]
    pub canonical_input: Vec<u8>,
}

/// A proposed pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    pub mentee: Id<Enrollment>,
    pub mentor: Id<Enrollment>,
    /// Basis points: the sum of the criteria's points.
    pub score: u16,
    pub criteria: Vec<CriterionPoints>,
    /// 1 if no mentor whom the rules allow would fit the mentee better.
    pub rank_for_mentee: u32,
    /// A coordinator wanted this pair.
    pub locked: bool,
}

/// A mentee without a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    pub mentee: Id<Enrollment>,
    pub reason: UnmatchedReason,
}

/// Why a mentee has no proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UnmatchedReason {
    /// Every mentor breaks a rule: for how many each rule was the first one broken.
    NoFeasibleMentor { mentors: Vec<(Rule, u32)> },
    /// `suitable` mentors would do, but their places go to others; `contest` is a place in
    /// [`MatchReport::contests`].
    CapacityExhausted { suitable: u32, contest: u32 },
}

/// Mentees who can only go to these mentors, whose free seats are fewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contest {
    pub mentees: Vec<Id<Enrollment>>,
    pub mentors: Vec<Id<Enrollment>>,
    pub seats: u32,
}

/// The best mentors for a mentee besides the proposed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternates {
    pub mentee: Id<Enrollment>,
    pub mentors: Vec<Alternate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternate {
    pub mentor: Id<Enrollment>,
    pub score: u16,
    /// The mentor has a seat left after this proposal.
    pub has_room: bool,
}

/// How many mentees a mentor has and would have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MentorLoad {
    pub mentor: Id<Enrollment>,
    pub capacity: u16,
    /// Mentees from matches that the run does not touch.
    pub present: u16,
    /// Mentees that the run proposes, locked ones included.
    pub proposed: u16,
}

impl MentorLoad {
    /// Seats left after the proposal.
    pub const fn free(&self) -> u16 {
        self.capacity.saturating_sub(self.present).saturating_sub(self.proposed)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub mentees: u32,
    pub mentors: u32,
    pub matched: u32,
    pub unmatched: u32,
    /// Basis points of all proposed pairs together.
    pub total_score: u32,
    /// Pairs that no rule forbids.
    pub feasible_pairs: u32,
    /// Mentees who get a mentor that fits them best.
    pub first_choices: u32,
}
