//! What does one line of a roster say about a person?
use std::collections::HashMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{
    Problem,
    column::{Column, Header},
};
use crate::{
    account::Email,
    enrollment::Role,
    profile::{
        availability::{Availability, Weekday, WindowDraft, parse_time},
        field,
    },
    refusal::{Code, Refuse},
    text::TextEnum,
};

/// A person as a file describes them; `None` and empty lists are cells that are empty or not there.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    pub line: i32,
    pub name: String,
    pub role: Role,
    pub email: Option<Email>,
    pub external_id: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub guardian_contact: Option<String>,
    pub time_zone: Option<Tz>,
    pub languages: Vec<String>,
    pub interests: Vec<String>,
    pub goals: Vec<String>,
    pub expertise: Vec<String>,
    /// Windows without a zone of their own: they are in the person's.
    pub availability: Vec<WindowDraft>,
    pub capacity: Option<i16>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Row(line {})", self.line)
    }
}

/// Reads one line, and says everything that is wrong with it. `today` is the organization's.
pub fn read(header: &Header, line: i32, cells: &[&str], today: NaiveDate) -> Result<Row, Vec<Problem>> {
    if cells.len() > header.len() {
        let message = format!("the line has {} cells, and the header {}", cells.len(), header.len());
        return Err(vec![Problem::new(line, None, Code::Invalid, message)]);
    }
    let given = cells.iter().map(|cell| cell.trim()).zip(header.columns());
    let given = given.filter(|(cell, _)| !cell.is_empty()).map(|(cell, column)| (column, cell)).collect();
    let mut reader = Reader { line, given, problems: Vec::new() };
    let name = reader.needed(Column::Name, field::name);
    let role = reader.needed(Column::Role, role);
    let email = reader.cell(Column::Email, |cell| Email::parse("email", cell));
    let external_id = reader.cell(Column::ExternalId, |cell| field::external_id(Some(cell))).flatten();
    let birth_date = reader.birth_date(today);
    let guardian_contact =
        reader.cell(Column::GuardianContact, |cell| field::guardian_contact(Some(cell))).flatten();
    let time_zone = reader.cell(Column::TimeZone, field::time_zone);
    let languages = reader.cell(Column::Languages, |cell| field::languages(&list(cell)));
    let mut words = |column| reader.cell(column, |cell| field::words("", &list(cell))).unwrap_or_default();
    let (interests, goals, expertise) =
        (words(Column::Interests), words(Column::Goals), words(Column::Expertise));
    let availability = reader.availability();
    let capacity = reader.capacity();
    if email.is_none() && external_id.is_none() && reader.problems.is_empty() {
        let message = "give an email or an external_id, so that importing again knows the person";
        reader.problems.push(Problem::new(line, Some(Column::Email), Code::Required, message));
    }
    match (name, role) {
        (Some(name), Some(role)) if reader.problems.is_empty() => Ok(Row {
            line,
            name,
            role,
            email,
            external_id,
            birth_date,
            guardian_contact,
            time_zone,
            languages: languages.unwrap_or_default(),
            interests,
            goals,
            expertise,
            availability,
            capacity,
        }),
        _ => Err(reader.problems),
    }
}

struct Reader<'a> {
    line: i32,
    given: HashMap<Column, &'a str>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn say(&mut self, column: Column, code: Code, message: &str) {
        self.problems.push(Problem::new(self.line, Some(column), code, message));
    }

    /// An empty cell is no value.
    fn cell<T, R: Refuse>(&mut self, column: Column, read: impl FnOnce(&str) -> Result<T, R>) -> Option<T> {
        let cell = *self.given.get(&column)?;
        match read(cell) {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.problems.push(Problem::of(self.line, column, &refusal));
                None
            }
        }
    }

    fn needed<T, R: Refuse>(&mut self, column: Column, read: impl FnOnce(&str) -> Result<T, R>) -> Option<T> {
        if !self.given.contains_key(&column) {
            self.say(column, Code::Required, "must not be empty");
        }
        self.cell(column, read)
    }

    fn birth_date(&mut self, today: NaiveDate) -> Option<NaiveDate> {
        let cell = *self.given.get(&Column::BirthDate)?;
        if let Ok(date) = NaiveDate::parse_from_str(cell, "%Y-%m-%d") {
            self.cell(Column::BirthDate, |_| field::birth_date(date, today))
        } else {
            self.say(Column::BirthDate, Code::Invalid, "not a date such as 2011-05-30");
            None
        }
    }

    fn capacity(&mut self) -> Option<i16> {
        let cell = *self.given.get(&Column::Capacity)?;
        if let Ok(mentees) = cell.parse() {
            self.cell(Column::Capacity, |_| field::capacity(mentees))
        } else {
            self.say(Column::Capacity, Code::Invalid, "not a whole number");
            None
        }
    }

    fn availability(&mut self) -> Vec<WindowDraft> {
        let Some(&cell) = self.given.get(&Column::Availability) else { return Vec::new() };
        let Some(windows) = list(cell).iter().map(|text| window(text)).collect::<Option<Vec<_>>>() else {
            self.say(
                Column::Availability,
                Code::Invalid,
                "not windows such as Mon 16:00-18:00; Wed 09:00-10:00",
            );
            return Vec::new();
        };
        let zone = Tz::UTC.to_string();
        let zoned: Vec<_> =
            windows.iter().map(|it| WindowDraft { zone: zone.clone(), ..it.clone() }).collect();
        self.cell(Column::Availability, |_| Availability::new("", &zoned))
            .map(|_| windows)
            .unwrap_or_default()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("must be mentor or mentee")]
