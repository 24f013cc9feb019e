//! Profiles: people of an organization, and what you may know of them.
mod availability;
mod guardian;
mod mutation;
pub mod private;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    id::Id,
    profile::{Private, Profile},
};

use super::{
    consent::ConsentObject,
    context::{Cx, Request},
    enrollment::EnrollmentObject,
    nested, organization,
    page::{self, Connection, page_request},
    prefetch::{Prefetch, below},
    scalar::{Date, DateTime, Wire},
    stored::Stored,
};
use crate::error::Result;

use availability::AvailabilityWindow;
use guardian::Guardians;
pub use mutation::{ProfileMutation, manage};

/// A person in one organization, before and after they have an account.
#[derive(Debug, Clone)]
pub struct ProfileObject(pub Profile);

/// A person in one organization, before and after they have an account.
#[Object(name = "Profile")]
impl ProfileObject {
    /// Names the person.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The person's name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The e-mail address; null when there is none, and for those who may not read contact data.
    async fn email(&self, context: &Context<'_>) -> Result<Option<String>> {
        let shown = self.shows_contact(context).await?;
        Ok(self.0.email.as_ref().filter(|_| shown).map(|email| email.address.clone()))
    }

    /// What another system of yours calls the person; null for those who may not read contact data.
    async fn external_id(&self, context: &Context<'_>) -> Result<Option<String>> {
        let shown = self.shows_contact(context).await?;
        Ok(self.0.external_id.clone().filter(|_| shown))
    }

    /// The birth date; null when it is unknown, and for those who may not read contact data.
    async fn birth_date(&self, context: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.contact(context).await?.birth_date.map(Date))
    }

    /// Name and e-mail or phone of a guardian; null when unknown, and for those who may not read contact data.
    async fn guardian_contact(&self, context: &Context<'_>) -> Result<Option<String>> {
        Ok(self.contact(context).await?.guardian_contact)
    }

    /// Is the person younger than the organization's age of consent, so that a guardian must consent? Null when
    /// the birth date is unknown.
    async fn minor(&self, context: &Context<'_>) -> Result<Option<bool>> {
        let request = context.request();
        let private = private::open(request, &self.0)?;
        if private.birth_date.is_none() {
            return Ok(None);
        }
        let organization = organization::own(request).await?;
        let today = organization.today(request.app.clock.now());
        Ok(Some(private.is_minor(organization.digital_consent_age, today)))
    }

    /// What the person says about themselves.
    async fn about(&self) -> Option<&str> {
        self.0.about.as_deref()
    }

    /// What the person likes.
    async fn interests(&self) -> &[String] {
        &self.0.interests
    }

    /// What the person wants to reach with a mentor.
    async fn goals(&self) -> &[String] {
        &self.0.goals
    }

    /// What the person can help others with.
    async fn expertise(&self) -> &[String] {
        &self.0.expertise
    }

    /// The languages the person speaks, as BCP 47 tags, the first language first.
    async fn languages(&self) -> &[String] {
        &self.0.languages
    }

    /// The IANA time zone in which the person lives.
    async fn time_zone(&self) -> &str {
        self.0.time_zone.name()
    }

    /// When in a week the person is free.
    async fn availability(&self) -> Vec<AvailabilityWindow> {
        self.0.availability.windows().iter().copied().map(AvailabilityWindow::from).collect()
    }

    /// How many mentees the person would take as a mentor.
    async fn capacity(&self) -> i16 {
        self.0.capacity
    }

    /// Those who are responsible for the person, as far as you may see them; at most 6.
    async fn guardians(&self, context: &Context<'_>) -> Result<Vec<ProfileObject>> {
        let (request, field) = (context.request(), context.field());
        let id = self.0.id;
        let Guardians(guardians) = match request.prefetched.get(id) {
            Some(guardians) => guardians,
            None => {
                let below: Vec<_> = field.selection_set().collect();
                Guardians::load(request, &[id], &below).await?.remove(&id).unwrap_or_default()
            }
        };
        Ok(guardians)
    }

    /// In which cohorts the person takes part, newest first, as far as you may see it.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn enrollments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<EnrollmentObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// The consents recorded for the person, newest first, as far as you may see them.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn consents(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ConsentObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// Rises with each change; pass it as `expectedVersion` to be told of changes in between.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

