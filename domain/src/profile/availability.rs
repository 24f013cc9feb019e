//! When in a week is a person free? Weekly windows in local time, and the same as quarter hours of a UTC week.
//!
//! Scores compare people by one fixed reference week, so that the same people get the same score on any day.
//! Appointments are made elsewhere, in real weeks, where daylight saving shifts one side against the other.
use chrono::{NaiveDate, NaiveTime, Offset, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    refusal::{Code, Refuse},
    text::TextEnum,
};

/// More windows than this describe no habit that others could plan by.
pub const MAX_WINDOWS: usize = 40;
const MINUTES_PER_DAY: u16 = 24 * 60;
const MINUTES_PER_WEEK: u16 = 7 * MINUTES_PER_DAY;
const QUARTER: u16 = 15;
const QUARTERS_PER_WEEK: u16 = MINUTES_PER_WEEK / QUARTER;
const WORDS: usize = 11;

/// Monday of the reference week: recent, and without a change of any zone's offset near it.
const REFERENCE: NaiveDate = match NaiveDate::from_ymd_opt(2026, 1, 5) {
    Some(monday) => monday,
    None => NaiveDate::MIN,
};

crate::text_enum! {
    /// A day of the week.
    pub enum Weekday as "Weekday" {
        /// The first day of the week.
        Monday = "MONDAY",
        /// The day after Monday.
        Tuesday = "TUESDAY",
        /// The middle of the week.
        Wednesday = "WEDNESDAY",
        /// The day after Wednesday.
        Thursday = "THURSDAY",
        /// The day after Thursday.
        Friday = "FRIDAY",
        /// The first day of the weekend in most places.
        Saturday = "SATURDAY",
        /// The last day of the week.
        Sunday = "SUNDAY",
    }
}

impl Weekday {
    /// The day that holds this minute of a week, and the minute of that day.
    fn of_minute(minute: u16) -> (Self, u16) {
        let day = Self::ALL.get(usize::from(minute / MINUTES_PER_DAY)).copied();
        (day.unwrap_or(Self::Sunday), minute % MINUTES_PER_DAY)
    }

    /// The minute of the week at which the day begins.
    fn begins(self) -> u16 {
        let earlier = Self::ALL.iter().take_while(|&&day| day != self);
        earlier.map(|_| MINUTES_PER_DAY).sum()
    }
}

/// A window as somebody typed it: minutes after local midnight, 24:00 being 1440.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowDraft {
    pub weekday: Weekday,
    pub start: u16,
    pub end: u16,
    /// IANA name, such as `Asia/Kathmandu`.
    pub zone: String,
}

/// A stretch of every week in the wall-clock time of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    weekday: Weekday,
    start: u16,
    end: u16,
    zone: Tz,
}

impl Window {
    /// Accepts a typed window; `path` names it in the input, such as `availability.2`.
    pub fn new(path: &str, draft: &WindowDraft) -> Result<Self, Refusal> {
        let WindowDraft { weekday, start, end, .. } = *draft;
        for (field, minute) in [("start", start), ("end", end)] {
            let path = format!("{path}.{field}");
            if minute > MINUTES_PER_DAY {
                return Err(Refusal::OutsideDay { path });
            }
            if minute % QUARTER != 0 {
                return Err(Refusal::OffQuarter { path });
            }
        }
        if end <= start {
            return Err(Refusal::EndsTooEarly { path: format!("{path}.end") });
        }
        let zone = draft.zone.parse().map_err(|_| Refusal::UnknownZone { path: format!("{path}.zone") })?;
        Ok(Self { weekday, start, end, zone })
    }

    pub const fn weekday(self) -> Weekday {
        self.weekday
    }

    /// Minutes after local midnight.
    pub const fn start(self) -> u16 {
        self.start
    }

    /// Minutes after local midnight; 1440 is the end of the day.
    pub const fn end(self) -> u16 {
        self.end
    }

    pub const fn zone(self) -> Tz {
        self.zone
    }

    /// The quarter hours of the UTC reference week that the window covers; it may pass the week's end.
    fn quarters(self) -> impl Iterator<Item = u16> {
        let local = i32::from(self.weekday.begins() + self.start);
        let utc = (local - utc_offset(self.zone)).rem_euclid(i32::from(MINUTES_PER_WEEK));
        let first = u16::try_from(utc).unwrap_or_default() / QUARTER;
        (0..(self.end - self.start) / QUARTER).map(move |step| (first + step) % QUARTERS_PER_WEEK)
    }
}

/// A part of the UTC reference week; it may run past the day and the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Day on which it begins, in UTC.
    pub weekday: Weekday,
    /// Minutes after midnight UTC.
    pub start: u16,
    pub minutes: u16,
}

/// A person's weekly windows, and the quarter hours of a UTC week that they cover.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Window>", into = "Vec<Window>")]
pub struct Availability {
    windows: Vec<Window>,
    quarters: [u64; WORDS],
}

