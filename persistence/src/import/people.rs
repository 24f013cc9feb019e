//! Writing everybody of a roster: a fixed number of statements, however many people there are.
use diesel::{
    prelude::*,
    sql_types::{Array, Json, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    cohort::Cohort,
    enrollment::{Enrollment, Role},
    id::Id,
    import::row::Row,
    organization::Organization,
    profile::{Profile, Refusal},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result,
    profile::Row as ProfileRow,
    schema::{enrollment, profile},
    sql::Sql,
    stored,
};

/// The people whom the rows may mean, by external id or e-mail, and as what each is in the cohort.
pub async fn known(
    mut conn: &Connection,
    organization: Id<Organization>,
    cohort: Id<Cohort>,
    rows: &[Row],
) -> Result<Vec<(Profile, Option<Role>)>> {
    let ids: Vec<String> = rows.iter().filter_map(|row| row.external_id.clone()).collect();
    let emails: Vec<String> =
        rows.iter().filter_map(|row| Some(row.email.as_ref()?.normalized.clone())).collect();
    let in_cohort = enrollment::organization_id
        .eq(profile::organization_id)
        .and(enrollment::profile_id.eq(profile::id))
        .and(enrollment::cohort_id.eq(cohort.uuid()));
    let found: Vec<(ProfileRow, Option<String>)> = profile::table
        .left_join(enrollment::table.on(in_cohort))
        .filter(profile::organization_id.eq(organization.uuid()))
        .filter(profile::external_id.eq_any(ids).or(profile::email_normalized.eq_any(emails)))
        .select((ProfileRow::as_select(), enrollment::role.nullable()))
        .load(&mut conn)
        .await?;
    let person = |(row, role): (ProfileRow, Option<String>)| {
        let role = role.map(|role| stored::<Role>("enrollment", "role", &role)).transpose()?;
        Ok((row.try_into()?, role))
    };
    found.into_iter().map(person).collect()
}

/// Stores new people.
pub async fn insert_people(
    mut conn: &Connection,
    organization: Id<Organization>,
    people: &[Profile],
) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    Sql::<()>::new(
        "insert into profile (organization_id, id, name, email, email_normalized, external_id, birth_date_sealed,
             guardian_contact_sealed, about, interests, goals, expertise, languages, time_zone, availability,
             capacity, version, created_at, updated_at)
         select $1, id, name, email, email_normalized, external_id, decode(birth_date, 'hex'),
             decode(guardian_contact, 'hex'), null,
             array(select json_array_elements_text(interests)), array(select json_array_elements_text(goals)),
             array(select json_array_elements_text(expertise)), array(select json_array_elements_text(languages)),
             time_zone, availability, capacity, 1, updated_at, updated_at
         from json_to_recordset($2) as p (id uuid, name text, email text, email_normalized text,
             external_id text, birth_date text, guardian_contact text, interests json, goals json, expertise json,
             languages json, time_zone text, availability json, capacity smallint, updated_at timestamptz)",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Json, _>(records(people)?)
    .execute(&mut conn)
    .await
    .on_constraint("profile_email_unique", || Refusal::EmailTaken)
    .on_constraint("profile_external_id_unique", || Refusal::ExternalIdTaken)?;
    Ok(())
}

/// Saves what a roster changed of people; what a roster cannot say stays.
pub async fn change_people(
    mut conn: &Connection,
    organization: Id<Organization>,
    people: &[Profile],
) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    Sql::<()>::new(
        "update profile set name = p.name, email = p.email, email_normalized = p.email_normalized,
             external_id = p.external_id, birth_date_sealed = decode(p.birth_date, 'hex'),
             guardian_contact_sealed = decode(p.guardian_contact, 'hex'),
             interests = array(select json_array_elements_text(p.interests)),
             goals = array(select json_array_elements_text(p.goals)),
             expertise = array(select json_array_elements_text(p.expertise)),
             languages = array(select json_array_elements_text(p.languages)),
             time_zone = p.time_zone, availability = p.availability, capacity = p.capacity,
             version = profile.version + 1, updated_at = p.updated_at
         from json_to_recordset($2) as p (id uuid, name text, email text, email_normalized text,
             external_id text, birth_date text, guardian_contact text, interests json, goals json, expertise json,
             languages json, time_zone text, availability json, capacity smallint, updated_at timestamptz)
         where profile.organization_id = $1 and profile.id = p.id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Json, _>(records(people)?)
    .execute(&mut conn)
    .await
    .on_constraint("profile_email_unique", || Refusal::EmailTaken)
    .on_constraint("profile_external_id_unique", || Refusal::ExternalIdTaken)?;
    Ok(())
}

/// Takes people into a cohort; who is in it already stays as they are.
pub async fn enroll_people(
    mut conn: &Connection,
    organization: Id<Organization>,
    enrollments: &[Enrollment],
) -> Result<()> {
    let Some(first) = enrollments.first() else { return Ok(()) };
    let all = || enrollments.iter();
    Sql::<()>::new(
        "insert into enrollment (organization_id, id, program_id, cohort_id, profile_id, role, status, capacity,
             load, version, created_at, updated_at)
         select $1, id, $2, $3, profile, role, 'APPROVED', capacity, 0, 1, $4, $4
         from unnest($5, $6, $7, $8) as e (id, profile, role, capacity)
         on conflict on constraint enrollment_once do nothing",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(first.program.uuid())
    .bind::<SqlUuid, _>(first.cohort.uuid())
    .bind::<Timestamptz, _>(first.created_at)
    .bind::<Array<SqlUuid>, _>(all().map(|it| it.id.uuid()).collect::<Vec<Uuid>>())
    .bind::<Array<SqlUuid>, _>(all().map(|it| it.profile.uuid()).collect::<Vec<Uuid>>())
    .bind::<Array<Text>, _>(all().map(|it| it.role.to_string()).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(all().map(|it| it.capacity).collect::<Vec<_>>())
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// One JSON value for all people: arrays of arrays have no form of their own in a bind.
fn records(people: &[Profile]) -> Result<Value> {
    let record = |person: &Profile| {
        let availability = serde_json::to_value(&person.availability)
            .map_err(|error| Error::corrupt("profile", "availability", error))?;
        Ok(json!({
            "id": person.id.uuid(),
            "name": person.name,
            "email": person.email.as_ref().map(|email| &email.address),
            "email_normalized": person.email.as_ref().map(|email| &email.normalized),
            "external_id": person.external_id,
            "birth_date": person.sealed.birth_date.as_deref().map(hex),
            "guardian_contact": person.sealed.guardian_contact.as_deref().map(hex),
            "interests": person.interests,
            "goals": person.goals,
            "expertise": person.expertise,
            "languages": person.languages,
            "time_zone": person.time_zone.to_string(),
            "availability": availability,
            "capacity": person.capacity,
            "updated_at": person.updated_at,
        }))
    };
    people.iter().map(record).collect::<Result<Vec<_>>>().map(Value::Array)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
