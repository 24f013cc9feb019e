//! Conversations: what the two sides of a pair write to each other.
pub mod message;
mod mutation;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    conversation::{Conversation, Message, Order},
    id::Id,
    matches::Match,
    page::Page,
};

use super::{
    context::{Cx, Request},
    enumeration::E,
    nested,
    page::{self, Connection, page_request},
    prefetch::node_fields,
    scalar::DateTime,
};
use crate::error::Result;

use message::MessageObject;
pub use mutation::ConversationMutation;

/// What the two sides of a pair write to each other. For the pair and the safeguarding lead.
#[derive(Debug, Clone)]
pub struct ConversationObject {
    conversation: Conversation,
    unread: i64,
}

/// The conversation of a match, or that the caller may read none.
#[derive(Debug, Clone)]
struct Ahead(Option<ConversationObject>);

/// What the two sides of a pair write to each other. For the pair and the safeguarding lead.
#[Object(name = "Conversation")]
impl ConversationObject {
    /// Names the conversation.
    async fn id(&self) -> ID {
        ID(self.conversation.id.to_string())
    }

    /// How many messages were written.
    async fn message_count(&self) -> i32 {
        self.conversation.message_count
    }

    /// When the last message was written.
    async fn last_message_at(&self) -> Option<DateTime> {
        self.conversation.last_message_at.map(DateTime)
    }

    /// How many messages of the other side you have not read; say what you read with `markConversationRead`.
    async fn unread_count(&self) -> i64 {
        self.unread
    }

    /// The messages.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn messages(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "In which order; the newest first, if left out.")] order: Option<E<Order>>,
    ) -> Result<Connection<MessageObject>> {
        let (request, field, id) = (context.request(), context.field(), self.conversation.id);
        let order = order.map_or(Order::NewestFirst, |order| order.0);
        let list = format!("messages of {id} {order}");
        let page = page_request(&list, first, after.as_deref())?;
        let found = match request.prefetched.get(nested::key(id, &field)) {
            Some(ahead) => ahead,
            None => {
                let mut found =
                    MessageObject::of_conversations(request, &[id], order, &page, &node_fields(&field))
                        .await?;
                found.remove(&id).unwrap_or_else(Page::empty)
            }
        };
        Ok(Connection::new(&list, found, &page, |item: &Message| item.id, MessageObject))
    }
}

impl ConversationObject {
    /// The conversation of a match, from what was loaded ahead or by itself.
    pub async fn ahead(request: &Request, of: Id<Match>) -> Result<Option<Self>> {
        if let Some(Ahead(found)) = request.prefetched.get(of) {
            return Ok(found);
        }
        Ok(Self::load(request, &[of]).await?.pop())
    }

    async fn load(request: &Request, matches: &[Id<Match>]) -> Result<Vec<Self>> {
        let scope = request.scope(Action::ReadConversation)?;
        let (organization, reader) = (request.organization()?, request.actor()?.profile);
        let matches = matches.to_vec();
        let found = request
            .load(async move |conn| {
                persistence::conversation::by_matches(conn, &scope, organization, reader, &matches).await
            })
            .await?;
        Ok(found.into_iter().map(|(conversation, unread)| Self { conversation, unread }).collect())
    }

    /// Loads the conversations of all these matches, with what `fields` wants below.
    pub async fn prefetch(
        request: &Request,
        matches: &[Id<Match>],
        fields: &[SelectionField<'_>],
    ) -> Result<()> {
        let found = Self::load(request, matches).await?;
        let ids: Vec<Id<Conversation>> = found.iter().map(|item| item.conversation.id).collect();
        for field in fields.iter().filter(|field| field.name() == "messages") {
            let Some(page) = nested::first_page(field) else { continue };
            let order =
                nested::argument::<E<Order>>(field, "order").map_or(Order::NewestFirst, |order| order.0);
            let mut pages =
                MessageObject::of_conversations(request, &ids, order, &page, &node_fields(field)).await?;
            for &id in &ids {
                let messages = pages.remove(&id).unwrap_or_else(Page::empty);
                request.prefetched.put(nested::key(id, field), messages);
            }
        }
        for &of in matches {
            let mine = found.iter().find(|item| item.conversation.of == of).cloned();
            request.prefetched.put(of, Ahead(mine));
        }
        Ok(())
    }
}
