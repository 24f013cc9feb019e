//! Guardians and their wards.
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    id::Id,
    organization::Organization,
    profile::{Profile, guardianship::Guardianship},
};
use uuid::Uuid;

use crate::{Connection, Result, schema::guardianship};

/// The guardians of several people.
pub async fn by_wards(
    mut conn: &Connection,
    organization: Id<Organization>,
    wards: &[Id<Profile>],
) -> Result<Vec<Guardianship>> {
    let wards: Vec<Uuid> = wards.iter().map(|id| id.uuid()).collect();
    let rows = Row::query()
        .filter(guardianship::organization_id.eq(organization.uuid()))
        .filter(guardianship::ward_id.eq_any(wards))
        .order(guardianship::id)
        .load(&mut conn)
        .await?;
    Ok(rows.into_iter().map(Guardianship::from).collect())
}

/// Links two people; a link that is there already stays.
pub async fn insert(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &Guardianship,
) -> Result<()> {
    let values = (guardianship::organization_id.eq(organization.uuid()), Row::from(value));
    let insert = diesel::insert_into(guardianship::table).values(values);
    insert.on_conflict_do_nothing().execute(&mut conn).await?;
    Ok(())
}

/// Whether there was a link to remove.
pub async fn delete(
    mut conn: &Connection,
    organization: Id<Organization>,
    ward: Id<Profile>,
    guardian: Id<Profile>,
) -> Result<bool> {
    let link = guardianship::table
        .filter(guardianship::organization_id.eq(organization.uuid()))
        .filter(guardianship::ward_id.eq(ward.uuid()))
        .filter(guardianship::guardian_id.eq(guardian.uuid()));
    Ok(diesel::delete(link).execute(&mut conn).await? > 0)
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = guardianship)]
struct Row {
    id: Uuid,
    ward_id: Uuid,
    guardian_id: Uuid,
    created_at: DateTime<Utc>,
}

impl From<Row> for Guardianship {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            ward: row.ward_id.into(),
            guardian: row.guardian_id.into(),
            created_at: row.created_at,
        }
    }
}

impl From<&Guardianship> for Row {
    fn from(value: &Guardianship) -> Self {
        Self {
            id: value.id.uuid(),
            ward_id: value.ward.uuid(),
            guardian_id: value.guardian.uuid(),
            created_at: value.created_at,
        }
    }
}
