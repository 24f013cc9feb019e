//! Mails about an account, queued in the transaction that causes them.
use chrono::{DateTime, Utc};
use diesel::sql_types::{Json, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{account::Account, id::Id};
use serde_json::json;
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// The kind of job that sends these mails. Its payload names the mail, the account and, where there is one, the
/// link: `{"mail": "VERIFY_EMAIL", "account": "…", "link": "…"}`.
pub const JOB: &str = "ACCOUNT_MAIL";

/// What the mail says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mail {
    /// Please confirm your address, with this link.
    VerifyEmail { link: Uuid },
    /// Somebody, perhaps you, signed up with this address: you have an account, with this link to a new password.
    AlreadyRegistered { link: Uuid },
    /// Choose a new password, with this link.
    ResetPassword { link: Uuid },
    /// Your password was changed.
    PasswordChanged,
    /// Somebody used a copy of your sign-in; the session was ended.
    SessionStolen,
}

impl Mail {
    pub fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "VERIFY_EMAIL",
            Self::AlreadyRegistered { .. } => "ALREADY_REGISTERED",
            Self::ResetPassword { .. } => "RESET_PASSWORD",
            Self::PasswordChanged => "PASSWORD_CHANGED",
            Self::SessionStolen => "SESSION_STOLEN",
        }
    }

    fn link(self) -> Option<Uuid> {
        match self {
            Self::VerifyEmail { link } | Self::AlreadyRegistered { link } | Self::ResetPassword { link } => {
                Some(link)
            }
            Self::PasswordChanged | Self::SessionStolen => None,
        }
    }
}

/// Queues a mail to the account.
pub async fn enqueue(
    mut conn: &Connection,
    id: Uuid,
    account: Id<Account>,
    mail: Mail,
    now: DateTime<Utc>,
) -> Result<()> {
    let payload = json!({ "mail": mail.name(), "account": account.uuid(), "link": mail.link() });
    Sql::<()>::new("insert into job (id, kind, payload, run_at, created_at) values ($1, $2, $3, $4, $4)")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(JOB)
        .bind::<Json, _>(payload)
        .bind::<Timestamptz, _>(now)
        .execute(&mut conn)
        .await?;
    Ok(())
}
