//! Who must be told, and what must be done later? Rows written with what causes them, and done by one worker at a
//! time: a worker holds a job for as long as its lease, which counts on the clock of the database.
use chrono::{DateTime, Utc};
use diesel::sql_types::{Double, Integer, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{id::Id, organization::Organization};
use serde_json::Value;
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// The channel on which new jobs are announced.
pub const CHANNEL: &str = "cairn_job";

/// Something to do.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub id: Uuid,
    pub organization: Option<Id<Organization>>,
    pub kind: &'static str,
    /// Ids only, never personal text.
    pub payload: Value,
    /// A second job with the same key is not stored.
    pub dedupe_key: Option<String>,
    pub run_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// A job in the hands of a worker.
#[derive(Debug, Clone)]
pub struct Leased {
    pub id: Uuid,
    pub organization: Option<Id<Organization>>,
    pub kind: String,
    pub payload: Value,
    /// 1 the first time.
    pub attempts: i32,
    pub token: Uuid,
}

pub async fn insert(mut conn: &Connection, job: &NewJob) -> Result<()> {
    Sql::<()>::new(
        "with stored as (
             insert into job (id, organization_id, kind, payload, dedupe_key, run_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id
         )
         select pg_notify('cairn_job', '') from stored",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<Nullable<SqlUuid>, _>(job.organization.map(Id::uuid))
    .bind::<Text, _>(job.kind)
    .bind::<Json, _>(job.payload.clone())
    .bind::<Nullable<Text>, _>(job.dedupe_key.clone())
    .bind::<Timestamptz, _>(job.run_at)
    .bind::<Timestamptz, _>(job.now)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Takes the job that is due longest and in nobody's hands, for `seconds`.
pub async fn claim(
    mut conn: &Connection,
    token: Uuid,
    seconds: f64,
    now: DateTime<Utc>,
) -> Result<Option<Leased>> {
    type Row = (Uuid, Option<Uuid>, String, Value, i32);
    let claimed = Sql::<(SqlUuid, Nullable<SqlUuid>, Text, Json, Integer)>::new(
        "update job set lease_token = $1, lease_until = clock_timestamp() + make_interval(secs => $2),
             attempts = attempts + 1
         where id = (
             select id from job
             where done_at is null and dead_at is null and run_at <= $3
             and (lease_until is null or lease_until < clock_timestamp())
             order by run_at, id limit 1 for update skip locked
         )
         returning id, organization_id, kind, payload, attempts",
    )
    .bind::<SqlUuid, _>(token)
    .bind::<Double, _>(seconds)
    .bind::<Timestamptz, _>(now)
    .load::<Row>(&mut conn)
    .await?;
    let leased = |(id, organization, kind, payload, attempts): Row| {
        let organization = organization.map(Id::new);
        Leased { id, organization, kind, payload, attempts, token }
    };
    Ok(claimed.into_iter().next().map(leased))
}

/// Holds a job for `seconds` more. `false` when it is in other hands.
pub async fn extend(mut conn: &Connection, job: &Leased, seconds: f64) -> Result<bool> {
    let held = Sql::<()>::new(
        "update job set lease_until = clock_timestamp() + make_interval(secs => $3)
         where id = $1 and lease_token = $2",
    );
    let held = held.bind::<SqlUuid, _>(job.id).bind::<SqlUuid, _>(job.token).bind::<Double, _>(seconds);
    Ok(held.execute(&mut conn).await? == 1)
}

/// Says that a job is done, unless it is in other hands by now.
pub async fn complete(mut conn: &Connection, job: &Leased, now: DateTime<Utc>) -> Result<()> {
    let done = Sql::<()>::new(
        "update job set done_at = $3, progress = 100, lease_until = null, lease_token = null, last_error = null
         where id = $1 and lease_token = $2",
    );
    let done = done.bind::<SqlUuid, _>(job.id).bind::<SqlUuid, _>(job.token).bind::<Timestamptz, _>(now);
    done.execute(&mut conn).await?;
    Ok(())
}

/// Puts a job back until `run_at`, after a failure.
pub async fn retry(mut conn: &Connection, job: &Leased, run_at: DateTime<Utc>, error: &str) -> Result<()> {
    Sql::<()>::new(
        "update job set run_at = $3, last_error = $4, lease_until = null, lease_token = null
         where id = $1 and lease_token = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<SqlUuid, _>(job.token)
    .bind::<Timestamptz, _>(run_at)
    .bind::<Text, _>(error.to_owned())
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Puts a job back as if it had not been tried, because its worker stops.
pub async fn release(mut conn: &Connection, job: &Leased) -> Result<()> {
    let released = Sql::<()>::new(
        "update job set attempts = attempts - 1, lease_until = null, lease_token = null
         where id = $1 and lease_token = $2",
    );
    released.bind::<SqlUuid, _>(job.id).bind::<SqlUuid, _>(job.token).execute(&mut conn).await?;
    Ok(())
}

/// Gives a job up for good.
pub async fn bury(mut conn: &Connection, job: &Leased, now: DateTime<Utc>, error: &str) -> Result<()> {
    Sql::<()>::new(
        "update job set dead_at = $3, last_error = $4, lease_until = null, lease_token = null
         where id = $1 and lease_token = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<SqlUuid, _>(job.token)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(error.to_owned())
    .execute(&mut conn)
    .await?;
    Ok(())
}
