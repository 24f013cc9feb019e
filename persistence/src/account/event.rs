//! What happened to the security of an account: sign-ins, failures, ended sessions.
use chrono::{DateTime, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{account::Account, id::Id, session::Session};
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// One event, without secrets and without the whole address of the client.
#[derive(Debug, Clone)]
pub struct SecurityEvent {
    pub id: Uuid,
    pub account: Option<Id<Account>>,
    pub session: Option<Id<Session>>,
    pub at: DateTime<Utc>,
    pub action: &'static str,
    pub address_prefix: Option<String>,
    pub request_id: String,
}

pub async fn insert(mut conn: &Connection, event: SecurityEvent) -> Result<()> {
    Sql::<()>::new(
        "insert into security_event (id, account_id, session_id, at, action, address_prefix, request_id)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(event.id)
    .bind::<Nullable<SqlUuid>, _>(event.account.map(Id::uuid))
    .bind::<Nullable<SqlUuid>, _>(event.session.map(Id::uuid))
    .bind::<Timestamptz, _>(event.at)
    .bind::<Text, _>(event.action)
    .bind::<Nullable<Text>, _>(event.address_prefix)
    .bind::<Text, _>(event.request_id)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Forgets what happened more than a year ago.
pub async fn purge(mut conn: &Connection, now: DateTime<Utc>) -> Result<usize> {
    let delete = Sql::<()>::new("delete from security_event where at < $1 - interval '365 days'");
    Ok(delete.bind::<Timestamptz, _>(now).execute(&mut conn).await?)
}
