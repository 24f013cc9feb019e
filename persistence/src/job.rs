//! What is to be done later: outbox and queue in one table.
//!
//! A job is due by the clock of the application, so that tests can let time pass; a lease runs by the clock of the
//! database, so that an instance with a wrong clock cannot steal.
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension,
    sql_types::{Array, BigInt, Bool, Double, Integer, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// The channel on which new jobs are announced at commit.
pub const CHANNEL: &str = "cairn_job";

/// How long a worker may hold a job without a sign of life.
pub const LEASE: Duration = Duration::from_secs(60);

/// A job to be done at `run_at` or later. With a key, a job that is there already is not made again.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub id: Uuid,
    pub organization: Option<Uuid>,
    pub kind: String,
    /// Ids only, never personal text.
    pub payload: Value,
    pub dedupe_key: Option<String>,
    pub run_at: DateTime<Utc>,
}

/// A job in the hands of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub id: Uuid,
    pub organization: Option<Uuid>,
    pub kind: String,
    pub payload: Value,
    /// How often it was tried before.
    pub attempts: i32,
    /// Only who has it may end the job: a worker that was too slow has lost it.
    pub token: Uuid,
}

/// Adds jobs, and wakes the workers at commit. One whose key is there already is left out.
pub async fn enqueue(mut conn: &Connection, jobs: &[NewJob], now: DateTime<Utc>) -> Result<()> {
    let all = || jobs.iter();
    Sql::<()>::new(
        "with added as (
             insert into job (id, organization_id, kind, payload, dedupe_key, run_at, created_at)
             select id, organization, kind, payload, dedupe_key, run_at, $7
             from unnest($1, $2, $3, $4, $5, $6) as new (id, organization, kind, payload, dedupe_key, run_at)
             on conflict (dedupe_key) do nothing returning id
         )
         select pg_notify('cairn_job', '') from added limit 1",
    )
    .bind::<Array<SqlUuid>, _>(all().map(|job| job.id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(all().map(|job| job.organization).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(all().map(|job| job.kind.clone()).collect::<Vec<_>>())
    .bind::<Array<Json>, _>(all().map(|job| job.payload.clone()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(all().map(|job| job.dedupe_key.clone()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(all().map(|job| job.run_at).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Takes the job that has waited longest. Others skip it as long as the lease holds.
pub async fn claim(
    mut conn: &Connection,
    token: Uuid,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>> {
    type Columns = (SqlUuid, Nullable<SqlUuid>, Text, Json, Integer);
    let row: Option<(Uuid, Option<Uuid>, String, Value, i32)> = Sql::<Columns>::new(
        "update job set lease_token = $1, lease_until = clock_timestamp() + $2 * interval '1 second',
             attempts = attempts + 1
         where id = (
             select id from job
             where done_at is null and dead_at is null and run_at <= $3
               and (lease_until is null or lease_until < clock_timestamp())
             order by run_at, id limit 1 for update skip locked)
         returning id, organization_id, kind, payload, attempts - 1",
    )
    .bind::<SqlUuid, _>(token)
    .bind::<Double, _>(lease.as_secs_f64())
    .bind::<Timestamptz, _>(now)
    .get_result(&mut conn)
    .await
    .optional()?;
    Ok(row.map(|(id, organization, kind, payload, attempts)| Claimed {
        id,
        organization,
        kind,
        payload,
        attempts,
        token,
    }))
}

/// A sign of life. `false` when the job is lost to another worker.
pub async fn heartbeat(mut conn: &Connection, job: &Claimed) -> Result<bool> {
    let count = Sql::<()>::new(
        "update job set lease_until = clock_timestamp() + $3 * interval '1 second' where id = $1 and lease_token = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<SqlUuid, _>(job.token)
    .bind::<Double, _>(LEASE.as_secs_f64())
    .execute(&mut conn)
    .await?;
    Ok(count == 1)
}

/// The job is done. `false` when it was lost to another worker meanwhile.
pub async fn complete(mut conn: &Connection, job: &Claimed, now: DateTime<Utc>) -> Result<bool> {
    let count = Sql::<()>::new(
        "update job set done_at = $3, lease_token = null, lease_until = null, progress = 100
         where id = $1 and lease_token = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<SqlUuid, _>(job.token)
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(count == 1)
}

/// The job failed: try again at `retry_at`, or never.
pub async fn fail(
    mut conn: &Connection,
    job: &Claimed,
    retry_at: Option<DateTime<Utc>>,
    error: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let count = Sql::<()>::new(
        "update job set lease_token = null, lease_until = null, last_error = $4, run_at = coalesce($3, run_at),
             dead_at = case when $3::timestamptz is null then $5 end
         where id = $1 and lease_token = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<SqlUuid, _>(job.token)
    .bind::<Nullable<Timestamptz>, _>(retry_at)
    .bind::<Text, _>(error.chars().take(500).collect::<String>())
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(count == 1)
}

/// Gives a job back untried, for another worker.
pub async fn release(mut conn: &Connection, job: &Claimed) -> Result<()> {
    Sql::<()>::new(
        "update job set lease_token = null, lease_until = null, attempts = attempts - 1
         where id = $1 and lease_token = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<SqlUuid, _>(job.token)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Drops what an organization would still have sent from before `until`.
pub async fn forget_mails(mut conn: &Connection, organization: Uuid, until: DateTime<Utc>) -> Result<usize> {
    let delete = Sql::<()>::new(
        "delete from job where organization_id = $1 and kind = 'SEND_MAIL' and done_at is null and run_at < $2",
    );
    Ok(delete.bind::<SqlUuid, _>(organization).bind::<Timestamptz, _>(until).execute(&mut conn).await?)
}

/// How the queue stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    pub waiting: i64,
    pub dead: i64,
    /// Seconds for which the oldest due job has waited.
    pub lag: f64,
}

pub async fn standing(mut conn: &Connection, now: DateTime<Utc>) -> Result<Standing> {
    let (waiting, dead, lag): (i64, i64, f64) = Sql::<(BigInt, BigInt, Double)>::new(
        "select count(*) filter (where dead_at is null), count(*) filter (where dead_at is not null),
                coalesce(extract(epoch from $1 - min(run_at) filter (where dead_at is null and run_at <= $1)), 0)::float8
         from job where done_at is null",
    )
    .bind::<Timestamptz, _>(now)
    .get_result(&mut conn)
    .await?;
    Ok(Standing { waiting, dead, lag })
}

/// A job as an operator sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub id: Uuid,
    pub kind: String,
    pub run_at: DateTime<Utc>,
    pub attempts: i32,
    pub dead: bool,
    pub last_error: Option<String>,
}

/// Jobs that are not done, dead ones first.
pub async fn list(mut conn: &Connection, limit: i64) -> Result<Vec<Listed>> {
    type Columns = (SqlUuid, Text, Timestamptz, Integer, Bool, Nullable<Text>);
    let rows: Vec<(Uuid, String, DateTime<Utc>, i32, bool, Option<String>)> = Sql::<Columns>::new(
        "select id, kind, run_at, attempts, dead_at is not null, last_error from job
         where done_at is null order by dead_at is null, run_at, id limit $1",
    )
    .bind::<BigInt, _>(limit)
    .load(&mut conn)
    .await?;
    let listed = |(id, kind, run_at, attempts, dead, last_error)| Listed {
        id,
        kind,
        run_at,
        attempts,
        dead,
        last_error,
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Gives dead jobs another life. Answers how many.
pub async fn retry_dead(mut conn: &Connection, now: DateTime<Utc>) -> Result<usize> {
    let retry =
        Sql::<()>::new("update job set dead_at = null, attempts = 0, run_at = $1 where dead_at is not null");
    Ok(retry.bind::<Timestamptz, _>(now).execute(&mut conn).await?)
}

/// Forgets jobs that were done a week ago, and dead ones of a month ago.
pub async fn purge(mut conn: &Connection, now: DateTime<Utc>) -> Result<usize> {
    let delete = Sql::<()>::new(
        "delete from job where done_at < $1 - interval '7 days' or dead_at < $1 - interval '30 days'",
    );
    Ok(delete.bind::<Timestamptz, _>(now).execute(&mut conn).await?)
}

/// Every organization, for work that is done in each of them.
pub async fn organizations(mut conn: &Connection) -> Result<Vec<Uuid>> {
    Ok(Sql::<SqlUuid>::new("select id from organization order by id").load(&mut conn).await?)
}
