//! Waves: the times that a cohort is asked a survey.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    cohort::Cohort,
    id::Id,
    organization::Organization,
    page::{Page, PageRequest},
    program::Program,
    survey::{Refusal, Survey, wave::Wave},
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::{survey_response, survey_wave},
    sql::{Sql, uuids},
    stored,
};

type Condition = Box<dyn BoxableExpression<survey_wave::table, Pg, SqlType = Bool>>;

/// Staff see the waves of their programs, other people those in which they were asked.
fn visible(scope: &Scope) -> Condition {
    if scope.everything {
        return Box::new(true.into_sql::<Bool>());
    }
    let programs = uuids(&scope.programs);
    let people: Vec<Uuid> = scope.mentors.iter().chain(&scope.mentees).map(|id| id.uuid()).collect();
    let asked = survey_response::table
        .filter(survey_response::organization_id.eq(survey_wave::organization_id))
        .filter(survey_response::wave_id.eq(survey_wave::id))
        .filter(survey_response::profile_id.eq_any(people));
    Box::new(survey_wave::program_id.eq_any(programs).or(diesel::dsl::exists(asked)))
}

pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Wave>],
) -> Result<Vec<Wave>> {
    let ids = uuids(ids);
    let rows = Row::query()
        .filter(survey_wave::organization_id.eq(organization.uuid()))
        .filter(survey_wave::id.eq_any(ids))
        .filter(visible(scope))
        .load(&mut conn)
        .await?;
    rows.into_iter().map(Wave::try_from).collect()
}

/// A page of waves for each of several surveys, oldest first, in one statement.
pub async fn by_surveys(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    surveys: &[Id<Survey>],
    page: &PageRequest<Id<Wave>>,
) -> Result<HashMap<Id<Survey>, Page<Wave>>> {
    let programs = uuids(&scope.programs);
    let people: Vec<Uuid> = scope.mentors.iter().chain(&scope.mentees).map(|id| id.uuid()).collect();
    let rows: Vec<Row> = Sql::<survey_wave::SqlType>::new(
        "select w.* from unnest($2::uuid[]) as parent (id)
         cross join lateral (
             select * from survey_wave w
             where w.organization_id = $1 and w.survey_id = parent.id and ($3::uuid is null or w.id > $3)
               and ($5 or w.program_id = any($6)
                    or exists (select from survey_response r
                               where r.organization_id = $1 and r.wave_id = w.id and r.profile_id = any($7)))
             order by w.id limit $4) w",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(surveys))
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<BigInt, _>(page.limit())
    .bind::<Bool, _>(scope.everything)
    .bind::<Array<SqlUuid>, _>(programs)
    .bind::<Array<SqlUuid>, _>(people)
    .load(&mut conn)
    .await?;
    let mut waves: HashMap<Id<Survey>, Vec<Wave>> = HashMap::new();
    for row in rows {
        let wave = Wave::try_from(row)?;
        waves.entry(wave.survey).or_default().push(wave);
    }
    Ok(waves.into_iter().map(|(survey, waves)| (survey, Page::of(waves, page.first))).collect())
}

/// The closed waves of a program, or of one of its cohorts, newest first.
pub async fn closed_by_program(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    program: Id<Program>,
    cohort: Option<Id<Cohort>>,
    page: &PageRequest<Id<Wave>>,
) -> Result<Page<Wave>> {
    let mut query = Row::query()
        .filter(survey_wave::organization_id.eq(organization.uuid()))
        .filter(survey_wave::program_id.eq(program.uuid()))
        .filter(survey_wave::status.eq("CLOSED"))
        .filter(visible(scope))
        .order(survey_wave::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(cohort) = cohort {
        query = query.filter(survey_wave::cohort_id.eq(cohort.uuid()));
    }
    if let Some(after) = page.after {
        query = query.filter(survey_wave::id.lt(after.uuid()));
    }
    let rows = query.load(&mut conn).await?;
    Ok(Page::of(rows.into_iter().map(Wave::try_from).collect::<Result<_>>()?, page.first))
}

/// Holds one of the scope until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Wave>,
) -> Result<Wave> {
    let row = Row::query()
        .filter(survey_wave::organization_id.eq(organization.uuid()))
        .filter(survey_wave::id.eq(id.uuid()))
        .filter(visible(scope))
        .for_update()
        .first(&mut conn)
        .await
        .optional()?;
    row.ok_or(Error::Missing)?.try_into()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Wave) -> Result<()> {
    let insert = diesel::insert_into(survey_wave::table).values(Row::new(organization, value));
    insert.execute(&mut conn).await.on_constraint("survey_wave_pkey", || Refusal::IdTaken)?;
    Ok(())
}

/// Saves state and dates; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Wave) -> Result<()> {
    let target = survey_wave::table
        .filter(survey_wave::organization_id.eq(organization.uuid()))
        .filter(survey_wave::id.eq(value.id.uuid()))
        .filter(survey_wave::version.eq(value.version));
    let changes = (
        survey_wave::status.eq(value.status.to_string()),
        survey_wave::opens_at.eq(value.opens_at),
        survey_wave::closes_at.eq(value.closes_at),
        survey_wave::version.eq(value.version + 1),
        survey_wave::updated_at.eq(value.updated_at),
    );
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)
}

/// A wave whose time has come, in any organization of the running transaction.
pub async fn due(
    mut conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Wave>>> {
    let ids = Sql::<SqlUuid>::new(
        "select id from survey_wave
         where organization_id = $1
           and ((status = 'SCHEDULED' and opens_at <= $2) or (status = 'OPEN' and closes_at <= $2))
         order by id for update skip locked",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Timestamptz, _>(now)
    .load::<Uuid>(&mut conn)
    .await?;
    Ok(ids.into_iter().map(Id::new).collect())
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = survey_wave)]
struct Row {
    organization_id: Uuid,
    id: Uuid,
    program_id: Uuid,
    survey_id: Uuid,
    cohort_id: Uuid,
    policy_number: i32,
    status: String,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
    invited_count: i32,
    submitted_count: i32,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn new(organization: Id<Organization>, value: &Wave) -> Self {
        Self {
            organization_id: organization.uuid(),
            id: value.id.uuid(),
            program_id: value.program.uuid(),
            survey_id: value.survey.uuid(),
            cohort_id: value.cohort.uuid(),
            policy_number: value.policy_number,
            status: value.status.to_string(),
            opens_at: value.opens_at,
            closes_at: value.closes_at,
            invited_count: value.invited_count,
            submitted_count: value.submitted_count,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}

impl TryFrom<Row> for Wave {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            program: row.program_id.into(),
            survey: row.survey_id.into(),
            cohort: row.cohort_id.into(),
            policy_number: row.policy_number,
            status: stored("survey_wave", "status", &row.status)?,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            invited_count: row.invited_count,
            submitted_count: row.submitted_count,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
