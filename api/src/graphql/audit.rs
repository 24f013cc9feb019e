//! The audit log: who changed what, and who tried in vain?
use async_graphql::{Context, ID, Object};
use domain::{
    access::Action,
    audit::{AuditEvent, Outcome},
    id,
};

use super::{
    context::Cx,
    enumeration::E,
    page::{self, Connection, page_request},
    prefetch::Prefetch,
    scalar::DateTime,
};
use crate::error::{ErrorCode, Failure, Result};

/// That somebody changed something, or tried what their role does not allow; the same attempt is noted once an hour.
#[derive(Debug, Clone)]
pub struct AuditEventObject(AuditEvent);

/// That somebody changed something, or tried what their role does not allow; the same attempt is noted once an hour.
#[Object(name = "AuditEvent")]
impl AuditEventObject {
    /// Names the event.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// When it happened.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// The account that did it; null when the server did it by itself, such as expiring an offer.
    async fn account_id(&self) -> Option<ID> {
        self.0.account.map(|account| ID(account.to_string()))
    }

    /// The mutation that did it, such as `publishProgram`, or the server's own job.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The object that was changed, or the organization when it was denied; fetch it with `node`.
    async fn object_id(&self) -> ID {
        ID(id::encode(&self.0.object_kind, self.0.object))
    }

    /// Was it done, or denied?
    async fn outcome(&self) -> E<Outcome> {
        E(self.0.outcome)
    }

    /// The request in which it happened, as in the header `X-Request-Id` and in the logs.
    async fn request_id(&self) -> &str {
        &self.0.request_id
    }
}

impl Prefetch for AuditEventObject {}

#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Who changed what in this organization, newest first. For owners and admins.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn audit_events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "Only the history of this object.")] object_id: Option<ID>,
    ) -> Result<Connection<AuditEventObject>> {
        let request = context.request();
        let scope = request.require_scope(Action::ReadAudit)?;
        let organization = request.organization()?;
        let unknown = || Failure::request(ErrorCode::BadUserInput, "`objectId` is not an id");
        let object = object_id.as_deref().map(|text| id::decode(text).ok_or_else(unknown)).transpose()?;
        let object = object.map(|(_, uuid)| uuid);
        let list = format!("audit of {organization} {object:?}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let events = request
            .load(async move |conn| {
                persistence::audit::by_organization(conn, &scope, organization, object, &wanted).await
            })
            .await?;
        Connection::new(&list, events, &page, |event| event.id, AuditEventObject).prefetched(context).await
    }
}