impl Availability {
    /// Accepts typed windows; `path` names their list in the input.
    pub fn new(path: &str, drafts: &[WindowDraft]) -> Result<Self, Refusal> {
        if drafts.len() > MAX_WINDOWS {
            return Err(Refusal::TooMany { path: path.to_owned(), count: drafts.len() });
        }
        let accept = |(index, draft)| Window::new(&format!("{path}.{index}"), draft);
        Ok(drafts.iter().enumerate().map(accept).collect::<Result<Vec<_>, _>>()?.into())
    }

    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// One bit for each of the 672 quarter hours from Monday 00:00 UTC.
    pub const fn quarters(&self) -> &[u64; WORDS] {
        &self.quarters
    }

    /// Minutes of the week in which both are free.
    pub fn overlap(&self, other: &Self) -> u16 {
        let words = self.quarters.iter().zip(&other.quarters);
        let shared: u32 = words.map(|(mine, theirs)| (mine & theirs).count_ones()).sum();
        u16::try_from(shared).unwrap_or(QUARTERS_PER_WEEK) * QUARTER
    }

    /// The stretches of the week in which both are free, from Monday 00:00 UTC on.
    pub fn shared(&self, other: &Self) -> Vec<Stretch> {
        let free = |quarter: u16| self.holds(quarter) && other.holds(quarter);
        let before = |quarter: u16| (quarter + QUARTERS_PER_WEEK - 1) % QUARTERS_PER_WEEK;
        if (0..QUARTERS_PER_WEEK).all(free) {
            return vec![Stretch { weekday: Weekday::Monday, start: 0, minutes: MINUTES_PER_WEEK }];
        }
        let begins = (0..QUARTERS_PER_WEEK).filter(|&quarter| free(quarter) && !free(before(quarter)));
        let stretch = |first: u16| {
            let after = (first..first + QUARTERS_PER_WEEK).map(|quarter| quarter % QUARTERS_PER_WEEK);
            let length: u16 = after.take_while(|&quarter| free(quarter)).map(|_| QUARTER).sum();
            let (weekday, start) = Weekday::of_minute(first * QUARTER);
            Stretch { weekday, start, minutes: length }
        };
        begins.map(stretch).collect()
    }

    fn holds(&self, quarter: u16) -> bool {
        let word = self.quarters.get(usize::from(quarter / 64)).copied().unwrap_or_default();
        word >> (quarter % 64) & 1 == 1
    }
}

impl From<Vec<Window>> for Availability {
    fn from(windows: Vec<Window>) -> Self {
        let mut quarters = [0; WORDS];
        for quarter in windows.iter().flat_map(|window| window.quarters()) {
            if let Some(word) = quarters.get_mut(usize::from(quarter / 64)) {
                *word |= 1 << (quarter % 64);
            }
        }
        Self { windows, quarters }
    }
}

impl From<Availability> for Vec<Window> {
    fn from(availability: Availability) -> Self {
        availability.windows
    }
}

/// Minutes by which the zone's clocks are ahead of UTC in the reference week.
pub fn utc_offset(zone: Tz) -> i32 {
    zone.offset_from_utc_datetime(&REFERENCE.and_time(NaiveTime::MIN)).fix().local_minus_utc() / 60
}

/// Reads `17:30` as minutes after midnight; `24:00` is the end of the day.
pub fn parse_time(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| -> Option<u16> {
        let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|_| minutes.len() == 2)?);
    (minutes < 60).then_some(hours * 60 + minutes).filter(|&minute| minute <= MINUTES_PER_DAY)
}

/// Writes minutes after midnight as `17:30`.
pub fn format_time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Why a weekly window was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("give at most {MAX_WINDOWS} weekly windows, not {count}")]
    TooMany { path: String, count: usize },
    #[error("must be a time of the day, from 00:00 to 24:00")]
    OutsideDay { path: String },
    #[error("must be on a quarter hour, such as 17:15")]
    OffQuarter { path: String },
    #[error("must be after the start; give a window that passes midnight as two, one for each day")]
    EndsTooEarly { path: String },
    #[error("must be an IANA time zone, such as Europe/Lisbon")]
    UnknownZone { path: String },
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::TooMany { .. } => Code::TooLong,
            Self::OutsideDay { .. } => Code::OutOfRange,
            Self::OffQuarter { .. } | Self::EndsTooEarly { .. } | Self::UnknownZone { .. } => Code::Invalid,
        }
    }

    fn path(&self) -> Option<String> {
        let (Self::TooMany { path, .. }
        | Self::OutsideDay { path }
        | Self::OffQuarter { path }
        | Self::EndsTooEarly { path }
        | Self::UnknownZone { path }) = self;
        Some(path.clone())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooMany { count, .. } => {
                vec![("max", MAX_WINDOWS.to_string()), ("length", count.to_string())]
            }
            Self::OutsideDay { .. } => vec![("min", format_time(0)), ("max", format_time(MINUTES_PER_DAY))],
            Self::OffQuarter { .. } | Self::EndsTooEarly { .. } | Self::UnknownZone { .. } => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
