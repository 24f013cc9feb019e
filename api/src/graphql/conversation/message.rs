//! One message of a conversation.
use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    conversation::{Conversation, Event, Message, Order, Status},
    id::Id,
    page::{Page, PageRequest},
    text::TextEnum,
};

use crate::{
    error::Result,
    graphql::{
        allowed::{self, AllowedAction},
        context::{Cx, Request},
        enumeration::E,
        nested::{self, Listed},
        prefetch::Prefetch,
        profile::ProfileObject,
        scalar::DateTime,
        stored::Stored,
    },
};

/// One message. A retracted one keeps its place and is shown without its text.
#[derive(Debug, Clone)]
pub struct MessageObject(pub Message);

/// One message. A retracted one keeps its place and is shown without its text.
#[Object(name = "Message")]
impl MessageObject {
    /// Names the message; ids rise in the order of writing.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The match whose two sides write.
    async fn match_id(&self) -> ID {
        ID(self.0.of.to_string())
    }

    /// Who wrote it; null when you may not see them.
    async fn sender(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        ProfileObject::find(context.request(), self.0.sender).await
    }

    /// The profile of who wrote it.
    async fn sender_id(&self) -> ID {
        ID(self.0.sender.to_string())
    }

    /// What was written; null when it was taken back.
    async fn body(&self) -> Option<&str> {
        Some(self.0.body.as_str()).filter(|_| self.0.status == Status::Visible)
    }

    /// Whether it can be read.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was taken back.
    async fn retracted_at(&self) -> Option<DateTime> {
        self.0.retracted_at.map(DateTime)
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let next = self.0.may_retract(context.request().actor()?.profile);
        Ok(vec![allowed::check(Event::Retract.as_str(), true, next)])
    }
}

impl Prefetch for MessageObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let senders = items.iter().map(|item| item.0.sender).collect();
        ProfileObject::prefetch_by_ids(request, fields, "sender", senders).await
    }
}

impl Stored for MessageObject {
    type Entity = Message;

    fn key(&self) -> Id<Message> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Message>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadConversation)?, request.organization()?);
        let found = request
            .load(async move |conn| {
                persistence::conversation::message::by_ids(conn, &scope, organization, &ids).await
            })
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Conversation> for MessageObject {
    type Place = Id<Message>;
    type Filter = Order;

    fn place(&self) -> Self::Place {
        self.0.id
    }

    fn filter(field: &SelectionField<'_>) -> Order {
        nested::argument::<E<Order>>(field, "order").map(|order| order.0).unwrap_or_default()
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Conversation>>,
        order: Order,
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Conversation>, Page<Self>>> {
        let organization = request.organization()?;
        let pages = request
            .load(async move |conn| {
                persistence::conversation::message::by_conversations(
                    conn,
                    organization,
                    &parents,
                    order,
                    &page,
                )
                .await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}
