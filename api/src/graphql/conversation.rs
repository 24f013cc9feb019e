//! Conversations: what the two sides of a pair write to each other.
pub mod message;
mod mutation;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    conversation::{Conversation, Order},
    id::Id,
    matches::Match,
};

use super::{
    context::Request,
    enumeration::E,
    nested,
    page::{self, Connection},
    prefetch::below,
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
        let order = order.map(|order| order.0).unwrap_or_default();
        nested::list(context, self.conversation.id, order, first, after).await
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

    /// Loads ahead the conversations of all these matches, if a field of this name wants them.
    pub async fn prefetch_of(
        request: &Request,
        matches: &[Id<Match>],
        fields: &[SelectionField<'_>],
        name: &str,
    ) -> Result<()> {
        let Some(wanted) = below(fields, name) else { return Ok(()) };
        let found = Box::pin(Self::load(request, matches)).await?;
        let ids: Vec<Id<Conversation>> = found.iter().map(|item| item.conversation.id).collect();
        nested::ahead::<_, MessageObject>(request, &ids, &wanted, "messages").await?;
        for &of in matches {
            let mine = found.iter().find(|item| item.conversation.of == of).cloned();
            request.prefetched.put(of, Ahead(mine));
        }
        Ok(())
    }
}
