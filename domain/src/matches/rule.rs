//! What may the two sides and staff do with a match, and what keeps them from it?
use chrono::{DateTime, Utc};

use super::{Answer, Event, MACHINE, Match, Outcome, Side, Status, transition};
use crate::{
    id::Id,
    profile::Profile,
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
    text::{self, TextFault},
};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("the offer was open until {at}")]
    OfferExpired { at: DateTime<Utc> },
    #[error("you have answered this offer already")]
    Answered,
    #[error("all places of the mentor are taken")]
    CapacityReached,
    #[error("the mentee already has a mentor in this cohort")]
    AlreadyMatched,
    #[error("one of the two does not take part in the cohort at present")]
    NotTakingPart,
    #[error("the consent of a guardian must be recorded before a minor is matched")]
    ConsentRequired,
    #[error("a match that never became active ends as NEVER_STARTED, any other as COMPLETED or ENDED_EARLY")]
    Outcome,
    #[error("the match is {status}; this is for pairs whose match is ACCEPTED or ACTIVE")]
    NotWorking { status: Status },
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::State(wrong) => wrong.code(),
            Self::OfferExpired { .. } => Code::Expired,
            Self::Answered | Self::NotWorking { .. } => Code::WrongState,
            Self::CapacityReached => Code::CapacityReached,
            Self::AlreadyMatched => Code::AlreadyMatched,
            Self::NotTakingPart => Code::NotEligible,
            Self::ConsentRequired => Code::ConsentRequired,
            Self::Outcome => Code::Invalid,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Text(fault) => fault.path(),
            Self::Stale(stale) => stale.path(),
            Self::Outcome => Some("outcome".to_owned()),
            _ => None,
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            Self::NotWorking { status } => {
                vec![("state", status.to_string()), ("allowed", "ACCEPTED, ACTIVE".to_owned())]
            }
            _ => Vec::new(),
        }
    }
}

/// What the enrollments of the two say when an offer is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    pub mentor_free: bool,
    pub mentee_free: bool,
    /// Both take part in the cohort now.
    pub taking_part: bool,
    /// The mentee is of age, or a guardian's consent is in force.
    pub consent: bool,
}

impl Places {
    /// When nothing stands in the way.
    pub const OPEN: Self = Self { mentor_free: true, mentee_free: true, taking_part: true, consent: true };
}

impl Match {
    /// Which of the two a person is.
    pub fn side(&self, person: Option<Id<Profile>>) -> Option<Side> {
        match person? {
            id if id == self.mentor => Some(Side::Mentor),
            id if id == self.mentee => Some(Side::Mentee),
            _ => None,
        }
    }

    /// The people of the pair, but for some.
    pub fn others(&self, than: &[Id<Profile>]) -> Vec<Id<Profile>> {
        [self.mentor, self.mentee].into_iter().filter(|person| !than.contains(person)).collect()
    }

    pub const fn answer(&self, side: Side) -> Answer {
        match side {
            Side::Mentor => self.mentor_answer,
            Side::Mentee => self.mentee_answer,
        }
    }

    /// May this side accept now? The same rule for the mutation and `allowedActions`.
    pub fn may_accept(&self, side: Side, places: Places, now: DateTime<Utc>) -> Result<(), Refusal> {
        // An offer that lost its place says so, rather than that its state is wrong.
        if matches!(self.status, Status::Offered | Status::Superseded) {
            if !places.mentee_free {
                return Err(Refusal::AlreadyMatched);
            }
            if !places.mentor_free {
                return Err(Refusal::CapacityReached);
            }
        }
        transition(self.status, Event::Accept)?;
        if let Some(at) = self.offer_expires_at.filter(|at| *at <= now) {
            return Err(Refusal::OfferExpired { at });
        }
        if self.answer(side) == Answer::Accepted {
            return Err(Refusal::Answered);
        }
        if !places.taking_part {
            return Err(Refusal::NotTakingPart);
        }
        if places.consent { Ok(()) } else { Err(Refusal::ConsentRequired) }
    }

    /// One side says yes; the match is accepted when both have.
    pub fn accept(
        mut self,
        side: Side,
        places: Places,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.may_accept(side, places, now)?;
        match side {
            Side::Mentor => self.mentor_answer = Answer::Accepted,
            Side::Mentee => self.mentee_answer = Answer::Accepted,
        }
        if self.mentor_answer == Answer::Accepted && self.mentee_answer == Answer::Accepted {
            self.status = transition(self.status, Event::Accept)?;
            self.accepted_at = Some(now);
        }
        self.updated_at = now;
        Ok(self)
    }

    /// One side says no.
    pub fn decline(
        mut self,
        side: Side,
        reason: Option<&str>,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = transition(self.status, Event::Decline)?;
        self.decline_reason = text::optional_prose("reason", reason, 500)?;
        match side {
            Side::Mentor => self.mentor_answer = Answer::Declined,
            Side::Mentee => self.mentee_answer = Answer::Declined,
        }
        self.updated_at = now;
        Ok(self)
    }

    /// Staff take the offer back.
    pub fn withdraw(mut self, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = transition(self.status, Event::Withdraw)?;
        self.updated_at = now;
        Ok(self)
    }

    /// The pair has agreed an objective: it is at work, if it was not already.
    #[must_use]
    pub fn activate(mut self, now: DateTime<Utc>) -> Self {
        if let Ok(status) = transition(self.status, Event::Activate) {
            self.status = status;
            self.activated_at = Some(now);
            self.updated_at = now;
        }
        self
    }

    pub fn close(
        mut self,
        outcome: Outcome,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        let status = transition(self.status, Event::Close)?;
        if (self.status == Status::Accepted) != (outcome == Outcome::NeverStarted) {
            return Err(Refusal::Outcome);
        }
        self.status = status;
        self.outcome = Some(outcome);
        self.closed_at = Some(now);
        self.updated_at = now;
        Ok(self)
    }

    /// Refuses what only pairs do whose match holds.
    pub fn working(&self) -> Result<(), Refusal> {
        match self.status {
            Status::Accepted | Status::Active => Ok(()),
            status => Err(Refusal::NotWorking { status }),
        }
    }

    /// Does it hold a place?
    pub const fn holds_place(&self) -> bool {
        matches!(self.status, Status::Accepted | Status::Active)
    }

    /// Will it never change again?
    pub fn ended(&self) -> bool {
        MACHINE.is_terminal(self.status)
    }
}
