//! Whose programs are these, and what may be changed about an organization?
pub mod staff;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::{
    access::Grant,
    id::{Entity, Id},
    profile::Profile,
    refusal::{Code, Refuse, StaleVersion, check_version},
    text::{self, TextFault},
};

/// A tenant: a school, a charity, a company that runs mentoring programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: Id<Organization>,
    pub name: String,
    pub time_zone: Tz,
    /// BCP 47, such as `en` or `pt-BR`.
    pub locale: String,
    /// Years; below it a guardian's consent is needed.
    pub digital_consent_age: i16,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Organization {
    const PREFIX: &'static str = "org";
}

/// What one account is in one organization: the facts from which its rights follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub organization: Id<Organization>,
    pub profile: Option<Id<Profile>>,
    pub grants: Vec<Grant>,
    /// The minors for whom the person is the guardian.
    pub wards: Vec<Id<Profile>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("no such time zone; use an IANA name such as Europe/Berlin")]
    UnknownTimeZone { path: &'static str },
    #[error("no such language; use a BCP 47 tag such as en or pt-BR")]
    UnknownLocale { path: &'static str },
    #[error("the age of digital consent is between 13 and 18 years")]
    ConsentAge,
    #[error("this id is already in use")]
    IdTaken,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::UnknownTimeZone { .. } | Self::UnknownLocale { .. } => Code::Invalid,
            Self::ConsentAge => Code::OutOfRange,
            Self::IdTaken => Code::Taken,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Text(fault) => fault.path(),
            Self::Stale(stale) => stale.path(),
            Self::UnknownTimeZone { path } | Self::UnknownLocale { path } => Some((*path).to_owned()),
            Self::ConsentAge => Some("digitalConsentAge".to_owned()),
            Self::IdTaken => Some("id".to_owned()),
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::ConsentAge => vec![("min", "13".to_owned()), ("max", "18".to_owned())],
            _ => Vec::new(),
        }
    }
}

/// What somebody wants a new organization to be.
#[derive(Debug, Clone)]
pub struct Draft {
    pub name: String,
    pub time_zone: String,
    pub locale: String,
}

/// What somebody wants to change; `None` keeps the value.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub name: Option<String>,
    pub time_zone: Option<String>,
    pub locale: Option<String>,
    pub digital_consent_age: Option<i32>,
}

impl Organization {
    pub fn create(id: Id<Organization>, draft: &Draft, now: DateTime<Utc>) -> Result<Self, Refusal> {
        Ok(Self {
            id,
            name: text::line("name", &draft.name, 120)?,
            time_zone: time_zone("timeZone", &draft.time_zone)?,
            locale: locale("locale", &draft.locale)?,
            digital_consent_age: 16,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// The date that people of the organization have now.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.time_zone).date_naive()
    }

    pub fn edit(mut self, edit: &Edit, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        if let Some(name) = &edit.name {
            self.name = text::line("name", name, 120)?;
        }
        if let Some(zone) = &edit.time_zone {
            self.time_zone = time_zone("timeZone", zone)?;
        }
        if let Some(tag) = &edit.locale {
            self.locale = locale("locale", tag)?;
        }
        if let Some(age) = edit.digital_consent_age {
            let age = i16::try_from(age).map_err(|_too_large| Refusal::ConsentAge)?;
            self.digital_consent_age =
                if (13..=18).contains(&age) { age } else { return Err(Refusal::ConsentAge) };
        }
        self.updated_at = now;
        Ok(self)
    }
}

/// Reads an IANA time zone name.
pub fn time_zone(path: &'static str, name: &str) -> Result<Tz, Refusal> {
    name.parse().map_err(|_unknown| Refusal::UnknownTimeZone { path })
}

/// Accepts a language with an optional region; the registry of all tags is not consulted.
pub fn locale(path: &'static str, tag: &str) -> Result<String, Refusal> {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let good = (2..=3).contains(&language.len())
        && letters(language)
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        && tag.len() <= 35;
    if good { Ok(tag.to_owned()) } else { Err(Refusal::UnknownLocale { path }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn create(name: &str, zone: &str, locale: &str) -> Result<Organization, Refusal> {
        let draft = Draft { name: name.into(), time_zone: zone.into(), locale: locale.into() };
        Organization::create(Id::new(Uuid::from_u128(1)), &draft, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_new_organization_needs_a_name_a_zone_and_a_language() {
        assert!(create("Bright Futures", "Asia/Kathmandu", "pt-BR").is_ok());
        assert_eq!(create(" ", "UTC", "en").map_err(|refusal| refusal.code()), Err(Code::Required));
        assert_eq!(create("A", "Mars/X", "en"), Err(Refusal::UnknownTimeZone { path: "timeZone" }));
        assert_eq!(create("A", "UTC", "english please"), Err(Refusal::UnknownLocale { path: "locale" }));
    }

    #[test]
    fn an_edit_keeps_what_it_does_not_name_and_checks_the_version() {
        let organization = create("Bright Futures", "UTC", "en").expect("valid");
        let edit = Edit { digital_consent_age: Some(14), ..Edit::default() };
        let edited = organization.clone().edit(&edit, Some(1), DateTime::UNIX_EPOCH).expect("valid");
        assert_eq!((edited.name.as_str(), edited.digital_consent_age), ("Bright Futures", 14));
        let stale = organization.clone().edit(&edit, Some(2), DateTime::UNIX_EPOCH);
        assert_eq!(stale, Err(Refusal::Stale(StaleVersion { actual: 1 })));
        let edit = Edit { digital_consent_age: Some(12), ..Edit::default() };
        assert_eq!(organization.edit(&edit, None, DateTime::UNIX_EPOCH), Err(Refusal::ConsentAge));
    }
}
