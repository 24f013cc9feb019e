//! Which two people must not become a pair?
use chrono::{DateTime, Utc};

use crate::{
    account::Account,
    id::{Entity, Id},
    profile::Profile,
    refusal::{Code, Refuse},
    text::{self, TextFault},
};

/// Two people who must not become a pair, such as relatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    pub id: Id<Exclusion>,
    pub mentor: Id<Profile>,
    pub mentee: Id<Profile>,
    /// For staff only.
    pub reason: Option<String>,
    pub created_by: Id<Account>,
    pub created_at: DateTime<Utc>,
}

impl Entity for Exclusion {
    const PREFIX: &'static str = "exclusion";
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("nobody is their own mentor: give two people")]
    SamePerson,
    #[error("these two are excluded already")]
    AlreadyExcluded,
    #[error("these two are a pair now: close their match first")]
    PairLive,
    #[error("this id is already in use")]
    IdTaken,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::SamePerson => Code::Invalid,
            Self::AlreadyExcluded | Self::IdTaken => Code::Taken,
            Self::PairLive => Code::WrongState,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Text(fault) => fault.path(),
            Self::SamePerson | Self::AlreadyExcluded => Some("menteeId".to_owned()),
            Self::IdTaken => Some("id".to_owned()),
            Self::PairLive => None,
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        if let Self::Text(fault) = self { fault.params() } else { Vec::new() }
    }
}

impl Exclusion {
    /// `pair_live` says whether the two have an accepted or active match.
    pub fn add(
        id: Id<Exclusion>,
        mentor: Id<Profile>,
        mentee: Id<Profile>,
        reason: Option<&str>,
        pair_live: bool,
        by: Id<Account>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if mentor == mentee {
            return Err(Refusal::SamePerson);
        }
        if pair_live {
            return Err(Refusal::PairLive);
        }
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        let reason = reason.map(|reason| text::line("reason", reason, 500)).transpose()?;
        Ok(Self { id, mentor, mentee, reason, created_by: by, created_at: now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn add(mentee: u128, reason: Option<&str>, live: bool) -> Result<Exclusion, Refusal> {
        let id = Uuid::from_u128;
        let (own, mentor, by) = (id(9).into(), id(1).into(), id(8).into());
        Exclusion::add(own, mentor, id(mentee).into(), reason, live, by, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn two_people_who_are_no_pair_can_be_excluded() {
        assert_eq!(add(2, Some(" sisters "), false).expect("two").reason.as_deref(), Some("sisters"));
        assert_eq!(add(2, Some("  "), false).expect("two").reason, None);
        assert_eq!(add(1, None, false), Err(Refusal::SamePerson));
        assert_eq!(add(2, None, true), Err(Refusal::PairLive));
        assert!(add(2, Some(&"x".repeat(501)), false).is_err());
    }
}
