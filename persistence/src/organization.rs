//! Organizations and their members.
pub mod staff;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    account::Account,
    id::Id,
    organization::{Organization, Refusal},
    profile::Profile,
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::{membership, organization},
    sql::{Sql, uuids},
};

pub async fn find(mut conn: &Connection, id: Id<Organization>) -> Result<Option<Organization>> {
    let row = Row::query().find(id.uuid()).first(&mut conn).await.optional()?;
    row.map(Organization::try_from).transpose()
}

pub async fn by_ids(mut conn: &Connection, ids: &[Id<Organization>]) -> Result<Vec<Organization>> {
    let ids = uuids(ids);
    let rows =
        Row::query().filter(organization::id.eq_any(ids)).order(organization::name).load(&mut conn).await?;
    rows.into_iter().map(Organization::try_from).collect()
}

pub async fn lock(mut conn: &Connection, id: Id<Organization>) -> Result<Organization> {
    Row::query()
        .find(id.uuid())
        .for_update()
        .first(&mut conn)
        .await
        .optional()?
        .ok_or(Error::Missing)?
        .try_into()
}

pub async fn insert(mut conn: &Connection, value: &Organization) -> Result<()> {
    let insert = diesel::insert_into(organization::table).values(Row::from(value));
    insert.execute(&mut conn).await.on_constraint("organization_pkey", || Refusal::IdTaken)?;
    Ok(())
}

/// Saves an edit; the version rises by one.
pub async fn update(mut conn: &Connection, value: &Organization) -> Result<()> {
    let row = Row::from(value);
    let target = organization::table.find(row.id).filter(organization::version.eq(row.version));
    let changes = (
        organization::name.eq(row.name),
        organization::time_zone.eq(row.time_zone),
        organization::locale.eq(row.locale),
        organization::digital_consent_age.eq(row.digital_consent_age),
        organization::version.eq(row.version + 1),
        organization::updated_at.eq(row.updated_at),
    );
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)
}

/// Makes the account a member, or gives its membership a profile.
pub async fn join(
    mut conn: &Connection,
    id: Id<Organization>,
    account: Id<Account>,
    profile: Option<Id<Profile>>,
    now: DateTime<Utc>,
) -> Result<()> {
    let values = (
        membership::account_id.eq(account.uuid()),
        membership::organization_id.eq(id.uuid()),
        membership::profile_id.eq(profile.map(Id::uuid)),
        membership::joined_at.eq(now),
    );
    let insert = diesel::insert_into(membership::table).values(values);
    let conflict = insert.on_conflict((membership::account_id, membership::organization_id));
    match profile {
        Some(profile) => {
            conflict.do_update().set(membership::profile_id.eq(profile.uuid())).execute(&mut conn).await?
        }
        None => conflict.do_nothing().execute(&mut conn).await?,
    };
    Ok(())
}

/// How many programs, people and matches that were offered an organization has.
pub async fn census(mut conn: &Connection, id: Id<Organization>) -> Result<(i64, i64, i64)> {
    let counts = Sql::<(BigInt, BigInt, BigInt)>::new(
        "select (select count(*) from program where organization_id = $1),
                (select count(*) from profile where organization_id = $1),
                (select count(*) from matches
                 where organization_id = $1 and status not in ('SUGGESTED', 'DISCARDED'))",
    );
    Ok(counts.bind::<SqlUuid, _>(id.uuid()).get_result(&mut conn).await?)
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = organization)]
struct Row {
    id: Uuid,
    name: String,
    time_zone: String,
    locale: String,
    digital_consent_age: i16,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Organization {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            time_zone: row
                .time_zone
                .parse()
                .map_err(|error| Error::corrupt("organization", "time_zone", error))?,
            locale: row.locale,
            digital_consent_age: row.digital_consent_age,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Organization> for Row {
    fn from(value: &Organization) -> Self {
        Self {
            id: value.id.uuid(),
            name: value.name.clone(),
            time_zone: value.time_zone.to_string(),
            locale: value.locale.clone(),
            digital_consent_age: value.digital_consent_age,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
