//! What makes a plan or a record of a check-in a good one?
use chrono::{DateTime, TimeDelta, Utc};

use super::{CheckIn, Event, Mode, Opinion, Status, transition};
use crate::{
    id::Id,
    matches::{self, Match, Side},
    profile::Profile,
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
    text::{self, TextFault},
};

/// Nobody plans further ahead.
const FARTHEST: TimeDelta = TimeDelta::days(366);
/// Who comes a little early has still met.
const EARLY: TimeDelta = TimeDelta::minutes(5);

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
    #[error("a check-in in person needs a place")]
    PlaceMissing,
    #[error("a check-in online needs the address of the video call")]
    VideoMissing,
    #[error("the address of a video call begins with https:// and has at most 500 characters")]
    VideoAddress,
    #[error("a check-in lasts from 5 to 480 minutes")]
    Minutes,
    #[error("a check-in is planned from now to a year ahead; record one that has taken place")]
    NotAhead,
    #[error("this has not taken place yet")]
    InTheFuture,
    #[error("a rating is from 1, bad, to 5, good")]
    Rating,
    #[error("only a check-in that took place is rated")]
    NotHeld { status: Status },
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
            Self::PlaceMissing | Self::VideoMissing => Code::Required,
            Self::VideoAddress => Code::Invalid,
            Self::Minutes | Self::NotAhead | Self::InTheFuture | Self::Rating => Code::OutOfRange,
            Self::NotHeld { .. } => Code::WrongState,
            Self::IdTaken => Code::Taken,
        }
    }

    fn path(&self) -> Option<String> {
        let path = match self {
            Self::Text(fault) => return fault.path(),
            Self::Stale(stale) => return stale.path(),
            Self::PlaceMissing => "place",
            Self::VideoMissing | Self::VideoAddress => "videoUrl",
            Self::Minutes => "minutes",
            Self::NotAhead | Self::InTheFuture => "startsAt",
            Self::Rating => "rating",
            Self::IdTaken => "id",
            Self::State(_) | Self::Match(_) | Self::NotHeld { .. } => return None,
        };
        Some(path.to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        let range = |min: &str, max: &str| vec![("min", min.to_owned()), ("max", max.to_owned())];
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            Self::Match(refusal) => refusal.params(),
            Self::Minutes => range("5", "480"),
            Self::Rating => range("1", "5"),
            Self::NotHeld { status } => {
                vec![("state", status.to_string()), ("allowed", "HELD".to_owned())]
            }
            _ => Vec::new(),
        }
    }
}

/// When and how a pair wants to meet.
#[derive(Debug, Clone)]
pub struct Plan {
    pub mode: Mode,
    pub starts_at: DateTime<Utc>,
    /// As the program's policy says, if left out.
    pub minutes: Option<i32>,
    pub place: Option<String>,
    pub video_url: Option<String>,
    pub agenda: Option<String>,
}

/// What became of a check-in, as one side tells it.
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub starts_at: Option<DateTime<Utc>>,
    pub minutes: Option<i32>,
    pub summary: Option<String>,
    pub rating: Option<i32>,
    pub feedback: Option<String>,
}

impl CheckIn {
    /// Plans a check-in that lies ahead.
    pub fn schedule(
        id: Id<CheckIn>,
        of: &Match,
        plan: &Plan,
        usual_minutes: i16,
        by: Id<Profile>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if plan.starts_at < now || plan.starts_at > now + FARTHEST {
            return Err(Refusal::NotAhead);
        }
        Self::new(id, of, plan, usual_minutes, by, now)
    }

    /// One that nobody had planned, to be recorded at once. A place or address may be left out.
    pub fn ad_hoc(
        id: Id<CheckIn>,
        of: &Match,
        plan: &Plan,
        usual_minutes: i16,
        by: Id<Profile>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let known = Plan {
            place: plan.place.clone().or_else(|| Some("not told".to_owned())),
            video_url: plan.video_url.clone().or_else(|| Some("https://".to_owned())),
            ..plan.clone()
        };
        let mut check_in = Self::new(id, of, &known, usual_minutes, by, now)?;
        check_in.place = check_in.place.filter(|_| plan.place.is_some());
        check_in.video_url = check_in.video_url.filter(|_| plan.video_url.is_some());
        Ok(check_in)
    }

