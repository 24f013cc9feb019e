//! Who is a person in one organization?
pub mod availability;
pub mod field;
pub mod guardianship;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::{
    account::{self, Email},
    id::{Entity, Id},
    refusal::{Code, Refuse, StaleVersion, check_version},
    text::TextFault,
};
use availability::{Availability, WindowDraft};

/// A person in one organization, before and after they have an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub id: Id<Profile>,
    pub name: String,
    pub email: Option<Email>,
    /// What another system of the organization calls the person.
    pub external_id: Option<String>,
    pub sealed: Sealed,
    pub about: Option<String>,
    pub interests: Vec<String>,
    pub goals: Vec<String>,
    pub expertise: Vec<String>,
    /// BCP 47 tags, the first language first.
    pub languages: Vec<String>,
    pub time_zone: Tz,
    pub availability: Availability,
    /// How many mentees the person would take as a mentor.
    pub capacity: i16,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Profile {
    const PREFIX: &'static str = "profile";
}

/// What is stored encrypted only; opened where somebody may read it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    pub birth_date: Option<Vec<u8>>,
    pub guardian_contact: Option<Vec<u8>>,
}

/// The same, opened. Its `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Private {
    pub birth_date: Option<NaiveDate>,
    /// Name and e-mail or phone of a guardian.
    pub guardian_contact: Option<String>,
}

impl std::fmt::Debug for Private {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Private")
    }
}

/// A new person as somebody typed them.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub name: String,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub guardian_contact: Option<String>,
    pub about: Option<String>,
    pub interests: Vec<String>,
    pub goals: Vec<String>,
    pub expertise: Vec<String>,
    pub languages: Vec<String>,
    pub time_zone: String,
    pub availability: Vec<WindowDraft>,
    pub capacity: Option<i32>,
}

/// What somebody wants to change; `None` keeps the value, blank text and an inner `None` remove it.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub name: Option<String>,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub birth_date: Option<Option<NaiveDate>>,
    pub guardian_contact: Option<String>,
    pub about: Option<String>,
    pub interests: Option<Vec<String>>,
    pub goals: Option<Vec<String>>,
    pub expertise: Option<Vec<String>>,
    pub languages: Option<Vec<String>>,
    pub time_zone: Option<String>,
    pub availability: Option<Vec<WindowDraft>>,
    pub capacity: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Email(#[from] account::Refusal),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    Availability(#[from] availability::Refusal),
    #[error("no such time zone; use an IANA name such as Europe/Berlin")]
    UnknownTimeZone,
    #[error("no such language; use a BCP 47 tag such as en or pt-BR")]
    UnknownLanguage { path: String },
    #[error("give at most {max}, not {length}")]
    TooMany { path: String, max: usize, length: usize },
    #[error("a birth date is in the past, and not more than 120 years ago")]
    BirthDate,
    #[error("the capacity is from 0 to {} mentees", field::MAX_CAPACITY)]
    Capacity,
    #[error("another person of the organization has this e-mail address")]
    EmailTaken,
    #[error("another person of the organization has this external id")]
    ExternalIdTaken,
    #[error("this id is already in use")]
    IdTaken,
    #[error("you have no profile in this organization")]
    NoProfile,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Email(refusal) => refusal.code(),
            Self::Stale(stale) => stale.code(),
            Self::Availability(refusal) => refusal.code(),
            Self::UnknownTimeZone | Self::UnknownLanguage { .. } => Code::Invalid,
            Self::TooMany { .. } => Code::TooLong,
            Self::BirthDate | Self::Capacity => Code::OutOfRange,
            Self::EmailTaken | Self::ExternalIdTaken | Self::IdTaken => Code::Taken,
            Self::NoProfile => Code::NotAllowed,
        }
    }

    fn path(&self) -> Option<String> {
        let path = match self {
            Self::Text(fault) => return fault.path(),
            Self::Email(refusal) => return refusal.path(),
            Self::Stale(stale) => return stale.path(),
            Self::Availability(refusal) => return refusal.path(),
            Self::UnknownLanguage { path } | Self::TooMany { path, .. } => path,
            Self::UnknownTimeZone => "timeZone",
            Self::BirthDate => "birthDate",
            Self::Capacity => "capacity",
            Self::EmailTaken => "email",
            Self::ExternalIdTaken => "externalId",
            Self::IdTaken => "id",
            Self::NoProfile => return None,
        };
        Some(path.to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Email(refusal) => refusal.params(),
            Self::Stale(stale) => stale.params(),
            Self::Availability(refusal) => refusal.params(),
            Self::TooMany { max, length, .. } => {
                vec![("max", max.to_string()), ("length", length.to_string())]
            }
            Self::Capacity => vec![("min", "0".to_owned()), ("max", field::MAX_CAPACITY.to_string())],
            _ => Vec::new(),
        }
    }
}

