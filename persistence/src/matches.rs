//! Pairs, and which of them somebody may see. Staff see drafts; the two people see what was offered to them.
pub mod counter;
pub mod place;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    expression::Expression,
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    cohort::Cohort,
    id::Id,
    matches::{Counters, Match, Refusal, Status},
    matching::run::Run,
    organization::Organization,
    page::{self, Page, PageRequest},
    program::Program,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::matches,
    sql::{Sql, uuids},
    stored,
};

/// States in which only staff see a match.
const DRAFTS: [&str; 2] = ["SUGGESTED", "DISCARDED"];

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Match>,
) -> Result<Option<Match>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Match>],
) -> Result<Vec<Match>> {
    let ids = uuids(ids);
    let query = Row::query()
        .filter(matches::organization_id.eq(organization.uuid()))
        .filter(matches::id.eq_any(ids))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(Match::try_from).collect()
}

/// A page of what each of several runs proposed, best first.
pub async fn by_runs(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    runs: &[Id<Run>],
    page: &PageRequest<(i16, Id<Match>)>,
) -> Result<HashMap<Id<Run>, Page<Match>>> {
    let after = page.after;
    let rows = Sql::<Columns>::new(
        "select m.id, m.program_id, m.cohort_id, m.run_id, m.policy_number, m.mentor_enrollment_id,
             m.mentee_enrollment_id, m.mentor_id, m.mentee_id, m.status, m.score, m.criteria, m.mentor_answer,
             m.mentee_answer, m.decline_reason, m.offered_at, m.offer_expires_at, m.accepted_at, m.activated_at,
             m.closed_at, m.outcome, m.check_ins_held, m.check_ins_missed, m.minutes_held, m.objectives_agreed,
             m.objectives_reached, m.last_check_in_id, m.last_check_in_at, m.next_check_in_id, m.next_check_in_at,
             m.version, m.created_at, m.updated_at
         from unnest($1) r (id) cross join lateral (
             select * from matches m
             where m.organization_id = $2 and m.run_id = r.id
             and ($3::smallint is null or m.score < $3 or (m.score = $3 and m.id > $4))
             and ($5 or m.program_id = any($6) or (m.status not in ('SUGGESTED', 'DISCARDED')
                 and (m.mentor_id = any($7) or m.mentee_id = any($8))))
             order by m.score desc, m.id limit $9
         ) m order by m.run_id, m.score desc, m.id",
    )
    .bind::<Array<SqlUuid>, _>(uuids(runs))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SmallInt>, _>(after.map(|(score, _)| score))
    .bind::<Nullable<SqlUuid>, _>(after.map(|(_, id)| id.uuid()))
    .within(scope)
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let found = rows.into_iter().map(Match::try_from).collect::<Result<Vec<_>>>()?;
    let by_run = page::by_parent(found, page.first, |found: &Match| found.run);
    Ok(by_run.into_iter().filter_map(|(run, page)| Some((run?, page))).collect())
}

/// Which matches of a list are wanted; `None` asks for all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<Status>,
    pub program: Option<Id<Program>>,
    pub cohort: Option<Id<Cohort>>,
}

/// Newest first.
pub async fn by_organization(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    filter: &Filter,
    page: &PageRequest<Id<Match>>,
) -> Result<Page<Match>> {
    let mut query = Row::query()
        .filter(matches::organization_id.eq(organization.uuid()))
        .filter(visible(scope))
        .order(matches::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(matches::status.eq(status.to_string()));
    }
    if let Some(program) = filter.program {
        query = query.filter(matches::program_id.eq(program.uuid()));
    }
    if let Some(cohort) = filter.cohort {
        query = query.filter(matches::cohort_id.eq(cohort.uuid()));
    }
    if let Some(after) = page.after {
        query = query.filter(matches::id.lt(after.uuid()));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    let found = rows.into_iter().map(Match::try_from).collect::<Result<_>>()?;
    Ok(Page::of(found, page.first))
}

/// Holds the match until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Match>,
) -> Result<Match> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

