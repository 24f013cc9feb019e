//! Which consent of a guardian is recorded, and is it still in force?
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    account::Account,
    id::{Entity, Id},
    machine::Machine,
    profile::Profile,
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
    text::{self, TextFault},
};

crate::text_enum! {
    /// To what a guardian consents.
    pub enum Purpose as "ConsentPurpose" {
        /// That the minor takes part in mentoring: without it a minor is never matched.
        Participation = "PARTICIPATION",
    }
}

crate::text_enum! {
    /// Whether a consent counts now.
    pub enum Status as "ConsentStatus" {
        /// It counts.
        Granted = "GRANTED",
        /// It was taken back.
        Withdrawn = "WITHDRAWN",
    }
}

crate::text_enum! {
    /// How the guardian gave the consent.
    pub enum Method as "ConsentMethod" {
        /// On a signed form.
        Paper = "PAPER",
        /// On the phone.
        Phone = "PHONE",
        /// Face to face.
        InPerson = "IN_PERSON",
        /// By e-mail.
        Email = "EMAIL",
    }
}

crate::text_enum! {
    /// What can happen to a consent, named by the mutation that does it.
    pub enum Event as "ConsentEvent" {
        /// The guardian takes it back.
        Withdraw = "withdrawConsent",
    }
}

/// What may happen to a consent.
pub const MACHINE: Machine<Status, Event> = Machine(&[(Status::Granted, Event::Withdraw, Status::Withdrawn)]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// A consent as staff recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub id: Id<Consent>,
    /// The minor.
    pub profile: Id<Profile>,
    pub purpose: Purpose,
    pub status: Status,
    pub method: Method,
    /// Which text the guardian agreed to.
    pub text_version: String,
    /// The guardian's name.
    pub given_by: String,
    pub recorded_by: Id<Account>,
    pub granted_on: NaiveDate,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Consent {
    const PREFIX: &'static str = "consent";
}

/// What staff recorded.
#[derive(Debug, Clone)]
pub struct Draft {
    pub purpose: Purpose,
    pub method: Method,
    pub text_version: String,
    pub given_by: String,
    pub granted_on: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("a consent is not given in the future")]
    InTheFuture,
    #[error("a consent for this is in force already; withdraw it to record another one")]
    InForce,
    #[error("this id is already in use")]
    IdTaken,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::State(wrong) => wrong.code(),
            Self::InTheFuture => Code::OutOfRange,
            Self::InForce | Self::IdTaken => Code::Taken,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Text(fault) => fault.path(),
            Self::Stale(stale) => stale.path(),
            Self::State(_) => None,
            Self::InTheFuture => Some("grantedOn".to_owned()),
            Self::InForce => Some("purpose".to_owned()),
            Self::IdTaken => Some("id".to_owned()),
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            Self::InTheFuture | Self::InForce | Self::IdTaken => Vec::new(),
        }
    }
}

impl Consent {
    /// `today` is the organization's.
    pub fn record(
        id: Id<Consent>,
        profile: Id<Profile>,
        draft: &Draft,
        recorded_by: Id<Account>,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if draft.granted_on > today {
            return Err(Refusal::InTheFuture);
        }
        Ok(Self {
            id,
            profile,
            purpose: draft.purpose,
            status: Status::Granted,
            method: draft.method,
            text_version: text::line("textVersion", &draft.text_version, 60)?,
            given_by: text::line("givenBy", &draft.given_by, 120)?,
            recorded_by,
            granted_on: draft.granted_on,
            withdrawn_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    pub fn withdraw(mut self, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = transition(self.status, Event::Withdraw)?;
        self.withdrawn_at = Some(now);
        self.updated_at = now;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::assert_machine;
    use uuid::Uuid;

    fn record(granted_on: &str, given_by: &str) -> Result<Consent, Refusal> {
        let draft = Draft {
            purpose: Purpose::Participation,
            method: Method::Paper,
            text_version: "2026-1".into(),
            given_by: given_by.into(),
            granted_on: granted_on.parse().expect("a date"),
        };
        let today = "2026-03-01".parse().expect("a date");
        let id = |n| Uuid::from_u128(n);
        Consent::record(id(1).into(), id(2).into(), &draft, id(3).into(), today, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_consent_lives_as_the_table_says() {
        assert_machine(MACHINE, &["GRANTED: withdrawConsent WITHDRAWN"]);
        assert!(MACHINE.is_terminal(Status::Withdrawn));
    }

    #[test]
    fn a_consent_has_a_giver_and_no_future_date() {
        assert!(record("2026-03-01", "Rita Gomes").is_ok());
        assert_eq!(record("2026-03-02", "Rita Gomes"), Err(Refusal::InTheFuture));
        let blank = record("2026-03-01", " ").expect_err("nobody gave it");
        assert_eq!((blank.code(), blank.path().as_deref()), (Code::Required, Some("givenBy")));
    }

    #[test]
    fn it_is_withdrawn_once() {
        let withdrawn = record("2026-03-01", "Rita").expect("valid").withdraw(Some(1), DateTime::UNIX_EPOCH);
        let withdrawn = withdrawn.expect("in force");
        assert!(withdrawn.withdrawn_at.is_some());
        let again = withdrawn.withdraw(None, DateTime::UNIX_EPOCH).expect_err("over");
        assert_eq!(again.code(), Code::WrongState);
    }
}
