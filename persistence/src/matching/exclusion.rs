//! Pairs that must not be, and which of them somebody may see.
use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Bool, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    id::Id,
    matches::Match,
    matching::exclusion::{Exclusion, Refusal},
    organization::Organization,
    page::{Page, PageRequest},
    profile::Profile,
};
use uuid::Uuid;

use crate::{
    Connection, OnConstraint, Result, hit_one,
    schema::{enrollment, exclusion},
    sql::{Sql, uuids},
};

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Exclusion>],
) -> Result<Vec<Exclusion>> {
    let query = Row::query()
        .filter(exclusion::organization_id.eq(organization.uuid()))
        .filter(exclusion::id.eq_any(uuids(ids)))
        .filter(visible(scope));
    Ok(query.load(&mut conn).await?.into_iter().map(Exclusion::from).collect())
}

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Exclusion>,
) -> Result<Option<Exclusion>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// Newest first.
pub async fn by_organization(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    page: &PageRequest<Id<Exclusion>>,
) -> Result<Page<Exclusion>> {
    let mut query = Row::query()
        .filter(exclusion::organization_id.eq(organization.uuid()))
        .filter(visible(scope))
        .order(exclusion::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(exclusion::id.lt(after.uuid()));
    }
    let rows = query.load::<Row>(&mut conn).await?;
    Ok(Page::of(rows.into_iter().map(Exclusion::from).collect(), page.first))
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Exclusion) -> Result<()> {
    let values = (exclusion::organization_id.eq(organization.uuid()), Row::from(value));
    diesel::insert_into(exclusion::table)
        .values(values)
        .execute(&mut conn)
        .await
        .on_constraint("exclusion_pkey", || Refusal::IdTaken)
        .on_constraint("exclusion_once", || Refusal::AlreadyExcluded)?;
    Ok(())
}

pub async fn delete(mut conn: &Connection, organization: Id<Organization>, id: Id<Exclusion>) -> Result<()> {
    let target = exclusion::table.find((organization.uuid(), id.uuid()));
    hit_one(diesel::delete(target).execute(&mut conn).await?)
}

/// Holds the open matches of the two until the transaction ends; is one of them accepted or active?
pub async fn lock_pair(
    mut conn: &Connection,
    organization: Id<Organization>,
    mentor: Id<Profile>,
    mentee: Id<Profile>,
) -> Result<bool> {
    let live = Sql::<Bool>::new(
        "select status in ('ACCEPTED', 'ACTIVE') from matches
         where organization_id = $1 and status in ('SUGGESTED', 'OFFERED', 'ACCEPTED', 'ACTIVE')
         and ((mentor_id = $2 and mentee_id = $3) or (mentor_id = $3 and mentee_id = $2))
         order by id for update",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(mentor.uuid())
    .bind::<SqlUuid, _>(mentee.uuid())
    .load::<bool>(&mut conn)
    .await?;
    Ok(live.contains(&true))
}

/// Holds the open runs that could propose the two, so that a run either sees the exclusion when it stores its
/// pairs, or has stored them for [`part`] to see.
pub async fn lock_runs(
    mut conn: &Connection,
    organization: Id<Organization>,
    mentor: Id<Profile>,
    mentee: Id<Profile>,
) -> Result<()> {
    Sql::<SqlUuid>::new(
        "select r.id from matching_run r
         where r.organization_id = $1 and r.status in ('QUEUED', 'RUNNING', 'COMPLETED')
         and exists (select from enrollment e where e.organization_id = $1 and e.cohort_id = r.cohort_id
                     and e.profile_id = $2)
         and exists (select from enrollment e where e.organization_id = $1 and e.cohort_id = r.cohort_id
                     and e.profile_id = $3)
         order by r.id for update",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(mentor.uuid())
    .bind::<SqlUuid, _>(mentee.uuid())
    .load::<Uuid>(&mut conn)
    .await?;
    Ok(())
}

/// Discards what is suggested of the two, withdraws what is offered, and answers which matches those were.
pub async fn part(
    mut conn: &Connection,
    organization: Id<Organization>,
    mentor: Id<Profile>,
    mentee: Id<Profile>,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Match>>> {
    let parted = Sql::<SqlUuid>::new(
        "update matches set status = case status when 'SUGGESTED' then 'DISCARDED' else 'WITHDRAWN' end,
             version = version + 1, updated_at = $4
         where organization_id = $1 and status in ('SUGGESTED', 'OFFERED')
         and ((mentor_id = $2 and mentee_id = $3) or (mentor_id = $3 and mentee_id = $2))
         returning id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(mentor.uuid())
    .bind::<SqlUuid, _>(mentee.uuid())
    .bind::<Timestamptz, _>(now)
    .load::<Uuid>(&mut conn)
    .await?;
    Ok(parted.into_iter().map(Id::new).collect())
}

/// With programs only: both must be enrolled in them.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<exclusion::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let enrolled = enrollment::table
        .filter(enrollment::organization_id.eq(exclusion::organization_id))
        .filter(enrollment::program_id.eq_any(programs));
    let mentor =
        diesel::dsl::exists(enrolled.clone().filter(enrollment::profile_id.eq(exclusion::mentor_id)));
    let mentee = diesel::dsl::exists(enrolled.filter(enrollment::profile_id.eq(exclusion::mentee_id)));
    Box::new(scope.everything.into_sql::<Bool>().or(mentor.and(mentee)))
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = exclusion)]
struct Row {
    id: Uuid,
    mentor_id: Uuid,
    mentee_id: Uuid,
    reason: Option<String>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
}

impl From<Row> for Exclusion {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            mentor: row.mentor_id.into(),
            mentee: row.mentee_id.into(),
            reason: row.reason,
            created_by: row.created_by.into(),
            created_at: row.created_at,
        }
    }
}

impl From<&Exclusion> for Row {
    fn from(value: &Exclusion) -> Self {
        Self {
            id: value.id.uuid(),
            mentor_id: value.mentor.uuid(),
            mentee_id: value.mentee.uuid(),
            reason: value.reason.clone(),
            created_by: value.created_by.uuid(),
            created_at: value.created_at,
        }
    }
}
