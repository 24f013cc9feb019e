//! Weekly windows on the wire.
use async_graphql::{InputObject, SimpleObject};
use domain::profile::availability::{Weekday, Window, WindowDraft, format_time, parse_time};

use crate::graphql::enumeration::E;

/// A stretch of every week in which somebody is free, in the wall-clock time of a zone.
#[derive(Debug, Clone, SimpleObject)]
pub struct AvailabilityWindow {
    /// The day.
    weekday: E<Weekday>,
    /// When it begins, such as `16:00`.
    start: String,
    /// When it ends, such as `18:00`; `24:00` is the end of the day.
    end: String,
    /// The IANA time zone of these times.
    time_zone: String,
}

impl From<Window> for AvailabilityWindow {
    fn from(window: Window) -> Self {
        Self {
            weekday: E(window.weekday()),
            start: format_time(window.start()),
            end: format_time(window.end()),
            time_zone: window.zone().to_string(),
        }
    }
}

/// A stretch of every week in which somebody is free.
#[derive(Debug, Clone, InputObject)]
pub struct AvailabilityWindowInput {
    /// The day.
    weekday: E<Weekday>,
    /// When it begins, on a quarter hour, such as `16:00`.
    start: String,
    /// When it ends, such as `18:00`; `24:00` is the end of the day. Give a window that passes midnight as two.
    end: String,
    /// The IANA time zone of these times; the person's own if left out.
    time_zone: Option<String>,
}

impl AvailabilityWindowInput {
    /// `zone` is the person's own.
    pub fn draft(self, zone: &str) -> WindowDraft {
        // A time that cannot be read lies outside every day, so the rules refuse it where it stands.
        let minute = |text: &str| parse_time(text).unwrap_or(u16::MAX);
        WindowDraft {
            weekday: self.weekday.0,
            start: minute(&self.start),
            end: minute(&self.end),
            zone: self.time_zone.unwrap_or_else(|| zone.to_owned()),
        }
    }
}
