//! Accounts, their passwords, the links in their mails and what they are in organizations.
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::{Grant, Role},
    account::{Account, Email},
    id::Id,
    organization::Membership,
};
use uuid::Uuid;

use crate::{
    Connection, Error, Result, hit_one,
    schema::{account, guardianship, membership, password, role_grant},
    sql::Sql,
    stored,
};

pub mod event;
pub mod link;
pub mod mail;

pub async fn find(mut conn: &Connection, id: Id<Account>) -> Result<Option<Account>> {
    let row = Row::query().find(id.uuid()).first(&mut conn).await.optional()?;
    row.map(Account::try_from).transpose()
}

pub async fn by_email(mut conn: &Connection, normalized: &str) -> Result<Option<Account>> {
    let query = Row::query().filter(account::email_normalized.eq(normalized));
    query.first(&mut conn).await.optional()?.map(Account::try_from).transpose()
}

/// Stores a new account, unless its address is taken: then nothing is stored, and the answer is `false`.
pub async fn insert(mut conn: &Connection, value: &Account) -> Result<bool> {
    let insert = diesel::insert_into(account::table).values(Row::from(value)).on_conflict_do_nothing();
    Ok(insert.execute(&mut conn).await? == 1)
}

pub async fn verify_email(mut conn: &Connection, id: Id<Account>, now: DateTime<Utc>) -> Result<()> {
    let verified = Sql::<()>::new(
        "update account set email_verified_at = coalesce(email_verified_at, $2), version = version + 1, updated_at = $2
         where id = $1",
    );
    let count = verified.bind::<SqlUuid, _>(id.uuid()).bind::<Timestamptz, _>(now).execute(&mut conn).await?;
    hit_one(count)
}

/// The stored hash of the account's password.
pub async fn password(mut conn: &Connection, id: Id<Account>) -> Result<Option<String>> {
    Ok(password::table.find(id.uuid()).select(password::hash).first(&mut conn).await.optional()?)
}

/// Sets the password, whether or not there was one.
pub async fn set_password(
    mut conn: &Connection,
    id: Id<Account>,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    Sql::<()>::new(
        "insert into password (account_id, hash, changed_at) values ($1, $2, $3)
         on conflict (account_id) do update set hash = $2, changed_at = $3",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<Text, _>(hash.to_owned())
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// In which organizations the account acts, as whom and with which roles. Wards are in [`wards`].
pub async fn memberships(mut conn: &Connection, id: Id<Account>) -> Result<Vec<Membership>> {
    type Row = (Uuid, Option<Uuid>, Option<String>, Option<Uuid>);
    let rows: Vec<Row> = membership::table
        .left_join(
            role_grant::table.on(role_grant::account_id
                .eq(membership::account_id)
                .and(role_grant::organization_id.eq(membership::organization_id))),
        )
        .filter(membership::account_id.eq(id.uuid()))
        .order((membership::joined_at, membership::organization_id, role_grant::id))
        .select((
            membership::organization_id,
            membership::profile_id,
            role_grant::role.nullable(),
            role_grant::program_id.nullable(),
        ))
        .load(&mut conn)
        .await?;
    let mut memberships: Vec<Membership> = Vec::new();
    for (organization, profile, role, program) in rows {
        if memberships.last().is_none_or(|last| last.organization.uuid() != organization) {
            memberships.push(Membership {
                organization: organization.into(),
                profile: profile.map(Id::new),
                grants: Vec::new(),
                wards: Vec::new(),
            });
        }
        if let (Some(role), Some(last)) = (role, memberships.last_mut()) {
            let role: Role = stored("role_grant", "role", &role)?;
            last.grants.push(Grant { role, program: program.map(Id::new) });
        }
    }
    Ok(memberships)
}

/// The minors of a guardian, in the organization of the running transaction.
pub async fn wards(mut conn: &Connection, value: &Membership) -> Result<Vec<Id<domain::profile::Profile>>> {
    let Some(guardian) = value.profile else { return Ok(Vec::new()) };
    let ids: Vec<Uuid> = guardianship::table
        .filter(guardianship::organization_id.eq(value.organization.uuid()))
        .filter(guardianship::guardian_id.eq(guardian.uuid()))
        .order(guardianship::ward_id)
        .select(guardianship::ward_id)
        .load(&mut conn)
        .await?;
    Ok(ids.into_iter().map(Id::new).collect())
}

/// Removes the people of the demo, with their sessions. Answers how many there were.
pub async fn remove_demo(mut conn: &Connection) -> Result<usize> {
    let delete = Sql::<()>::new("delete from account where email_normalized like '%@demo.example'");
    Ok(delete.execute(&mut conn).await?)
}

/// Removes the organization of the demo with all that is in it.
pub async fn remove_demo_organization(mut conn: &Connection, id: Uuid) -> Result<usize> {
    let delete = Sql::<()>::new("delete from organization where id = $1");
    Ok(delete.bind::<SqlUuid, _>(id).execute(&mut conn).await?)
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = account)]
struct Row {
    id: Uuid,
    name: String,
    email: Option<String>,
    email_normalized: Option<String>,
    email_verified_at: Option<DateTime<Utc>>,
    locale: String,
    status: String,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Account {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let email = row.email.zip(row.email_normalized);
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            email: email.map(|(address, normalized)| Email { address, normalized }),
            email_verified_at: row.email_verified_at,
            locale: row.locale,
            status: stored("account", "status", &row.status)?,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Account> for Row {
    fn from(value: &Account) -> Self {
        Self {
            id: value.id.uuid(),
            name: value.name.clone(),
            email: value.email.as_ref().map(|email| email.address.clone()),
            email_normalized: value.email.as_ref().map(|email| email.normalized.clone()),
            email_verified_at: value.email_verified_at,
            locale: value.locale.clone(),
            status: value.status.to_string(),
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
