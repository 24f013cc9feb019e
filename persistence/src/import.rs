//! Roster imports, their errors, and writing everybody of a roster at once.
mod people;
mod problem;

use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    id::Id,
    import::{Counts, Refusal, RosterImport},
    organization::Organization,
};
use uuid::Uuid;

use crate::{Connection, Error, OnConstraint, Result, hit_one, schema::roster_import, sql::uuids, stored};

pub use people::{change_people, enroll_people, insert_people, known};
pub use problem::{by_imports as problems_by_imports, replace as replace_problems};

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<RosterImport>],
) -> Result<Vec<RosterImport>> {
    let query = Row::query()
        .filter(roster_import::organization_id.eq(organization.uuid()))
        .filter(roster_import::id.eq_any(uuids(ids)))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(RosterImport::try_from).collect()
}

/// Holds the import until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<RosterImport>,
) -> Result<RosterImport> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

pub async fn insert(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &RosterImport,
) -> Result<()> {
    let values = (roster_import::organization_id.eq(organization.uuid()), Row::from(value));
    diesel::insert_into(roster_import::table)
        .values(values)
        .execute(&mut conn)
        .await
        .on_constraint("roster_import_pkey", || Refusal::IdTaken)?;
    Ok(())
}

/// Saves how far it is; the version rises by one.
pub async fn update(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &RosterImport,
) -> Result<()> {
    let row = Row::from(value);
    let target = roster_import::table.find((organization.uuid(), row.id));
    let changes = (
        roster_import::status.eq(row.status),
        roster_import::progress.eq(row.progress),
        roster_import::row_count.eq(row.row_count),
        roster_import::created_count.eq(row.created_count),
        roster_import::updated_count.eq(row.updated_count),
        roster_import::unchanged_count.eq(row.unchanged_count),
        roster_import::error_count.eq(row.error_count),
        roster_import::finished_at.eq(row.finished_at),
        roster_import::version.eq(row.version + 1),
        roster_import::updated_at.eq(row.updated_at),
    );
    let target = target.filter(roster_import::version.eq(row.version));
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)
}

/// The imports of the scope's programs.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<roster_import::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    Box::new(scope.everything.into_sql::<Bool>().or(roster_import::program_id.eq_any(programs)))
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = roster_import)]
struct Row {
    id: Uuid,
    program_id: Uuid,
    cohort_id: Uuid,
    file_id: Uuid,
    dry_run: bool,
    status: String,
    progress: i16,
    row_count: i32,
    created_count: i32,
    updated_count: i32,
    unchanged_count: i32,
    error_count: i32,
    requested_by: Uuid,
    finished_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for RosterImport {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            program: row.program_id.into(),
            cohort: row.cohort_id.into(),
            file: row.file_id.into(),
            dry_run: row.dry_run,
            status: stored("roster_import", "status", &row.status)?,
            progress: row.progress,
            counts: Counts {
                rows: row.row_count,
                created: row.created_count,
                updated: row.updated_count,
                unchanged: row.unchanged_count,
                errors: row.error_count,
            },
            requested_by: row.requested_by.into(),
            finished_at: row.finished_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&RosterImport> for Row {
    fn from(value: &RosterImport) -> Self {
        Self {
            id: value.id.uuid(),
            program_id: value.program.uuid(),
            cohort_id: value.cohort.uuid(),
            file_id: value.file.uuid(),
            dry_run: value.dry_run,
            status: value.status.to_string(),
            progress: value.progress,
            row_count: value.counts.rows,
            created_count: value.counts.created,
            updated_count: value.counts.updated,
            unchanged_count: value.counts.unchanged,
            error_count: value.counts.errors,
            requested_by: value.requested_by.uuid(),
            finished_at: value.finished_at,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
