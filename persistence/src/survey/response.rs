//! Who was asked in a wave, who has answered, and what.
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    id::Id,
    organization::Organization,
    page::{Page, PageRequest},
    profile::Profile,
    survey::{
        answer::{Answer, Value},
        wave::{Response, Wave},
    },
};
use uuid::Uuid;

use crate::{
    Connection, Error, Result, hit_one,
    schema::{survey_answer, survey_response},
    sql::{Sql, uuids},
    stored,
};

/// Asks everybody who takes part in the wave's cohort and was not asked yet. `ids` are enough for all of them.
/// Answers whom it asked.
pub async fn invite_cohort(
    mut conn: &Connection,
    organization: Id<Organization>,
    wave: &Wave,
    ids: &[Id<Response>],
    now: DateTime<Utc>,
) -> Result<Vec<Id<Profile>>> {
    let ids = uuids(ids);
    let asked = Sql::<SqlUuid>::new(
        "with person as (
             select e.id as enrollment_id, e.profile_id, row_number() over (order by e.id) as place
             from enrollment e
             where e.organization_id = $1 and e.cohort_id = $2 and e.status = 'APPROVED'
               and not exists (select from survey_response r
                               where r.organization_id = $1 and r.wave_id = $3 and r.enrollment_id = e.id)
         ), invited as (
             insert into survey_response
                 (organization_id, id, wave_id, enrollment_id, profile_id, status, created_at, updated_at)
             select $1, i.id, $3, p.enrollment_id, p.profile_id, 'INVITED', $4, $4
             from person p join unnest($5::uuid[]) with ordinality as i (id, place) using (place)
             returning profile_id
         ), counted as (
             update survey_wave set invited_count = invited_count + (select count(*) from invited)
             where organization_id = $1 and id = $3
         )
         select profile_id from invited",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(wave.cohort.uuid())
    .bind::<SqlUuid, _>(wave.id.uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Array<SqlUuid>, _>(ids)
    .load::<Uuid>(&mut conn)
    .await?;
    Ok(asked.into_iter().map(Id::new).collect())
}

/// How many people take part in a cohort: the most that a wave of it can ask.
pub async fn count_of_cohort(
    mut conn: &Connection,
    organization: Id<Organization>,
    wave: &Wave,
) -> Result<i64> {
    let count = Sql::<BigInt>::new(
        "select count(*) from enrollment where organization_id = $1 and cohort_id = $2 and status = 'APPROVED'",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(wave.cohort.uuid())
    .get_result(&mut conn)
    .await?;
    Ok(count)
}

/// What one person was asked, newest first.
pub async fn by_profile(
    mut conn: &Connection,
    organization: Id<Organization>,
    profile: Id<Profile>,
    page: &PageRequest<Id<Response>>,
) -> Result<Page<Response>> {
    let mut query = Row::query()
        .filter(survey_response::organization_id.eq(organization.uuid()))
        .filter(survey_response::profile_id.eq(profile.uuid()))
        .order(survey_response::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(survey_response::id.lt(after.uuid()));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    let responses = rows.into_iter().map(Response::try_from).collect::<Result<_>>()?;
    Ok(Page::of(responses, page.first))
}

/// The place of a person in a wave.
pub async fn by_ids(
    mut conn: &Connection,
    organization: Id<Organization>,
    profile: Id<Profile>,
    ids: &[Id<Response>],
) -> Result<Vec<Response>> {
    let query = Row::query()
        .filter(survey_response::organization_id.eq(organization.uuid()))
        .filter(survey_response::id.eq_any(uuids(ids)))
        .filter(survey_response::profile_id.eq(profile.uuid()));
    query.load(&mut conn).await?.into_iter().map(Response::try_from).collect()
}

/// For answering: the place of a person in a wave, held so that two answers at once are told apart.
pub async fn lock(
    mut conn: &Connection,
    organization: Id<Organization>,
    wave: Id<Wave>,
    profile: Id<Profile>,
) -> Result<Response> {
    let row = Row::query()
        .filter(survey_response::organization_id.eq(organization.uuid()))
        .filter(survey_response::wave_id.eq(wave.uuid()))
        .filter(survey_response::profile_id.eq(profile.uuid()))
        .for_update()
        .first(&mut conn)
        .await
        .optional()?;
    row.ok_or(Error::Missing)?.try_into()
}

/// Saves the answers of one person and counts them in the wave.
pub async fn submit(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &Response,
    answers: &[Answer],
) -> Result<()> {
    let target = survey_response::table
        .filter(survey_response::organization_id.eq(organization.uuid()))
        .filter(survey_response::id.eq(value.id.uuid()))
        .filter(survey_response::version.eq(value.version));
    let changes = (
        survey_response::status.eq(value.status.to_string()),
        survey_response::submitted_at.eq(value.submitted_at),
        survey_response::version.eq(value.version + 1),
        survey_response::updated_at.eq(value.updated_at),
    );
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)?;
    let rows: Vec<AnswerRow> =
        answers.iter().map(|answer| AnswerRow::new(organization, value.id, answer)).collect();
    diesel::insert_into(survey_answer::table).values(rows).execute(&mut conn).await?;
    let counted = Sql::<()>::new(
        "update survey_wave set submitted_count = submitted_count + 1 where organization_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(value.wave.uuid())
    .execute(&mut conn)
    .await?;
    hit_one(counted)
}

/// The wave is closed: who has not answered, did not answer in time.
pub async fn expire(
    mut conn: &Connection,
    organization: Id<Organization>,
    wave: Id<Wave>,
    now: DateTime<Utc>,
) -> Result<usize> {
    let count = Sql::<()>::new(
        "update survey_response set status = 'EXPIRED', version = version + 1, updated_at = $3
         where organization_id = $1 and wave_id = $2 and status = 'INVITED'",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(wave.uuid())
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(count)
}

/// The wave is open again: who did not answer in time may answer now.
pub async fn reopen(
    mut conn: &Connection,
    organization: Id<Organization>,
    wave: Id<Wave>,
    now: DateTime<Utc>,
) -> Result<usize> {
    let count = Sql::<()>::new(
        "update survey_response set status = 'INVITED', version = version + 1, updated_at = $3
         where organization_id = $1 and wave_id = $2 and status = 'EXPIRED'",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(wave.uuid())
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(count)
}

/// What one person answered.
pub async fn answers(
    mut conn: &Connection,
    organization: Id<Organization>,
    ids: &[Id<Response>],
) -> Result<Vec<(Id<Response>, Answer)>> {
    let ids = uuids(ids);
    let rows: Vec<AnswerRow> = AnswerRow::query()
        .filter(survey_answer::organization_id.eq(organization.uuid()))
        .filter(survey_answer::response_id.eq_any(ids))
        .load(&mut conn)
        .await?;
    rows.into_iter().map(|row| Ok((row.response_id.into(), row.try_into()?))).collect()
}

#[derive(HasQuery)]
#[diesel(table_name = survey_response)]
struct Row {
    id: Uuid,
    wave_id: Uuid,
    enrollment_id: Uuid,
    profile_id: Uuid,
    status: String,
    submitted_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Response {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            wave: row.wave_id.into(),
            enrollment: row.enrollment_id.into(),
            profile: row.profile_id.into(),
            status: stored("survey_response", "status", &row.status)?,
            submitted_at: row.submitted_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = survey_answer)]
struct AnswerRow {
    organization_id: Uuid,
    response_id: Uuid,
    question_id: Uuid,
    number: Option<i32>,
    text: Option<String>,
    choices: Option<Vec<i16>>,
}

impl AnswerRow {
    fn new(organization: Id<Organization>, response: Id<Response>, answer: &Answer) -> Self {
        let (number, text, choices) = match answer.value.clone() {
            Value::Number(number) => (Some(number), None, None),
            Value::Text(text) => (None, Some(text), None),
            Value::Choices(choices) => (None, None, Some(choices)),
        };
        Self {
            organization_id: organization.uuid(),
            response_id: response.uuid(),
            question_id: answer.question.uuid(),
            number,
            text,
            choices,
        }
    }
}

impl TryFrom<AnswerRow> for Answer {
    type Error = Error;

    fn try_from(row: AnswerRow) -> Result<Self> {
        let value = match (row.number, row.text, row.choices) {
            (Some(number), None, None) => Value::Number(number),
            (None, Some(text), None) => Value::Text(text),
            (None, None, Some(choices)) => Value::Choices(choices),
            _ => return Err(Error::corrupt("survey_answer", "number", "not exactly one value")),
        };
        Ok(Self { question: row.question_id.into(), value })
    }
}
