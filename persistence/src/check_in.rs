//! When pairs meet, and what became of it.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Double, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    check_in::{CheckIn, Opinion, REMINDER, Refusal},
    id::Id,
    matches::Match,
    organization::Organization,
    page::{self, Page, PageRequest},
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::check_in,
    sql::{Sql, uuids},
    stored,
};

type Columns = crate::sql::Columns<Row>;

/// The check-ins among `ids` whose pair the scope reaches, in no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<CheckIn>],
) -> Result<Vec<CheckIn>> {
    let rows = Sql::<Columns>::new(
        "select c.id, c.match_id, c.status, c.mode, c.starts_at, c.minutes, c.place, c.video_url, c.agenda, c.summary,
             c.mentor_rating, c.mentor_feedback, c.mentee_rating, c.mentee_feedback, c.cancel_reason, c.replaced_by,
             c.scheduled_by, c.recorded_by, c.recorded_at, c.version, c.created_at, c.updated_at
         from check_in c join matches m on m.organization_id = c.organization_id and m.id = c.match_id
         where c.organization_id = $1 and c.id = any($2)
         and ($3 or m.program_id = any($4) or m.mentor_id = any($5) or m.mentee_id = any($6))",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(ids))
    .within(scope)
    .load::<Row>(&mut conn)
    .await?;
    rows.into_iter().map(CheckIn::try_from).collect()
}

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<CheckIn>,
) -> Result<Option<CheckIn>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// A page for each of several matches that the caller may see, the latest first; matches without any are left out.
pub async fn by_matches(
    mut conn: &Connection,
    organization: Id<Organization>,
    matches: &[Id<Match>],
    page: &PageRequest<(DateTime<Utc>, Id<CheckIn>)>,
) -> Result<HashMap<Id<Match>, Page<CheckIn>>> {
    let rows = Sql::<Columns>::new(
        "select c.id, c.match_id, c.status, c.mode, c.starts_at, c.minutes, c.place, c.video_url, c.agenda, c.summary,
             c.mentor_rating, c.mentor_feedback, c.mentee_rating, c.mentee_feedback, c.cancel_reason, c.replaced_by,
             c.scheduled_by, c.recorded_by, c.recorded_at, c.version, c.created_at, c.updated_at
         from unnest($1) p (id) cross join lateral (
             select * from check_in c
             where c.organization_id = $2 and c.match_id = p.id
             and ($3::timestamptz is null or (c.starts_at, c.id) < ($3, $4))
             order by c.starts_at desc, c.id desc limit $5
         ) c order by c.match_id, c.starts_at desc, c.id desc",
    )
    .bind::<Array<SqlUuid>, _>(uuids(matches))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<Timestamptz>, _>(page.after.map(|(at, _)| at))
    .bind::<Nullable<SqlUuid>, _>(page.after.map(|(_, id)| id.uuid()))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let found = rows.into_iter().map(CheckIn::try_from).collect::<Result<_>>()?;
    Ok(page::by_parent(found, page.first, |check_in: &CheckIn| check_in.of))
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &CheckIn) -> Result<()> {
    let values = (check_in::organization_id.eq(organization.uuid()), Row::from(value));
    let insert = diesel::insert_into(check_in::table).values(values);
    insert.execute(&mut conn).await.on_constraint("check_in_pkey", || Refusal::IdTaken)?;
    Ok(())
}

/// Saves what became of it; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &CheckIn) -> Result<()> {
    let count = Sql::<()>::new(
        "update check_in set status = $3, starts_at = $4, minutes = $5, summary = $6, mentor_rating = $7,
             mentor_feedback = $8, mentee_rating = $9, mentee_feedback = $10, cancel_reason = $11,
             replaced_by = $12, recorded_by = $13, recorded_at = $14, version = version + 1, updated_at = $15
         where organization_id = $1 and id = $2 and version = $16",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(value.id.uuid())
    .bind::<Text, _>(value.status.to_string())
    .bind::<Timestamptz, _>(value.starts_at)
    .bind::<SmallInt, _>(value.minutes)
    .bind::<Nullable<Text>, _>(value.summary.clone())
    .bind::<Nullable<SmallInt>, _>(value.mentor.rating)
    .bind::<Nullable<Text>, _>(value.mentor.feedback.clone())
    .bind::<Nullable<SmallInt>, _>(value.mentee.rating)
    .bind::<Nullable<Text>, _>(value.mentee.feedback.clone())
    .bind::<Nullable<Text>, _>(value.cancel_reason.clone())
    .bind::<Nullable<SqlUuid>, _>(value.replaced_by.map(Id::uuid))
    .bind::<Nullable<SqlUuid>, _>(value.recorded_by.map(Id::uuid))
    .bind::<Nullable<Timestamptz>, _>(value.recorded_at)
    .bind::<Timestamptz, _>(value.updated_at)
    .bind::<Integer, _>(value.version)
    .execute(&mut conn)
    .await?;
    hit_one(count)
}

