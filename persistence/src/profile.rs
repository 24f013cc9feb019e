//! People of an organization, and which of them somebody may see.
pub mod guardianship;

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, pg::Pg, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    account::{Account, Email},
    id::Id,
    organization::Organization,
    page::{Page, PageRequest},
    profile::{Profile, Refusal, Sealed},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::{enrollment, matches, membership, profile},
    sql::uuids,
};

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Profile>,
) -> Result<Option<Profile>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Profile>],
) -> Result<Vec<Profile>> {
    let ids = uuids(ids);
    let query = Row::query()
        .filter(profile::organization_id.eq(organization.uuid()))
        .filter(profile::id.eq_any(ids))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(Profile::try_from).collect()
}

/// The person with this address, whoever may see them.
pub async fn by_email(
    mut conn: &Connection,
    organization: Id<Organization>,
    email: &Email,
) -> Result<Option<Id<Profile>>> {
    let query = profile::table
        .filter(profile::organization_id.eq(organization.uuid()))
        .filter(profile::email_normalized.eq(&email.normalized))
        .select(profile::id);
    Ok(query.first::<Uuid>(&mut conn).await.optional()?.map(Id::new))
}

/// Newest first; the one with an external id only, when it is given.
pub async fn by_organization(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    external_id: Option<&str>,
    page: &PageRequest<Id<Profile>>,
) -> Result<Page<Profile>> {
    let mut query = Row::query()
        .filter(profile::organization_id.eq(organization.uuid()))
        .filter(visible(scope))
        .order(profile::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(external_id) = external_id {
        query = query.filter(profile::external_id.eq(external_id.to_owned()));
    }
    if let Some(after) = page.after {
        query = query.filter(profile::id.lt(after.uuid()));
    }
    let rows = query.load::<Row>(&mut conn).await?;
    let people = rows.into_iter().map(Profile::try_from).collect::<Result<_>>()?;
    Ok(Page::of(people, page.first))
}

/// Those of `ids` that lie within the scope.
pub async fn ids_within(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Profile>],
) -> Result<Vec<Id<Profile>>> {
    if scope.everything {
        return Ok(ids.to_vec());
    }
    let ids = uuids(ids);
    let query = profile::table
        .filter(profile::organization_id.eq(organization.uuid()))
        .filter(profile::id.eq_any(ids))
        .filter(visible(scope))
        .select(profile::id);
    Ok(query.load::<Uuid>(&mut conn).await?.into_iter().map(Id::new).collect())
}

/// The accounts behind these people; those without one are left out.
pub async fn accounts(
    mut conn: &Connection,
    organization: Id<Organization>,
    ids: &[Id<Profile>],
) -> Result<Vec<(Id<Profile>, Id<Account>)>> {
    let ids = uuids(ids);
    let rows: Vec<(Option<Uuid>, Uuid)> = membership::table
        .filter(membership::organization_id.eq(organization.uuid()))
        .filter(membership::profile_id.eq_any(ids))
        .select((membership::profile_id, membership::account_id))
        .load(&mut conn)
        .await?;
    Ok(rows.into_iter().filter_map(|(profile, account)| Some((profile?.into(), account.into()))).collect())
}

/// Holds the profile until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Profile>,
) -> Result<Profile> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Profile) -> Result<()> {
    let values = (profile::organization_id.eq(organization.uuid()), Row::try_from(value)?);
    let outcome = diesel::insert_into(profile::table).values(values).execute(&mut conn).await;
    unique(outcome)?;
    Ok(())
}

/// Saves an edit; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Profile) -> Result<()> {
    let row = Row::try_from(value)?;
    let target = profile::table.find((organization.uuid(), row.id)).filter(profile::version.eq(row.version));
    let changes = (
        profile::name.eq(row.name),
        profile::email.eq(row.email),
        profile::email_normalized.eq(row.email_normalized),
        profile::external_id.eq(row.external_id),
        profile::birth_date_sealed.eq(row.birth_date_sealed),
        profile::guardian_contact_sealed.eq(row.guardian_contact_sealed),
        profile::about.eq(row.about),
        profile::interests.eq(row.interests),
        profile::goals.eq(row.goals),
        profile::expertise.eq(row.expertise),
        profile::languages.eq(row.languages),
        profile::time_zone.eq(row.time_zone),
        profile::availability.eq(row.availability),
        profile::capacity.eq(row.capacity),
        profile::version.eq(row.version + 1),
        profile::updated_at.eq(row.updated_at),
    );
    hit_one(unique(diesel::update(target).set(changes).execute(&mut conn).await)?)
}

