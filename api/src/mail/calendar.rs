//! How does a check-in get into the calendar of a person? As an iCalendar attachment (RFC 5545 and 5546).
use chrono::{DateTime, TimeDelta, Utc};
use domain::id;
use persistence::notification::Meeting;

/// What a calendar shall do with the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Enter it, or change the entry with the same UID when the sequence has risen.
    Request,
    Cancel,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// An attachment with one meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub method: Method,
    pub text: String,
}

/// Who invites whom to what.
pub struct Invitation<'a> {
    pub title: &'a str,
    pub organizer: &'a str,
    pub attendee: &'a str,
    pub url: &'a str,
    pub now: DateTime<Utc>,
}

/// Writes a meeting. Its UID follows from the check-in, so that all mails about it are one entry.
pub fn write(method: Method, meeting: &Meeting, invitation: &Invitation<'_>) -> Calendar {
    let time = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let status = if method == Method::Request { "CONFIRMED" } else { "CANCELLED" };
    let ends_at = meeting.starts_at + TimeDelta::minutes(meeting.minutes.into());
    let place = meeting.place.as_deref().or(meeting.video_url.as_deref());
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Cairn//Check-ins//EN".to_owned(),
        format!("METHOD:{}", method.as_str()),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@cairn", id::encode("check_in", meeting.id)),
        format!("SEQUENCE:{}", meeting.version),
        format!("DTSTAMP:{}", time(invitation.now)),
        format!("DTSTART:{}", time(meeting.starts_at)),
        format!("DTEND:{}", time(ends_at)),
        format!("SUMMARY:{}", text(invitation.title)),
        format!("STATUS:{status}"),
        format!("ORGANIZER:mailto:{}", invitation.organizer),
        format!("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:{}", invitation.attendee),
    ];
    lines.extend(place.map(|place| format!("LOCATION:{}", text(place))));
    // An address is a value of its own kind: it is written as it is, and ours has no line breaks.
    lines.push(format!("URL:{}", invitation.url));
    lines.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
    Calendar { method, text: lines.iter().map(|line| folded(line)).collect() }
}

/// Text as a property value: commas, semicolons, backslashes and line breaks would end it.
fn text(raw: &str) -> String {
    let escaped = raw.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    escaped.replace("\r\n", "\\n").replace('\n', "\\n").replace(char::is_control, " ")
}

/// A content line of at most 75 octets; more goes on in lines that begin with a space.
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut width = 0;
    for c in line.chars() {
        if width + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn meeting(version: i32) -> Meeting {
        Meeting {
            id: Uuid::from_u128(7),
            starts_at: DateTime::from_timestamp(1_796_058_000, 0).unwrap(),
            minutes: 45,
            version,
            place: Some("Library, room 3; ask\nat the desk".to_owned()),
            video_url: None,
        }
    }

    fn write_to(method: Method, version: i32) -> String {
        let invitation = Invitation {
            title: "Check-in with Ünal 李小龍 of a long, long name that does not fit into one single line of it",
            organizer: "no-reply@cairn.example",
            attendee: "ana@people.example",
            url: "https://cairn.example/app",
            now: DateTime::from_timestamp(1_796_000_000, 0).unwrap(),
        };
        write(method, &meeting(version), &invitation).text
    }

    #[test]
    fn a_moved_meeting_is_the_same_entry_with_a_higher_sequence() {
        let (first, moved, cancelled) =
            (write_to(Method::Request, 1), write_to(Method::Request, 2), write_to(Method::Cancel, 3));
        let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned();
        assert!(uid(&first) == uid(&moved) && uid(&moved) == uid(&cancelled));
        assert!(first.contains("SEQUENCE:1\r\n") && moved.contains("SEQUENCE:2\r\n"));
        assert!(cancelled.contains("METHOD:CANCEL\r\n") && cancelled.contains("STATUS:CANCELLED\r\n"));
    }

    #[test]
    fn text_cannot_break_out_of_its_line_and_lines_are_short() {
        let text = write_to(Method::Request, 1);
        assert!(text.replace("\r\n ", "").contains("LOCATION:Library\\, room 3\\; ask\\nat the desk\r\n"));
        assert!(text.replace("\r\n ", "").contains("李小龍 of a long\\, long name that does not fit"));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(text.contains("DTEND:") && !text.replace("\r\n", "").contains('\n'));
    }
}
