//! The messages of conversations, in the order of their ids.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    conversation::{Conversation, Message, Order},
    id::Id,
    organization::Organization,
    page::{self, Page, PageRequest},
};
use uuid::Uuid;

use crate::{
    Connection, Error, Result, hit_one,
    sql::{Sql, uuids},
    stored,
};

type Columns = (SqlUuid, SqlUuid, SqlUuid, SqlUuid, Text, Text, Timestamptz, Nullable<Timestamptz>);
type Row = (Uuid, Uuid, Uuid, Uuid, String, String, DateTime<Utc>, Option<DateTime<Utc>>);

fn message(row: Row) -> Result<Message> {
    let (id, conversation, of, sender, body, status, created_at, retracted_at) = row;
    Ok(Message {
        id: id.into(),
        conversation: conversation.into(),
        of: of.into(),
        sender: sender.into(),
        body,
        status: stored("message", "status", &status)?,
        created_at,
        retracted_at,
    })
}

pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Message>],
) -> Result<Vec<Message>> {
    let rows: Vec<Row> = Sql::<Columns>::new(
        "select x.id, x.conversation_id, m.id, x.sender_id, x.body, x.status, x.created_at, x.retracted_at
         from message x
         join conversation c on c.organization_id = x.organization_id and c.id = x.conversation_id
         join matches m on m.organization_id = c.organization_id and m.id = c.match_id
         where x.organization_id = $1 and x.id = any($2)
         and ($3 or m.program_id = any($4) or m.mentor_id = any($5) or m.mentee_id = any($6))",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(ids))
    .within(scope)
    .load(&mut conn)
    .await?;
    rows.into_iter().map(message).collect()
}

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Message>,
) -> Result<Option<Message>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// A page for each of several conversations that the caller may read; those without messages are left out.
pub async fn by_conversations(
    mut conn: &Connection,
    organization: Id<Organization>,
    conversations: &[Id<Conversation>],
    order: Order,
    page: &PageRequest<Id<Message>>,
) -> Result<HashMap<Id<Conversation>, Page<Message>>> {
    let text = match order {
        Order::NewestFirst => {
            "select x.id, x.conversation_id, c.match_id, x.sender_id, x.body, x.status, x.created_at, x.retracted_at
             from unnest($1) p (id)
             join conversation c on c.organization_id = $2 and c.id = p.id
             cross join lateral (
                 select * from message x
                 where x.organization_id = $2 and x.conversation_id = p.id and ($3::uuid is null or x.id < $3)
                 order by x.id desc limit $4
             ) x order by x.conversation_id, x.id desc"
        }
        Order::OldestFirst => {
            "select x.id, x.conversation_id, c.match_id, x.sender_id, x.body, x.status, x.created_at, x.retracted_at
             from unnest($1) p (id)
             join conversation c on c.organization_id = $2 and c.id = p.id
             cross join lateral (
                 select * from message x
                 where x.organization_id = $2 and x.conversation_id = p.id and ($3::uuid is null or x.id > $3)
                 order by x.id limit $4
             ) x order by x.conversation_id, x.id"
        }
    };
    let rows: Vec<Row> = Sql::<Columns>::new(text)
        .bind::<Array<SqlUuid>, _>(uuids(conversations))
        .bind::<SqlUuid, _>(organization.uuid())
        .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
        .bind::<BigInt, _>(page.limit())
        .load(&mut conn)
        .await?;
    let found = rows.into_iter().map(message).collect::<Result<_>>()?;
    Ok(page::by_parent(found, page.first, |message: &Message| message.conversation))
}

/// Adds the message and counts it.
pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Message) -> Result<()> {
    Sql::<()>::new(
        "with sent as (
             insert into message (organization_id, id, conversation_id, sender_id, body, status, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)
         )
         update conversation set message_count = message_count + 1, last_message_at = $7
         where organization_id = $1 and id = $3",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(value.id.uuid())
    .bind::<SqlUuid, _>(value.conversation.uuid())
    .bind::<SqlUuid, _>(value.sender.uuid())
    .bind::<Text, _>(value.body.clone())
    .bind::<Text, _>(value.status.to_string())
    .bind::<Timestamptz, _>(value.created_at)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Saves that it was taken back, once.
pub async fn retract(mut conn: &Connection, organization: Id<Organization>, value: &Message) -> Result<()> {
    let count = Sql::<()>::new(
        "update message set status = $3, retracted_at = $4
         where organization_id = $1 and id = $2 and retracted_at is null",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(value.id.uuid())
    .bind::<Text, _>(value.status.to_string())
    .bind::<Nullable<Timestamptz>, _>(value.retracted_at)
    .execute(&mut conn)
    .await
    .map_err(Error::from)?;
    hit_one(count)
}
