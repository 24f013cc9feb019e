//! Was this mutation done before? The key's row is written in the mutation's own transaction.
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension,
    result::{DatabaseErrorKind, Error as DieselError},
    sql_types::{Binary, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{Connection, Error, Result, hit_one, sql::Sql};

/// Names one wish of one principal.
#[derive(Debug, Clone)]
pub struct Key {
    pub principal: Uuid,
    pub mutation: String,
    pub key: String,
    /// Of the arguments, so that a key cannot stand for two wishes.
    pub fingerprint: Vec<u8>,
}

/// What the key's row says.
#[derive(Debug, PartialEq)]
pub enum Begun {
    Fresh,
    Repeated(Value),
    OtherArguments,
    /// Its twin has not ended yet, and waiting for it took too long.
    Running,
}

/// Claims the key. A twin in flight holds the row, so this waits for its end, at most the lock timeout.
pub async fn begin(mut conn: &Connection, key: &Key, expires_at: DateTime<Utc>) -> Result<Begun> {
    let inserted = Sql::<()>::new(
        "insert into idempotency_key (principal, mutation, key, fingerprint, expires_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(key.principal)
    .bind::<Text, _>(key.mutation.clone())
    .bind::<Text, _>(key.key.clone())
    .bind::<Binary, _>(key.fingerprint.clone())
    .bind::<Timestamptz, _>(expires_at)
    .execute(&mut conn)
    .await;
    match inserted {
        Ok(1) => return Ok(Begun::Fresh),
        Ok(_) => {}
        Err(DieselError::DatabaseError(DatabaseErrorKind::Unknown, information))
            if information.message().contains("lock timeout") =>
        {
            return Ok(Begun::Running);
        }
        Err(error) => return Err(error.into()),
    }
    let stored = Sql::<(Binary, Nullable<Json>)>::new(
        "select fingerprint, outcome from idempotency_key where principal = $1 and mutation = $2 and key = $3",
    )
    .bind::<SqlUuid, _>(key.principal)
    .bind::<Text, _>(key.mutation.clone())
    .bind::<Text, _>(key.key.clone())
    .get_result::<(Vec<u8>, Option<Value>)>(&mut conn)
    .await
    .optional()?;
    match stored {
        Some((fingerprint, _)) if fingerprint != key.fingerprint => Ok(Begun::OtherArguments),
        Some((_, Some(outcome))) => Ok(Begun::Repeated(outcome)),
        Some((_, None)) => Err(Error::corrupt("idempotency_key", "outcome", "null after commit")),
        None => Ok(Begun::Running),
    }
}

/// Stores what the mutation answered, before it commits.
pub async fn store(mut conn: &Connection, key: &Key, outcome: &Value) -> Result<()> {
    let count = Sql::<()>::new(
        "update idempotency_key set outcome = $1 where principal = $2 and mutation = $3 and key = $4",
    )
    .bind::<Json, _>(outcome.clone())
    .bind::<SqlUuid, _>(key.principal)
    .bind::<Text, _>(key.mutation.clone())
    .bind::<Text, _>(key.key.clone())
    .execute(&mut conn)
    .await?;
    hit_one(count)
}

/// Forgets keys that are over their time, at most `limit` of them.
pub async fn purge(mut conn: &Connection, now: DateTime<Utc>, limit: i64) -> Result<usize> {
    let count = Sql::<()>::new(
        "delete from idempotency_key where ctid in (
             select ctid from idempotency_key where expires_at < $1 limit $2)",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<diesel::sql_types::BigInt, _>(limit)
    .execute(&mut conn)
    .await?;
    Ok(count)
}
