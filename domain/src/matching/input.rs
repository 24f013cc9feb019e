//! What does the engine need to know about a cohort to propose matches?
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::weights::Weights;
use crate::{
    enrollment::Enrollment,
    id::Id,
    profile::{Profile, availability::Availability},
};

/// Somebody who looks for a mentor. Goals, interests and languages are compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mentee {
    pub id: Id<Enrollment>,
    pub profile: Id<Profile>,
    pub goals: Vec<String>,
    pub interests: Vec<String>,
    /// The first one is the language the person speaks best.
    pub languages: Vec<String>,
    pub availability: Availability,
    pub zone: Tz,
    pub minor: bool,
    /// A guardian's consent is recorded; only looked at for minors.
    pub guardian_consent: bool,
}

/// Somebody who takes mentees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mentor {
    pub id: Id<Enrollment>,
    pub profile: Id<Profile>,
    /// What the mentor can help with, in the same words as the goals of mentees.
    pub expertise: Vec<String>,
    pub interests: Vec<String>,
    pub languages: Vec<String>,
    pub availability: Availability,
    pub zone: Tz,
    /// Cleared to work with minors; only looked at where [`Rules::vetting_for_minors`] asks for it.
    pub vetted: bool,
    /// Mentees the mentor would have at most.
    pub capacity: u16,
    /// Mentees the mentor has already, from matches that this run does not touch.
    pub load: u16,
}

/// A mentee and a mentor, by their enrollments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    pub mentee: Id<Enrollment>,
    pub mentor: Id<Enrollment>,
}

/// What a pair must have, whatever its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub shared_language: bool,
    pub vetting_for_minors: bool,
    /// Minutes of the week in which both must be free.
    pub minimum_overlap: u16,
    /// Basis points.
    pub minimum_score: u16,
}

impl Default for Rules {
    fn default() -> Self {
        Self { shared_language: true, vetting_for_minors: true, minimum_overlap: 60, minimum_score: 0 }
    }
}

/// Everything a proposal depends on. The order within the lists does not matter, except that a mentee's
/// first language comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchInput {
    pub mentees: Vec<Mentee>,
    pub mentors: Vec<Mentor>,
    /// Pairs that must not be.
    pub exclusions: Vec<Pair>,
    /// Pairs that must be.
    pub locks: Vec<Pair>,
    pub weights: Weights,
    pub rules: Rules,
    /// How many other mentors to name for each mentee.
    pub alternates: u8,
}

/// Alternates that a coordinator can take in at a glance.
pub const DEFAULT_ALTERNATES: u8 = 5;