    fn new(
        id: Id<CheckIn>,
        of: &Match,
        plan: &Plan,
        usual_minutes: i16,
        by: Id<Profile>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        of.working()?;
        let place = text::optional_line("place", plan.place.as_deref(), 200)?;
        let video_url = plan.video_url.as_deref().map(video_address).transpose()?;
        match plan.mode {
            Mode::InPerson if place.is_none() => return Err(Refusal::PlaceMissing),
            Mode::Online if video_url.is_none() => return Err(Refusal::VideoMissing),
            Mode::InPerson | Mode::Online | Mode::Phone => {}
        }
        Ok(Self {
            id,
            of: of.id,
            status: Status::Scheduled,
            mode: plan.mode,
            starts_at: plan.starts_at,
            minutes: plan.minutes.map_or(Ok(usual_minutes), minutes)?,
            place: place.filter(|_| plan.mode == Mode::InPerson),
            video_url: video_url.filter(|_| plan.mode == Mode::Online),
            agenda: text::optional_prose("agenda", plan.agenda.as_deref(), 2_000)?,
            summary: None,
            mentor: Opinion::default(),
            mentee: Opinion::default(),
            cancel_reason: None,
            replaced_by: None,
            scheduled_by: by,
            recorded_by: None,
            recorded_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// The state that `event` leads to; the same rule for mutations and `allowedActions`.
    pub fn next(&self, of: &Match, event: Event, now: DateTime<Utc>) -> Result<Status, Refusal> {
        of.working()?;
        let status = transition(self.status, event)?;
        if event == Event::Miss && self.starts_at > now {
            return Err(Refusal::InTheFuture);
        }
        Ok(status)
    }

    /// Takes its place from it: `later` is the plan that holds from now on.
    pub fn reschedule(
        mut self,
        of: &Match,
        later: Id<CheckIn>,
        plan: &Plan,
        by: Id<Profile>,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<(Self, Self), Refusal> {
        check_version(expected, self.version)?;
        self.status = self.next(of, Event::Reschedule, now)?;
        let moved = Self::schedule(later, of, plan, self.minutes, by, now)?;
        self.replaced_by = Some(later);
        self.updated_at = now;
        Ok((self, moved))
    }

    pub fn cancel(
        mut self,
        of: &Match,
        reason: Option<&str>,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = self.next(of, Event::Cancel, now)?;
        self.cancel_reason = text::optional_prose("reason", reason, 500)?;
        self.updated_at = now;
        Ok(self)
    }

    /// Says that it did not take place.
    pub fn miss(mut self, of: &Match, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = self.next(of, Event::Miss, now)?;
        self.updated_at = now;
        Ok(self)
    }

    /// Says that it took place, and how it was for one side.
    pub fn record(
        mut self,
        of: &Match,
        record: &Record,
        (side, by): (Side, Id<Profile>),
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = self.next(of, Event::Record, now)?;
        self.starts_at = record.starts_at.unwrap_or(self.starts_at);
        if self.starts_at > now + EARLY {
            return Err(Refusal::InTheFuture);
        }
        if let Some(wanted) = record.minutes {
            self.minutes = minutes(wanted)?;
        }
        self.summary = text::optional_prose("summary", record.summary.as_deref(), 4_000)?;
        self.recorded_by = Some(by);
        self.recorded_at = Some(now);
        self.opine(side, record.rating, record.feedback.as_deref())?;
        self.updated_at = now;
        Ok(self)
    }

    /// Says how it was for one side; a second time replaces the first.
    pub fn rate(
        mut self,
        side: Side,
        rating: i32,
        feedback: Option<&str>,
        expected: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.may_rate()?;
        self.opine(side, Some(rating), feedback)?;
        self.updated_at = now;
        Ok(self)
    }

    /// Refuses what did not take place.
    pub fn may_rate(&self) -> Result<(), Refusal> {
        match self.status {
            Status::Held => Ok(()),
            status => Err(Refusal::NotHeld { status }),
        }
    }

    fn opine(&mut self, side: Side, rating: Option<i32>, feedback: Option<&str>) -> Result<(), Refusal> {
        let within = |rating| i16::try_from(rating).ok().filter(|rating| (1..=5).contains(rating));
        let opinion = Opinion {
            rating: rating.map(|rating| within(rating).ok_or(Refusal::Rating)).transpose()?,
            feedback: text::optional_prose("feedback", feedback, 2_000)?,
        };
        match side {
            Side::Mentor => self.mentor = opinion,
            Side::Mentee => self.mentee = opinion,
        }
        Ok(())
    }
}

/// When the next check-in should be: one cadence after the last one or the beginning, and not in the past.
pub fn suggest_next(last: DateTime<Utc>, cadence_days: i16, now: DateTime<Utc>) -> DateTime<Utc> {
    let cadence = TimeDelta::days(i64::from(cadence_days.max(1)));
    let mut next = last + cadence;
    if next < now {
        let missed = (now - next).num_days().div_euclid(cadence.num_days().max(1)) + 1;
        next += TimeDelta::days(missed.saturating_mul(cadence.num_days()));
    }
    next
}

fn minutes(wanted: i32) -> Result<i16, Refusal> {
    i16::try_from(wanted).ok().filter(|minutes| (5..=480).contains(minutes)).ok_or(Refusal::Minutes)
}

fn video_address(raw: &str) -> Result<String, Refusal> {
    let address = text::line("videoUrl", raw, 500)?;
    if address.starts_with("https://") && !address.contains(char::is_whitespace) {
        Ok(address)
    } else {
        Err(Refusal::VideoAddress)
    }
}
