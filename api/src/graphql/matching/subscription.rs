//! How far is a matching run? Told as it goes.
use std::sync::Arc;

use async_graphql::{Context, Subscription};
use domain::matching::run::Run;
use futures_util::{Stream, StreamExt, stream};

use super::MatchingRunObject;
use crate::{
    error::{Failure, Result},
    graphql::{context::Request, scalar::Wire, stored::Stored},
};

#[derive(Default)]
pub struct MatchingSubscription;

#[Subscription]
impl MatchingSubscription {
    /// A matching run now, and again whenever it goes on or changes. For those who manage the program.
    async fn matching_run_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the run.")] run_id: Wire<Run>,
    ) -> Result<impl Stream<Item = Result<MatchingRunObject>> + use<>> {
        let request = Arc::clone(context.data_unchecked::<Arc<Request>>());
        let Wire(id) = run_id;
        // Subscribed before the first look, so that nothing happens in between unheard.
        let events = request.app.events.of(request.organization()?, &["run"]);
        let now = MatchingRunObject::find(&request, id).await?.ok_or(Failure::NotFound { path: None })?;
        let changes = events.filter_map(move |event| {
            let request = Arc::clone(&request);
            async move {
                if event.object != id.uuid() {
                    return None;
                }
                MatchingRunObject::find(&request, id).await.transpose()
            }
        });
        Ok(stream::once(async move { Ok(now) }).chain(changes))
    }
}
