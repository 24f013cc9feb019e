//! Surveys with their questions.
pub mod response;
pub mod result;
pub mod wave;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    id::Id,
    organization::Organization,
    page::{Page, PageRequest},
    program::Program,
    survey::{
        Refusal, Survey,
        question::{Question, Range},
    },
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::{survey, survey_question, survey_response, survey_wave},
    sql::uuids,
    stored,
};

type Condition = Box<dyn BoxableExpression<survey::table, Pg, SqlType = Bool>>;

/// Staff see the surveys of their programs, other people those that they were asked.
fn visible(scope: &Scope) -> Condition {
    if scope.everything {
        return Box::new(true.into_sql::<Bool>());
    }
    let programs = uuids(&scope.programs);
    let people: Vec<Uuid> = scope.mentors.iter().chain(&scope.mentees).map(|id| id.uuid()).collect();
    let asked = survey_wave::table
        .inner_join(
            survey_response::table.on(survey_response::organization_id
                .eq(survey_wave::organization_id)
                .and(survey_response::wave_id.eq(survey_wave::id))),
        )
        .filter(survey_wave::organization_id.eq(survey::organization_id))
        .filter(survey_wave::survey_id.eq(survey::id))
        .filter(survey_response::profile_id.eq_any(people));
    Box::new(survey::program_id.eq_any(programs).or(diesel::dsl::exists(asked)))
}

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Survey>,
) -> Result<Option<Survey>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Survey>],
) -> Result<Vec<Survey>> {
    let ids = uuids(ids);
    let rows = Row::query()
        .filter(survey::organization_id.eq(organization.uuid()))
        .filter(survey::id.eq_any(ids))
        .filter(visible(scope))
        .load(&mut conn)
        .await?;
    with_questions(conn, organization, rows).await
}

/// Oldest first; of one program only, when it is given.
pub async fn by_program(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    program: Option<Id<Program>>,
    page: &PageRequest<Id<Survey>>,
) -> Result<Page<Survey>> {
    let mut query = Row::query()
        .filter(survey::organization_id.eq(organization.uuid()))
        .filter(visible(scope))
        .order(survey::id)
        .limit(page.limit())
        .into_boxed();
    if let Some(program) = program {
        query = query.filter(survey::program_id.eq(program.uuid()));
    }
    if let Some(after) = page.after {
        query = query.filter(survey::id.gt(after.uuid()));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(Page::of(with_questions(conn, organization, rows).await?, page.first))
}

/// For a change, with its rows held.
/// Holds one of the scope until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Survey>,
) -> Result<Survey> {
    let row = Row::query()
        .filter(survey::organization_id.eq(organization.uuid()))
        .filter(survey::id.eq(id.uuid()))
        .filter(visible(scope))
        .for_update()
        .first(&mut conn)
        .await
        .optional()?;
    let rows = vec![row.ok_or(Error::Missing)?];
    with_questions(conn, organization, rows).await?.pop().ok_or(Error::Missing)
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Survey) -> Result<()> {
    let insert = diesel::insert_into(survey::table).values(Row::new(organization, value));
    insert.execute(&mut conn).await.on_constraint("survey_pkey", || Refusal::IdTaken)?;
    insert_questions(conn, organization, value).await
}

/// Saves state and texts; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Survey) -> Result<()> {
    let target = survey::table
        .filter(survey::organization_id.eq(organization.uuid()))
        .filter(survey::id.eq(value.id.uuid()))
        .filter(survey::version.eq(value.version));
    let changes = (
        survey::title.eq(&value.title),
        survey::description.eq(&value.description),
        survey::status.eq(value.status.to_string()),
        survey::version.eq(value.version + 1),
        survey::updated_at.eq(value.updated_at),
    );
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)
}

/// Saves a draft whose questions were replaced.
pub async fn update_questions(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &Survey,
) -> Result<()> {
    update(conn, organization, value).await?;
    let old = survey_question::table
        .filter(survey_question::organization_id.eq(organization.uuid()))
        .filter(survey_question::survey_id.eq(value.id.uuid()));
    diesel::delete(old).execute(&mut conn).await?;
    insert_questions(conn, organization, value).await
}

async fn insert_questions(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &Survey,
) -> Result<()> {
    let rows: Vec<QuestionRow> =
        value.questions.iter().map(|question| QuestionRow::new(organization, value.id, question)).collect();
    diesel::insert_into(survey_question::table).values(rows).execute(&mut conn).await?;
    Ok(())
}

async fn with_questions(
    mut conn: &Connection,
    organization: Id<Organization>,
    rows: Vec<Row>,
) -> Result<Vec<Survey>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let questions: Vec<QuestionRow> = QuestionRow::query()
        .filter(survey_question::organization_id.eq(organization.uuid()))
        .filter(survey_question::survey_id.eq_any(ids))
        .order((survey_question::survey_id, survey_question::position))
        .load(&mut conn)
        .await?;
    let mut by_survey: HashMap<Uuid, Vec<Question>> = HashMap::new();
    for row in questions {
        by_survey.entry(row.survey_id).or_default().push(row.try_into()?);
    }
    rows.into_iter()
        .map(|row| {
            let questions = by_survey.remove(&row.id).unwrap_or_default();
            row.into_survey(questions)
        })
        .collect()
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = survey)]
struct Row {
    organization_id: Uuid,
    id: Uuid,
    program_id: Uuid,
    title: String,
    description: Option<String>,
    status: String,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn new(organization: Id<Organization>, value: &Survey) -> Self {
        Self {
            organization_id: organization.uuid(),
            id: value.id.uuid(),
            program_id: value.program.uuid(),
            title: value.title.clone(),
            description: value.description.clone(),
            status: value.status.to_string(),
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }

    fn into_survey(self, questions: Vec<Question>) -> Result<Survey> {
        Ok(Survey {
            id: self.id.into(),
            program: self.program_id.into(),
            title: self.title,
            description: self.description,
            status: stored("survey", "status", &self.status)?,
            questions,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = survey_question)]
struct QuestionRow {
    organization_id: Uuid,
    id: Uuid,
    survey_id: Uuid,
    position: i16,
    kind: String,
    text: String,
    required: bool,
    minimum: Option<i32>,
    maximum: Option<i32>,
    minimum_label: Option<String>,
    maximum_label: Option<String>,
    options: Vec<String>,
}

impl QuestionRow {
    fn new(organization: Id<Organization>, survey: Id<Survey>, value: &Question) -> Self {
        let range = value.range.clone();
        let (minimum_label, maximum_label) =
            range.clone().map(|range| (range.minimum_label, range.maximum_label)).unwrap_or_default();
        Self {
            organization_id: organization.uuid(),
            id: value.id.uuid(),
            survey_id: survey.uuid(),
            position: value.position,
            kind: value.kind.to_string(),
            text: value.text.clone(),
            required: value.required,
            minimum: range.as_ref().map(|range| range.minimum),
            maximum: range.as_ref().map(|range| range.maximum),
            minimum_label,
            maximum_label,
            options: value.options.clone(),
        }
    }
}

impl TryFrom<QuestionRow> for Question {
    type Error = Error;

    fn try_from(row: QuestionRow) -> Result<Self> {
        let labels = (row.minimum_label, row.maximum_label);
        let range = row.minimum.zip(row.maximum).map(|(minimum, maximum)| Range {
            minimum,
            maximum,
            minimum_label: labels.0,
            maximum_label: labels.1,
        });
        Ok(Self {
            id: row.id.into(),
            position: row.position,
            kind: stored("survey_question", "kind", &row.kind)?,
            text: row.text,
            required: row.required,
            range,
            options: row.options,
        })
    }
}
