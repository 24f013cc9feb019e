//! One-time links that mails carry, kept as hashes.
use chrono::{DateTime, Utc};
use diesel::OptionalExtension;
use diesel::sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{account::Account, id::Id};
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    VerifyEmail,
    ResetPassword,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "VERIFY_EMAIL",
            Self::ResetPassword => "RESET_PASSWORD",
        }
    }
}

/// Stores a link; older ones of the same purpose end.
pub async fn insert(
    mut conn: &Connection,
    id: Uuid,
    account: Id<Account>,
    purpose: Purpose,
    token_hash: Vec<u8>,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    Sql::<()>::new(
        "with superseded as (
             update account_link set consumed_at = $6 where account_id = $2 and purpose = $3 and consumed_at is null
         )
         insert into account_link (id, account_id, purpose, token_hash, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(purpose.as_str())
    .bind::<Binary, _>(token_hash)
    .bind::<Timestamptz, _>(expires_at)
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Uses a link up; `None` when it is unknown, used or over its time. Of two at once, one succeeds.
pub async fn consume(
    mut conn: &Connection,
    purpose: Purpose,
    token_hash: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<Option<Id<Account>>> {
    let account: Option<Uuid> = Sql::<SqlUuid>::new(
        "update account_link set consumed_at = $3
         where token_hash = $1 and purpose = $2 and consumed_at is null and expires_at > $3
         returning account_id",
    )
    .bind::<Binary, _>(token_hash)
    .bind::<Text, _>(purpose.as_str())
    .bind::<Timestamptz, _>(now)
    .get_result(&mut conn)
    .await
    .optional()?;
    Ok(account.map(Id::new))
}

/// Forgets links that are over their time.
pub async fn purge(mut conn: &Connection, now: DateTime<Utc>) -> Result<usize> {
    let delete = Sql::<()>::new("delete from account_link where expires_at < $1 - interval '1 day'");
    Ok(delete.bind::<Timestamptz, _>(now).execute(&mut conn).await?)
}
