//! When is a cohort asked, and who has answered?
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    cohort::Cohort,
    enrollment::Enrollment,
    id::{Entity, Id},
    machine::Machine,
    profile::Profile,
    program::Program,
    refusal::{WrongState, check_version},
};

use super::{Refusal, Status as SurveyStatus, Survey};

crate::text_enum! {
    /// Where a survey wave is in its life.
    pub enum Status as "SurveyWaveStatus" {
        /// Opens by itself at its time.
        Scheduled = "SCHEDULED",
        /// Can be answered.
        Open = "OPEN",
        /// Its time is over; results can be read.
        Closed = "CLOSED",
        /// Was called off before it opened.
        Cancelled = "CANCELLED",
    }
}

crate::text_enum! {
    /// What can happen to a survey wave.
    pub enum Event as "SurveyWaveEvent" {
        /// Let people answer now.
        Open = "OPEN",
        /// Let nobody answer any more.
        Close = "CLOSE",
        /// Call it off.
        Cancel = "CANCEL",
        /// Let people answer until a later time.
        Extend = "EXTEND",
    }
}

/// The subset of the specification without pausing and scoring: results are computed when they are read.
const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Scheduled, Event::Open, Status::Open),
    (Status::Scheduled, Event::Cancel, Status::Cancelled),
    (Status::Open, Event::Close, Status::Closed),
    (Status::Open, Event::Extend, Status::Open),
    (Status::Closed, Event::Extend, Status::Open),
]);

/// The next state, or what is possible instead.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// One time that a cohort is asked a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    pub id: Id<Wave>,
    pub program: Id<Program>,
    pub survey: Id<Survey>,
    pub cohort: Id<Cohort>,
    /// The policy version in force when it was made.
    pub policy_number: i32,
    pub status: Status,
    pub opens_at: DateTime<Utc>,
    pub closes_at: DateTime<Utc>,
    pub invited_count: i32,
    pub submitted_count: i32,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Wave {
    const PREFIX: &'static str = "wave";
}

crate::text_enum! {
    /// Where one person's answer to a survey wave is.
    pub enum ResponseStatus as "SurveyResponseStatus" {
        /// Was asked and has not answered.
        Invited = "INVITED",
        /// Has answered; the answers cannot be changed any more.
        Submitted = "SUBMITTED",
        /// Did not answer in time.
        Expired = "EXPIRED",
    }
}

/// One person's place in a wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub id: Id<Response>,
    pub wave: Id<Wave>,
    pub enrollment: Id<Enrollment>,
    pub profile: Id<Profile>,
    pub status: ResponseStatus,
    pub submitted_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Response {
    const PREFIX: &'static str = "response";
}

/// Longest time that a wave stays open.
const MAX_DAYS: i64 = 366;

impl Wave {
    pub fn schedule(
        id: Id<Wave>,
        survey: &Survey,
        cohort: Id<Cohort>,
        policy_number: i32,
        (opens_at, closes_at): (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if survey.status != SurveyStatus::Published {
            return Err(Refusal::NotPublished(survey.status));
        }
        if closes_at <= opens_at || closes_at <= now || closes_at - opens_at > TimeDelta::days(MAX_DAYS) {
            return Err(Refusal::Dates);
        }
        Ok(Self {
            id,
            program: survey.program,
            survey: survey.id,
            cohort,
            policy_number,
            status: if opens_at <= now { Status::Open } else { Status::Scheduled },
            opens_at,
            closes_at,
            invited_count: 0,
            submitted_count: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    pub fn change(
        mut self,
        event: Event,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = transition(self.status, event)?;
        match event {
            Event::Open => self.opens_at = self.opens_at.min(now),
            Event::Close => self.closes_at = self.closes_at.min(now),
            Event::Cancel | Event::Extend => {}
        }
        self.updated_at = now;
        Ok(self)
    }

    /// Keeps the wave open until `closes_at`, also one that was closed.
    pub fn extend(
        self,
        closes_at: DateTime<Utc>,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if closes_at <= now || closes_at - self.opens_at > TimeDelta::days(MAX_DAYS) {
            return Err(Refusal::Dates);
        }
        let extended = self.change(Event::Extend, expected, now)?;
        Ok(Self { closes_at, ..extended })
    }
}

impl Response {
    /// The person has answered. The wave must be open at `now`.
    pub fn submit(mut self, wave: &Wave, now: DateTime<Utc>) -> Result<Self, Refusal> {
        match self.status {
            ResponseStatus::Submitted => Err(Refusal::AnsweredAlready),
            ResponseStatus::Invited if wave.status == Status::Open && now < wave.closes_at => {
                self.status = ResponseStatus::Submitted;
                self.submitted_at = Some(now);
                self.updated_at = now;
                Ok(self)
            }
            ResponseStatus::Invited | ResponseStatus::Expired => {
                Err(Refusal::WindowClosed { opens: wave.opens_at, closes: wave.closes_at })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::assert_machine;

    #[test]
    fn a_wave_moves_as_the_table_says_and_no_other_way() {
        assert_machine(
            MACHINE,
            &[
                "SCHEDULED: OPEN OPEN, CANCEL CANCELLED",
                "OPEN: CLOSE CLOSED, EXTEND OPEN",
                "CLOSED: EXTEND OPEN",
            ],
        );
    }
}
