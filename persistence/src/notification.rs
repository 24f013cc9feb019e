//! What accounts were told.
mod facts;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    account::Account,
    id::Id,
    notification::{Notice, Notification},
    organization::Organization,
    page::{Page, PageRequest},
};
use uuid::Uuid;

pub use facts::{Facts, Meeting, facts};

use crate::{Connection, Error, Result, schema::notification, sql::Sql, stored};

/// Something that one account is told.
#[derive(Debug, Clone)]
pub struct New {
    pub id: Id<Notification>,
    pub account: Id<Account>,
    pub notice: Notice,
}

/// Tells accounts what they were not told before, and answers the notifications that are new.
pub async fn insert(
    mut conn: &Connection,
    organization: Id<Organization>,
    told: &[New],
    now: DateTime<Utc>,
) -> Result<Vec<Id<Notification>>> {
    let texts = |text: fn(&New) -> String| told.iter().map(text).collect::<Vec<_>>();
    let new: Vec<Uuid> = Sql::<SqlUuid>::new(
        "insert into notification
             (organization_id, id, account_id, kind, subject_kind, subject_id, dedupe_key, created_at)
         select $1, told.*, $8
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[]) as told
         on conflict on constraint notification_once do nothing returning id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(told.iter().map(|new| new.id.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(told.iter().map(|new| new.account.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(texts(|new| new.notice.kind.to_string()))
    .bind::<Array<Text>, _>(texts(|new| new.notice.subject_kind.to_owned()))
    .bind::<Array<SqlUuid>, _>(told.iter().map(|new| new.notice.subject).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(texts(|new| new.notice.key.clone()))
    .bind::<Timestamptz, _>(now)
    .load(&mut conn)
    .await?;
    Ok(new.into_iter().map(Id::new).collect())
}

pub async fn find(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<Notification>,
) -> Result<Option<Notification>> {
    let row = Row::query().find((organization.uuid(), id.uuid())).first(&mut conn).await.optional()?;
    row.map(Notification::try_from).transpose()
}

/// What an account was told, newest first.
pub async fn by_account(
    mut conn: &Connection,
    organization: Id<Organization>,
    account: Id<Account>,
    page: &PageRequest<Id<Notification>>,
) -> Result<Page<Notification>> {
    let mut query = Row::query()
        .filter(notification::organization_id.eq(organization.uuid()))
        .filter(notification::account_id.eq(account.uuid()))
        .order(notification::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(notification::id.lt(after.uuid()));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(Page::of(rows.into_iter().map(Notification::try_from).collect::<Result<_>>()?, page.first))
}

pub async fn count_unread(
    mut conn: &Connection,
    organization: Id<Organization>,
    account: Id<Account>,
) -> Result<i64> {
    let count = Sql::<BigInt>::new(
        "select count(*) from notification where organization_id = $1 and account_id = $2 and read_at is null",
    );
    Ok(count
        .bind::<SqlUuid, _>(organization.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .get_result(&mut conn)
        .await?)
}

/// Marks one's own notifications as read, up to and with `until`. Answers how many were unread.
pub async fn mark_read(
    mut conn: &Connection,
    organization: Id<Organization>,
    account: Id<Account>,
    until: Id<Notification>,
    now: DateTime<Utc>,
) -> Result<usize> {
    let count = Sql::<()>::new(
        "update notification set read_at = $4
         where organization_id = $1 and account_id = $2 and id <= $3 and read_at is null",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(until.uuid())
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(count)
}

#[derive(HasQuery)]
#[diesel(table_name = notification)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    kind: String,
    subject_kind: String,
    subject_id: Uuid,
    read_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Notification {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            account: row.account_id.into(),
            kind: stored("notification", "kind", &row.kind)?,
            subject_kind: row.subject_kind,
            subject: row.subject_id,
            read_at: row.read_at,
            created_at: row.created_at,
        })
    }
}
