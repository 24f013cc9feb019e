//! What has to be stored, so that everybody in a roster is in the cohort as the roster says?
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Counts, Problem, column::Column, row::Row};
use crate::{
    cohort::Cohort,
    enrollment::{Enrollment, Role},
    id::Id,
    profile::{
        Private, Profile, Sealed,
        availability::{Availability, WindowDraft},
    },
    refusal::Code,
};

/// A person of the organization who may be meant by a row, with what is sealed opened.
#[derive(Debug, Clone)]
pub struct Known {
    pub profile: Profile,
    pub private: Private,
    /// As what the person is in the cohort already.
    pub role: Option<Role>,
}

/// Everything to store. What is private has to be sealed into its profile first.
#[derive(Debug, Default)]
pub struct Plan {
    pub new: Vec<(Profile, Private)>,
    pub changed: Vec<(Profile, Private)>,
    pub enrollments: Vec<Enrollment>,
    pub counts: Counts,
}

/// What the plan is made for.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    pub cohort: &'a Cohort,
    /// Of the organization, for people without one of their own.
    pub time_zone: Tz,
    pub now: DateTime<Utc>,
}

/// Compares the rows with the people who are there. `uuid` makes ids.
pub fn plan(
    rows: &[Row],
    known: &[Known],
    setting: Setting<'_>,
    mut uuid: impl FnMut() -> uuid::Uuid,
) -> Result<Plan, Vec<Problem>> {
    let index = Index::of(known);
    let mut problems = repeated(rows);
    let mut plan = Plan::default();
    plan.counts.rows = i32::try_from(rows.len()).unwrap_or(i32::MAX);
    for row in rows {
        match index.find(row) {
            Err(problem) => problems.push(problem),
            Ok(Some(person)) if person.role.is_some_and(|role| role != row.role) => {
                let role = person.role.unwrap_or(row.role);
                let message = format!("the person is in the cohort already, as {role}");
                problems.push(Problem::new(row.line, Some(Column::Role), Code::Taken, message));
            }
            Ok(Some(person)) => {
                let (profile, private) = change(person, row, setting);
                let changes = profile != person.profile || private != person.private;
                let joins = person.role.is_none();
                match (changes, joins) {
                    (false, false) => plan.counts.unchanged += 1,
                    _ => plan.counts.updated += 1,
                }
                if joins {
                    plan.enrollments.extend(enroll(Id::new(uuid()), &profile, row, setting));
                }
                if changes {
                    plan.changed.push((Profile { updated_at: setting.now, ..profile }, private));
                }
            }
            Ok(None) => {
                let (profile, private) = create(Id::new(uuid()), row, setting);
                plan.enrollments.extend(enroll(Id::new(uuid()), &profile, row, setting));
                plan.counts.created += 1;
                plan.new.push((profile, private));
            }
        }
    }
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}

/// Finds people by what they are known by.
struct Index<'a> {
    by_external_id: HashMap<&'a str, &'a Known>,
    by_email: HashMap<&'a str, &'a Known>,
}

impl<'a> Index<'a> {
    fn of(known: &'a [Known]) -> Self {
        let external = |it: &'a Known| Some((it.profile.external_id.as_deref()?, it));
        let email = |it: &'a Known| Some((it.profile.email.as_ref()?.normalized.as_str(), it));
        Self {
            by_external_id: known.iter().filter_map(external).collect(),
            by_email: known.iter().filter_map(email).collect(),
        }
    }

    /// By external id, then by e-mail. The two must not mean different people.
    fn find(&self, row: &Row) -> Result<Option<&'a Known>, Problem> {
        let by_id = row.external_id.as_deref().and_then(|id| self.by_external_id.get(id).copied());
        let by_email =
            row.email.as_ref().and_then(|email| self.by_email.get(email.normalized.as_str()).copied());
        let other = |message: &str, column| Problem::new(row.line, Some(column), Code::Taken, message);
        match (by_id, by_email) {
            (Some(one), Some(another)) if one.profile.id != another.profile.id => {
                Err(other("another person has this email", Column::Email))
            }
            (None, Some(found)) if row.external_id.is_some() && found.profile.external_id.is_some() => {
                Err(other("the person with this email has another external_id", Column::ExternalId))
            }
            (Some(found), _) | (None, Some(found)) => Ok(Some(found)),
            (None, None) => Ok(None),
        }
    }
}

