//! How long does a sign-in last, and when is a refresh token stolen?
//!
//! A session is a family of refresh tokens, numbered by generation. Phones lose answers, so a client may come back
//! with an older token than the newest, for hours, without being signed out. What tells a thief from a phone is
//! *proof*: once a client has shown that it received a generation, by presenting its refresh token or using its
//! access token, every older token is a tripwire.
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    account::Account,
    id::{Entity, Id},
    refusal::{Code, Refuse},
};

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: Id<Session>,
    pub account: Id<Account>,
    pub client: Client,
    /// What the person calls the device.
    pub device_name: Option<String>,
    pub status: Status,
    pub revoked_reason: Option<Reason>,
    pub family: Family,
    pub authenticated_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub idle_expires_at: DateTime<Utc>,
    pub absolute_expires_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

impl Entity for Session {
    const PREFIX: &'static str = "session";
}

crate::text_enum! {
    /// Whether a session can be used.
    pub enum Status as "SessionStatus" {
        /// Can be used, if it is not over its time.
        Active = "ACTIVE",
        /// Was ended.
        Revoked = "REVOKED",
    }
}

crate::text_enum! {
    /// Why a session was ended.
    pub enum Reason as "SessionEndReason" {
        /// The person signed out on the device.
        SignOut = "SIGN_OUT",
        /// The person ended it from another device.
        OtherDevice = "OTHER_DEVICE",
        /// The password was changed or reset.
        PasswordChange = "PASSWORD_CHANGE",
        /// A refresh token was used that a later one had replaced: somebody else has a copy.
        ReuseDetected = "REUSE_DETECTED",
        /// The person signed in on too many devices, and this one was unused the longest.
        TooMany = "TOO_MANY",
        /// The account was disabled.
        AccountDisabled = "ACCOUNT_DISABLED",
        /// An operator ended it.
        Operator = "OPERATOR",
    }
}

/// The numbers from which every decision about refresh tokens follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The newest generation that was issued.
    pub newest: i32,
    /// The newest generation that the client has shown to have received.
    pub proven: i32,
    /// The generation that was presented at the last rotation.
    pub presented: i32,
    /// How often the same token was presented again since then.
    pub repeats: i32,
    pub rotated_at: DateTime<Utc>,
}

/// What presenting a refresh token leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// A new generation was issued.
    Rotated(Family),
    /// The answer given a moment ago is given again: an app that refreshes from several places at once.
    Repeated(Family),
    /// An older token than a proven one: the session must be ended.
    Reused,
    /// A generation that was never issued: a forgery, which must not hurt the owner.
    Unknown,
}

/// How long the same token gets the same answer.
pub const REPEAT_SECONDS: i64 = 10;
/// How often, within that time.
pub const MAX_REPEATS: i32 = 10;
/// How many sessions of one account may be live at once.
pub const MAX_SESSIONS: usize = 20;

crate::text_enum! {
    /// What a session belongs to; it decides how long the session lasts.
    pub enum Client as "SessionClient" {
        /// An app on somebody's own device.
        App = "APP",
        /// The console in a browser.
        Console = "CONSOLE",
    }
}

impl Client {
    /// A session that is not used for this long is over.
    pub const fn idle(self) -> TimeDelta {
        match self {
            Self::App => TimeDelta::days(30),
            Self::Console => TimeDelta::minutes(30),
        }
    }

    /// A session is over after this long, however much it is used.
    pub const fn absolute(self) -> TimeDelta {
        match self {
            Self::App => TimeDelta::days(90),
            Self::Console => TimeDelta::hours(12),
        }
    }

    /// How long one access token lasts.
    pub const fn access(self) -> TimeDelta {
        match self {
            Self::App => TimeDelta::minutes(10),
            Self::Console => TimeDelta::minutes(5),
        }
    }
}

impl Family {
    pub fn new(now: DateTime<Utc>) -> Self {
        // Nothing was presented yet, so no generation equals it.
        Self { newest: 0, proven: 0, presented: -1, repeats: 0, rotated_at: now }
    }

    /// A refresh token of this generation is presented.
    pub fn refresh(self, generation: i32, now: DateTime<Utc>) -> Refreshed {
        let recent = now - self.rotated_at <= TimeDelta::seconds(REPEAT_SECONDS);
        if generation > self.newest || generation < 0 {
            Refreshed::Unknown
        } else if generation == self.presented && recent && self.repeats < MAX_REPEATS {
            Refreshed::Repeated(Self { repeats: self.repeats + 1, ..self })
        } else if generation < self.proven {
            Refreshed::Reused
        } else {
            Refreshed::Rotated(Self {
                newest: self.newest + 1,
                proven: generation,
                presented: generation,
                repeats: 0,
                rotated_at: now,
            })
        }
    }

    /// An access token of this generation reached the API, so its answer arrived. `None` when that is no news.
    pub fn prove(self, generation: i32) -> Option<Self> {
        (generation > self.proven && generation <= self.newest).then_some(Self { proven: generation, ..self })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the refresh token is not valid; sign in again")]
    InvalidGrant,
    #[error("the session was ended, since its refresh token was used twice; sign in again")]
    Reused,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::InvalidGrant => Code::InvalidGrant,
            Self::Reused => Code::RefreshReused,
        }
    }

    fn path(&self) -> Option<String> {
        Some("refreshToken".to_owned())
    }
}

impl Session {
    pub fn begin(
        id: Id<Session>,
        account: Id<Account>,
        client: Client,
        device_name: Option<String>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            account,
            client,
            device_name,
            status: Status::Active,
            revoked_reason: None,
            family: Family::new(now),
            authenticated_at: now,
            last_seen_at: now,
            idle_expires_at: now + client.idle(),
            absolute_expires_at: now + client.absolute(),
            created_at: now,
        }
    }

    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.status == Status::Active && now < self.idle_expires_at && now < self.absolute_expires_at
    }

    /// The end of an access token given out now: never after that of the session.
    pub fn access_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        (now + self.client.access()).min(self.absolute_expires_at)
    }

    /// Ends it; one that was ended already keeps its reason.
    #[must_use]
    pub fn revoke(mut self, reason: Reason) -> Self {
        if self.status == Status::Active {
            self.status = Status::Revoked;
            self.revoked_reason = Some(reason);
        }
        self
    }

    /// After a rotation: used now, so idle for as long again.
    #[must_use]
    pub fn refreshed(self, family: Family, now: DateTime<Utc>) -> Self {
        let idle = now + self.client.idle();
        Self { family, last_seen_at: now, idle_expires_at: idle.min(self.absolute_expires_at), ..self }
    }
}

#[cfg(test)]
mod simulation;
