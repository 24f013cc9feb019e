//! What is a mentoring program, what does it want to reach, and how does it live and end?
pub mod policy;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    id::{Entity, Id},
    machine::Machine,
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
    text::{self, TextFault},
};

/// More objectives than this are no focus.
pub const MAX_OBJECTIVES: usize = 20;

crate::text_enum! {
    /// Where a program is in its life.
    pub enum Status as "ProgramStatus" {
        /// In preparation; its people do not see it.
        Draft = "DRAFT",
        /// Running: cohorts can be opened.
        Active = "ACTIVE",
        /// At rest for a while: nothing new begins, what runs goes on.
        Paused = "PAUSED",
        /// Over, with all its cohorts.
        Completed = "COMPLETED",
        /// Put away; kept for the record.
        Archived = "ARCHIVED",
    }
}

crate::text_enum! {
    /// What can happen to a program, named by the mutation that does it.
    pub enum Event as "ProgramEvent" {
        /// It begins.
        Publish = "publishProgram",
        /// It rests.
        Pause = "pauseProgram",
        /// It goes on.
        Resume = "resumeProgram",
        /// It ends.
        Complete = "completeProgram",
        /// It is put away.
        Archive = "archiveProgram",
    }
}

/// The life of a program.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Draft, Event::Publish, Status::Active),
    (Status::Draft, Event::Archive, Status::Archived),
    (Status::Active, Event::Pause, Status::Paused),
    (Status::Active, Event::Complete, Status::Completed),
    (Status::Paused, Event::Resume, Status::Active),
    (Status::Paused, Event::Complete, Status::Completed),
    (Status::Completed, Event::Archive, Status::Archived),
]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// A mentoring program of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub id: Id<Program>,
    pub name: String,
    pub description: Option<String>,
    pub status: Status,
    /// In which its days begin.
    pub time_zone: Tz,
    /// The policy version in force.
    pub policy_number: i32,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Program {
    const PREFIX: &'static str = "program";
}

/// What a program wants to reach, and how it will be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramObjective {
    pub id: Id<ProgramObjective>,
    pub program: Id<Program>,
    pub position: i16,
    pub title: String,
    pub measure: Option<String>,
}

impl Entity for ProgramObjective {
    const PREFIX: &'static str = "program_objective";
}

/// What a new program is.
#[derive(Debug, Clone)]
pub struct Draft {
    pub name: String,
    pub description: Option<String>,
    pub time_zone: Tz,
}

/// What somebody wants to change; `None` keeps the value.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub name: Option<String>,
    /// Blank text removes it.
    pub description: Option<String>,
    pub time_zone: Option<String>,
}

/// An objective as somebody typed it.
#[derive(Debug, Clone)]
pub struct ObjectiveDraft {
    pub title: String,
    pub measure: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("no such time zone; use an IANA name such as Europe/Berlin")]
    UnknownTimeZone,
    #[error("a program needs from 1 to {MAX_OBJECTIVES} objectives")]
    ObjectiveCount,
    #[error("another program of the organization has this name")]
    NameTaken,
    #[error("this id is already in use")]
    IdTaken,
    #[error("{count} of its cohorts have not ended: complete or cancel them first")]
    CohortsLive { count: i64 },
    #[error("a program that is {state} does not change any more")]
    Ended { state: Status },
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::State(wrong) => wrong.code(),
            Self::UnknownTimeZone => Code::Invalid,
            Self::ObjectiveCount => Code::OutOfRange,
            Self::NameTaken | Self::IdTaken => Code::Taken,
            Self::CohortsLive { .. } | Self::Ended { .. } => Code::WrongState,
        }
    }

    fn path(&self) -> Option<String> {
        let path = match self {
            Self::Text(fault) => return fault.path(),
            Self::Stale(stale) => return stale.path(),
            Self::UnknownTimeZone => "timeZone",
            Self::ObjectiveCount => "objectives",
            Self::NameTaken => "name",
            Self::IdTaken => "id",
            Self::State(_) | Self::CohortsLive { .. } | Self::Ended { .. } => return None,
        };
        Some(path.to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            Self::ObjectiveCount => vec![("min", "1".to_owned()), ("max", MAX_OBJECTIVES.to_string())],
            Self::CohortsLive { count } => vec![("cohorts", count.to_string())],
            Self::Ended { state } => vec![("state", state.to_string()), ("allowed", String::new())],
            Self::UnknownTimeZone | Self::NameTaken | Self::IdTaken => Vec::new(),
        }
    }
}

impl Program {
    pub fn create(id: Id<Program>, draft: &Draft, now: DateTime<Utc>) -> Result<Self, Refusal> {
        Ok(Self {
            id,
            name: text::line("name", &draft.name, 120)?,
            description: text::optional_prose("description", draft.description.as_deref(), 4_000)?,
            status: Status::Draft,
            time_zone: draft.time_zone,
            policy_number: 1,
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
        if let Some(description) = &edit.description {
            self.description = text::optional_prose("description", Some(description), 4_000)?;
        }
        if let Some(zone) = &edit.time_zone {
            self.time_zone = time_zone(zone)?;
        }
        self.updated_at = now;
        Ok(self)
    }

    /// `live_cohorts` is how many cohorts have not ended.
    pub fn apply(
        mut self,
        event: Event,
        live_cohorts: i64,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = self.next(event, live_cohorts)?;
        self.updated_at = now;
        Ok(self)
    }

    /// The state that `event` leads to; the same rule for mutations and `allowedActions`.
    pub fn next(&self, event: Event, live_cohorts: i64) -> Result<Status, Refusal> {
        let status = transition(self.status, event)?;
        if event == Event::Complete && live_cohorts > 0 {
            return Err(Refusal::CohortsLive { count: live_cohorts });
        }
        Ok(status)
    }

    /// Follows a policy from here on.
    pub fn follow(
        mut self,
        policy: &policy::Policy,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.still_changes()?;
        self.policy_number = policy.number;
        self.updated_at = now;
        Ok(self)
    }

    /// Refuses programs that are over.
    pub fn still_changes(&self) -> Result<(), Refusal> {
        match self.status {
            Status::Completed | Status::Archived => Err(Refusal::Ended { state: self.status }),
            Status::Draft | Status::Active | Status::Paused => Ok(()),
        }
    }
}

/// Reads an IANA time zone name.
pub fn time_zone(name: &str) -> Result<Tz, Refusal> {
    name.parse().map_err(|_unknown| Refusal::UnknownTimeZone)
}

/// The objectives of a program, in their order. `ids` has one for each.
pub fn objectives(
    program: Id<Program>,
    drafts: &[ObjectiveDraft],
    ids: impl Iterator<Item = Id<ProgramObjective>>,
) -> Result<Vec<ProgramObjective>, Refusal> {
    if !(1..=MAX_OBJECTIVES).contains(&drafts.len()) {
        return Err(Refusal::ObjectiveCount);
    }
    let accept = |((index, draft), id): ((usize, &ObjectiveDraft), _)| {
        let measure = format!("objectives.{index}.measure");
        Ok(ProgramObjective {
            id,
            program,
            position: i16::try_from(index).unwrap_or_default(),
            title: text::line(&format!("objectives.{index}.title"), &draft.title, 200)?,
            measure: text::optional_prose(&measure, draft.measure.as_deref(), 1_000)?,
        })
    };
    drafts.iter().enumerate().zip(ids).map(accept).collect()
}

#[cfg(test)]
mod tests;