/// Lines that mean the same person as a line before.
fn repeated(rows: &[Row]) -> Vec<Problem> {
    let mut ids = HashMap::new();
    let mut emails = HashMap::new();
    let mut problems = Vec::new();
    for row in rows {
        if let Some(id) = &row.external_id
            && let Some(first) = ids.insert(id.as_str(), row.line)
        {
            let message = format!("line {first} has the same external_id");
            problems.push(Problem::new(row.line, Some(Column::ExternalId), Code::Taken, message));
        }
        if let Some(email) = &row.email
            && let Some(first) = emails.insert(email.normalized.as_str(), row.line)
        {
            let message = format!("line {first} has the same email");
            problems.push(Problem::new(row.line, Some(Column::Email), Code::Taken, message));
        }
    }
    problems
}

fn create(id: Id<Profile>, row: &Row, setting: Setting<'_>) -> (Profile, Private) {
    let time_zone = row.time_zone.unwrap_or(setting.time_zone);
    let profile = Profile {
        id,
        name: row.name.clone(),
        email: row.email.clone(),
        external_id: row.external_id.clone(),
        sealed: Sealed::default(),
        about: None,
        interests: row.interests.clone(),
        goals: row.goals.clone(),
        expertise: row.expertise.clone(),
        languages: row.languages.clone(),
        time_zone,
        availability: availability(&row.availability, time_zone),
        capacity: row.capacity.unwrap_or(1),
        version: 1,
        created_at: setting.now,
        updated_at: setting.now,
    };
    (profile, Private { birth_date: row.birth_date, guardian_contact: row.guardian_contact.clone() })
}

/// What a cell says takes the place of what was there; an empty cell leaves it.
fn change(known: &Known, row: &Row, setting: Setting<'_>) -> (Profile, Private) {
    let (old, old_private) = (&known.profile, &known.private);
    let (new, new_private) = create(old.id, row, setting);
    let words = |new: Vec<String>, old: &Vec<String>| if new.is_empty() { old.clone() } else { new };
    let time_zone = row.time_zone.unwrap_or(old.time_zone);
    let free = if row.availability.is_empty() {
        old.availability.clone()
    } else {
        availability(&row.availability, time_zone)
    };
    let profile = Profile {
        name: new.name,
        // The same address in other letters is no change.
        email: match (new.email, &old.email) {
            (Some(new), Some(old)) if new.normalized == old.normalized => Some(old.clone()),
            (new, old) => new.or_else(|| old.clone()),
        },
        external_id: new.external_id.or_else(|| old.external_id.clone()),
        interests: words(new.interests, &old.interests),
        goals: words(new.goals, &old.goals),
        expertise: words(new.expertise, &old.expertise),
        languages: words(new.languages, &old.languages),
        time_zone,
        availability: free,
        capacity: row.capacity.unwrap_or(old.capacity),
        ..old.clone()
    };
    let private = Private {
        birth_date: new_private.birth_date.or(old_private.birth_date),
        guardian_contact: new_private.guardian_contact.or_else(|| old_private.guardian_contact.clone()),
    };
    (profile, private)
}

fn availability(windows: &[WindowDraft], zone: Tz) -> Availability {
    let zone = zone.to_string();
    let zoned: Vec<_> = windows.iter().map(|it| WindowDraft { zone: zone.clone(), ..it.clone() }).collect();
    // The row was accepted with these times, and the zone is a zone.
    Availability::new("", &zoned).unwrap_or_default()
}

/// `None` never happens for a cohort that was found joinable before.
fn enroll(id: Id<Enrollment>, profile: &Profile, row: &Row, setting: Setting<'_>) -> Option<Enrollment> {
    Enrollment::enroll(id, setting.cohort, profile, row.role, None, setting.now).ok()
}

#[cfg(test)]
mod tests;
