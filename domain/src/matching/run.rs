//! How does a matching run live: from the wish of a coordinator to offers, or to nothing?
use chrono::{DateTime, Utc};

use super::report::Totals;
use crate::{
    account::Account,
    cohort::{self, Cohort},
    id::{Entity, Id},
    machine::Machine,
    program::{self, Program},
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
    text::TextEnum,
};

crate::text_enum! {
    /// Where a matching run is in its life.
    pub enum Status as "MatchingRunStatus" {
        /// Waits for a worker.
        Queued = "QUEUED",
        /// Compares every mentee with every mentor.
        Running = "RUNNING",
        /// Has its proposals: a draft that only staff see.
        Completed = "COMPLETED",
        /// The chosen proposals were offered to both sides.
        Published = "PUBLISHED",
        /// None of the proposals was wanted.
        Discarded = "DISCARDED",
        /// Stopped before it had proposals.
        Cancelled = "CANCELLED",
        /// Ended without proposals; `failure` says why.
        Failed = "FAILED",
    }
}

crate::text_enum! {
    /// What can happen to a matching run; what people do is named by its mutation.
    pub enum Event as "MatchingRunEvent" {
        /// A worker takes it up, or takes it over from one that died.
        Begin = "begin",
        /// The proposals are found and proven.
        Complete = "complete",
        /// It cannot end with proposals.
        Fail = "fail",
        /// Somebody does not want it any more.
        Cancel = "cancelMatchingRun",
        /// The proposals are offered.
        Publish = "publishMatchingRun",
        /// The proposals are not wanted.
        Discard = "discardMatchingRun",
    }
}

crate::text_enum! {
    /// Why a matching run ended without proposals.
    pub enum Failure as "MatchingRunFailure" {
        /// The cohort has more people or pairs than one run takes.
        TooLarge = "TOO_LARGE",
        /// The data of the cohort contradict themselves; the server's log says how.
        Unsound = "UNSOUND",
        /// The proposals did not pass their proof: a fault of the program.
        Unproven = "UNPROVEN",
        /// The server was interrupted too often; start another run.
        Interrupted = "INTERRUPTED",
    }
}

/// The life of a matching run.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Queued, Event::Begin, Status::Running),
    (Status::Queued, Event::Cancel, Status::Cancelled),
    (Status::Queued, Event::Fail, Status::Failed),
    (Status::Running, Event::Begin, Status::Running),
    (Status::Running, Event::Complete, Status::Completed),
    (Status::Running, Event::Cancel, Status::Cancelled),
    (Status::Running, Event::Fail, Status::Failed),
    (Status::Completed, Event::Publish, Status::Published),
    (Status::Completed, Event::Discard, Status::Discarded),
]);

/// What people do with a run; the rest is done by workers.
pub const BY_PEOPLE: [Event; 3] = [Event::Cancel, Event::Publish, Event::Discard];

/// The state that follows `event`, or why it cannot happen now; only what people can do is named as possible.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event).map_err(|wrong| {
        let possible = BY_PEOPLE.iter().filter(|event| MACHINE.transition(status, **event).is_ok());
        let names: Vec<&str> = possible.map(|event| event.as_str()).collect();
        WrongState { allowed: names.join(", "), ..wrong }
    })
}

/// One run of the engine over a cohort. Its proposals are matches in state SUGGESTED.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: Id<Run>,
    pub program: Id<Program>,
    pub cohort: Id<Cohort>,
    /// The policy version that it follows, also when the program has a newer one by now.
    pub policy_number: i32,
    pub status: Status,
    /// 0 to 100.
    pub progress: i16,
    /// Present once it has proposals.
    pub result: Option<Outcome>,
    pub failure: Option<Failure>,
    pub requested_by: Id<Account>,
    pub finished_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Run {
    const PREFIX: &'static str = "run";
}

