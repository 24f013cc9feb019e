//! What pairs write to each other, and up to where somebody has read.
pub mod message;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Integer, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    conversation::{Conversation, Message},
    id::Id,
    matches::Match,
    organization::Organization,
    profile::Profile,
};
use uuid::Uuid;

use crate::{
    Connection, Error, Result,
    schema::{conversation, conversation_reader},
    sql::{Sql, uuids},
};

/// A conversation, with how many messages of the other side the reader has not read.
pub type Unread = (Conversation, i64);

type Row = (Uuid, Uuid, i32, Option<DateTime<Utc>>, DateTime<Utc>, i64);

/// The conversations of these matches that the scope reaches.
pub async fn by_matches(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    reader: Option<Id<Profile>>,
    matches: &[Id<Match>],
) -> Result<Vec<Unread>> {
    let rows: Vec<Row> = Sql::<(SqlUuid, SqlUuid, Integer, Nullable<Timestamptz>, Timestamptz, BigInt)>::new(
        "select c.id, c.match_id, c.message_count, c.last_message_at, c.created_at,
             (select count(*) from message x
              where x.organization_id = c.organization_id and x.conversation_id = c.id and x.status = 'VISIBLE'
              and x.sender_id <> $7 and (r.read_until is null or x.id > r.read_until))
         from conversation c
         join matches m on m.organization_id = c.organization_id and m.id = c.match_id
         left join conversation_reader r
             on r.organization_id = c.organization_id and r.conversation_id = c.id and r.profile_id = $7
         where c.organization_id = $1 and c.match_id = any($2)
         and ($3 or m.program_id = any($4) or m.mentor_id = any($5) or m.mentee_id = any($6))",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(matches))
    .within(scope)
    .bind::<Nullable<SqlUuid>, _>(reader.map(Id::uuid))
    .load(&mut conn)
    .await?;
    let read = |(id, of, message_count, last_message_at, created_at, unread): Row| {
        let (id, of) = (id.into(), of.into());
        (Conversation { id, of, message_count, last_message_at, created_at }, unread)
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The conversation of a match, which its acceptance began.
pub async fn get(
    mut conn: &Connection,
    organization: Id<Organization>,
    of: Id<Match>,
) -> Result<Id<Conversation>> {
    let query = conversation::table
        .filter(conversation::organization_id.eq(organization.uuid()))
        .filter(conversation::match_id.eq(of.uuid()))
        .select(conversation::id);
    let id: Option<Uuid> = query.first(&mut conn).await.optional()?;
    Ok(id.ok_or(Error::Missing)?.into())
}

pub async fn insert(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<Conversation>,
    of: Id<Match>,
    now: DateTime<Utc>,
) -> Result<()> {
    let values = (
        conversation::organization_id.eq(organization.uuid()),
        conversation::id.eq(id.uuid()),
        conversation::match_id.eq(of.uuid()),
        conversation::created_at.eq(now),
    );
    diesel::insert_into(conversation::table).values(values).execute(&mut conn).await?;
    Ok(())
}

/// Up to which message somebody has read.
pub async fn read_until(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<Conversation>,
    reader: Id<Profile>,
) -> Result<Option<Id<Message>>> {
    let query = conversation_reader::table
        .find((organization.uuid(), id.uuid(), reader.uuid()))
        .select(conversation_reader::read_until);
    Ok(query.first::<Uuid>(&mut conn).await.optional()?.map(Id::new))
}

/// Notes up to which message somebody has read; it never goes back.
pub async fn mark_read(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<Conversation>,
    reader: Id<Profile>,
    until: Id<Message>,
    now: DateTime<Utc>,
) -> Result<()> {
    Sql::<()>::new(
        "insert into conversation_reader (organization_id, conversation_id, profile_id, read_until, updated_at)
         values ($1, $2, $3, $4, $5)
         on conflict (organization_id, conversation_id, profile_id)
         do update set read_until = greatest(conversation_reader.read_until, excluded.read_until), updated_at = $5",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<SqlUuid, _>(reader.uuid())
    .bind::<SqlUuid, _>(until.uuid())
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(())
}
