//! Who takes part in a cohort, as mentor or as mentee, and for how many?
use chrono::{DateTime, Utc};

use crate::{
    cohort::{self, Cohort},
    id::{Entity, Id},
    machine::Machine,
    profile::{Profile, field::MAX_CAPACITY},
    program::Program,
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
};

crate::text_enum! {
    /// As what somebody takes part.
    pub enum Role as "EnrollmentRole" {
        /// Gives time and experience.
        Mentor = "MENTOR",
        /// Learns and grows with a mentor.
        Mentee = "MENTEE",
    }
}

crate::text_enum! {
    /// Whether somebody takes part now.
    pub enum Status as "EnrollmentStatus" {
        /// Takes part, and can be matched.
        Approved = "APPROVED",
        /// Rests for a while: keeps present matches and gets no new ones.
        OnHold = "ON_HOLD",
        /// Has left the cohort.
        Withdrawn = "WITHDRAWN",
        /// Was part of it to its end.
        Completed = "COMPLETED",
    }
}

crate::text_enum! {
    /// What can happen to an enrollment, named by the mutation that does it.
    pub enum Event as "EnrollmentEvent" {
        /// The person rests.
        Hold = "holdEnrollment",
        /// The person is back.
        Resume = "resumeEnrollment",
        /// The person leaves.
        Withdraw = "withdrawEnrollment",
        /// The person comes again after leaving.
        Return = "enroll",
        /// The cohort ends.
        Complete = "completeCohort",
    }
}

/// What may happen to an enrollment.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Approved, Event::Hold, Status::OnHold),
    (Status::Approved, Event::Withdraw, Status::Withdrawn),
    (Status::Approved, Event::Complete, Status::Completed),
    (Status::OnHold, Event::Resume, Status::Approved),
    (Status::OnHold, Event::Withdraw, Status::Withdrawn),
    (Status::OnHold, Event::Complete, Status::Completed),
    (Status::Withdrawn, Event::Return, Status::Approved),
]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// A person in a cohort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment {
    pub id: Id<Enrollment>,
    pub program: Id<Program>,
    pub cohort: Id<Cohort>,
    pub profile: Id<Profile>,
    pub role: Role,
    pub status: Status,
    /// Places for matches: of a mentor as many as they take, of a mentee one.
    pub capacity: i16,
    /// Places taken, kept by the matches that take and free them.
    pub load: i16,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Enrollment {
    const PREFIX: &'static str = "enrollment";
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("{0}")]
    Cohort(#[from] cohort::Refusal),
    #[error("this person is in the cohort already, as {role}")]
    AlreadyEnrolled { role: Role },
    #[error("this id is already in use")]
    IdTaken,
    #[error("a mentor has from {least} to {MAX_CAPACITY} places, since {least} are taken now")]
    Capacity { least: i16 },
    #[error("a mentee has exactly one place")]
    MenteeCapacity,
    #[error("{load} of the person's matches are not closed yet")]
    MatchesLive { load: i16 },
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Stale(stale) => stale.code(),
            Self::State(wrong) => wrong.code(),
            Self::Cohort(refusal) => refusal.code(),
            Self::AlreadyEnrolled { .. } | Self::IdTaken => Code::Taken,
            Self::Capacity { .. } => Code::OutOfRange,
            Self::MenteeCapacity => Code::Invalid,
            Self::MatchesLive { .. } => Code::WrongState,
        }
    }

    fn path(&self) -> Option<String> {
        let path = match self {
            Self::Stale(stale) => return stale.path(),
            Self::Cohort(refusal) => return refusal.path(),
            Self::AlreadyEnrolled { .. } => "profileId",
            Self::IdTaken => "id",
            Self::Capacity { .. } | Self::MenteeCapacity => "capacity",
            Self::State(_) | Self::MatchesLive { .. } => return None,
        };
        Some(path.to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            Self::Cohort(refusal) => refusal.params(),
            Self::AlreadyEnrolled { role } => vec![("role", role.to_string())],
            Self::Capacity { least } => vec![("min", least.to_string()), ("max", MAX_CAPACITY.to_string())],
            Self::MatchesLive { load } => vec![("matches", load.to_string())],
            Self::IdTaken | Self::MenteeCapacity => Vec::new(),
        }
    }
}

impl Enrollment {
    /// Takes a person into a cohort. Without a wish, a mentor has the capacity of their profile.
    pub fn enroll(
        id: Id<Enrollment>,
        cohort: &Cohort,
        profile: &Profile,
        role: Role,
        capacity: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        cohort.joinable()?;
        Ok(Self {
            id,
            program: cohort.program,
            cohort: cohort.id,
            profile: profile.id,
            role,
            status: Status::Approved,
            capacity: places(role, capacity.unwrap_or_else(|| default_places(role, profile)), 0)?,
            load: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Takes somebody in again who has left.
    pub fn again(
        mut self,
        cohort: &Cohort,
        role: Role,
        capacity: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        cohort.joinable()?;
        let Ok(status) = transition(self.status, Event::Return) else {
            return Err(Refusal::AlreadyEnrolled { role: self.role });
        };
        self.status = status;
        let same = if self.role == role { i32::from(self.capacity) } else { 1 };
        self.capacity = places(role, capacity.unwrap_or(same), self.load)?;
        self.role = role;
        self.updated_at = now;
        Ok(self)
    }

    pub fn apply(mut self, event: Event, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = self.next(event)?;
        self.updated_at = now;
        Ok(self)
    }

    /// The state that `event` leads to; the same rule for mutations and `allowedActions`.
    pub fn next(&self, event: Event) -> Result<Status, Refusal> {
        let status = transition(self.status, event)?;
        if event == Event::Withdraw && self.load > 0 {
            return Err(Refusal::MatchesLive { load: self.load });
        }
        Ok(status)
    }

    /// Gives the person another number of places, not below those that are taken.
    pub fn resize(
        mut self,
        capacity: i32,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.capacity = places(self.role, capacity, self.load)?;
        self.updated_at = now;
        Ok(self)
    }
}

fn default_places(role: Role, profile: &Profile) -> i32 {
    match role {
        Role::Mentor => i32::from(profile.capacity),
        Role::Mentee => 1,
    }
}

fn places(role: Role, wanted: i32, taken: i16) -> Result<i16, Refusal> {
    let refused = Refusal::Capacity { least: taken };
    match role {
        Role::Mentee if wanted != 1 => Err(Refusal::MenteeCapacity),
        _ => {
            let fits = i16::try_from(wanted).ok().filter(|places| (taken..=MAX_CAPACITY).contains(places));
            fits.ok_or(refused)
        }
    }
}

#[cfg(test)]
mod tests;
