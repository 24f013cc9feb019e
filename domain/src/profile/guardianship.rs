//! Who is responsible for which minor?
use chrono::{DateTime, Utc};

use super::Profile;
use crate::{
    id::{Entity, Id},
    refusal::{Code, Refuse},
};

/// More guardians than this share no responsibility.
pub const MAX_GUARDIANS: usize = 6;

/// That one person is the guardian of another, and so sees what concerns them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardianship {
    pub id: Id<Guardianship>,
    pub ward: Id<Profile>,
    pub guardian: Id<Profile>,
    pub created_at: DateTime<Utc>,
}

impl Entity for Guardianship {
    const PREFIX: &'static str = "guardianship";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("nobody is their own guardian")]
    OneSelf,
    #[error("a minor cannot be a guardian")]
    GuardianIsMinor,
    #[error("a person has at most {MAX_GUARDIANS} guardians")]
    TooMany,
    #[error("this person is no guardian of the other")]
    NotLinked,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::OneSelf => Code::Invalid,
            Self::GuardianIsMinor => Code::NotEligible,
            Self::TooMany => Code::LimitReached,
            Self::NotLinked => Code::NotFound,
        }
    }

    fn path(&self) -> Option<String> {
        Some("guardianId".to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        if *self == Self::TooMany { vec![("max", MAX_GUARDIANS.to_string())] } else { Vec::new() }
    }
}

impl Guardianship {
    /// `present` is how many guardians the ward has.
    pub fn link(
        id: Id<Guardianship>,
        ward: Id<Profile>,
        guardian: Id<Profile>,
        guardian_is_minor: bool,
        present: usize,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if ward == guardian {
            Err(Refusal::OneSelf)
        } else if guardian_is_minor {
            Err(Refusal::GuardianIsMinor)
        } else if present >= MAX_GUARDIANS {
            Err(Refusal::TooMany)
        } else {
            Ok(Self { id, ward, guardian, created_at: now })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn link(ward: u128, guardian: u128, minor: bool, present: usize) -> Option<Refusal> {
        let id = |n| Id::new(Uuid::from_u128(n));
        let now = DateTime::UNIX_EPOCH;
        Guardianship::link(Id::new(Uuid::from_u128(9)), id(ward), id(guardian), minor, present, now).err()
    }

    #[test]
    fn a_guardian_is_another_person_of_age() {
        assert_eq!(link(1, 2, false, 5), None);
        assert_eq!(link(1, 1, false, 0), Some(Refusal::OneSelf));
        assert_eq!(link(1, 2, true, 0), Some(Refusal::GuardianIsMinor));
        assert_eq!(link(1, 2, false, 6), Some(Refusal::TooMany));
    }
}
