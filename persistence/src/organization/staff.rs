//! The staff roles of an organization's members.
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    access::{Grant, Scope},
    account::Account,
    id::Id,
    organization::{Organization, staff::RoleGrant},
    page::{Page, PageRequest},
};
use uuid::Uuid;

use crate::{
    Connection, Error, Result, hit_one,
    schema::{account, membership, role_grant},
    sql::uuids,
    stored,
};

/// A staff role with the person who has it, as other staff see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub grant: RoleGrant,
    pub name: String,
    pub email: Option<String>,
    pub created_at: DateTime<Utc>,
}

type Columns = (Uuid, Uuid, String, Option<Uuid>, DateTime<Utc>, String, Option<String>);

fn staff((id, account, role, program, created_at, name, email): Columns) -> Result<Staff> {
    let grant = Grant { role: stored("role_grant", "role", &role)?, program: program.map(Id::new) };
    Ok(Staff { grant: RoleGrant { id: id.into(), account: account.into(), grant }, name, email, created_at })
}

#[diesel::dsl::auto_type]
fn columns() -> _ {
    (
        role_grant::id,
        role_grant::account_id,
        role_grant::role,
        role_grant::program_id,
        role_grant::created_at,
        account::name,
        account::email,
    )
}

/// Who has which role, oldest first.
pub async fn by_organization(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    page: &PageRequest<Id<RoleGrant>>,
) -> Result<Page<Staff>> {
    let mut query = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .filter(role_grant::organization_id.eq(organization.uuid()))
        .filter(scope.everything.into_sql::<Bool>())
        .order(role_grant::id)
        .limit(page.limit())
        .select(columns())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(role_grant::id.gt(after.uuid()));
    }
    let rows: Vec<Columns> = query.load(&mut conn).await?;
    Ok(Page::of(rows.into_iter().map(staff).collect::<Result<_>>()?, page.first))
}

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<RoleGrant>],
) -> Result<Vec<Staff>> {
    let rows: Vec<Columns> = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .filter(role_grant::organization_id.eq(organization.uuid()))
        .filter(role_grant::id.eq_any(uuids(ids)))
        .filter(scope.everything.into_sql::<Bool>())
        .select(columns())
        .load(&mut conn)
        .await?;
    rows.into_iter().map(staff).collect()
}

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<RoleGrant>,
) -> Result<Option<Staff>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// Holds the organization's owners, so that two cannot leave at once, and counts them.
pub async fn lock_owners(mut conn: &Connection, organization: Id<Organization>) -> Result<i64> {
    let owners: Vec<Uuid> = role_grant::table
        .filter(role_grant::organization_id.eq(organization.uuid()))
        .filter(role_grant::role.eq("OWNER"))
        .order(role_grant::id)
        .select(role_grant::id)
        .for_update()
        .load(&mut conn)
        .await?;
    i64::try_from(owners.len()).map_err(|error| Error::corrupt("role_grant", "role", error))
}

pub async fn is_member(
    mut conn: &Connection,
    organization: Id<Organization>,
    account: Id<Account>,
) -> Result<bool> {
    let row: Option<Uuid> = membership::table
        .find((account.uuid(), organization.uuid()))
        .select(membership::account_id)
        .first(&mut conn)
        .await
        .optional()?;
    Ok(row.is_some())
}

/// Gives a member a staff role. A role that the member has already keeps its grant, whose id is answered.
pub async fn grant(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &RoleGrant,
    granted_by: Option<Id<Account>>,
    now: DateTime<Utc>,
) -> Result<Id<RoleGrant>> {
    let values = (
        role_grant::id.eq(value.id.uuid()),
        role_grant::account_id.eq(value.account.uuid()),
        role_grant::organization_id.eq(organization.uuid()),
        role_grant::role.eq(value.grant.role.to_string()),
        role_grant::program_id.eq(value.grant.program.map(Id::uuid)),
        role_grant::granted_by.eq(granted_by.map(Id::uuid)),
        role_grant::created_at.eq(now),
    );
    let columns =
        (role_grant::account_id, role_grant::organization_id, role_grant::role, role_grant::program_id);
    let id: Uuid = diesel::insert_into(role_grant::table)
        .values(values)
        .on_conflict(columns)
        .do_update()
        .set(role_grant::role.eq(diesel::upsert::excluded(role_grant::role)))
        .returning(role_grant::id)
        .get_result(&mut conn)
        .await?;
    Ok(id.into())
}

pub async fn revoke(mut conn: &Connection, organization: Id<Organization>, id: Id<RoleGrant>) -> Result<()> {
    let target = role_grant::table
        .filter(role_grant::organization_id.eq(organization.uuid()))
        .filter(role_grant::id.eq(id.uuid()));
    hit_one(diesel::delete(target).execute(&mut conn).await?)
}
