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
    prefetch::Prefetch,
    scalar::{Date, DateTime},
};
use crate::error::{Failure, Result};

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

impl ConsentObject {
    /// The consent, if the caller may see it.
    pub async fn find(request: &Request, id: Id<Consent>) -> Result<Option<Self>> {
        let scope = request.scope(Action::ReadConsent)?;
        let organization = request.organization()?;
        let found = request
            .load(async move |conn| persistence::consent::find(conn, &scope, organization, id).await)
            .await?;
        Ok(found.map(Self))
    }

    /// The consent that a mutation changed.
    async fn get(request: &Request, id: Id<Consent>) -> Result<Self> {
        Self::find(request, id).await?.ok_or(Failure::NotFound { path: None })
    }

    /// A page of consents for each of several people.
    pub async fn of_profiles(
        request: &Request,
        people: &[Id<Profile>],
        page: &PageRequest<Id<Consent>>,
    ) -> Result<HashMap<Id<Profile>, Page<Consent>>> {
        let scope = request.scope(Action::ReadConsent)?;
        let organization = request.organization()?;
        let (people, page) = (people.to_vec(), page.clone());
        request
            .load(async move |conn| {
                persistence::consent::by_profiles(conn, &scope, organization, &people, &page).await
            })
            .await
    }
}