struct NoRole;

impl Refuse for NoRole {
    fn code(&self) -> Code {
        Code::Invalid
    }
}

fn role(cell: &str) -> Result<Role, NoRole> {
    Role::parse(&cell.to_uppercase()).map_err(|_unknown| NoRole)
}

fn list(cell: &str) -> Vec<String> {
    cell.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Reads `Mon 16:00-18:00`; the day may be written out.
fn window(text: &str) -> Option<WindowDraft> {
    let (day, times) = text.split_once(char::is_whitespace)?;
    let (start, end) = times.split_once(['-', '–'])?;
    let day = day.trim_end_matches(['.', ',']).to_uppercase();
    let is_day = |weekday: &&Weekday| day.len() >= 3 && weekday.as_str().starts_with(&day);
    let weekday = *Weekday::ALL.iter().find(is_day)?;
    let (start, end) = (parse_time(start.trim())?, parse_time(end.trim())?);
    Some(WindowDraft { weekday, start, end, zone: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        "2026-03-01".parse().expect("a date")
    }

    fn one(columns: &str, cells: &str) -> Result<Row, Vec<(Option<Column>, Code)>> {
        let header = Header::read(columns.split(',')).expect("a header");
        let cells: Vec<&str> = cells.split(',').collect();
        let row = read(&header, 7, &cells, today());
        row.map_err(|problems| problems.into_iter().map(|it| (it.column, it.code)).collect())
    }

    #[test]
    fn a_full_line_is_a_person() {
        let columns =
            "name,role,email,external_id,birth_date,time_zone,languages,interests,availability,capacity";
        let cells = "Ana,Mentor,ana@example.org,P-7,1990-02-03,Europe/Lisbon,pt; en,chess;Chess; tea,Mon 16:00-18:00; wednesday 9:00-10:30,3";
        let row = one(columns, cells).expect("good");
        assert_eq!((row.role, row.capacity), (Role::Mentor, Some(3)));
        assert_eq!((row.languages.len(), row.interests.len()), (2, 2));
        let windows: Vec<_> = row.availability.iter().map(|it| (it.weekday, it.start, it.end)).collect();
        assert_eq!(windows, [(Weekday::Monday, 960, 1080), (Weekday::Wednesday, 540, 630)]);
    }

    #[test]
    fn everything_wrong_is_said_by_column() {
        let columns = "name,role,email,birth_date,time_zone,languages,availability,capacity";
        let cells = ",boss,ana,30.5.2011,Mars/North,klingon!,Mon 16-18,many";
        let problems = one(columns, cells).expect_err("bad");
        let found: Vec<_> = problems.iter().map(|(column, _)| column.expect("a column")).collect();
        assert_eq!(found.len(), 8);
        for &column in Column::ALL.iter().filter(|column| columns.contains(column.as_str())) {
            assert!(found.contains(&column), "{column}");
        }
    }

    #[test]
    fn a_person_needs_something_to_be_known_by() {
        assert_eq!(one("name,role", "Ana,mentee"), Err(vec![(Some(Column::Email), Code::Required)]));
        assert!(one("name,role,external_id", "Ana,mentee,7").is_ok());
    }

    #[test]
    fn a_line_may_be_shorter_than_the_header_but_not_longer() {
        assert!(one("name,role,email,capacity", "Ana,mentee,a@example.org").is_ok());
        assert_eq!(one("name,role", "Ana,mentee,x"), Err(vec![(None, Code::Invalid)]));
    }

    #[test]
    fn a_formula_is_text_like_any_other() {
        let row = one("name,role,external_id,interests", "=HYPERLINK(1),mentee,+7,@chess").expect("good");
        assert_eq!(
            (row.name.as_str(), row.interests.as_slice()),
            ("=HYPERLINK(1)", &["@chess".to_owned()][..])
        );
    }

    #[test]
    fn windows_off_the_quarter_hour_or_backwards_are_refused() {
        for bad in ["Mon 16:05-18:00", "Mon 18:00-16:00", "Mo 16:00-18:00", "16:00-18:00", "Mon 23:00-25:00"]
        {
            let problems = one("name,role,external_id,availability", &format!("Ana,mentee,7,{bad}"));
            assert_eq!(problems.map_err(|it| it[0].0), Err(Some(Column::Availability)), "{bad}");
        }
    }
}
