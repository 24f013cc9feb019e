//! Who may give and take which staff role?
use crate::{
    access::{Action, Grant, Role},
    account::Account,
    id::{Entity, Id},
    refusal::{Code, Refuse},
};

/// A staff role that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGrant {
    pub id: Id<RoleGrant>,
    pub account: Id<Account>,
    pub grant: Grant,
}

impl Entity for RoleGrant {
    const PREFIX: &'static str = "grant";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this role follows from what somebody is, and cannot be given")]
    NotAStaffRole,
    #[error("only coordinators can be bound to a program")]
    NotByProgram,
    #[error("an organization needs an owner: make somebody else one first")]
    LastOwner,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::NotAStaffRole | Self::NotByProgram => Code::Invalid,
            Self::LastOwner => Code::LastOwner,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::NotAStaffRole => Some("role".to_owned()),
            Self::NotByProgram => Some("programId".to_owned()),
            Self::LastOwner => None,
        }
    }
}

/// The action that giving or taking a role needs.
pub fn needed_for(role: Role) -> Result<Action, Refusal> {
    match role {
        Role::Owner | Role::Admin => Ok(Action::ManageAdmins),
        Role::Coordinator | Role::SafeguardingLead | Role::Analyst => Ok(Action::ManageStaff),
        Role::Mentor | Role::Mentee | Role::Guardian | Role::Member => Err(Refusal::NotAStaffRole),
    }
}

/// Only a coordinator's reach can be narrowed to a program.
pub fn check_grant(grant: &Grant) -> Result<Action, Refusal> {
    let action = needed_for(grant.role)?;
    if grant.program.is_some() && grant.role != Role::Coordinator {
        Err(Refusal::NotByProgram)
    } else {
        Ok(action)
    }
}

/// May this role be taken away, when the organization has `owners` owners?
pub fn check_revoke(grant: &Grant, owners: i64) -> Result<Action, Refusal> {
    if grant.role == Role::Owner && owners <= 1 { Err(Refusal::LastOwner) } else { needed_for(grant.role) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextEnum;
    use uuid::Uuid;

    #[test]
    fn relationships_cannot_be_given_and_admins_are_made_by_owners_only() {
        for &role in Role::ALL {
            let expected = match role {
                Role::Owner | Role::Admin => Ok(Action::ManageAdmins),
                Role::Coordinator | Role::SafeguardingLead | Role::Analyst => Ok(Action::ManageStaff),
                _ => Err(Refusal::NotAStaffRole),
            };
            assert_eq!(check_grant(&Grant { role, program: None }), expected, "{role}");
        }
        let program = Some(Id::new(Uuid::nil()));
        assert!(check_grant(&Grant { role: Role::Coordinator, program }).is_ok());
        assert_eq!(check_grant(&Grant { role: Role::Admin, program }), Err(Refusal::NotByProgram));
    }

    #[test]
    fn the_last_owner_stays() {
        let owner = Grant { role: Role::Owner, program: None };
        assert_eq!(check_revoke(&owner, 1), Err(Refusal::LastOwner));
        assert!(check_revoke(&owner, 2).is_ok());
    }
}
