//! Recorded consents, and which of them somebody may see.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    dsl::exists,
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    consent::{Consent, Method, Purpose, Refusal},
    id::Id,
    organization::Organization,
    page::{self, Page, PageRequest},
    profile::Profile,
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::{consent, enrollment},
    sql::{Sql, uuids},
    stored,
};

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Consent>],
) -> Result<Vec<Consent>> {
    let query = Row::query()
        .filter(consent::organization_id.eq(organization.uuid()))
        .filter(consent::id.eq_any(uuids(ids)))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(Consent::try_from).collect()
}

/// A page for each of several people, newest first; people without any are left out.
pub async fn by_profiles(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    profiles: &[Id<Profile>],
    page: &PageRequest<Id<Consent>>,
) -> Result<HashMap<Id<Profile>, Page<Consent>>> {
    let rows = Sql::<Columns>::new(
        "select c.id, c.profile_id, c.purpose, c.status, c.method, c.text_version, c.given_by, c.recorded_by,
             c.granted_on, c.withdrawn_at, c.version, c.created_at, c.updated_at
         from unnest($1) p (id) cross join lateral (
             select * from consent c
             where c.organization_id = $2 and c.profile_id = p.id and ($3::uuid is null or c.id < $3)
             and ($4 or c.profile_id = any($6) or exists (
                 select from enrollment e where e.organization_id = c.organization_id
                 and e.profile_id = c.profile_id and e.program_id = any($5)))
             order by c.id desc limit $7
         ) c order by c.profile_id, c.id desc",
    )
    .bind::<Array<SqlUuid>, _>(uuids(profiles))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<Bool, _>(scope.everything)
    .bind::<Array<SqlUuid>, _>(uuids(&scope.programs))
    .bind::<Array<SqlUuid>, _>(uuids(&scope.people))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let consents = rows.into_iter().map(Consent::try_from).collect::<Result<_>>()?;
    Ok(page::by_parent(consents, page.first, |consent: &Consent| consent.profile))
}

/// Is a consent for this in force?
pub async fn granted_for(
    mut conn: &Connection,
    organization: Id<Organization>,
    profile: Id<Profile>,
    purpose: Purpose,
) -> Result<bool> {
    let granted = consent::table
        .filter(consent::organization_id.eq(organization.uuid()))
        .filter(consent::profile_id.eq(profile.uuid()))
        .filter(consent::purpose.eq(purpose.to_string()))
        .filter(consent::status.eq("GRANTED"));
    Ok(diesel::select(exists(granted)).get_result(&mut conn).await?)
}

/// Holds the consent until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Consent>,
) -> Result<Consent> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Consent) -> Result<()> {
    let values = (consent::organization_id.eq(organization.uuid()), Row::from(value));
    diesel::insert_into(consent::table)
        .values(values)
        .execute(&mut conn)
        .await
        .on_constraint("consent_pkey", || Refusal::IdTaken)
        .on_constraint("consent_one_granted", || Refusal::InForce)?;
    Ok(())
}

/// Saves a withdrawal; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Consent) -> Result<()> {
    let row = Row::from(value);
    let target = consent::table.find((organization.uuid(), row.id)).filter(consent::version.eq(row.version));
    let changes = (
        consent::status.eq(row.status),
        consent::withdrawn_at.eq(row.withdrawn_at),
        consent::version.eq(row.version + 1),
        consent::updated_at.eq(row.updated_at),
    );
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)
}

/// The consents for the scope's people, and for those enrolled in its programs.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<consent::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let people = uuids(&scope.people);
    let enrolled = enrollment::table
        .filter(enrollment::organization_id.eq(consent::organization_id))
        .filter(enrollment::profile_id.eq(consent::profile_id))
        .filter(enrollment::program_id.eq_any(programs));
    let everything = scope.everything.into_sql::<Bool>();
    Box::new(everything.or(consent::profile_id.eq_any(people)).or(exists(enrolled)))
}

type Columns = crate::sql::Columns<Row>;

#[derive(HasQuery, Insertable)]
#[diesel(table_name = consent)]
struct Row {
    id: Uuid,
    profile_id: Uuid,
    purpose: String,
    status: String,
    method: String,
    text_version: String,
    given_by: String,
    recorded_by: Uuid,
    granted_on: NaiveDate,
    withdrawn_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Consent {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            profile: row.profile_id.into(),
            purpose: stored::<Purpose>("consent", "purpose", &row.purpose)?,
            status: stored("consent", "status", &row.status)?,
            method: stored::<Method>("consent", "method", &row.method)?,
            text_version: row.text_version,
            given_by: row.given_by,
            recorded_by: row.recorded_by.into(),
            granted_on: row.granted_on,
            withdrawn_at: row.withdrawn_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Consent> for Row {
    fn from(value: &Consent) -> Self {
        Self {
            id: value.id.uuid(),
            profile_id: value.profile.uuid(),
            purpose: value.purpose.to_string(),
            status: value.status.to_string(),
            method: value.method.to_string(),
            text_version: value.text_version.clone(),
            given_by: value.given_by.clone(),
            recorded_by: value.recorded_by.uuid(),
            granted_on: value.granted_on,
            withdrawn_at: value.withdrawn_at,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
