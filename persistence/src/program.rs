//! Programs, and which of them somebody may see.
pub mod objective;
pub mod policy;

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, pg::Pg, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    id::Id,
    organization::Organization,
    page::{Page, PageRequest},
    program::{Program, Refusal, Status},
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::{cohort, enrollment, program},
    sql::uuids,
    stored,
};

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Program>,
) -> Result<Option<Program>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Program>],
) -> Result<Vec<Program>> {
    let ids = uuids(ids);
    let query = Row::query()
        .filter(program::organization_id.eq(organization.uuid()))
        .filter(program::id.eq_any(ids))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(Program::try_from).collect()
}

/// Newest first; of one state only, when it is given.
pub async fn by_organization(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    status: Option<Status>,
    page: &PageRequest<Id<Program>>,
) -> Result<Page<Program>> {
    let mut query = Row::query()
        .filter(program::organization_id.eq(organization.uuid()))
        .filter(visible(scope))
        .order(program::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(program::status.eq(status.to_string()));
    }
    if let Some(after) = page.after {
        query = query.filter(program::id.lt(after.uuid()));
    }
    let rows = query.load::<Row>(&mut conn).await?;
    let programs = rows.into_iter().map(Program::try_from).collect::<Result<_>>()?;
    Ok(Page::of(programs, page.first))
}

/// Holds the program until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Program>,
) -> Result<Program> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Program) -> Result<()> {
    let values = (program::organization_id.eq(organization.uuid()), Row::from(value));
    diesel::insert_into(program::table)
        .values(values)
        .execute(&mut conn)
        .await
        .on_constraint("program_pkey", || Refusal::IdTaken)
        .on_constraint("program_name_unique", || Refusal::NameTaken)?;
    Ok(())
}

/// Saves an edit; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Program) -> Result<()> {
    let row = Row::from(value);
    let target = program::table.find((organization.uuid(), row.id)).filter(program::version.eq(row.version));
    let changes = (
        program::name.eq(row.name),
        program::description.eq(row.description),
        program::status.eq(row.status),
        program::time_zone.eq(row.time_zone),
        program::policy_number.eq(row.policy_number),
        program::version.eq(row.version + 1),
        program::updated_at.eq(row.updated_at),
    );
    let count = diesel::update(target)
        .set(changes)
        .execute(&mut conn)
        .await
        .on_constraint("program_name_unique", || Refusal::NameTaken)?;
    hit_one(count)
}

/// How many cohorts of each program have not ended; programs without one are left out.
pub async fn count_live_cohorts(
    mut conn: &Connection,
    organization: Id<Organization>,
    ids: &[Id<Program>],
) -> Result<Vec<(Id<Program>, i64)>> {
    let ids = uuids(ids);
    let counts: Vec<(Uuid, i64)> = cohort::table
        .filter(cohort::organization_id.eq(organization.uuid()))
        .filter(cohort::program_id.eq_any(ids))
        .filter(cohort::status.ne_all(["COMPLETED", "CANCELLED"]))
        .group_by(cohort::program_id)
        .select((cohort::program_id, diesel::dsl::count_star()))
        .load(&mut conn)
        .await?;
    Ok(counts.into_iter().map(|(program, count)| (program.into(), count)).collect())
}

/// The programs of the scope, and those in which its people take part.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<program::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let participants: Vec<Uuid> = scope.mentors.iter().chain(&scope.mentees).map(|id| id.uuid()).collect();
    let taking_part = enrollment::table
        .filter(enrollment::organization_id.eq(program::organization_id))
        .filter(enrollment::program_id.eq(program::id))
        .filter(enrollment::profile_id.eq_any(participants))
        .filter(enrollment::status.ne("WITHDRAWN"));
    Box::new(scope.everything.into_sql::<Bool>().or(program::id.eq_any(programs)).or(exists(taking_part)))
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = program)]
struct Row {
    id: Uuid,
    name: String,
    description: Option<String>,
    status: String,
    time_zone: String,
    policy_number: i32,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Program {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unknown_zone = |error| Error::corrupt("program", "time_zone", error);
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            description: row.description,
            status: stored("program", "status", &row.status)?,
            time_zone: row.time_zone.parse().map_err(unknown_zone)?,
            policy_number: row.policy_number,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Program> for Row {
    fn from(value: &Program) -> Self {
        Self {
            id: value.id.uuid(),
            name: value.name.clone(),
            description: value.description.clone(),
            status: value.status.to_string(),
            time_zone: value.time_zone.to_string(),
            policy_number: value.policy_number,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
