//! Invitations: who was asked to come, and what became of it.
mod accept;
mod answer;
mod mutation;
pub mod token;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::{Action, Role},
    id::Id,
    invitation::{self, Event, Invitation, Status},
    organization::staff,
};

use super::{
    allowed::{self, AllowedAction},
    context::{Cx, Request},
    enumeration::E,
    page::{self, Connection, page_request},
    prefetch::Prefetch,
    profile::ProfileObject,
    program::ProgramObject,
    scalar::{DateTime, Wire},
    stored::Stored,
};
use crate::error::Result;

pub use answer::AnswerMutation;
pub use mutation::InvitationMutation;

/// An invitation by mail, to be the person of a profile or to have a staff role.
#[derive(Debug, Clone)]
pub struct InvitationObject(pub Invitation);

/// An invitation by mail, to be the person of a profile or to have a staff role.
#[Object(name = "Invitation")]
impl InvitationObject {
    /// Names the invitation.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The address to which it was sent.
    async fn email(&self) -> &str {
        &self.0.email.address
    }

    /// What became of it.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// The person who is invited; null for staff, and when you may not see them.
    async fn profile(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        match self.0.purpose.profile() {
            Some(profile) => ProfileObject::find(context.request(), profile).await,
            None => Ok(None),
        }
    }

    /// The staff role that accepting gives; null for the person of a profile.
    async fn role(&self) -> Option<E<Role>> {
        self.0.purpose.role().map(E)
    }

    /// The program to which the role is bound; null when it is for the whole organization.
    async fn program(&self, context: &Context<'_>) -> Result<Option<ProgramObject>> {
        match self.0.purpose.program() {
            Some(program) => ProgramObject::find(context.request(), program).await,
            None => Ok(None),
        }
    }

    /// Until when it can be accepted.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// What you could do with it now. Accepting and declining are for whoever has the link.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        // Who sees an invitation manages those of people; those of staff need the right over their role too.
        let permitted = match self.0.purpose.role() {
            Some(role) => {
                let needed = staff::needed_for(role)?;
                request.app.policy.may(request.actor()?, needed, &Default::default())
            }
            None => true,
        };
        let judge = |event: Event| {
            let next = invitation::transition(self.0.status, event);
            allowed::action(&event.to_string(), permitted, next)
        };
        Ok([Event::Resend, Event::Revoke].map(judge).into())
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

impl Prefetch for InvitationObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let people = items.iter().filter_map(|item| item.0.purpose.profile()).collect();
        ProfileObject::prefetch_by_ids(request, fields, "profile", people).await?;
        let programs = items.iter().filter_map(|item| item.0.purpose.program()).collect();
        ProgramObject::prefetch_by_ids(request, fields, "program", programs).await
    }
}

impl Stored for InvitationObject {
    type Entity = Invitation;

    fn key(&self) -> Id<Invitation> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Invitation>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ManageInvitation)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::invitation::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

#[derive(Default)]
pub struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// An invitation; null when it does not exist or you may not see it.
    async fn invitation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the invitation.")] id: Wire<Invitation>,
    ) -> Result<Option<InvitationObject>> {
        InvitationObject::one(context, id.0).await
    }

    /// The invitations of the organization, or of your programs, newest first. For those who invite.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn invitations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "Only invitations in this state.")] status: Option<E<Status>>,
    ) -> Result<Connection<InvitationObject>> {
        let request = context.request();
        let scope = request.require_scope(Action::ManageInvitation)?;
        let organization = request.organization()?;
        let status = status.map(|status| status.0);
        let list = format!("invitations of {organization} {status:?}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let invitations = request
            .load(async move |conn| {
                persistence::invitation::by_organization(conn, &scope, organization, status, &wanted).await
            })
            .await?;
        Connection::new(&list, invitations, &page, |invitation| invitation.id, InvitationObject)
            .prefetched(context)
            .await
    }
}
