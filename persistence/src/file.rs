//! Uploaded files: who may read which, and their content in pieces.
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Bytea, Integer, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{access::Scope, account::Account, file::File, id::Id, organization::Organization};
use uuid::Uuid;

use crate::{
    Connection, Error, Result,
    schema::{file, file_chunk},
    sql::{Sql, uuids},
    stored,
};

/// Bytes of one piece.
pub const PIECE: usize = 256 * 1024;

/// Who may read a file: whoever uploaded it, and whoever reads, within `scope`, a resource that shares it.
#[derive(Debug, Clone)]
pub struct Reader {
    pub account: Id<Account>,
    pub scope: Scope,
}

/// The files among `ids` that the reader may read, in no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    reader: &Reader,
    organization: Id<Organization>,
    ids: &[Id<File>],
) -> Result<Vec<File>> {
    let scope = &reader.scope;
    let people: Vec<Uuid> = scope.mentors.iter().chain(&scope.mentees).map(|id| id.uuid()).collect();
    let rows = Sql::<Columns>::new(
        "select f.id, f.uploaded_by, f.name, f.content_type, f.size, f.sha256, f.created_at
         from file f
         where f.organization_id = $1 and f.id = any($2) and (f.uploaded_by = $3 or exists (
             select from resource r left join matches m on m.organization_id = $1 and m.id = r.match_id
             where r.organization_id = $1 and r.file_id = f.id and r.archived_at is null and (
                 $4 or r.program_id = any($5)
                 or m.mentor_id = any($6) and m.status in ('ACCEPTED', 'ACTIVE', 'CLOSED')
                 or m.mentee_id = any($7) and m.status in ('ACCEPTED', 'ACTIVE', 'CLOSED')
                 or r.match_id is null and exists (
                     select from enrollment e
                     where e.organization_id = $1 and e.program_id = r.program_id
                     and e.profile_id = any($8) and e.status <> 'WITHDRAWN'))))",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(ids))
    .bind::<SqlUuid, _>(reader.account.uuid())
    .within(scope)
    .bind::<Array<SqlUuid>, _>(people)
    .load::<Row>(&mut conn)
    .await?;
    rows.into_iter().map(File::try_from).collect()
}

/// A file that this account uploaded: nobody else may use it in a mutation.
pub async fn get_own(
    mut conn: &Connection,
    organization: Id<Organization>,
    account: Id<Account>,
    id: Id<File>,
) -> Result<File> {
    let query = Row::query()
        .filter(file::organization_id.eq(organization.uuid()))
        .filter(file::id.eq(id.uuid()))
        .filter(file::uploaded_by.eq(account.uuid()));
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &File) -> Result<()> {
    let values = (file::organization_id.eq(organization.uuid()), Row::from(value));
    diesel::insert_into(file::table).values(values).execute(&mut conn).await?;
    Ok(())
}

/// Adds the piece at `position`, the first being 0.
pub async fn insert_piece(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<File>,
    position: i32,
    bytes: Vec<u8>,
) -> Result<()> {
    Sql::<()>::new(
        "insert into file_chunk (organization_id, file_id, position, bytes) values ($1, $2, $3, $4)",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<Integer, _>(position)
    .bind::<Bytea, _>(bytes)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// The piece at `position`; `None` after the last one.
pub async fn piece(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<File>,
    position: i32,
) -> Result<Option<Vec<u8>>> {
    let query = file_chunk::table.find((organization.uuid(), id.uuid(), position)).select(file_chunk::bytes);
    Ok(query.first(&mut conn).await.optional()?)
}

/// The whole content, for jobs that read all of it anyway.
pub async fn content(mut conn: &Connection, organization: Id<Organization>, id: Id<File>) -> Result<Vec<u8>> {
    let pieces: Vec<Vec<u8>> = file_chunk::table
        .filter(file_chunk::organization_id.eq(organization.uuid()))
        .filter(file_chunk::file_id.eq(id.uuid()))
        .order(file_chunk::position)
        .select(file_chunk::bytes)
        .load(&mut conn)
        .await?;
    Ok(pieces.concat())
}

type Columns = crate::sql::Columns<Row>;

#[derive(HasQuery, Insertable)]
#[diesel(table_name = file)]
struct Row {
    id: Uuid,
    uploaded_by: Uuid,
    name: String,
    content_type: String,
    size: i32,
    sha256: Vec<u8>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for File {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            uploaded_by: row.uploaded_by.into(),
            name: row.name,
            kind: stored("file", "content_type", &row.content_type)?,
            size: row.size,
            sha256: row.sha256,
            created_at: row.created_at,
        })
    }
}

impl From<&File> for Row {
    fn from(value: &File) -> Self {
        Self {
            id: value.id.uuid(),
            uploaded_by: value.uploaded_by.uuid(),
            name: value.name.clone(),
            content_type: value.kind.to_string(),
            size: value.size,
            sha256: value.sha256.clone(),
            created_at: value.created_at,
        }
    }
}
