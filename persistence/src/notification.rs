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
    profile::Profile,
};
use uuid::Uuid;

pub use facts::{Facts, Meeting, facts};

use crate::{Connection, Error, Result, schema::notification, sql::Sql, stored};

/// The accounts of people; who has none cannot be told.
pub async fn accounts_of(
    mut conn: &Connection,
    organization: Id<Organization>,
    profiles: &[Id<Profile>],
) -> Result<Vec<Id<Account>>> {
    let profiles: Vec<Uuid> = profiles.iter().map(|id| id.uuid()).collect();
    let accounts: Vec<Uuid> = Sql::<SqlUuid>::new(
        "select account_id from membership where organization_id = $1 and profile_id = any($2) order by account_id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(profiles)
    .load(&mut conn)
    .await?;
    Ok(accounts.into_iter().map(Id::new).collect())
}

/// Tells accounts something, each once. `ids` has one for each account. Answers the notifications that are new.
pub async fn insert(
    mut conn: &Connection,
    organization: Id<Organization>,
    accounts: &[Id<Account>],
    ids: &[Uuid],
    notice: &Notice,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Notification>>> {
    let accounts: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    let new: Vec<Uuid> = Sql::<SqlUuid>::new(
        "insert into notification
             (organization_id, id, account_id, kind, subject_kind, subject_id, dedupe_key, created_at)
         select $1, told.id, told.account_id, $4, $5, $6, $7, $8
         from unnest($2::uuid[], $3::uuid[]) as told (id, account_id)
         on conflict on constraint notification_once do nothing returning id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(ids.to_vec())
    .bind::<Array<SqlUuid>, _>(accounts)
    .bind::<Text, _>(notice.kind.to_string())
    .bind::<Text, _>(notice.subject_kind)
    .bind::<SqlUuid, _>(notice.subject)
    .bind::<Text, _>(notice.key.clone())
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