/// Saves what the two sides and staff did; the version rises by one. A mentee has one mentor in a cohort.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Match) -> Result<()> {
    let count = Sql::<()>::new(
        "update matches set status = $3, mentor_answer = $4, mentee_answer = $5, decline_reason = $6,
             accepted_at = $7, activated_at = $8, closed_at = $9, outcome = $10, version = version + 1,
             updated_at = $11
         where organization_id = $1 and id = $2 and version = $12",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(value.id.uuid())
    .bind::<Text, _>(value.status.to_string())
    .bind::<Text, _>(value.mentor_answer.to_string())
    .bind::<Text, _>(value.mentee_answer.to_string())
    .bind::<Nullable<Text>, _>(value.decline_reason.clone())
    .bind::<Nullable<Timestamptz>, _>(value.accepted_at)
    .bind::<Nullable<Timestamptz>, _>(value.activated_at)
    .bind::<Nullable<Timestamptz>, _>(value.closed_at)
    .bind::<Nullable<Text>, _>(value.outcome.map(|outcome| outcome.to_string()))
    .bind::<Timestamptz, _>(value.updated_at)
    .bind::<Integer, _>(value.version)
    .execute(&mut conn)
    .await
    .on_constraint("matches_one_mentor", || Refusal::AlreadyMatched)?;
    hit_one(count)
}

/// Ends the offers that nobody answered in time, and answers which they were.
pub async fn expire_due(
    mut conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Match>>> {
    let ids: Vec<Uuid> = Sql::<SqlUuid>::new(
        "update matches set status = 'EXPIRED', version = version + 1, updated_at = $2
         where organization_id = $1 and status = 'OFFERED' and offer_expires_at <= $2 returning id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Timestamptz, _>(now)
    .load(&mut conn)
    .await?;
    Ok(ids.into_iter().map(Id::new).collect())
}

/// The matches of the scope's programs, and those that were offered to its people.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<matches::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let mine =
        matches::mentor_id.eq_any(uuids(&scope.mentors)).or(matches::mentee_id.eq_any(uuids(&scope.mentees)));
    let everything = scope.everything.into_sql::<Bool>();
    let offered = matches::status.ne_all(DRAFTS).and(mine);
    Box::new(everything.or(matches::program_id.eq_any(programs)).or(offered))
}

type Columns = <<Row as Selectable<Pg>>::SelectExpression as Expression>::SqlType;

#[derive(HasQuery)]
#[diesel(table_name = matches)]
struct Row {
    id: Uuid,
    program_id: Uuid,
    cohort_id: Uuid,
    run_id: Option<Uuid>,
    policy_number: i32,
    mentor_enrollment_id: Uuid,
    mentee_enrollment_id: Uuid,
    mentor_id: Uuid,
    mentee_id: Uuid,
    status: String,
    score: i16,
    criteria: Value,
    mentor_answer: String,
    mentee_answer: String,
    decline_reason: Option<String>,
    offered_at: Option<DateTime<Utc>>,
    offer_expires_at: Option<DateTime<Utc>>,
    accepted_at: Option<DateTime<Utc>>,
    activated_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    check_ins_held: i32,
    check_ins_missed: i32,
    minutes_held: i32,
    objectives_agreed: i32,
    objectives_reached: i32,
    last_check_in_id: Option<Uuid>,
    last_check_in_at: Option<DateTime<Utc>>,
    next_check_in_id: Option<Uuid>,
    next_check_in_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Match {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let no_criteria = |error| Error::corrupt("matches", "criteria", error);
        Ok(Self {
            id: row.id.into(),
            program: row.program_id.into(),
            cohort: row.cohort_id.into(),
            run: row.run_id.map(Id::new),
            policy_number: row.policy_number,
            mentor_enrollment: row.mentor_enrollment_id.into(),
            mentee_enrollment: row.mentee_enrollment_id.into(),
            mentor: row.mentor_id.into(),
            mentee: row.mentee_id.into(),
            status: stored("matches", "status", &row.status)?,
            score: row.score,
            criteria: serde_json::from_value(row.criteria).map_err(no_criteria)?,
            mentor_answer: stored("matches", "mentor_answer", &row.mentor_answer)?,
            mentee_answer: stored("matches", "mentee_answer", &row.mentee_answer)?,
            decline_reason: row.decline_reason,
            offered_at: row.offered_at,
            offer_expires_at: row.offer_expires_at,
            accepted_at: row.accepted_at,
            activated_at: row.activated_at,
            closed_at: row.closed_at,
            outcome: row.outcome.map(|outcome| stored("matches", "outcome", &outcome)).transpose()?,
            counters: Counters {
                check_ins_held: row.check_ins_held,
                check_ins_missed: row.check_ins_missed,
                minutes_held: row.minutes_held,
                objectives_agreed: row.objectives_agreed,
                objectives_reached: row.objectives_reached,
                last_check_in: row.last_check_in_id.map(Id::new),
                last_check_in_at: row.last_check_in_at,
                next_check_in: row.next_check_in_id.map(Id::new),
                next_check_in_at: row.next_check_in_at,
            },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
