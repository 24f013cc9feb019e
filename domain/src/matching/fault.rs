//! Why was a matching run refused before it began, or why did it end without a proposal?
use super::{certificate::Flaw, rule::Breach};
use crate::{
    enrollment::Enrollment,
    id::Id,
    refusal::{Code, Refuse},
    text::TextEnum,
};

/// Something in the input that makes a proposal impossible or meaningless.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the enrollment {id} is given more than once")]
    DuplicateId { id: Id<Enrollment> },
    #[error("{id} in {list} is not the enrollment of a {side} of this run")]
    UnknownId { list: &'static str, side: &'static str, id: Id<Enrollment> },
    #[error("the weights must add up to 10000, and add up to {sum}")]
    WeightsNotNormalized { sum: u32 },
    #[error("the locked pair of mentee {mentee} and mentor {mentor} breaks the rule {}", breach.rule())]
    LockViolatesRule { mentee: Id<Enrollment>, mentor: Id<Enrollment>, breach: Breach },
    #[error("mentor {mentor} has {free} free places, and {locked} mentees are locked to them")]
    LockOverCapacity { mentor: Id<Enrollment>, free: u16, locked: usize },
    #[error("mentee {mentee} is locked to more than one mentor")]
    ConflictingLocks { mentee: Id<Enrollment> },
    #[error("a run takes at most {max} {what}, and was given {count}")]
    TooLarge { what: &'static str, max: usize, count: usize },
}

impl Refuse for Fault {
    fn code(&self) -> Code {
        match self {
            Self::DuplicateId { .. } => Code::Taken,
            Self::UnknownId { .. } => Code::NotFound,
            Self::WeightsNotNormalized { .. } => Code::OutOfRange,
            Self::LockViolatesRule { breach: Breach::ConsentMissing, .. } => Code::ConsentRequired,
            Self::LockViolatesRule { breach: Breach::Excluded, .. } => Code::Excluded,
            Self::LockViolatesRule { .. } => Code::NotEligible,
            Self::LockOverCapacity { .. } => Code::CapacityReached,
            Self::ConflictingLocks { .. } => Code::AlreadyMatched,
            Self::TooLarge { .. } => Code::LimitReached,
        }
    }

    fn path(&self) -> Option<String> {
        let path = match self {
            Self::UnknownId { list, .. } => list,
            Self::WeightsNotNormalized { .. } => "weights",
            Self::LockViolatesRule { .. } | Self::LockOverCapacity { .. } | Self::ConflictingLocks { .. } => {
                "locks"
            }
            Self::DuplicateId { .. } | Self::TooLarge { .. } => return None,
        };
        Some(path.to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::DuplicateId { id } | Self::UnknownId { id, .. } => vec![("id", id.to_string())],
            Self::WeightsNotNormalized { sum } => {
                vec![("min", "10000".into()), ("max", "10000".into()), ("sum", sum.to_string())]
            }
            Self::LockViolatesRule { mentee, mentor, breach } => vec![
                ("mentee", mentee.to_string()),
                ("mentor", mentor.to_string()),
                ("rule", breach.rule().as_str().to_owned()),
            ],
            Self::LockOverCapacity { mentor, free, locked } => {
                vec![
                    ("mentor", mentor.to_string()),
                    ("max", free.to_string()),
                    ("locked", locked.to_string()),
                ]
            }
            Self::ConflictingLocks { mentee } => vec![("mentee", mentee.to_string())],
            Self::TooLarge { max, count, .. } => vec![("max", max.to_string()), ("count", count.to_string())],
        }
    }
}

/// Why there is no proposal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsolved {
    /// The input is at fault; all faults that were found.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Fault>),
    /// The progress callback asked to stop.
    #[error("the run was cancelled")]
    Cancelled,
    /// The proposal did not pass its own check: an error in this program, never in the input.
    #[error("the proposal failed its proof: {0}")]
    Unproven(#[from] Flaw),
}
