//! Matching runs, and which of them somebody may see.
pub mod exclusion;
pub mod market;
pub mod proposal;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    expression::Expression,
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    cohort::Cohort,
    id::Id,
    matching::{
        Findings,
        run::{Outcome, Refusal, Run},
    },
    organization::Organization,
    page::{self, Page, PageRequest},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::matching_run,
    sql::{Sql, uuids},
    stored,
};

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Run>],
) -> Result<Vec<Run>> {
    let query = Row::query()
        .filter(matching_run::organization_id.eq(organization.uuid()))
        .filter(matching_run::id.eq_any(uuids(ids)))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(Run::try_from).collect()
}

/// A page for each of several cohorts, newest first; cohorts without a visible run are left out.
pub async fn by_cohorts(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    cohorts: &[Id<Cohort>],
    page: &PageRequest<Id<Run>>,
) -> Result<HashMap<Id<Cohort>, Page<Run>>> {
    let rows = Sql::<Columns>::new(
        "select r.id, r.program_id, r.cohort_id, r.policy_number, r.status, r.progress, r.engine_version,
             r.input_hash, r.mentee_count, r.mentor_count, r.matched_count, r.total_score, r.failure,
             r.requested_by, r.finished_at, r.version, r.created_at, r.updated_at
         from unnest($1) c (id) cross join lateral (
             select * from matching_run r
             where r.organization_id = $2 and r.cohort_id = c.id and ($3::uuid is null or r.id < $3)
             and ($4 or r.program_id = any($5))
             order by r.id desc limit $6
         ) r order by r.cohort_id, r.id desc",
    )
    .bind::<Array<SqlUuid>, _>(uuids(cohorts))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<Bool, _>(scope.everything)
    .bind::<Array<SqlUuid>, _>(uuids(&scope.programs))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let runs = rows.into_iter().map(Run::try_from).collect::<Result<_>>()?;
    Ok(page::by_parent(runs, page.first, |run: &Run| run.cohort))
}

/// Holds the run until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Run>,
) -> Result<Run> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Run) -> Result<()> {
    let values = (matching_run::organization_id.eq(organization.uuid()), Row::from(value));
    diesel::insert_into(matching_run::table)
        .values(values)
        .execute(&mut conn)
        .await
        .on_constraint("matching_run_pkey", || Refusal::IdTaken)
        .on_constraint("matching_run_one_open", || Refusal::RunOpen)?;
    Ok(())
}

/// Saves a transition; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Run) -> Result<()> {
    let row = Row::from(value);
    let target =
        matching_run::table.find((organization.uuid(), row.id)).filter(matching_run::version.eq(row.version));
    let figures = (
        matching_run::engine_version.eq(row.engine_version),
        matching_run::input_hash.eq(row.input_hash),
        matching_run::mentee_count.eq(row.mentee_count),
        matching_run::mentor_count.eq(row.mentor_count),
        matching_run::matched_count.eq(row.matched_count),
        matching_run::total_score.eq(row.total_score),
    );
    let changes = (
        matching_run::status.eq(row.status),
        matching_run::progress.eq(row.progress),
        figures,
        matching_run::failure.eq(row.failure),
        matching_run::finished_at.eq(row.finished_at),
        matching_run::version.eq(row.version + 1),
        matching_run::updated_at.eq(row.updated_at),
    );
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)
}

/// Shows how far a run is, and tells subscribers. `false` when nobody wants it any more.
pub async fn progress(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<Run>,
    percent: i16,
    now: DateTime<Utc>,
) -> Result<bool> {
    let shown = Sql::<()>::new(
        "with shown as (
             update matching_run set progress = $3, updated_at = $4
             where organization_id = $1 and id = $2 and status = 'RUNNING' returning cohort_id
         )
         select pg_notify('cairn_change', concat_ws(' ', $1::text, 'run', $2::text, cohort_id::text)) from shown",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<SmallInt, _>(percent)
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(shown == 1)
}