/// Calls missed what nobody recorded in the time that the policy gives, and answers which with their matches.
/// The caller then counts the figures of these matches anew.
pub async fn mark_missed_due(
    mut conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<Vec<(Id<CheckIn>, Id<Match>)>> {
    let missed: Vec<(Uuid, Uuid)> = Sql::<(SqlUuid, SqlUuid)>::new(
        "update check_in c set status = 'MISSED', version = c.version + 1, updated_at = $2
         from matches m join program_policy p
             on p.organization_id = m.organization_id and p.program_id = m.program_id and p.number = m.policy_number
         where c.organization_id = $1 and c.status = 'SCHEDULED'
         and m.organization_id = c.organization_id and m.id = c.match_id
         and c.starts_at + make_interval(hours => p.missed_after_hours) <= $2
         returning c.id, c.match_id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Timestamptz, _>(now)
    .load(&mut conn)
    .await?;
    Ok(missed.into_iter().map(|(id, of)| (id.into(), of.into())).collect())
}

/// Notes that both sides are reminded of what is near, and answers which check-ins with their matches. Who planned
/// it within that time has just been told.
pub async fn remind_due(
    mut conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<Vec<(Id<CheckIn>, Id<Match>)>> {
    let near: Vec<(Uuid, Uuid)> = Sql::<(SqlUuid, SqlUuid)>::new(
        "update check_in set reminded_at = $2
         where organization_id = $1 and status = 'SCHEDULED' and reminded_at is null
         and starts_at > $2 and starts_at <= $2 + make_interval(secs => $3)
         and created_at < starts_at - make_interval(secs => $3)
         returning id, match_id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Double, _>(REMINDER.as_seconds_f64())
    .load(&mut conn)
    .await?;
    Ok(near.into_iter().map(|(id, of)| (id.into(), of.into())).collect())
}

/// Calls off what a pair had still planned when its match ends.
pub async fn cancel_planned(
    mut conn: &Connection,
    organization: Id<Organization>,
    of: Id<Match>,
    now: DateTime<Utc>,
) -> Result<Vec<Id<CheckIn>>> {
    let ids: Vec<Uuid> = Sql::<SqlUuid>::new(
        "update check_in set status = 'CANCELLED', version = version + 1, updated_at = $3
         where organization_id = $1 and match_id = $2 and status = 'SCHEDULED' returning id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(of.uuid())
    .bind::<Timestamptz, _>(now)
    .load(&mut conn)
    .await?;
    Ok(ids.into_iter().map(Id::new).collect())
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = check_in)]
struct Row {
    id: Uuid,
    match_id: Uuid,
    status: String,
    mode: String,
    starts_at: DateTime<Utc>,
    minutes: i16,
    place: Option<String>,
    video_url: Option<String>,
    agenda: Option<String>,
    summary: Option<String>,
    mentor_rating: Option<i16>,
    mentor_feedback: Option<String>,
    mentee_rating: Option<i16>,
    mentee_feedback: Option<String>,
    cancel_reason: Option<String>,
    replaced_by: Option<Uuid>,
    scheduled_by: Uuid,
    recorded_by: Option<Uuid>,
    recorded_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for CheckIn {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            of: row.match_id.into(),
            status: stored("check_in", "status", &row.status)?,
            mode: stored("check_in", "mode", &row.mode)?,
            starts_at: row.starts_at,
            minutes: row.minutes,
            place: row.place,
            video_url: row.video_url,
            agenda: row.agenda,
            summary: row.summary,
            mentor: Opinion { rating: row.mentor_rating, feedback: row.mentor_feedback },
            mentee: Opinion { rating: row.mentee_rating, feedback: row.mentee_feedback },
            cancel_reason: row.cancel_reason,
            replaced_by: row.replaced_by.map(Id::new),
            scheduled_by: row.scheduled_by.into(),
            recorded_by: row.recorded_by.map(Id::new),
            recorded_at: row.recorded_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&CheckIn> for Row {
    fn from(value: &CheckIn) -> Self {
        Self {
            id: value.id.uuid(),
            match_id: value.of.uuid(),
            status: value.status.to_string(),
            mode: value.mode.to_string(),
            starts_at: value.starts_at,
            minutes: value.minutes,
            place: value.place.clone(),
            video_url: value.video_url.clone(),
            agenda: value.agenda.clone(),
            summary: value.summary.clone(),
            mentor_rating: value.mentor.rating,
            mentor_feedback: value.mentor.feedback.clone(),
            mentee_rating: value.mentee.rating,
            mentee_feedback: value.mentee.feedback.clone(),
            cancel_reason: value.cancel_reason.clone(),
            replaced_by: value.replaced_by.map(Id::uuid),
            scheduled_by: value.scheduled_by.uuid(),
            recorded_by: value.recorded_by.map(Id::uuid),
            recorded_at: value.recorded_at,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