/// What a run found, in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub engine_version: String,
    /// SHA-256 of the canonical input.
    pub input_hash: Vec<u8>,
    pub mentees: i32,
    pub mentors: i32,
    pub matched: i32,
    /// Basis points of all proposed pairs together.
    pub total_score: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("{0}")]
    Cohort(#[from] cohort::Refusal),
    #[error("the program is {status}; it must be ACTIVE: publish or resume it first")]
    ProgramNotActive { status: program::Status },
    #[error("the cohort has a matching run already: cancel, publish or discard it first")]
    RunOpen,
    #[error("this id is already in use")]
    IdTaken,
    #[error("this is no open proposal of the run")]
    NotProposed { index: usize },
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Stale(stale) => stale.code(),
            Self::State(wrong) => wrong.code(),
            Self::Cohort(refusal) => refusal.code(),
            Self::ProgramNotActive { .. } | Self::RunOpen => Code::WrongState,
            Self::IdTaken => Code::Taken,
            Self::NotProposed { .. } => Code::NotFound,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Stale(stale) => stale.path(),
            Self::State(wrong) => wrong.path(),
            Self::Cohort(refusal) => refusal.path(),
            Self::ProgramNotActive { .. } | Self::RunOpen => Some("cohortId".to_owned()),
            Self::IdTaken => Some("id".to_owned()),
            Self::NotProposed { index } => Some(format!("matchIds.{index}")),
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            Self::Cohort(refusal) => refusal.params(),
            Self::ProgramNotActive { status } => {
                vec![("state", status.to_string()), ("allowed", String::new())]
            }
            Self::RunOpen | Self::IdTaken | Self::NotProposed { .. } => Vec::new(),
        }
    }
}

impl Run {
    /// A run over the people of a cohort, under the policy that is in force now.
    pub fn start(
        id: Id<Run>,
        cohort: &Cohort,
        program: &Program,
        by: Id<Account>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        cohort.joinable()?;
        if program.status != program::Status::Active {
            return Err(Refusal::ProgramNotActive { status: program.status });
        }
        Ok(Self {
            id,
            program: program.id,
            cohort: cohort.id,
            policy_number: program.policy_number,
            status: Status::Queued,
            progress: 0,
            result: None,
            failure: None,
            requested_by: by,
            finished_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// A worker begins it from the start.
    pub fn begin(mut self, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.status = transition(self.status, Event::Begin)?;
        self.progress = 0;
        self.updated_at = now;
        Ok(self)
    }

    pub fn complete(mut self, result: Outcome, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.status = transition(self.status, Event::Complete)?;
        self.progress = 100;
        self.result = Some(result);
        Ok(self.ended(now))
    }

    pub fn fail(mut self, failure: Failure, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.status = transition(self.status, Event::Fail)?;
        self.failure = Some(failure);
        Ok(self.ended(now))
    }

    /// What a person does with it: cancel, publish or discard.
    pub fn apply(mut self, event: Event, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = transition(self.status, event)?;
        if event == Event::Cancel {
            return Ok(self.ended(now));
        }
        self.updated_at = now;
        Ok(self)
    }

    fn ended(mut self, now: DateTime<Utc>) -> Self {
        self.finished_at = Some(now);
        self.updated_at = now;
        self
    }
}

impl Outcome {
    pub fn new(engine_version: String, input_hash: Vec<u8>, totals: &Totals) -> Self {
        // At most 10,000 people and as many pairs of at most 10,000 points.
        let figure = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            engine_version,
            input_hash,
            mentees: figure(totals.mentees),
            mentors: figure(totals.mentors),
            matched: figure(totals.matched),
            total_score: figure(totals.total_score),
        }
    }

    /// Counts the pairs that were stored, by their scores: those excluded meanwhile were not.
    #[must_use]
    pub fn with_pairs(mut self, scores: &[i16]) -> Self {
        self.matched = i32::try_from(scores.len()).unwrap_or(i32::MAX);
        self.total_score = scores.iter().map(|&score| i32::from(score)).sum();
        self
    }
}

#[cfg(test)]
mod tests;