/// Whether the caller may read a person's contact data.
#[derive(Debug, Clone, Copy)]
struct ShowsContact(bool);

impl ShowsContact {
    async fn load(request: &Request, people: &[Id<Profile>]) -> Result<HashMap<Id<Profile>, Self>> {
        let scope = request.scope(Action::ReadContact)?;
        let organization = request.organization()?;
        let ids = people.to_vec();
        let within = request
            .load(async move |conn| persistence::profile::ids_within(conn, &scope, organization, &ids).await)
            .await?;
        Ok(people.iter().map(|&id| (id, Self(within.contains(&id)))).collect())
    }
}

const CONTACT_FIELDS: [&str; 4] = ["email", "externalId", "birthDate", "guardianContact"];

impl Prefetch for ProfileObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let ids: Vec<Id<Profile>> = items.iter().map(|item| item.0.id).collect();
        if fields.iter().any(|field| CONTACT_FIELDS.contains(&field.name())) {
            for (id, shown) in ShowsContact::load(request, &ids).await? {
                request.prefetched.put(id, shown);
            }
        }
        if fields.iter().any(|field| field.name() == "minor") {
            organization::own(request).await?;
        }
        if let Some(wanted) = below(fields, "guardians") {
            for (id, guardians) in Guardians::load(request, &ids, &wanted).await? {
                request.prefetched.put(id, guardians);
            }
        }
        nested::ahead::<_, EnrollmentObject>(request, &ids, fields, "enrollments").await?;
        nested::ahead::<_, ConsentObject>(request, &ids, fields, "consents").await
    }
}

impl ProfileObject {
    async fn shows_contact(&self, context: &Context<'_>) -> Result<bool> {
        let (request, id) = (context.request(), self.0.id);
        if let Some(ShowsContact(shown)) = request.prefetched.get(id) {
            return Ok(shown);
        }
        let loaded = ShowsContact::load(request, &[id]).await?;
        let shown = loaded.get(&id).is_some_and(|shows| shows.0);
        request.prefetched.put(id, ShowsContact(shown));
        Ok(shown)
    }

    /// What is sealed, opened for those who may read it and empty for others.
    async fn contact(&self, context: &Context<'_>) -> Result<Private> {
        if self.shows_contact(context).await? {
            private::open(context.request(), &self.0)
        } else {
            Ok(Private::default())
        }
    }
}

impl Stored for ProfileObject {
    type Entity = Profile;

    fn key(&self) -> Id<Profile> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Profile>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadProfile)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::profile::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

#[derive(Default)]
pub struct ProfileQuery;

#[Object]
impl ProfileQuery {
    /// A person; null when they do not exist or you may not see them.
    async fn profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the profile.")] id: Wire<Profile>,
    ) -> Result<Option<ProfileObject>> {
        ProfileObject::one(context, id.0).await
    }

    /// Yourself in this organization; null when you have no profile here, as staff often have none.
    async fn my_profile(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        let request = context.request();
        match request.actor()?.profile {
            Some(id) => ProfileObject::one(context, id).await,
            None => Ok(None),
        }
    }

    /// The people that you may see, newest first.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(
            desc = "Only the person whom your other system calls so. For those who may read contact data."
        )]
        external_id: Option<String>,
    ) -> Result<Connection<ProfileObject>> {
        let request = context.request();
        let action = if external_id.is_some() { Action::ReadContact } else { Action::ReadProfile };
        let scope = request.scope(action)?;
        let organization = request.organization()?;
        let list = format!("profiles of {organization} {external_id:?}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let people = request
            .load(async move |conn| {
                let external_id = external_id.as_deref();
                persistence::profile::by_organization(conn, &scope, organization, external_id, &wanted).await
            })
            .await?;
        Connection::new(&list, people, &page, |profile| profile.id, ProfileObject).prefetched(context).await
    }
}
