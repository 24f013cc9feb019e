//! What is one round of a program, and when may people join it?
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    id::{Entity, Id},
    machine::Machine,
    program::{self, Program},
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
    text::{self, TextFault},
};

/// No round of a program lasts longer.
const MAX_DAYS: i64 = 5 * 366;

crate::text_enum! {
    /// Where a cohort is in its life.
    pub enum Status as "CohortStatus" {
        /// In preparation.
        Draft = "DRAFT",
        /// People are enrolled and matched.
        Open = "OPEN",
        /// Pairs are at work; people can still join.
        Running = "RUNNING",
        /// Coming to its end: nobody joins any more.
        Closing = "CLOSING",
        /// Over.
        Completed = "COMPLETED",
        /// Called off.
        Cancelled = "CANCELLED",
    }
}

crate::text_enum! {
    /// What can happen to a cohort, named by the mutation that does it.
    pub enum Event as "CohortEvent" {
        /// People can be enrolled.
        Open = "openCohort",
        /// Pairs begin their work.
        Start = "startCohort",
        /// It comes to its end.
        Close = "closeCohort",
        /// It goes on after all.
        Extend = "extendCohort",
        /// It is over.
        Complete = "completeCohort",
        /// It is called off.
        Cancel = "cancelCohort",
    }
}

/// The life of a cohort.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Draft, Event::Open, Status::Open),
    (Status::Draft, Event::Cancel, Status::Cancelled),
    (Status::Open, Event::Start, Status::Running),
    (Status::Open, Event::Cancel, Status::Cancelled),
    (Status::Running, Event::Close, Status::Closing),
    (Status::Running, Event::Cancel, Status::Cancelled),
    (Status::Closing, Event::Extend, Status::Running),
    (Status::Closing, Event::Complete, Status::Completed),
]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// One round of a program, with a beginning and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    pub id: Id<Cohort>,
    pub program: Id<Program>,
    pub name: String,
    pub status: Status,
    /// In the time zone of the program, as is the end.
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Cohort {
    const PREFIX: &'static str = "cohort";
}

/// What else decides what may happen to a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surroundings {
    pub program: program::Status,
    /// Matches that are accepted or active.
    pub live_matches: i64,
}

/// What a new cohort is.
#[derive(Debug, Clone)]
pub struct Draft {
    pub name: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

/// What somebody wants to change; `None` keeps the value.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub name: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("a cohort ends after it starts, and within five years")]
    Dates,
    #[error("another cohort of the program has this name")]
    NameTaken,
    #[error("this id is already in use")]
    IdTaken,
    #[error("the program is {status}; it must be ACTIVE: publish or resume it first")]
    ProgramNotActive { status: program::Status },
    #[error("{count} of its matches are not closed yet")]
    MatchesLive { count: i64 },
    #[error("the cohort is {status}; people join while it is OPEN or RUNNING")]
    NotJoinable { status: Status },
    #[error("a cohort that is {status} does not change any more")]
    Ended { status: Status },
    #[error("the program is {status} and gets no new cohorts")]
    ProgramEnded { status: program::Status },
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::State(wrong) => wrong.code(),
            Self::Dates => Code::OutOfRange,
            Self::NameTaken | Self::IdTaken => Code::Taken,
            Self::ProgramNotActive { .. }
            | Self::MatchesLive { .. }
            | Self::NotJoinable { .. }
            | Self::Ended { .. }
            | Self::ProgramEnded { .. } => Code::WrongState,
        }
    }

    fn path(&self) -> Option<String> {
        let path = match self {
            Self::Text(fault) => return fault.path(),
            Self::Stale(stale) => return stale.path(),
            Self::Dates => "endsOn",
            Self::NameTaken => "name",
            Self::IdTaken => "id",
            Self::NotJoinable { .. } => "cohortId",
            Self::ProgramEnded { .. } => "programId",
            Self::State(_)
            | Self::ProgramNotActive { .. }
            | Self::MatchesLive { .. }
            | Self::Ended { .. } => return None,
        };
        Some(path.to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            Self::ProgramNotActive { status } | Self::ProgramEnded { status } => {
                vec![("state", status.to_string()), ("allowed", String::new())]
            }
            Self::NotJoinable { status } | Self::Ended { status } => {
                vec![("state", status.to_string()), ("allowed", String::new())]
            }
            Self::MatchesLive { count } => vec![("matches", count.to_string())],
            Self::Dates | Self::NameTaken | Self::IdTaken => Vec::new(),
        }
    }
}

impl Cohort {
    pub fn create(id: Id<Cohort>, of: &Program, draft: &Draft, now: DateTime<Utc>) -> Result<Self, Refusal> {
        if of.still_changes().is_err() {
            return Err(Refusal::ProgramEnded { status: of.status });
        }
        dates(draft.starts_on, draft.ends_on)?;
        Ok(Self {
            id,
            program: of.id,
            name: text::line("name", &draft.name, 120)?,
            status: Status::Draft,
            starts_on: draft.starts_on,
            ends_on: draft.ends_on,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    pub fn edit(mut self, edit: &Edit, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.still_changes()?;
        if let Some(name) = &edit.name {
            self.name = text::line("name", name, 120)?;
        }
        self.starts_on = edit.starts_on.unwrap_or(self.starts_on);
        self.ends_on = edit.ends_on.unwrap_or(self.ends_on);
        dates(self.starts_on, self.ends_on)?;
        self.updated_at = now;
        Ok(self)
    }

    /// Refuses cohorts that are over.
    pub fn still_changes(&self) -> Result<(), Refusal> {
        if MACHINE.is_terminal(self.status) { Err(Refusal::Ended { status: self.status }) } else { Ok(()) }
    }

    pub fn apply(
        mut self,
        event: Event,
        around: Surroundings,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = self.next(event, around)?;
        self.updated_at = now;
        Ok(self)
    }

    /// The state that `event` leads to; the same rule for mutations and `allowedActions`.
    pub fn next(&self, event: Event, around: Surroundings) -> Result<Status, Refusal> {
        let status = transition(self.status, event)?;
        let needs_program = matches!(event, Event::Open | Event::Start | Event::Extend);
        let needs_peace = matches!(event, Event::Complete | Event::Cancel);
        if needs_program && around.program != program::Status::Active {
            Err(Refusal::ProgramNotActive { status: around.program })
        } else if needs_peace && around.live_matches > 0 {
            Err(Refusal::MatchesLive { count: around.live_matches })
        } else {
            Ok(status)
        }
    }

    /// Refuses cohorts that nobody can join now.
    pub fn joinable(&self) -> Result<(), Refusal> {
        match self.status {
            Status::Open | Status::Running => Ok(()),
            status => Err(Refusal::NotJoinable { status }),
        }
    }
}

fn dates(starts_on: NaiveDate, ends_on: NaiveDate) -> Result<(), Refusal> {
    if (1..=MAX_DAYS).contains(&(ends_on - starts_on).num_days()) { Ok(()) } else { Err(Refusal::Dates) }
}

#[cfg(test)]
mod tests;
