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
    error::{Failure, Result},
    graphql::{
        allowed::{self, AllowedAction},
        context::{Cx, Request},
        enumeration::E,
        nested,
        prefetch::{Prefetch, below},
        profile::ProfileObject,
        scalar::DateTime,
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
        ProfileObject::ahead(context.request(), self.0.sender).await
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
        if let Some(wanted) = below(fields, "sender").filter(|_| !items.is_empty()) {
            let senders = items.iter().map(|item| item.0.sender).collect();
            ProfileObject::prefetch_by_ids(request, senders, &wanted).await?;
        }
        Ok(())
    }
}

impl MessageObject {
    /// The message, if the caller may read it.
    pub async fn find(request: &Request, id: Id<Message>) -> Result<Option<Self>> {
        let scope = request.scope(Action::ReadConversation)?;
        let organization = request.organization()?;
        let found = request
            .load(async move |conn| {
                persistence::conversation::message::find(conn, &scope, organization, id).await
            })
            .await?;
        Ok(found.map(Self))
    }

    /// The message that a mutation changed.
    pub async fn get(request: &Request, id: Id<Message>) -> Result<Self> {
        Self::find(request, id).await?.ok_or(Failure::NotFound { path: None })
    }

    /// A page for each of several conversations that the caller may read, with what `fields` wants below.
    pub async fn of_conversations(
        request: &Request,
        conversations: &[Id<Conversation>],
        order: Order,
        page: &PageRequest<Id<Message>>,
        fields: &[SelectionField<'_>],
    ) -> Result<HashMap<Id<Conversation>, Page<Message>>> {
        let (organization, wanted, page) = (request.organization()?, conversations.to_vec(), page.clone());
        let pages = request
            .load(async move |conn| {
                persistence::conversation::message::by_conversations(
                    conn,
                    organization,
                    &wanted,
                    order,
                    &page,
                )
                .await
            })
            .await?;
        let all: Vec<Self> = pages.values().flat_map(|page| page.items.iter().cloned().map(Self)).collect();
        nested::prefetch(request, &all, fields).await?;
        Ok(pages)
    }
}
