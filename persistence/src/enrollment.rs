//! Who takes part in cohorts, and which of them somebody may see.
mod page;

use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    cohort::Cohort,
    enrollment::{Enrollment, Refusal, Role, Status},
    id::Id,
    organization::Organization,
    profile::Profile,
};
use uuid::Uuid;

use crate::{Connection, Error, OnConstraint, Result, hit_one, schema::enrollment, sql::uuids, stored};

pub use page::{Filter, by_cohorts, by_profiles, count_by_cohorts};

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Enrollment>,
) -> Result<Option<Enrollment>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Enrollment>],
) -> Result<Vec<Enrollment>> {
    let ids = uuids(ids);
    let query = Row::query()
        .filter(enrollment::organization_id.eq(organization.uuid()))
        .filter(enrollment::id.eq_any(ids))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(Enrollment::try_from).collect()
}

/// Holds the enrollment until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Enrollment>,
) -> Result<Enrollment> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

/// Holds the enrollment of a person in a cohort, if there is one, until the transaction ends.
pub async fn lock_of_person(
    mut conn: &Connection,
    organization: Id<Organization>,
    cohort: Id<Cohort>,
    profile: Id<Profile>,
) -> Result<Option<Enrollment>> {
    let query = Row::query()
        .filter(enrollment::organization_id.eq(organization.uuid()))
        .filter(enrollment::cohort_id.eq(cohort.uuid()))
        .filter(enrollment::profile_id.eq(profile.uuid()))
        .for_update();
    query.first(&mut conn).await.optional()?.map(Enrollment::try_from).transpose()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Enrollment) -> Result<()> {
    let values = (enrollment::organization_id.eq(organization.uuid()), Row::from(value));
    let role = value.role;
    diesel::insert_into(enrollment::table)
        .values(values)
        .execute(&mut conn)
        .await
        .on_constraint("enrollment_pkey", || Refusal::IdTaken)
        .on_constraint("enrollment_once", || Refusal::AlreadyEnrolled { role })?;
    Ok(())
}

/// Saves a change; the version rises by one. The load is not touched: matches keep it.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Enrollment) -> Result<()> {
    let row = Row::from(value);
    let target =
        enrollment::table.find((organization.uuid(), row.id)).filter(enrollment::version.eq(row.version));
    let changes = (
        enrollment::role.eq(row.role),
        enrollment::status.eq(row.status),
        enrollment::capacity.eq(row.capacity),
        enrollment::version.eq(row.version + 1),
        enrollment::updated_at.eq(row.updated_at),
    );
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)
}

/// Ends all enrollments of a cohort that are not over, with the cohort.
pub async fn end_cohort(
    mut conn: &Connection,
    organization: Id<Organization>,
    cohort: Id<Cohort>,
    status: Status,
    now: DateTime<Utc>,
) -> Result<usize> {
    let present = enrollment::table
        .filter(enrollment::organization_id.eq(organization.uuid()))
        .filter(enrollment::cohort_id.eq(cohort.uuid()))
        .filter(enrollment::status.eq_any(["APPROVED", "ON_HOLD"]));
    let changes = (
        enrollment::status.eq(status.to_string()),
        enrollment::version.eq(enrollment::version + 1),
        enrollment::updated_at.eq(now),
    );
    Ok(diesel::update(present).set(changes).execute(&mut conn).await?)
}

/// The enrollments in the scope's programs, and those of its people.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<enrollment::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let people = uuids(&scope.people);
    let everything = scope.everything.into_sql::<Bool>();
    let theirs = enrollment::profile_id.eq_any(people);
    Box::new(everything.or(enrollment::program_id.eq_any(programs)).or(theirs))
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = enrollment)]
struct Row {
    id: Uuid,
    program_id: Uuid,
    cohort_id: Uuid,
    profile_id: Uuid,
    role: String,
    status: String,
    capacity: i16,
    load: i16,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Enrollment {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            program: row.program_id.into(),
            cohort: row.cohort_id.into(),
            profile: row.profile_id.into(),
            role: stored::<Role>("enrollment", "role", &row.role)?,
            status: stored("enrollment", "status", &row.status)?,
            capacity: row.capacity,
            load: row.load,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Enrollment> for Row {
    fn from(value: &Enrollment) -> Self {
        Self {
            id: value.id.uuid(),
            program_id: value.program.uuid(),
            cohort_id: value.cohort.uuid(),
            profile_id: value.profile.uuid(),
            role: value.role.to_string(),
            status: value.status.to_string(),
            capacity: value.capacity,
            load: value.load,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