fn unique(outcome: QueryResult<usize>) -> Result<usize> {
    outcome
        .on_constraint("profile_pkey", || Refusal::IdTaken)
        .on_constraint("profile_email_unique", || Refusal::EmailTaken)
        .on_constraint("profile_external_id_unique", || Refusal::ExternalIdTaken)
}

/// The people of the scope, those enrolled in its programs, and the other side of an offer that stands or of a match
/// that came of one: who said no, or came too late, has no business with the other any more.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<profile::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let enrolled = enrollment::table
        .filter(enrollment::organization_id.eq(profile::organization_id))
        .filter(enrollment::profile_id.eq(profile::id))
        .filter(enrollment::program_id.eq_any(programs));
    let mentee_of_mine =
        matches::mentee_id.eq(profile::id).and(matches::mentor_id.eq_any(uuids(&scope.mentors)));
    let mentor_of_mine =
        matches::mentor_id.eq(profile::id).and(matches::mentee_id.eq_any(uuids(&scope.mentees)));
    let matched = matches::table
        .filter(matches::organization_id.eq(profile::organization_id))
        .filter(matches::status.eq_any(["OFFERED", "ACCEPTED", "ACTIVE", "CLOSED"]))
        .filter(mentee_of_mine.or(mentor_of_mine));
    let everything = scope.everything.into_sql::<Bool>();
    let theirs = profile::id.eq_any(uuids(&scope.people));
    Box::new(everything.or(theirs).or(exists(enrolled)).or(exists(matched)))
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = profile)]
pub(crate) struct Row {
    id: Uuid,
    name: String,
    email: Option<String>,
    email_normalized: Option<String>,
    external_id: Option<String>,
    birth_date_sealed: Option<Vec<u8>>,
    guardian_contact_sealed: Option<Vec<u8>>,
    about: Option<String>,
    interests: Vec<String>,
    goals: Vec<String>,
    expertise: Vec<String>,
    languages: Vec<String>,
    time_zone: String,
    availability: Value,
    capacity: i16,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Profile {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let corrupt = |column| move |error: serde_json::Error| Error::corrupt("profile", column, error);
        let unknown_zone = |error| Error::corrupt("profile", "time_zone", error);
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            email: row
                .email
                .zip(row.email_normalized)
                .map(|(address, normalized)| Email { address, normalized }),
            external_id: row.external_id,
            sealed: Sealed {
                birth_date: row.birth_date_sealed,
                guardian_contact: row.guardian_contact_sealed,
            },
            about: row.about,
            interests: row.interests,
            goals: row.goals,
            expertise: row.expertise,
            languages: row.languages,
            time_zone: row.time_zone.parse().map_err(unknown_zone)?,
            availability: serde_json::from_value(row.availability).map_err(corrupt("availability"))?,
            capacity: row.capacity,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl TryFrom<&Profile> for Row {
    type Error = Error;

    fn try_from(value: &Profile) -> Result<Self> {
        let availability = serde_json::to_value(&value.availability);
        Ok(Self {
            id: value.id.uuid(),
            name: value.name.clone(),
            email: value.email.as_ref().map(|email| email.address.clone()),
            email_normalized: value.email.as_ref().map(|email| email.normalized.clone()),
            external_id: value.external_id.clone(),
            birth_date_sealed: value.sealed.birth_date.clone(),
            guardian_contact_sealed: value.sealed.guardian_contact.clone(),
            about: value.about.clone(),
            interests: value.interests.clone(),
            goals: value.goals.clone(),
            expertise: value.expertise.clone(),
            languages: value.languages.clone(),
            time_zone: value.time_zone.to_string(),
            availability: availability.map_err(|error| Error::corrupt("profile", "availability", error))?,
            capacity: value.capacity,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        })
    }
}
