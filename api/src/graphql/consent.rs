//! Consents: what guardians agreed to, as staff recorded it.
mod mutation;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};
use domain::{
    access::Action,
    consent::{self, Consent, Event, Method, Purpose, Status},
    id::Id,
    page::{Page, PageRequest},
    profile::Profile,
    text::TextEnum,
};

use super::{
    allowed::{self, AllowedAction},
    context::{Cx, Request},
    enumeration::E,
    nested::Listed,
    prefetch::Prefetch,
    scalar::{Date, DateTime},
    stored::Stored,
};
use crate::error::Result;

pub use mutation::ConsentMutation;

/// The consent of a guardian, as staff recorded it. A minor without one in force is never matched.
#[derive(Debug, Clone)]
pub struct ConsentObject(pub Consent);

/// The consent of a guardian, as staff recorded it. A minor without one in force is never matched.
#[Object(name = "Consent")]
impl ConsentObject {
    /// Names the consent.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The person for whom it was given; fetch them with `profile`.
    async fn profile_id(&self) -> ID {
        ID(self.0.profile.to_string())
    }

    /// To what it was given.
    async fn purpose(&self) -> E<Purpose> {
        E(self.0.purpose)
    }

    /// Whether it counts now.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// How it was given.
    async fn method(&self) -> E<Method> {
        E(self.0.method)
    }

    /// Which text the guardian agreed to.
    async fn text_version(&self) -> &str {
        &self.0.text_version
    }

    /// The guardian's name.
    async fn given_by(&self) -> &str {
        &self.0.given_by
    }

    /// On which day it was given.
    async fn granted_on(&self) -> Date {
        Date(self.0.granted_on)
    }

    /// When it was taken back; null while it is in force.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.0.withdrawn_at.map(DateTime)
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        // Whoever manages consents reaches those of all whom they see, but for the person and the guardian.
        let scope = request.scope(Action::ManageConsent)?;
        let permitted = scope.everything || !scope.programs.is_empty();
        let next = consent::transition(self.0.status, Event::Withdraw);
        Ok(vec![allowed::action(Event::Withdraw.as_str(), permitted, next)])
    }

    /// Rises with each change; pass it as `expectedVersion` to be told of changes in between.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was recorded.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl Prefetch for ConsentObject {}

impl Stored for ConsentObject {
    type Entity = Consent;

    fn key(&self) -> Id<Consent> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Consent>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadConsent)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::consent::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Profile> for ConsentObject {
    type Place = Id<Consent>;
    type Filter = ();

    fn place(&self) -> Self::Place {
        self.0.id
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Profile>>,
        _all: (),
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Profile>, Page<Self>>> {
        let (scope, organization) = (request.scope(Action::ReadConsent)?, request.organization()?);
        let pages = request
            .load(async move |conn| {
                persistence::consent::by_profiles(conn, &scope, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}