impl Profile {
    /// The person, and what must be sealed before it is stored. `today` is the organization's.
    pub fn create(
        id: Id<Profile>,
        draft: &Draft,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(Self, Private), Refusal> {
        let profile = Self {
            id,
            name: field::name(&draft.name)?,
            email: field::email(draft.email.as_deref())?,
            external_id: field::external_id(draft.external_id.as_deref())?,
            sealed: Sealed::default(),
            about: field::about(draft.about.as_deref())?,
            interests: field::words("interests", &draft.interests)?,
            goals: field::words("goals", &draft.goals)?,
            expertise: field::words("expertise", &draft.expertise)?,
            languages: field::languages(&draft.languages)?,
            time_zone: field::time_zone(&draft.time_zone)?,
            availability: Availability::new("availability", &draft.availability)?,
            capacity: draft.capacity.map_or(Ok(1), field::capacity)?,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let private = Private {
            birth_date: draft.birth_date.map(|date| field::birth_date(date, today)).transpose()?,
            guardian_contact: field::guardian_contact(draft.guardian_contact.as_deref())?,
        };
        Ok((profile, private))
    }

    /// Changes everything but what is sealed, which [`Private::edit`] does.
    pub fn edit(mut self, edit: &Edit, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        if let Some(name) = &edit.name {
            self.name = field::name(name)?;
        }
        if let Some(email) = &edit.email {
            self.email = field::email(Some(email))?;
        }
        if let Some(external_id) = &edit.external_id {
            self.external_id = field::external_id(Some(external_id))?;
        }
        if let Some(about) = &edit.about {
            self.about = field::about(Some(about))?;
        }
        if let Some(interests) = &edit.interests {
            self.interests = field::words("interests", interests)?;
        }
        if let Some(goals) = &edit.goals {
            self.goals = field::words("goals", goals)?;
        }
        if let Some(expertise) = &edit.expertise {
            self.expertise = field::words("expertise", expertise)?;
        }
        if let Some(languages) = &edit.languages {
            self.languages = field::languages(languages)?;
        }
        if let Some(zone) = &edit.time_zone {
            self.time_zone = field::time_zone(zone)?;
        }
        if let Some(windows) = &edit.availability {
            self.availability = Availability::new("availability", windows)?;
        }
        if let Some(capacity) = edit.capacity {
            self.capacity = field::capacity(capacity)?;
        }
        self.updated_at = now;
        Ok(self)
    }
}

impl Private {
    pub fn edit(mut self, edit: &Edit, today: NaiveDate) -> Result<Self, Refusal> {
        if let Some(birth_date) = edit.birth_date {
            self.birth_date = birth_date.map(|date| field::birth_date(date, today)).transpose()?;
        }
        if let Some(contact) = &edit.guardian_contact {
            self.guardian_contact = field::guardian_contact(Some(contact))?;
        }
        Ok(self)
    }

    /// Is the person known to be old enough to consent alone, so that no guardian acts for them any more?
    pub fn has_come_of_age(&self, age_of_consent: i16, today: NaiveDate) -> bool {
        self.birth_date.is_some() && !self.is_minor(age_of_consent, today)
    }

    /// Is the person known to be younger than the age from which one may consent alone?
    pub fn is_minor(&self, age_of_consent: i16, today: NaiveDate) -> bool {
        let age = self.birth_date.map(|born| today.years_since(born).unwrap_or_default());
        age.is_some_and(|years| i64::from(years) < i64::from(age_of_consent))
    }
}

#[cfg(test)]
mod tests;
