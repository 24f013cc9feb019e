//! The audit log of an organization.
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    audit::AuditEvent,
    id::Id,
    organization::Organization,
    page::{Page, PageRequest},
};
use uuid::Uuid;

use crate::{Connection, Error, Result, schema::audit_event, stored};

/// Newest first; of one object only, when it is given. Only who reaches the whole organization reads it.
pub async fn by_organization(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    object: Option<Uuid>,
    page: &PageRequest<Id<AuditEvent>>,
) -> Result<Page<AuditEvent>> {
    let mut query = Row::query()
        .filter(audit_event::organization_id.eq(organization.uuid()))
        .filter(scope.everything.into_sql::<Bool>())
        .order(audit_event::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(object) = object {
        query = query.filter(audit_event::object_id.eq(object));
    }
    if let Some(after) = page.after {
        query = query.filter(audit_event::id.lt(after.uuid()));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(Page::of(rows.into_iter().map(AuditEvent::try_from).collect::<Result<_>>()?, page.first))
}

#[derive(HasQuery)]
#[diesel(table_name = audit_event)]
struct Row {
    id: Uuid,
    at: DateTime<Utc>,
    account_id: Option<Uuid>,
    action: String,
    object_kind: String,
    object_id: Uuid,
    request_id: String,
    outcome: String,
}

impl TryFrom<Row> for AuditEvent {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            at: row.at,
            account: row.account_id.map(Id::new),
            action: row.action,
            object_kind: row.object_kind,
            object: row.object_id,
            request_id: row.request_id,
            outcome: stored("audit_event", "outcome", &row.outcome)?,
        })
    }
}
