//! Conversations: write, take back, and say what was read.
use async_graphql::{Context, InputObject, Object};
use domain::{access::Action, conversation::Message, matches::Match, notification::Notice};

use super::message::MessageObject;
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        matches::{MatchObject, lock, side},
        scalar::Wire,
        stored::Stored,
        write::write,
    },
    payload,
};

/// What to write to the other side.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// Your match.
    match_id: Wire<Match>,
    /// At most 4,000 characters, in several lines if you like.
    body: String,
}

/// Which message to take back.
#[derive(InputObject)]
pub struct RetractMessageInput {
    /// Your message.
    id: Wire<Message>,
}

/// Up to where you have read.
#[derive(InputObject)]
pub struct MarkConversationReadInput {
    /// Your match.
    match_id: Wire<Match>,
    /// The last message that you have read.
    message_id: Wire<Message>,
}

payload! {
    /// The answer of `sendMessage`.
    SendMessagePayload {
        /// The new message; null when it was refused.
        message as "message": MessageObject
    }
}
payload! {
    /// The answer of `retractMessage`.
    RetractMessagePayload {
        /// The message, now without its text; null when it was refused.
        message as "message": MessageObject
    }
}
payload! {
    /// The answer of `markConversationRead`.
    MarkConversationReadPayload {
        /// Your match, with the new unread count in its conversation; null when it was refused.
        the_match as "match": MatchObject
    }
}

#[derive(Default)]
pub struct ConversationMutation;

#[Object]
impl ConversationMutation {
    /// Writes to the other side of your match, who hears of it by the subscription `messageAdded`, and by mail at
    /// most once a day until the conversation is read.
    async fn send_message(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to write.")] input: SendMessageInput,
    ) -> Result<SendMessagePayload> {
        SendMessagePayload::of(send(context, input).await)
    }

    /// Takes your message back: it keeps its place and loses its text.
    async fn retract_message(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which message.")] input: RetractMessageInput,
    ) -> Result<RetractMessagePayload> {
        RetractMessagePayload::of(retract(context, input).await)
    }

    /// Says up to which message you have read; it never goes back.
    async fn mark_conversation_read(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Up to where.")] input: MarkConversationReadInput,
    ) -> Result<MarkConversationReadPayload> {
        MarkConversationReadPayload::of(mark_read(context, input).await)
    }
}

async fn send(context: &Context<'_>, input: SendMessageInput) -> Result<MessageObject> {
    let id = write(context, async move |tx| {
        // Held, so that the ids of a conversation rise in the order of commit.
        let of = lock(tx, input.match_id.0, "matchId").await?;
        let (_, by) = side(tx, Action::WriteMessage, &of)?;
        of.working()?;
        let (organization, now) = (tx.organization()?, tx.now);
        let conversation = persistence::conversation::get(tx.conn(), organization, of.id).await?;
        let message = Message::send(tx.id(None), &of, conversation, &input.body, by, now)?;
        persistence::conversation::message::insert(tx.conn(), organization, &message).await?;
        for reader in of.others(&[by]) {
            let read =
                persistence::conversation::read_until(tx.conn(), organization, conversation, reader).await?;
            tx.tell(&[reader], &Notice::of_message(message.id, conversation, read, now.date_naive())).await?;
        }
        tx.changed(message.id, Some(of.id.uuid()));
        Ok(message.id)
    })
    .await?;
    MessageObject::get(context.request(), id).await
}

async fn retract(context: &Context<'_>, input: RetractMessageInput) -> Result<MessageObject> {
    let id = write(context, async move |tx| {
        let (organization, now, scope) =
            (tx.organization()?, tx.now, tx.request.scope(Action::ReadConversation)?);
        let found =
            persistence::conversation::message::find(tx.conn(), &scope, organization, input.id.0).await?;
        let message = found.ok_or_else(|| Failure::not_found("id"))?;
        let by = tx.actor()?.profile.ok_or_else(Failure::denied)?;
        let retracted = message.retract(by, now)?;
        persistence::conversation::message::retract(tx.conn(), organization, &retracted).await?;
        tx.changed(retracted.id, Some(retracted.of.uuid()));
        Ok(retracted.id)
    })
    .await?;
    MessageObject::get(context.request(), id).await
}

async fn mark_read(context: &Context<'_>, input: MarkConversationReadInput) -> Result<MatchObject> {
    let id = write(context, async move |tx| {
        let of = lock(tx, input.match_id.0, "matchId").await?;
        let (_, by) = side(tx, Action::WriteMessage, &of)?;
        let (organization, now, scope) =
            (tx.organization()?, tx.now, tx.request.scope(Action::ReadConversation)?);
        let until = input.message_id.0;
        let found = persistence::conversation::message::find(tx.conn(), &scope, organization, until).await?;
        let last = found.filter(|message| message.of == of.id);
        let last = last.ok_or_else(|| Failure::not_found("messageId"))?;
        persistence::conversation::mark_read(tx.conn(), organization, last.conversation, by, until, now)
            .await?;
        Ok(of.id)
    })
    .await?;
    MatchObject::get(context.request(), id).await
}
