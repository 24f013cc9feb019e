//! How does news reach subscribers? From the commit, by NOTIFY, to every instance, and to each subscriber that
//! may see it at that moment.
use std::str::FromStr;

use async_graphql::{Context, SimpleObject, Subscription};
use domain::{id::Id, organization::Organization};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::{context::Cx, organization::OrganizationObject, stored::Stored};
use crate::error::{Failure, Result};

/// That an object was changed, as it is announced between instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub organization: Id<Organization>,
    /// The prefix of the object's ids.
    pub kind: String,
    pub object: Uuid,
    pub context: Option<Uuid>,
}

impl FromStr for Event {
    type Err = ();

    fn from_str(payload: &str) -> Result<Self, ()> {
        let mut parts = payload.split(' ');
        let uuid = |part: Option<&str>| part.and_then(|text| Uuid::parse_str(text).ok()).ok_or(());
        let organization = uuid(parts.next())?.into();
        let kind = parts.next().ok_or(())?.to_owned();
        let object = uuid(parts.next())?;
        let context = parts.next().map(|text| uuid(Some(text))).transpose()?;
        Ok(Self { organization, kind, object, context })
    }
}

/// What this instance hears. Slow subscribers miss events rather than hold up the others.
#[derive(Debug, Clone)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Events {
    pub fn publish(&self, event: Event) {
        // An error says only that nobody is subscribed.
        let _nobody = self.0.send(event);
    }

    /// Events of one organization and of these kinds of objects.
    pub fn of(
        &self,
        organization: Id<Organization>,
        kinds: &'static [&'static str],
    ) -> impl Stream<Item = Event> + use<> {
        let receiver = self.0.subscribe();
        let heard = stream::unfold(receiver, async |mut receiver| {
            loop {
                match receiver.recv().await {
                    Ok(event) => return Some((event, receiver)),
                    Err(broadcast::error::RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "a subscriber was too slow and missed events");
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        heard.filter(move |event| {
            let wanted = event.organization == organization && kinds.contains(&event.kind.as_str());
            async move { wanted }
        })
    }
}

/// That the organization was changed.
#[derive(SimpleObject)]
pub struct OrganizationChange {
    /// Which organization it was.
    organization_id: async_graphql::ID,
}

#[derive(Default)]
pub struct EventSubscription;

#[Subscription]
impl EventSubscription {
    /// Tells when the settings of your organization were changed.
    async fn organization_changed(
        &self,
        context: &Context<'_>,
    ) -> Result<impl Stream<Item = OrganizationChange> + use<>> {
        let request = context.request();
        let organization = request.organization()?;
        let events = request.app.events.of(organization, &["org"]);
        let seen = OrganizationObject::find(request, organization).await?;
        seen.ok_or(Failure::NotFound { path: None })?;
        request.finish().await;
        Ok(events.map(|event| OrganizationChange {
            organization_id: async_graphql::ID(event.organization.to_string()),
        }))
    }
}
