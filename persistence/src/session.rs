//! Signed-in devices.
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    account::Account,
    id::Id,
    session::{Family, Reason, Session},
};
use uuid::Uuid;

use crate::{Connection, Error, Result, hit_one, schema::session, sql::Sql, stored};

/// The channel on which ended sessions and changed rights are announced, as the id of the session or account.
pub const CHANNEL: &str = "cairn_session";

/// A session with the sealed key from which its refresh tokens follow.
#[derive(Debug, Clone)]
pub struct Keyed {
    pub session: Session,
    pub refresh_key_sealed: Vec<u8>,
}

pub async fn find(mut conn: &Connection, id: Id<Session>) -> Result<Option<Keyed>> {
    let row = Row::query().find(id.uuid()).first(&mut conn).await.optional()?;
    row.map(Keyed::try_from).transpose()
}

/// For a refresh: two at once are told apart.
pub async fn lock(mut conn: &Connection, id: Id<Session>) -> Result<Option<Keyed>> {
    let row = Row::query().find(id.uuid()).for_update().first(&mut conn).await.optional()?;
    row.map(Keyed::try_from).transpose()
}

/// The live sessions of an account, the one last used first.
pub async fn by_account(
    mut conn: &Connection,
    account: Id<Account>,
    now: DateTime<Utc>,
) -> Result<Vec<Session>> {
    let rows = Row::query()
        .filter(session::account_id.eq(account.uuid()))
        .filter(session::status.eq("ACTIVE"))
        .filter(session::idle_expires_at.gt(now))
        .filter(session::absolute_expires_at.gt(now))
        .order((session::last_seen_at.desc(), session::id.desc()))
        .limit(100)
        .load(&mut conn)
        .await?;
    rows.into_iter().map(|row: Row| Ok(Keyed::try_from(row)?.session)).collect()
}

pub async fn insert(mut conn: &Connection, value: &Session, refresh_key_sealed: &[u8]) -> Result<()> {
    let row = Row::new(value, refresh_key_sealed);
    diesel::insert_into(session::table).values(row).execute(&mut conn).await?;
    Ok(())
}

/// Saves a refresh.
pub async fn update(mut conn: &Connection, value: &Session) -> Result<()> {
    let count = Sql::<()>::new(
        "update session set generation = $2, proven = $3, presented = $4, repeats = $5, rotated_at = $6,
             last_seen_at = $7, idle_expires_at = $8 where id = $1",
    )
    .bind::<SqlUuid, _>(value.id.uuid())
    .bind::<Integer, _>(value.family.newest)
    .bind::<Integer, _>(value.family.proven)
    .bind::<Integer, _>(value.family.presented)
    .bind::<Integer, _>(value.family.repeats)
    .bind::<Timestamptz, _>(value.family.rotated_at)
    .bind::<Timestamptz, _>(value.last_seen_at)
    .bind::<Timestamptz, _>(value.idle_expires_at)
    .execute(&mut conn)
    .await?;
    hit_one(count)
}

