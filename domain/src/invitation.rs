//! Who is invited, by mail, to be a person or to have a staff role?
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    access::{Grant, Role},
    account::{self, Account, Email},
    id::{Entity, Id},
    machine::Machine,
    profile::Profile,
    program::Program,
    refusal::{Code, Refuse, StaleVersion, WrongState, check_version},
};

/// How long an invitation can be accepted.
pub const DAYS: i64 = 14;

crate::text_enum! {
    /// What became of an invitation.
    pub enum Status as "InvitationStatus" {
        /// Sent, and not answered yet.
        Pending = "PENDING",
        /// The person came in.
        Accepted = "ACCEPTED",
        /// The person said no.
        Declined = "DECLINED",
        /// Staff took it back.
        Revoked = "REVOKED",
        /// Nobody answered in time.
        Expired = "EXPIRED",
    }
}

crate::text_enum! {
    /// What can happen to an invitation, named by the mutation that does it.
    pub enum Event as "InvitationEvent" {
        /// It is sent once more, with a new link.
        Resend = "resendInvitation",
        /// Staff takes it back.
        Revoke = "revokeInvitation",
        /// The person comes in.
        Accept = "acceptInvitation",
        /// The person says no.
        Decline = "declineInvitation",
        /// Its time is over.
        Expire = "expireInvitation",
    }
}

/// The life of an invitation.
pub const MACHINE: Machine<Status, Event> = Machine(&[
    (Status::Pending, Event::Resend, Status::Pending),
    (Status::Pending, Event::Revoke, Status::Revoked),
    (Status::Pending, Event::Accept, Status::Accepted),
    (Status::Pending, Event::Decline, Status::Declined),
    (Status::Pending, Event::Expire, Status::Expired),
]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// An invitation that was sent to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: Id<Invitation>,
    pub email: Email,
    pub purpose: Purpose,
    pub status: Status,
    pub invited_by: Id<Account>,
    pub accepted_by: Option<Id<Account>>,
    pub expires_at: DateTime<Utc>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Invitation {
    const PREFIX: &'static str = "invitation";
}

/// What accepting makes of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The person of this profile.
    Person(Id<Profile>),
    /// Staff.
    Staff(Grant),
}

impl Purpose {
    pub const fn profile(self) -> Option<Id<Profile>> {
        match self {
            Self::Person(profile) => Some(profile),
            Self::Staff(_) => None,
        }
    }

    pub const fn role(self) -> Option<Role> {
        match self {
            Self::Person(_) => None,
            Self::Staff(grant) => Some(grant.role),
        }
    }

    pub const fn program(self) -> Option<Id<Program>> {
        match self {
            Self::Person(_) => None,
            Self::Staff(grant) => grant.program,
        }
    }
}

/// What is known of whoever wants to accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comer {
    /// Signed in, with this address.
    SignedIn { account: Id<Account>, email: Option<Email> },
    /// Not signed in; `known` says whether an account has the address of the invitation.
    Stranger { known: bool },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Account(#[from] account::Refusal),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("this invitation is not valid any more; ask for a new one")]
    NotValid,
    #[error("the person has no e-mail address")]
    NoEmail,
    #[error("the person has an account already")]
    HasAccount,
    #[error("an invitation to this address is pending already; resend it instead")]
    Pending,
    #[error("the invitation was sent to another address than yours")]
    OtherAddress,
    #[error("an account with this address exists: sign in, then accept")]
    SignInFirst,
    #[error("choose a password")]
    PasswordNeeded,
    #[error("say your name")]
    NameNeeded,
    #[error("your account is another person in this organization already")]
    OtherPerson,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Account(refusal) => refusal.code(),
            Self::Stale(stale) => stale.code(),
            Self::State(wrong) => wrong.code(),
            Self::NotValid => Code::Expired,
            Self::NoEmail | Self::PasswordNeeded | Self::NameNeeded => Code::Required,
            Self::HasAccount | Self::Pending | Self::OtherPerson => Code::Taken,
            Self::OtherAddress | Self::SignInFirst => Code::NotAllowed,
        }
    }

    fn path(&self) -> Option<String> {
        let path = match self {
            Self::Account(refusal) => return refusal.path(),
            Self::Stale(stale) => return stale.path(),
            Self::State(_) => return None,
            Self::NotValid | Self::OtherAddress | Self::SignInFirst | Self::OtherPerson => "token",
            Self::NoEmail | Self::HasAccount => "profileId",
            Self::Pending => "email",
            Self::PasswordNeeded => "password",
            Self::NameNeeded => "name",
        };
        Some(path.to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Account(refusal) => refusal.params(),
            Self::Stale(stale) => stale.params(),
            Self::State(wrong) => wrong.params(),
            _ => Vec::new(),
        }
    }
}

impl Invitation {
    pub fn send(
        id: Id<Invitation>,
        email: Email,
        purpose: Purpose,
        invited_by: Id<Account>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            email,
            purpose,
            status: Status::Pending,
            invited_by,
            accepted_by: None,
            expires_at: now + TimeDelta::days(DAYS),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Once more, for as long again. The caller makes a new link, so that the old one is dead.
    pub fn resend(mut self, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = transition(self.status, Event::Resend)?;
        self.expires_at = now + TimeDelta::days(DAYS);
        self.updated_at = now;
        Ok(self)
    }

    pub fn revoke(mut self, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.status = transition(self.status, Event::Revoke)?;
        self.updated_at = now;
        Ok(self)
    }

    pub fn decline(mut self, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.status = self.answer(Event::Decline, now)?;
        self.updated_at = now;
        Ok(self)
    }

    /// May this comer accept?
    pub fn admit(&self, comer: &Comer, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.answer(Event::Accept, now)?;
        match comer {
            Comer::SignedIn { email, .. } => {
                let same = email.as_ref().is_some_and(|email| email.normalized == self.email.normalized);
                if same { Ok(()) } else { Err(Refusal::OtherAddress) }
            }
            Comer::Stranger { known: true } => Err(Refusal::SignInFirst),
            Comer::Stranger { known: false } => Ok(()),
        }
    }

    pub fn accept(mut self, by: Id<Account>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.status = self.answer(Event::Accept, now)?;
        self.accepted_by = Some(by);
        self.updated_at = now;
        Ok(self)
    }

    /// To somebody with a link that was answered, taken back or is too old, all are the same: not valid.
    fn answer(&self, event: Event, now: DateTime<Utc>) -> Result<Status, Refusal> {
        if now >= self.expires_at {
            return Err(Refusal::NotValid);
        }
        transition(self.status, event).map_err(|_wrong| Refusal::NotValid)
    }
}

#[cfg(test)]
mod tests;
