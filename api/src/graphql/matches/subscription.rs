//! What happens between two people, told as it happens to whoever may see it at that moment.
use std::sync::Arc;

use async_graphql::{Context, Subscription};
use domain::{id::Id, matches::Match};
use futures_util::{Stream, StreamExt};

use super::MatchObject;
use crate::{
    error::{Failure, Result},
    graphql::{
        check_in::CheckInObject, context::Request, conversation::message::MessageObject, events::Event,
        scalar::Wire, stored::Stored,
    },
};

#[derive(Default)]
pub struct PairSubscription;

#[Subscription]
impl PairSubscription {
    /// A match whenever it changes: answers, activity, its end.
    async fn match_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the match.")] match_id: Wire<Match>,
    ) -> Result<impl Stream<Item = Result<MatchObject>> + use<>> {
        let (request, events) = listen(context, match_id.0, &["match"]).await?;
        Ok(events.filter_map(move |event| {
            let request = Arc::clone(&request);
            async move { MatchObject::find(&request, event.object.into()).await.transpose() }
        }))
    }

    /// A check-in of a match whenever one is planned, moved, called off, recorded or missed.
    async fn check_in_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the match.")] match_id: Wire<Match>,
    ) -> Result<impl Stream<Item = Result<CheckInObject>> + use<>> {
        let (request, events) = listen(context, match_id.0, &["checkin"]).await?;
        Ok(events.filter_map(move |event| {
            let request = Arc::clone(&request);
            async move { CheckInObject::find(&request, event.object.into()).await.transpose() }
        }))
    }

    /// A message of a match whenever one is written or taken back. Messages that came while you were away you
    /// read with `conversation`.
    async fn message_added(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the match.")] match_id: Wire<Match>,
    ) -> Result<impl Stream<Item = Result<MessageObject>> + use<>> {
        let (request, events) = listen(context, match_id.0, &["message"]).await?;
        Ok(events.filter_map(move |event| {
            let request = Arc::clone(&request);
            async move { MessageObject::find(&request, event.object.into()).await.transpose() }
        }))
    }
}

/// The events about one match that the caller may see now; each is authorized again when it comes.
async fn listen(
    context: &Context<'_>,
    id: Id<Match>,
    kinds: &'static [&'static str],
) -> Result<(Arc<Request>, impl Stream<Item = Event> + use<>)> {
    let request = Arc::clone(context.data_unchecked::<Arc<Request>>());
    // Subscribed before the look, so that nothing happens in between unheard.
    let events = request.app.events.of(request.organization()?, kinds);
    MatchObject::find(&request, id).await?.ok_or(Failure::NotFound { path: None })?;
    request.finish().await;
    Ok((request, events.filter(move |event| std::future::ready(event.context == Some(id.uuid())))))
}
