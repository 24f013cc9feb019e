//! What is shared with pairs and programs, and which of it somebody may see.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Integer, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    id::Id,
    matches::Match,
    organization::Organization,
    page::{self, Page, PageRequest},
    profile::Profile,
    program::Program,
    resource::{Content, Refusal, Resource},
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::resource,
    sql::{Sql, uuids},
};

type Columns = crate::sql::Columns<Row>;

/// A resource of the scope's programs, of a pair that it reaches, or of a program in which its people take part.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Resource>],
) -> Result<Vec<Resource>> {
    let people = [uuids(&scope.mentors), uuids(&scope.mentees)].concat();
    let rows = Sql::<Columns>::new(
        "select r.id, r.program_id, r.match_id, r.title, r.description, r.url, r.file_id, r.shared_by,
             r.archived_at, r.version, r.created_at, r.updated_at
         from resource r left join matches m on m.organization_id = r.organization_id and m.id = r.match_id
         where r.organization_id = $1 and r.id = any($2)
         and ($3 or r.program_id = any($4) or m.mentor_id = any($5) or m.mentee_id = any($6)
              or r.match_id is null and exists (
                  select from enrollment e
                  where e.organization_id = $1 and e.program_id = r.program_id and e.profile_id = any($7)
                  and e.status <> 'WITHDRAWN'))",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(ids))
    .within(scope)
    .bind::<Array<SqlUuid>, _>(people)
    .load::<Row>(&mut conn)
    .await?;
    rows.into_iter().map(Resource::try_from).collect()
}

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Resource>,
) -> Result<Option<Resource>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// A page for each of several matches that the caller may see, newest first, without what is archived.
pub async fn by_matches(
    mut conn: &Connection,
    organization: Id<Organization>,
    matches: &[Id<Match>],
    page: &PageRequest<Id<Resource>>,
) -> Result<HashMap<Id<Match>, Page<Resource>>> {
    let rows = Sql::<Columns>::new(
        "select r.id, r.program_id, r.match_id, r.title, r.description, r.url, r.file_id, r.shared_by,
             r.archived_at, r.version, r.created_at, r.updated_at
         from unnest($1) p (id) cross join lateral (
             select * from resource r
             where r.organization_id = $2 and r.match_id = p.id and r.archived_at is null
             and ($3::uuid is null or r.id < $3)
             order by r.id desc limit $4
         ) r order by r.match_id, r.id desc",
    )
    .bind::<Array<SqlUuid>, _>(uuids(matches))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let found = rows.into_iter().map(Resource::try_from).collect::<Result<Vec<_>>>()?;
    let by_match = page::by_parent(found, page.first, |resource: &Resource| resource.of);
    Ok(by_match.into_iter().filter_map(|(of, page)| Some((of?, page))).collect())
}

/// A page for each of several programs that the caller may see: what is for everybody in them, newest first.
pub async fn by_programs(
    mut conn: &Connection,
    organization: Id<Organization>,
    programs: &[Id<Program>],
    page: &PageRequest<Id<Resource>>,
) -> Result<HashMap<Id<Program>, Page<Resource>>> {
    let rows = Sql::<Columns>::new(
        "select r.id, r.program_id, r.match_id, r.title, r.description, r.url, r.file_id, r.shared_by,
             r.archived_at, r.version, r.created_at, r.updated_at
         from unnest($1) p (id) cross join lateral (
             select * from resource r
             where r.organization_id = $2 and r.program_id = p.id and r.match_id is null and r.archived_at is null
             and ($3::uuid is null or r.id < $3)
             order by r.id desc limit $4
         ) r order by r.program_id, r.id desc",
    )
    .bind::<Array<SqlUuid>, _>(uuids(programs))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let found = rows.into_iter().map(Resource::try_from).collect::<Result<_>>()?;
    Ok(page::by_parent(found, page.first, |resource: &Resource| resource.program))
}

/// Who takes part in a program now, and is told of what is shared with it.
pub async fn audience(
    mut conn: &Connection,
    organization: Id<Organization>,
    program: Id<Program>,
) -> Result<Vec<Id<Profile>>> {
    let people: Vec<Uuid> = Sql::<SqlUuid>::new(
        "select distinct profile_id from enrollment
         where organization_id = $1 and program_id = $2 and status = 'APPROVED'",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(program.uuid())
    .load(&mut conn)
    .await?;
    Ok(people.into_iter().map(Id::new).collect())
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Resource) -> Result<()> {
    let values = (resource::organization_id.eq(organization.uuid()), Row::from(value));
    let insert = diesel::insert_into(resource::table).values(values);
    insert.execute(&mut conn).await.on_constraint("resource_pkey", || Refusal::IdTaken)?;
    Ok(())
}

/// Saves that it was archived; the version rises by one.
pub async fn update(mut conn: &Connection, organization: Id<Organization>, value: &Resource) -> Result<()> {
    let count = Sql::<()>::new(
        "update resource set archived_at = $3, version = version + 1, updated_at = $4
         where organization_id = $1 and id = $2 and version = $5",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(value.id.uuid())
    .bind::<Nullable<Timestamptz>, _>(value.archived_at)
    .bind::<Timestamptz, _>(value.updated_at)
    .bind::<Integer, _>(value.version)
    .execute(&mut conn)
    .await?;
    hit_one(count)
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = resource)]
struct Row {
    id: Uuid,
    program_id: Uuid,
    match_id: Option<Uuid>,
    title: String,
    description: Option<String>,
    url: Option<String>,
    file_id: Option<Uuid>,
    shared_by: Uuid,
    archived_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Resource {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let content = match (row.url, row.file_id) {
            (Some(url), None) => Content::Link(url),
            (None, Some(file)) => Content::File(file.into()),
            _ => return Err(Error::corrupt("resource", "url", "neither a link nor a file, or both")),
        };
        Ok(Self {
            id: row.id.into(),
            program: row.program_id.into(),
            of: row.match_id.map(Id::new),
            title: row.title,
            description: row.description,
            content,
            shared_by: row.shared_by.into(),
            archived_at: row.archived_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Resource> for Row {
    fn from(value: &Resource) -> Self {
        let (url, file_id) = match &value.content {
            Content::Link(url) => (Some(url.clone()), None),
            Content::File(file) => (None, Some(file.uuid())),
        };
        Self {
            id: value.id.uuid(),
            program_id: value.program.uuid(),
            match_id: value.of.map(Id::uuid),
            title: value.title.clone(),
            description: value.description.clone(),
            url,
            file_id,
            shared_by: value.shared_by.uuid(),
            archived_at: value.archived_at,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