/// Keeps what a run found besides its pairs.
pub async fn keep_findings(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<Run>,
    findings: &Findings,
) -> Result<()> {
    let report = serde_json::to_value(findings);
    let report = report.map_err(|error| Error::corrupt("matching_run", "report", error))?;
    let target = matching_run::table.find((organization.uuid(), id.uuid()));
    hit_one(diesel::update(target).set(matching_run::report.eq(report)).execute(&mut conn).await?)
}

/// What these runs found besides their pairs; runs without proposals are left out. It does not look who asks.
pub async fn findings(
    mut conn: &Connection,
    organization: Id<Organization>,
    ids: &[Id<Run>],
) -> Result<Vec<(Id<Run>, Findings)>> {
    let ids = uuids(ids);
    let rows: Vec<(Uuid, Option<Value>)> = matching_run::table
        .filter(matching_run::organization_id.eq(organization.uuid()))
        .filter(matching_run::id.eq_any(ids))
        .filter(matching_run::report.is_not_null())
        .select((matching_run::id, matching_run::report))
        .load(&mut conn)
        .await?;
    let read = |(id, report): (Uuid, Option<Value>)| {
        let findings = serde_json::from_value(report.unwrap_or_default());
        let findings = findings.map_err(|error| Error::corrupt("matching_run", "report", error))?;
        Ok((id.into(), findings))
    };
    rows.into_iter().map(read).collect()
}

fn visible(scope: &Scope) -> Box<dyn BoxableExpression<matching_run::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let everything = scope.everything.into_sql::<Bool>();
    Box::new(everything.or(matching_run::program_id.eq_any(programs)))
}

type Columns = <<Row as Selectable<Pg>>::SelectExpression as Expression>::SqlType;

#[derive(HasQuery, Insertable)]
#[diesel(table_name = matching_run)]
struct Row {
    id: Uuid,
    program_id: Uuid,
    cohort_id: Uuid,
    policy_number: i32,
    status: String,
    progress: i16,
    engine_version: Option<String>,
    input_hash: Option<Vec<u8>>,
    mentee_count: i32,
    mentor_count: i32,
    matched_count: i32,
    total_score: i32,
    failure: Option<String>,
    requested_by: Uuid,
    finished_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Run {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let outcome = |(engine_version, input_hash)| Outcome {
            engine_version,
            input_hash,
            mentees: row.mentee_count,
            mentors: row.mentor_count,
            matched: row.matched_count,
            total_score: row.total_score,
        };
        let failure = row.failure.as_deref().map(|text| stored("matching_run", "failure", text));
        Ok(Self {
            id: row.id.into(),
            program: row.program_id.into(),
            cohort: row.cohort_id.into(),
            policy_number: row.policy_number,
            status: stored("matching_run", "status", &row.status)?,
            progress: row.progress,
            result: row.engine_version.zip(row.input_hash).map(outcome),
            failure: failure.transpose()?,
            requested_by: row.requested_by.into(),
            finished_at: row.finished_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Run> for Row {
    fn from(value: &Run) -> Self {
        let result = value.result.as_ref();
        let figure = |figure: fn(&Outcome) -> i32| result.map(figure).unwrap_or_default();
        Self {
            id: value.id.uuid(),
            program_id: value.program.uuid(),
            cohort_id: value.cohort.uuid(),
            policy_number: value.policy_number,
            status: value.status.to_string(),
            progress: value.progress,
            engine_version: result.map(|result| result.engine_version.clone()),
            input_hash: result.map(|result| result.input_hash.clone()),
            mentee_count: figure(|result| result.mentees),
            mentor_count: figure(|result| result.mentors),
            matched_count: figure(|result| result.matched),
            total_score: figure(|result| result.total_score),
            failure: value.failure.map(|failure| failure.to_string()),
            requested_by: value.requested_by.uuid(),
            finished_at: value.finished_at,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
