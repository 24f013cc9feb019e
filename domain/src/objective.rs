//! What does a pair want to reach, and how far did it get?
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    id::{Entity, Id},
    machine::Machine,
    matches::{self, Match},
    profile::Profile,
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
    text::{self, TextFault},
};

crate::text_enum! {
    /// Where an objective is in its life.
    pub enum Status as "ObjectiveStatus" {
        /// One side wants it.
        Proposed = "PROPOSED",
        /// Both sides want it.
        Agreed = "AGREED",
        /// The pair works on it.
        InProgress = "IN_PROGRESS",
        /// One side says that it is done.
        SubmittedForReview = "SUBMITTED_FOR_REVIEW",
        /// The other side said how far it was reached.
        Rated = "RATED",
        /// Given up.
        Dropped = "DROPPED",
    }
}

crate::text_enum! {
    /// What can happen to an objective, named by the mutation that does it.
    pub enum Event as "ObjectiveEvent" {
        /// The other side wants it too.
        Agree = "agreeObjective",
        /// The pair begins to work on it.
        Start = "startObjective",
        /// One side says that it is done.
        Submit = "submitObjective",
        /// The other side says that it is not done yet.
        Return = "returnObjective",
        /// The other side says how far it was reached.
        Rate = "rateObjective",
        /// The pair gives it up.
        Drop = "dropObjective",
    }
}

crate::text_enum! {
    /// What a person of the pair is to an objective.
    pub enum Part as "ObjectivePart" {
        /// Made the last step: proposed it, or called it done.
        Author = "AUTHOR",
        /// The other side.
        Other = "OTHER",
    }
}

/// The life of an objective.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Proposed, Event::Agree, Status::Agreed),
    (Status::Proposed, Event::Drop, Status::Dropped),
    (Status::Agreed, Event::Start, Status::InProgress),
    (Status::Agreed, Event::Drop, Status::Dropped),
    (Status::InProgress, Event::Submit, Status::SubmittedForReview),
    (Status::InProgress, Event::Drop, Status::Dropped),
    (Status::SubmittedForReview, Event::Return, Status::InProgress),
    (Status::SubmittedForReview, Event::Rate, Status::Rated),
]);

/// The state that follows `event` when this part of the pair brings it about.
pub fn transition(status: Status, event: Event, part: Part) -> Result<Status, Refusal> {
    let next = MACHINE.transition(status, event)?;
    let of_the_other = matches!(event, Event::Agree | Event::Return | Event::Rate);
    if of_the_other && part == Part::Author { Err(Refusal::OtherSide) } else { Ok(next) }
}

/// Something that a pair wants to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    pub id: Id<Objective>,
    pub of: Id<Match>,
    pub title: String,
    pub description: Option<String>,
    pub status: Status,
    pub target_on: Option<NaiveDate>,
    pub proposed_by: Id<Profile>,
    pub submitted_by: Option<Id<Profile>>,
    /// From -2, much less than expected, over 0, as expected, to +2, much more.
    pub rating: Option<i16>,
    pub rated_by: Option<Id<Profile>>,
    pub rated_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Objective {
    const PREFIX: &'static str = "objective";
}

/// What somebody wants to reach.
#[derive(Debug, Clone)]
pub struct Draft {
    pub title: String,
    pub description: Option<String>,
    pub target_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("{0}")]
    Match(#[from] matches::Refusal),
    #[error("this is for the other side of the pair")]
    OtherSide,
    #[error("a rating is from -2, much less than expected, to 2, much more than expected")]
    Rating,
    #[error("this id is already in use")]
    IdTaken,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::State(wrong) => wrong.code(),
            Self::Match(refusal) => refusal.code(),
            Self::OtherSide => Code::NotAllowed,
            Self::Rating => Code::OutOfRange,
            Self::IdTaken => Code::Taken,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Text(fault) => fault.path(),
            Self::Stale(stale) => stale.path(),
            Self::Rating => Some("rating".to_owned()),
            Self::IdTaken => Some("id".to_owned()),
            Self::State(_) | Self::Match(_) | Self::OtherSide => None,
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            Self::Match(refusal) => refusal.params(),
            Self::Rating => vec![("min", "-2".to_owned()), ("max", "2".to_owned())],
            Self::OtherSide | Self::IdTaken => Vec::new(),
        }
    }
}

impl Objective {
    pub fn propose(
        id: Id<Objective>,
        of: &Match,
        draft: &Draft,
        by: Id<Profile>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        of.working()?;
        Ok(Self {
            id,
            of: of.id,
            title: text::line("title", &draft.title, 200)?,
            description: text::optional_prose("description", draft.description.as_deref(), 2_000)?,
            status: Status::Proposed,
            target_on: draft.target_on,
            proposed_by: by,
            submitted_by: None,
            rating: None,
            rated_by: None,
            rated_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// What a person is to the step that is next.
    pub fn part(&self, person: Id<Profile>) -> Part {
        let author = self.submitted_by.unwrap_or(self.proposed_by);
        if author == person { Part::Author } else { Part::Other }
    }

    /// The state that `event` leads to; the same rule for mutations and `allowedActions`.
    pub fn next(&self, of: &Match, event: Event, by: Id<Profile>) -> Result<Status, Refusal> {
        of.working()?;
        transition(self.status, event, self.part(by))
    }

    pub fn apply(
        mut self,
        of: &Match,
        event: Event,
        by: Id<Profile>,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = self.next(of, event, by)?;
        match event {
            Event::Submit => self.submitted_by = Some(by),
            Event::Return => self.submitted_by = None,
            Event::Agree | Event::Start | Event::Rate | Event::Drop => {}
        }
        self.updated_at = now;
        Ok(self)
    }

    pub fn rate(
        self,
        of: &Match,
        rating: i32,
        by: Id<Profile>,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let rated = i16::try_from(rating).ok().filter(|rating| (-2..=2).contains(rating));
        let rated = rated.ok_or(Refusal::Rating)?;
        let mut objective = self.apply(of, Event::Rate, by, expected, now)?;
        objective.rating = Some(rated);
        objective.rated_by = Some(by);
        objective.rated_at = Some(now);
        Ok(objective)
    }
}

/// The T-score of goal attainment scaling: 50 when all goals are reached as expected, 10 per standard deviation.
/// Ratings with their weights; `None` without any. Kiresuk and Sherman 1968, with a correlation of 0.3.
pub fn t_score(ratings: &[(i16, f64)]) -> Option<f64> {
    const CORRELATION: f64 = 0.3;
    let weights: f64 = ratings.iter().map(|(_, weight)| weight).sum();
    let squares: f64 = ratings.iter().map(|(_, weight)| weight * weight).sum();
    let attained: f64 = ratings.iter().map(|(rating, weight)| f64::from(*rating) * weight).sum();
    let spread = ((1.0 - CORRELATION) * squares + CORRELATION * weights * weights).sqrt();
    (spread > 0.0).then(|| 50.0 + 10.0 * attained / spread)
}

#[cfg(test)]
mod tests;
