//! Keys that sign access tokens, sealed, shared by all instances.
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{Connection, Result, schema::signing_key};

/// A stored key.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = signing_key)]
pub struct SigningKey {
    /// The RFC 7638 thumbprint.
    pub id: String,
    pub algorithm: String,
    /// `NEXT`, `ACTIVE`, `RETIRING` or `RETIRED`.
    pub state: String,
    pub public_key: Vec<u8>,
    pub private_key_sealed: Vec<u8>,
    pub state_since: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

/// Every key that may still verify a token.
pub async fn usable(mut conn: &Connection) -> Result<Vec<SigningKey>> {
    let query = SigningKey::query().filter(signing_key::state.ne("RETIRED")).order(signing_key::created_at);
    Ok(query.load(&mut conn).await?)
}

/// Stores a key, unless another instance has made the active one meanwhile.
pub async fn insert(mut conn: &Connection, key: &SigningKey) -> Result<bool> {
    let insert = diesel::insert_into(signing_key::table).values(key.clone()).on_conflict_do_nothing();
    Ok(insert.execute(&mut conn).await? == 1)
}

/// Moves every key in one state to another.
pub async fn move_all(mut conn: &Connection, from: &str, to: &str, now: DateTime<Utc>) -> Result<usize> {
    let keys = signing_key::table.filter(signing_key::state.eq(from));
    let changes = (signing_key::state.eq(to), signing_key::state_since.eq(now));
    Ok(diesel::update(keys).set(changes).execute(&mut conn).await?)
}

/// Retires keys that have verified for long enough after their last use.
pub async fn retire(mut conn: &Connection, since_before: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize> {
    let keys = signing_key::table
        .filter(signing_key::state.eq("RETIRING"))
        .filter(signing_key::state_since.lt(since_before));
    let changes = (signing_key::state.eq("RETIRED"), signing_key::state_since.eq(now));
    Ok(diesel::update(keys).set(changes).execute(&mut conn).await?)
}
