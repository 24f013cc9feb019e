//! What pairs want to reach.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    id::Id,
    matches::Match,
    objective::{Objective, Refusal},
    organization::Organization,
    page::{self, Page, PageRequest},
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::objective,
    sql::{Sql, uuids},
    stored,
};

type Columns = crate::sql::Columns<Row>;

/// The objectives among `ids` whose pair the scope reaches, in no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Objective>],
) -> Result<Vec<Objective>> {
    let rows = Sql::<Columns>::new(
        "select o.id, o.match_id, o.title, o.description, o.status, o.target_on, o.proposed_by, o.submitted_by, o.rating,
             o.rated_by, o.rated_at, o.version, o.created_at, o.updated_at
         from objective o join matches m on m.organization_id = o.organization_id and m.id = o.match_id
         where o.organization_id = $1 and o.id = any($2)
         and ($3 or m.program_id = any($4) or m.mentor_id = any($5) or m.mentee_id = any($6))",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(ids))
    .within(scope)
    .load::<Row>(&mut conn)
    .await?;
    rows.into_iter().map(Objective::try_from).collect()
}

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Objective>,
) -> Result<Option<Objective>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// A page for each of several matches that the caller may see, oldest first; matches without any are left out.
pub async fn by_matches(
    mut conn: &Connection,
    organization: Id<Organization>,
    matches: &[Id<Match>],
    page: &PageRequest<Id<Objective>>,
) -> Result<HashMap<Id<Match>, Page<Objective>>> {
    let rows = Sql::<Columns>::new(
        "select o.id, o.match_id, o.title, o.description, o.status, o.target_on, o.proposed_by, o.submitted_by, o.rating,
             o.rated_by, o.rated_at, o.version, o.created_at, o.updated_at
         from unnest($1) p (id) cross join lateral (
             select * from objective o
             where o.organization_id = $2 and o.match_id = p.id and ($3::uuid is null or o.id > $3)
             order by o.id limit $4
         ) o order by o.match_id, o.id",
    )
    .bind::<Array<SqlUuid>, _>(uuids(matches))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let found = rows.into_iter().map(Objective::try_from).collect::<Result<_>>()?;
    Ok(page::by_parent(found, page.first, |objective: &Objective| objective.of))
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Objective) -> Result<()> {
    let values = (objective::organization_id.eq(organization.uuid()), Row::from(value));
    let insert = diesel::insert_into(objective::table).values(values);
    insert.execute(&mut conn).await.on_constraint("objective_pkey", || Refusal::IdTaken)?;
    Ok(())
}

/// Saves a step; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Objective) -> Result<()> {
    let count = Sql::<()>::new(
        "update objective set status = $3, submitted_by = $4, rating = $5, rated_by = $6, rated_at = $7,
             version = version + 1, updated_at = $8
         where organization_id = $1 and id = $2 and version = $9",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(value.id.uuid())
    .bind::<Text, _>(value.status.to_string())
    .bind::<Nullable<SqlUuid>, _>(value.submitted_by.map(Id::uuid))
    .bind::<Nullable<SmallInt>, _>(value.rating)
    .bind::<Nullable<SqlUuid>, _>(value.rated_by.map(Id::uuid))
    .bind::<Nullable<Timestamptz>, _>(value.rated_at)
    .bind::<Timestamptz, _>(value.updated_at)
    .bind::<Integer, _>(value.version)
    .execute(&mut conn)
    .await?;
    hit_one(count)
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = objective)]
struct Row {
    id: Uuid,
    match_id: Uuid,
    title: String,
    description: Option<String>,
    status: String,
    target_on: Option<NaiveDate>,
    proposed_by: Uuid,
    submitted_by: Option<Uuid>,
    rating: Option<i16>,
    rated_by: Option<Uuid>,
    rated_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Objective {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            of: row.match_id.into(),
            title: row.title,
            description: row.description,
            status: stored("objective", "status", &row.status)?,
            target_on: row.target_on,
            proposed_by: row.proposed_by.into(),
            submitted_by: row.submitted_by.map(Id::new),
            rating: row.rating,
            rated_by: row.rated_by.map(Id::new),
            rated_at: row.rated_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Objective> for Row {
    fn from(value: &Objective) -> Self {
        Self {
            id: value.id.uuid(),
            match_id: value.of.uuid(),
            title: value.title.clone(),
            description: value.description.clone(),
            status: value.status.to_string(),
            target_on: value.target_on,
            proposed_by: value.proposed_by.uuid(),
            submitted_by: value.submitted_by.map(Id::uuid),
            rating: value.rating,
            rated_by: value.rated_by.map(Id::uuid),
            rated_at: value.rated_at,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
