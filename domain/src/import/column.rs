//! Which columns can a roster have, and where are they in this file?
use super::Problem;
use crate::{refusal::Code, text::TextEnum};

crate::text_enum! {
    /// A column of a roster file.
    pub enum Column as "RosterColumn" {
        /// The person's name. Every file needs it.
        Name = "name",
        /// The e-mail address.
        Email = "email",
        /// `mentor` or `mentee`. Every file needs it.
        Role = "role",
        /// What another system calls the person.
        ExternalId = "external_id",
        /// The birth date, such as `2011-05-30`.
        BirthDate = "birth_date",
        /// An IANA time zone, such as `Europe/Lisbon`.
        TimeZone = "time_zone",
        /// Language tags, separated by semicolons, the first language first.
        Languages = "languages",
        /// What the person likes, separated by semicolons.
        Interests = "interests",
        /// What the person wants to reach, separated by semicolons.
        Goals = "goals",
        /// What the person can help with, separated by semicolons.
        Expertise = "expertise",
        /// Weekly windows, such as `Mon 16:00-18:00; Wed 09:00-10:00`.
        Availability = "availability",
        /// How many mentees a mentor takes.
        Capacity = "capacity",
        /// Name and e-mail or phone of a guardian.
        GuardianContact = "guardian_contact",
    }
}

const NEEDED: [Column; 2] = [Column::Name, Column::Role];

/// Which column each cell of a row belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header(Vec<Column>);

impl Header {
    /// Reads the first line. Case, spaces and dashes do not matter: `External ID` is `external_id`.
    pub fn read<'a>(cells: impl IntoIterator<Item = &'a str>) -> Result<Self, Vec<Problem>> {
        let mut columns = Vec::new();
        let mut problems = Vec::new();
        for cell in cells {
            let name = cell.trim().to_lowercase().replace([' ', '-'], "_");
            match Column::parse(&name) {
                Ok(column) if columns.contains(&column) => {
                    let message = format!("the column {column} is there twice");
                    problems.push(Problem::new(1, Some(column), Code::Taken, message));
                }
                Ok(column) => columns.push(column),
                Err(_unknown) => {
                    let known: Vec<&str> = Column::ALL.iter().map(|column| column.as_str()).collect();
                    let shown: String = cell.trim().chars().take(40).collect();
                    let message =
                        format!("there is no column \"{shown}\"; columns are: {}", known.join(", "));
                    problems.push(Problem::new(1, None, Code::Invalid, message));
                }
            }
        }
        for needed in NEEDED.into_iter().filter(|needed| !columns.contains(needed)) {
            let message = format!("the column {needed} is missing");
            problems.push(Problem::new(1, Some(needed), Code::Required, message));
        }
        if problems.is_empty() { Ok(Self(columns)) } else { Err(problems) }
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = Column> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_in_any_order_and_spelling() {
        let header = Header::read(["ROLE", " External ID", "name", "time-zone"]).expect("good");
        assert_eq!(header.0, [Column::Role, Column::ExternalId, Column::Name, Column::TimeZone]);
    }

    #[test]
    fn what_is_missing_double_or_unknown_is_said_at_once() {
        let problems = Header::read(["name", "Name", "e-mail adress"]).expect_err("bad");
        let found: Vec<_> = problems.iter().map(|problem| (problem.column, problem.code)).collect();
        assert_eq!(
            found,
            [(Some(Column::Name), Code::Taken), (None, Code::Invalid), (Some(Column::Role), Code::Required)]
        );
        assert!(problems.iter().all(|problem| problem.line == 1));
    }
}
