//! What is written beside every mutation: who did it, and that something changed.
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    account::Account,
    id::{Entity, Id},
    organization::Organization,
};
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// The channel on which changes are announced at commit, as `organization kind object context`.
pub const CHANNEL: &str = "cairn_change";

/// One object that a mutation changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The prefix of the object's ids.
    pub kind: &'static str,
    pub object: Uuid,
    /// The match or cohort that it belongs to, by which subscribers filter.
    pub context: Option<Uuid>,
}

/// Who did it, and with which mutation.
#[derive(Debug, Clone)]
pub struct Who {
    pub account: Option<Id<Account>>,
    pub action: String,
    pub request_id: String,
}

/// Lets the rest of the transaction see and write the rows of this organization.
pub async fn enter(mut conn: &Connection, organization: Id<Organization>) -> Result<()> {
    Sql::<Text>::new("select set_config('cairn.organization', $1, true)")
        .bind::<Text, _>(organization.uuid().to_string())
        .get_result::<String>(&mut conn)
        .await?;
    Ok(())
}

/// Writes an audit row and a change row for each change, and announces them. `ids` are those of the audit rows.
pub async fn record(
    mut conn: &Connection,
    organization: Id<Organization>,
    who: &Who,
    changes: &[Change],
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    let kinds: Vec<String> = changes.iter().map(|change| change.kind.to_owned()).collect();
    let objects: Vec<Uuid> = changes.iter().map(|change| change.object).collect();
    let contexts: Vec<Option<Uuid>> = changes.iter().map(|change| change.context).collect();
    Sql::<()>::new(
        "with changed as (
             select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) as c (id, kind, object, context)
         ), audited as (
             insert into audit_event (organization_id, id, at, account_id, action, object_kind, object_id, request_id)
             select $5, id, $6, $7, $8, kind, object, $9 from changed
         ), noted as (
             insert into change (organization_id, at, object_kind, object_id, context_id)
             select $5, $6, kind, object, context from changed
         )
         select pg_notify('cairn_change', concat_ws(' ', $5::text, kind, object::text, context::text)) from changed",
    )
    .bind::<Array<SqlUuid>, _>(ids.to_vec())
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<SqlUuid>, _>(objects)
    .bind::<Array<Nullable<SqlUuid>>, _>(contexts)
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(who.account.map(Id::uuid))
    .bind::<Text, _>(who.action.clone())
    .bind::<Text, _>(who.request_id.clone())
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// Notes that somebody tried what their role does not allow; a repeat within an hour is not noted again.
pub async fn deny(
    mut conn: &Connection,
    organization: Id<Organization>,
    who: &Who,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    Sql::<()>::new(
        "insert into audit_event
             (organization_id, id, at, account_id, action, object_kind, object_id, request_id, outcome)
         select $1, $2, $3, $4, $5, $6, $1, $7, 'DENIED'
         where not exists (
             select from audit_event
             where organization_id = $1 and account_id = $4 and action = $5 and outcome = 'DENIED'
             and at > $3 - interval '1 hour')",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(who.account.map(Id::uuid))
    .bind::<Text, _>(who.action.clone())
    .bind::<Text, _>(Organization::PREFIX)
    .bind::<Text, _>(who.request_id.clone())
    .execute(&mut conn)
    .await?;
    Ok(())
}
