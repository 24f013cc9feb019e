//! Cohorts, and which of them somebody may see.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    dsl::{count_star, exists},
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    cohort::{Cohort, Refusal},
    id::Id,
    organization::Organization,
    page::{self, Page, PageRequest},
    program::Program,
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::{cohort, enrollment, matches},
    sql::{Sql, uuids},
    stored,
};

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Cohort>,
) -> Result<Option<Cohort>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Cohort>],
) -> Result<Vec<Cohort>> {
    let ids = uuids(ids);
    let query = Row::query()
        .filter(cohort::organization_id.eq(organization.uuid()))
        .filter(cohort::id.eq_any(ids))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(Cohort::try_from).collect()
}

/// A page for each of several programs, newest first; programs without a visible cohort are left out.
pub async fn by_programs(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    programs: &[Id<Program>],
    page: &PageRequest<Id<Cohort>>,
) -> Result<HashMap<Id<Program>, Page<Cohort>>> {
    let rows = Sql::<Columns>::new(
        "select c.id, c.program_id, c.name, c.status, c.starts_on, c.ends_on, c.version, c.created_at, c.updated_at
         from unnest($1) p (id) cross join lateral (
             select * from cohort c
             where c.organization_id = $2 and c.program_id = p.id and ($3::uuid is null or c.id < $3)
             and ($4 or c.program_id = any($5) or exists (
                 select from enrollment e
                 where e.organization_id = c.organization_id and e.cohort_id = c.id
                 and e.profile_id = any($6) and e.status <> 'WITHDRAWN'))
             order by c.id desc limit $7
         ) c order by c.program_id, c.id desc",
    )
    .bind::<Array<SqlUuid>, _>(uuids(programs))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<Bool, _>(scope.everything)
    .bind::<Array<SqlUuid>, _>(uuids(&scope.programs))
    .bind::<Array<SqlUuid>, _>(participants(scope))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let cohorts = rows.into_iter().map(Cohort::try_from).collect::<Result<_>>()?;
    Ok(page::by_parent(cohorts, page.first, |cohort: &Cohort| cohort.program))
}

/// Holds the cohort until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Cohort>,
) -> Result<Cohort> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Cohort) -> Result<()> {
    let values = (cohort::organization_id.eq(organization.uuid()), Row::from(value));
    diesel::insert_into(cohort::table)
        .values(values)
        .execute(&mut conn)
        .await
        .on_constraint("cohort_pkey", || Refusal::IdTaken)
        .on_constraint("cohort_name_unique", || Refusal::NameTaken)?;
    Ok(())
}

/// Saves an edit; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Cohort) -> Result<()> {
    let row = Row::from(value);
    let target = cohort::table.find((organization.uuid(), row.id)).filter(cohort::version.eq(row.version));
    let changes = (
        cohort::name.eq(row.name),
        cohort::status.eq(row.status),
        cohort::starts_on.eq(row.starts_on),
        cohort::ends_on.eq(row.ends_on),
        cohort::version.eq(row.version + 1),
        cohort::updated_at.eq(row.updated_at),
    );
    let count = diesel::update(target)
        .set(changes)
        .execute(&mut conn)
        .await
        .on_constraint("cohort_name_unique", || Refusal::NameTaken)?;
    hit_one(count)
}

/// How many matches of each cohort are accepted or active; cohorts without one are left out.
pub async fn count_live_matches(
    mut conn: &Connection,
    organization: Id<Organization>,
    ids: &[Id<Cohort>],
) -> Result<Vec<(Id<Cohort>, i64)>> {
    let ids = uuids(ids);
    let counts: Vec<(Uuid, i64)> = matches::table
        .filter(matches::organization_id.eq(organization.uuid()))
        .filter(matches::cohort_id.eq_any(ids))
        .filter(matches::status.eq_any(["ACCEPTED", "ACTIVE"]))
        .group_by(matches::cohort_id)
        .select((matches::cohort_id, count_star()))
        .load(&mut conn)
        .await?;
    Ok(counts.into_iter().map(|(cohort, count)| (cohort.into(), count)).collect())
}

/// The cohorts of the scope's programs, and those in which its people take part.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<cohort::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let taking_part = enrollment::table
        .filter(enrollment::organization_id.eq(cohort::organization_id))
        .filter(enrollment::cohort_id.eq(cohort::id))
        .filter(enrollment::profile_id.eq_any(participants(scope)))
        .filter(enrollment::status.ne("WITHDRAWN"));
    let everything = scope.everything.into_sql::<Bool>();
    Box::new(everything.or(cohort::program_id.eq_any(programs)).or(exists(taking_part)))
}

fn participants(scope: &Scope) -> Vec<Uuid> {
    scope.mentors.iter().chain(&scope.mentees).map(|id| id.uuid()).collect()
}

type Columns = crate::sql::Columns<Row>;

/// Starts the open cohorts of running programs whose first day has come, or whose first pair is at work.
pub async fn start_due(
    mut conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Cohort>>> {
    let started: Vec<Uuid> = Sql::<SqlUuid>::new(
        "update cohort c set status = 'RUNNING', version = c.version + 1, updated_at = $2
         from program p
         where c.organization_id = $1 and c.status = 'OPEN'
         and p.organization_id = c.organization_id and p.id = c.program_id and p.status = 'ACTIVE'
         and (c.starts_on <= ($2 at time zone p.time_zone)::date or exists (
             select from matches m where m.organization_id = $1 and m.cohort_id = c.id and m.status = 'ACTIVE'))
         returning c.id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Timestamptz, _>(now)
    .load(&mut conn)
    .await?;
    Ok(started.into_iter().map(Id::new).collect())
}

/// Brings the running cohorts to their end whose last day is over.
pub async fn close_due(
    mut conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Cohort>>> {
    let closed: Vec<Uuid> = Sql::<SqlUuid>::new(
        "update cohort c set status = 'CLOSING', version = c.version + 1, updated_at = $2
         from program p
         where c.organization_id = $1 and c.status = 'RUNNING'
         and p.organization_id = c.organization_id and p.id = c.program_id
         and c.ends_on < ($2 at time zone p.time_zone)::date
         returning c.id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Timestamptz, _>(now)
    .load(&mut conn)
    .await?;
    Ok(closed.into_iter().map(Id::new).collect())
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = cohort)]
struct Row {
    id: Uuid,
    program_id: Uuid,
    name: String,
    status: String,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Cohort {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            program: row.program_id.into(),
            name: row.name,
            status: stored("cohort", "status", &row.status)?,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Cohort> for Row {
    fn from(value: &Cohort) -> Self {
        Self {
            id: value.id.uuid(),
            program_id: value.program.uuid(),
            name: value.name.clone(),
            status: value.status.to_string(),
            starts_on: value.starts_on,
            ends_on: value.ends_on,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
