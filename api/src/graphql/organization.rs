//! Organizations: create one, read and change it.
pub mod staff;

use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    access::{Action, Actor, Facts, Grant, Role},
    id::Id,
    organization::{Draft, Edit, Organization, staff::RoleGrant},
};

use super::{
    context::{Cx, Request},
    prefetch::Prefetch,
    scalar::{DateTime, Wire},
    stored::Stored,
    write::write,
};
use crate::{
    error::{Failure, Result},
    payload,
};

/// A school, charity or company that runs mentoring programs.
#[derive(Debug, Clone)]
pub struct OrganizationObject(pub Organization);

/// A school, charity or company that runs mentoring programs.
#[Object(name = "Organization")]
impl OrganizationObject {
    /// Names the organization; pass it in the header `Cairn-Organization`.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Its name, as people know it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The IANA time zone in which its days begin, such as `Europe/Berlin`.
    async fn time_zone(&self) -> &str {
        self.0.time_zone.name()
    }

    /// The language of its mails, as a BCP 47 tag such as `en` or `pt-BR`.
    async fn locale(&self) -> &str {
        &self.0.locale
    }

    /// The age in years from which a person may consent alone; younger people need the consent of a guardian.
    async fn digital_consent_age(&self) -> i16 {
        self.0.digital_consent_age
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

impl Prefetch for OrganizationObject {}

impl Stored for OrganizationObject {
    type Entity = Organization;

    fn key(&self) -> Id<Organization> {
        self.0.id
    }

    /// Those in which the caller is something; a membership alone, without a role or a profile, is not enough.
    async fn by_ids(request: &Request, mut ids: Vec<Id<Organization>>) -> Result<Vec<Self>> {
        let (signed_in, policy) = (request.signed_in()?, request.app.policy);
        let may = |actor: Actor| policy.may(&actor, Action::ReadOrganization, &Facts::default());
        ids.retain(|&id| signed_in.actor_in(id).is_some_and(may));
        let found =
            request.load(async move |conn| persistence::organization::by_ids(conn, &ids).await).await?;
        Ok(found.into_iter().map(Self).collect())
    }

    /// What a mutation changed may be so new that the request does not know of the membership yet.
    async fn get(request: &Request, id: Id<Organization>) -> Result<Self> {
        let found = request.load(async move |conn| persistence::organization::find(conn, id).await).await?;
        found.map(Self).ok_or(Failure::NotFound { path: None })
    }
}

/// The organization of the request, read once.
pub async fn own(request: &Request) -> Result<Organization> {
    let id = request.organization()?;
    if let Some(organization) = request.prefetched.get(id) {
        return Ok(organization);
    }
    let found = request.load(async move |conn| persistence::organization::find(conn, id).await).await?;
    let organization = found.ok_or(Failure::NotFound { path: None })?;
    request.prefetched.put(id, organization.clone());
    Ok(organization)
}

#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// The organization of this request.
    async fn organization(&self, context: &Context<'_>) -> Result<Option<OrganizationObject>> {
        let request = context.request();
        OrganizationObject::find(request, request.organization()?).await
    }
}

/// What a new organization is.
#[derive(InputObject)]
pub struct CreateOrganizationInput {
    /// An id made by you (`org_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Organization>>,
    /// Its name, at most 120 characters.
    name: String,
    /// The IANA time zone in which its days begin, such as `Europe/Berlin`.
    time_zone: String,
    /// The language of its mails, as a BCP 47 tag.
    #[graphql(default = "en")]
    locale: String,
}

payload! {
    /// The answer of `createOrganization`.
    CreateOrganizationPayload {
        /// The new organization, of which you are the owner; null when it was refused.
        organization as "organization": OrganizationObject
    }
}

/// What to change; what you leave out stays.
#[derive(InputObject)]
pub struct UpdateOrganizationInput {
    /// Its new name, at most 120 characters.
    name: Option<String>,
    /// The IANA time zone in which its days begin.
    time_zone: Option<String>,
    /// The language of its mails, as a BCP 47 tag.
    locale: Option<String>,
    /// The age in years from which a person may consent alone: 13 to 18.
    digital_consent_age: Option<i32>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `updateOrganization`.
    UpdateOrganizationPayload {
        /// The organization as it is now; null when it was refused.
        organization as "organization": OrganizationObject
    }
}

#[derive(Default)]
pub struct OrganizationMutation;

#[Object]
impl OrganizationMutation {
    /// Creates an organization. You become its owner.
    async fn create_organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the organization is.")] input: CreateOrganizationInput,
    ) -> Result<CreateOrganizationPayload> {
        CreateOrganizationPayload::of(create(context, input).await)
    }

    /// Changes the organization of this request. For owners and admins.
    async fn update_organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateOrganizationInput,
    ) -> Result<UpdateOrganizationPayload> {
        UpdateOrganizationPayload::of(update(context, input).await)
    }
}

async fn create(context: &Context<'_>, input: CreateOrganizationInput) -> Result<OrganizationObject> {
    let draft = Draft { name: input.name, time_zone: input.time_zone, locale: input.locale };
    let id = write(context, async move |tx| {
        let account = tx.signed_in()?.account;
        let organization = Organization::create(tx.id(input.id.map(|id| id.0)), &draft, tx.now)?;
        let id = organization.id;
        persistence::organization::insert(tx.conn(), &organization).await?;
        tx.enter(id).await?;
        let now = tx.now;
        persistence::organization::join(tx.conn(), id, account, None, now).await?;
        let owner = RoleGrant { id: tx.id(None), account, grant: Grant { role: Role::Owner, program: None } };
        persistence::organization::staff::grant(tx.conn(), id, &owner, None, now).await?;
        tx.rights_changed(account).await?;
        tx.changed(id, None);
        Ok(id)
    })
    .await?;
    OrganizationObject::get(context.request(), id).await
}

async fn update(context: &Context<'_>, input: UpdateOrganizationInput) -> Result<OrganizationObject> {
    let edit = Edit {
        name: input.name,
        time_zone: input.time_zone,
        locale: input.locale,
        digital_consent_age: input.digital_consent_age,
    };
    let id = write(context, async move |tx| {
        tx.require(Action::ManageOrganization, Action::ReadOrganization, &Facts::default())?;
        let id = tx.organization()?;
        let organization = persistence::organization::lock(tx.conn(), id).await?;
        let organization = organization.edit(&edit, input.expected_version, tx.now)?;
        persistence::organization::update(tx.conn(), &organization).await?;
        tx.changed(id, None);
        Ok(id)
    })
    .await?;
    OrganizationObject::get(context.request(), id).await
}
