//! What does a resolver know of its request: who asks, in which organization, and how to read and write?
use std::sync::Arc;

use async_graphql::Context;
use domain::{
    access::{Action, Actor, Facts, Scope},
    id::Id,
    organization::Organization,
};
use persistence::{Connection, request::RequestConnection};

use super::prefetch::Prefetched;
use crate::{
    App,
    error::{AuthReason, ErrorCode, Failure, Result},
    identity::SignedIn,
};

/// One request, from any transport. Made by the gate, dropped with the answer.
pub struct Request {
    pub app: Arc<App>,
    pub id: String,
    /// The network that the client came from, cut to a prefix, for rate limits.
    pub client: Option<std::net::IpAddr>,
    pub idempotency_key: Option<String>,
    pub prefetched: Prefetched,
    pub(super) connection: RequestConnection,
    signed_in: Option<SignedIn>,
    actor: Option<Actor>,
}

/// The parts of a request that its transport knows.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    pub request_id: String,
    pub client: Option<std::net::IpAddr>,
    /// The header `Cairn-Organization`, as sent.
    pub organization: Option<String>,
    pub idempotency_key: Option<String>,
}

impl Request {
    /// Chooses the organization: the header's, else the only one that the account is in.
    pub fn new(app: Arc<App>, signed_in: Option<SignedIn>, envelope: Envelope) -> Result<Self> {
        let actor = match (&signed_in, &envelope.organization) {
            (None, _) => None,
            (Some(signed_in), Some(wanted)) => {
                let unknown = || Failure::request(ErrorCode::Forbidden, "you are in no such organization");
                let wanted: Id<Organization> = wanted.parse().map_err(|_malformed| unknown())?;
                Some(signed_in.actor_in(wanted).ok_or_else(unknown)?)
            }
            (Some(signed_in), None) => match signed_in.memberships.as_slice() {
                [only] => signed_in.actor_in(only.organization),
                _ => None,
            },
        };
        let organization = actor.as_ref().map(|actor| actor.organization.uuid());
        Ok(Self {
            connection: RequestConnection::new(app.pool.clone(), organization),
            app,
            id: envelope.request_id,
            client: envelope.client,
            idempotency_key: envelope.idempotency_key,
            prefetched: Prefetched::default(),
            signed_in,
            actor,
        })
    }

    /// Lets row-level security show another organization than the one that the request acts in. Only the test of
    /// the second wall does so, to see that it holds alone.
    #[must_use]
    pub fn confined_to(mut self, organization: Id<Organization>) -> Self {
        self.connection = RequestConnection::new(self.app.pool.clone(), Some(organization.uuid()));
        self
    }

    pub fn signed_in(&self) -> Result<&SignedIn> {
        self.signed_in.as_ref().ok_or(Failure::Unauthenticated(AuthReason::Missing))
    }

    /// The account as it acts in the request's organization.
    pub fn actor(&self) -> Result<&Actor> {
        let signed_in = self.signed_in()?;
        let message = if signed_in.memberships.is_empty() {
            "you are in no organization yet: create one or accept an invitation"
        } else {
            "name the organization in the header Cairn-Organization"
        };
        self.actor.as_ref().ok_or_else(|| Failure::request(ErrorCode::OrganizationRequired, message))
    }

    pub fn organization(&self) -> Result<Id<Organization>> {
        Ok(self.actor()?.organization)
    }

    /// What the actor may reach with `action`, for the SQL of lists and look-ups.
    pub fn scope(&self, action: Action) -> Result<Scope> {
        Ok(self.app.policy.scope(self.actor()?, action))
    }

    /// May the actor do `action` with the thing that `facts` describe?
    pub fn may(&self, action: Action, facts: &Facts) -> Result<bool> {
        Ok(self.app.policy.may(self.actor()?, action, facts))
    }

    /// Like [`Request::scope`], for lists that must say so when the role never reaches anything with `action`.
    pub fn require_scope(&self, action: Action) -> Result<Scope> {
        let scope = self.scope(action)?;
        if scope == Scope::nothing() {
            return Err(Failure::NotAllowed { message: "your role may not do this".to_owned() });
        }
        Ok(scope)
    }

    /// Reads on the request's snapshot; see [`RequestConnection::load`].
    pub async fn load<T>(&self, work: impl AsyncFn(&Connection) -> persistence::Result<T>) -> Result<T> {
        Ok(self.connection.load(work).await?)
    }

    /// One transaction outside of a mutation; see [`RequestConnection::write`].
    pub async fn transaction<T>(&self, work: impl AsyncFnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        self.connection.write(work).await
    }

    /// Gives the connection back; call it after the answer is on its way.
    pub async fn finish(&self) {
        self.connection.finish().await;
    }
}

/// A short way from async-graphql's context to the request.
pub trait Cx {
    fn request(&self) -> &Request;
}

impl Cx for Context<'_> {
    fn request(&self) -> &Request {
        self.data_unchecked::<Arc<Request>>()
    }
}