/// Notes that the client has shown to have received a generation, and that it was seen.
pub async fn prove(
    mut conn: &Connection,
    id: Id<Session>,
    generation: i32,
    now: DateTime<Utc>,
) -> Result<()> {
    Sql::<()>::new(
        "update session set proven = greatest(proven, least($2, generation)),
             last_seen_at = greatest(last_seen_at, $3) where id = $1 and status = 'ACTIVE'",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<Integer, _>(generation)
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Ends the sessions of an account, all, or all but one, or one, and announces it at commit. Answers how many.
pub async fn revoke(
    mut conn: &Connection,
    account: Id<Account>,
    which: Which,
    reason: Reason,
) -> Result<usize> {
    let (only, except) = match which {
        Which::All => (None, None),
        Which::Only(id) => (Some(id.uuid()), None),
        Which::AllBut(id) => (None, Some(id.uuid())),
    };
    let ended: Vec<String> = Sql::<Text>::new(
        "with ended as (
             update session set status = 'REVOKED', revoked_reason = $4
             where account_id = $1 and status = 'ACTIVE'
               and ($2::uuid is null or id = $2) and ($3::uuid is null or id <> $3)
             returning id
         )
         select id::text || coalesce(pg_notify('cairn_session', id::text)::text, '') from ended",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Nullable<SqlUuid>, _>(only)
    .bind::<Nullable<SqlUuid>, _>(except)
    .bind::<Text, _>(reason.to_string())
    .load(&mut conn)
    .await?;
    Ok(ended.len())
}

/// Announces at commit that the signing keys have changed.
pub async fn announce_keys(mut conn: &Connection) -> Result<()> {
    Sql::<Text>::new("select coalesce(pg_notify('cairn_session', 'keys')::text, '')")
        .get_result::<String>(&mut conn)
        .await?;
    Ok(())
}

/// Which sessions of an account to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    Only(Id<Session>),
    AllBut(Id<Session>),
}

/// Forgets sessions that ended or ran out 90 days ago.
pub async fn purge(mut conn: &Connection, now: DateTime<Utc>) -> Result<usize> {
    let delete = Sql::<()>::new(
        "delete from session where least(absolute_expires_at, idle_expires_at) < $1 - interval '90 days'",
    );
    Ok(delete.bind::<Timestamptz, _>(now).execute(&mut conn).await?)
}

/// Announces at commit that the rights of an account have changed, so that caches forget them.
pub async fn announce_rights(mut conn: &Connection, account: Id<Account>) -> Result<()> {
    Sql::<Text>::new("select coalesce(pg_notify('cairn_session', $1)::text, '')")
        .bind::<Text, _>(account.uuid().to_string())
        .get_result::<String>(&mut conn)
        .await?;
    Ok(())
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = session)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    client: String,
    device_name: Option<String>,
    status: String,
    revoked_reason: Option<String>,
    refresh_key_sealed: Vec<u8>,
    generation: i32,
    proven: i32,
    presented: i32,
    repeats: i32,
    rotated_at: DateTime<Utc>,
    authenticated_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    idle_expires_at: DateTime<Utc>,
    absolute_expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn new(value: &Session, refresh_key_sealed: &[u8]) -> Self {
        Self {
            id: value.id.uuid(),
            account_id: value.account.uuid(),
            client: value.client.to_string(),
            device_name: value.device_name.clone(),
            status: value.status.to_string(),
            revoked_reason: value.revoked_reason.map(|reason| reason.to_string()),
            refresh_key_sealed: refresh_key_sealed.to_vec(),
            generation: value.family.newest,
            proven: value.family.proven,
            presented: value.family.presented,
            repeats: value.family.repeats,
            rotated_at: value.family.rotated_at,
            authenticated_at: value.authenticated_at,
            last_seen_at: value.last_seen_at,
            idle_expires_at: value.idle_expires_at,
            absolute_expires_at: value.absolute_expires_at,
            created_at: value.created_at,
        }
    }
}

impl TryFrom<Row> for Keyed {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let reason = row.revoked_reason.as_deref().map(|text| stored("session", "revoked_reason", text));
        let session = Session {
            id: row.id.into(),
            account: row.account_id.into(),
            client: stored("session", "client", &row.client)?,
            device_name: row.device_name,
            status: stored("session", "status", &row.status)?,
            revoked_reason: reason.transpose()?,
            family: Family {
                newest: row.generation,
                proven: row.proven,
                presented: row.presented,
                repeats: row.repeats,
                rotated_at: row.rotated_at,
            },
            authenticated_at: row.authenticated_at,
            last_seen_at: row.last_seen_at,
            idle_expires_at: row.idle_expires_at,
            absolute_expires_at: row.absolute_expires_at,
            created_at: row.created_at,
        };
        Ok(Self { session, refresh_key_sealed: row.refresh_key_sealed })
    }
}
