//! Inviting: everybody in a cohort, one person, or staff.
use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::{
    access::{Action, Facts, Grant, Role, Scope},
    account::Email,
    cohort::Cohort,
    id::Id,
    invitation::{Invitation, Purpose, Refusal},
    organization::staff::{self, check_grant},
    profile::Profile,
    program::Program,
};
use serde::{Deserialize, Serialize};

use super::{InvitationObject, token};
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        enumeration::E,
        profile, program,
        scalar::Wire,
        stored::Stored,
        write::{Tx, write},
    },
    job::Task,
    mail::Mail,
    payload,
};

/// Whose people to invite.
#[derive(InputObject)]
pub struct InviteEnrolledInput {
    /// The cohort.
    cohort_id: Wire<Cohort>,
}

/// What became of inviting a cohort.
#[derive(Debug, Clone, SimpleObject, Serialize, Deserialize)]
pub struct InvitedCounts {
    /// People to whom an invitation goes now.
    invited: i32,
    /// People who have an invitation that they did not answer yet.
    already_invited: i32,
    /// People who have an account already.
    already_here: i32,
    /// People without an e-mail address.
    without_email: i32,
}

/// Whom to invite.
#[derive(InputObject)]
pub struct InvitePersonInput {
    /// The person; they need an e-mail address.
    profile_id: Wire<Profile>,
}

/// Whom to invite as what.
#[derive(InputObject)]
pub struct InviteStaffInput {
    /// The address to which the invitation goes.
    email: String,
    /// OWNER, ADMIN, COORDINATOR, SAFEGUARDING_LEAD or ANALYST.
    role: E<Role>,
    /// For a coordinator of one program only.
    program_id: Option<Wire<Program>>,
}

/// Which invitation.
#[derive(InputObject)]
pub struct InvitationTransitionInput {
    /// The invitation.
    id: Wire<Invitation>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `inviteEnrolled`.
    InviteEnrolledPayload {
        /// How many were invited and why others were not; null when it was refused.
        counts as "counts": InvitedCounts
    }
}
payload! {
    /// The answer of `invitePerson`.
    InvitePersonPayload {
        /// The invitation; null when it was refused.
        invitation as "invitation": InvitationObject
    }
}
payload! {
    /// The answer of `inviteStaff`.
    InviteStaffPayload {
        /// The invitation; null when it was refused.
        invitation as "invitation": InvitationObject
    }
}
payload! {
    /// The answer of `resendInvitation`.
    ResendInvitationPayload {
        /// The invitation with its new end; null when it was refused.
        invitation as "invitation": InvitationObject
    }
}
payload! {
    /// The answer of `revokeInvitation`.
    RevokeInvitationPayload {
        /// The invitation, now revoked; null when it was refused.
        invitation as "invitation": InvitationObject
    }
}

#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites everybody in a cohort who has no account and no open invitation. Safe to repeat: nobody gets two.
    /// Refused with EMAIL_UNVERIFIED until you have confirmed your own address.
    async fn invite_enrolled(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose people to invite.")] input: InviteEnrolledInput,
    ) -> Result<InviteEnrolledPayload> {
        InviteEnrolledPayload::of(invite_enrolled(context, input).await)
    }

    /// Invites one person to take over their profile.
    /// Refused with EMAIL_UNVERIFIED until you have confirmed your own address.
    async fn invite_person(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom to invite.")] input: InvitePersonInput,
    ) -> Result<InvitePersonPayload> {
        InvitePersonPayload::of(invite_person(context, input).await)
    }

    /// Invites somebody to join the staff. Owners invite owners and admins; admins invite the rest.
    /// Refused with EMAIL_UNVERIFIED until you have confirmed your own address.
    async fn invite_staff(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom to invite as what.")] input: InviteStaffInput,
    ) -> Result<InviteStaffPayload> {
        InviteStaffPayload::of(invite_staff(context, input).await)
    }

    /// Sends an open invitation once more, with a new link and 14 new days. The old link is dead.
    async fn resend_invitation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: InvitationTransitionInput,
    ) -> Result<ResendInvitationPayload> {
        ResendInvitationPayload::of(resend(context, input).await)
    }

    /// Takes an open invitation back. Its link is dead.
    async fn revoke_invitation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: InvitationTransitionInput,
    ) -> Result<RevokeInvitationPayload> {
        RevokeInvitationPayload::of(revoke(context, input).await)
    }
}

async fn invite_enrolled(context: &Context<'_>, input: InviteEnrolledInput) -> Result<InvitedCounts> {
    write(context, async move |tx| {
        let scope = tx.request.scope(Action::ReadCohort)?;
        let (organization, now, by) = (tx.organization()?, tx.now, tx.actor()?.account);
        let found = persistence::cohort::find(tx.conn(), &scope, organization, input.cohort_id.0).await?;
        let cohort = found.ok_or_else(|| Failure::not_found("cohortId"))?;
        tx.permit(Action::ManageInvitation, &program::facts(cohort.program))?;
        proven(tx).await?;
        let everybody = persistence::invitation::candidates(tx.conn(), organization, cohort.id).await?;
        let mut invitations = Vec::new();
        let mut counts = InvitedCounts { invited: 0, already_invited: 0, already_here: 0, without_email: 0 };
        for person in everybody {
            if person.has_account {
                counts.already_here += 1;
            } else if person.is_invited {
                counts.already_invited += 1;
            } else if let Some(email) = person.email {
                let purpose = Purpose::Person(person.profile);
                let invitation = Invitation::send(tx.id(None), email, purpose, by, now);
                let hash = token::hash(&tx.request.app, &invitation)?;
                invitations.push((invitation, hash));
            } else {
                counts.without_email += 1;
            }
        }
        let new = persistence::invitation::insert_all(tx.conn(), organization, by, &invitations).await?;
        counts.invited = i32::try_from(new.len()).map_err(Failure::internal)?;
        counts.already_invited += i32::try_from(invitations.len() - new.len()).map_err(Failure::internal)?;
        let mails: Vec<Task> = new.iter().map(|&id| mail(id)).collect();
        tx.enqueue_all(&mails).await?;
        for id in new {
            tx.changed(id, Some(cohort.id.uuid()));
        }
        Ok(counts)
    })
    .await
}

async fn invite_person(context: &Context<'_>, input: InvitePersonInput) -> Result<InvitationObject> {
    let id = write(context, async move |tx| {
        let person = profile::manage(tx, Action::ManageInvitation, input.profile_id.0, "profileId").await?;
        let organization = tx.organization()?;
        let email = person.email.ok_or(Refusal::NoEmail)?;
        if !persistence::profile::accounts(tx.conn(), organization, &[person.id]).await?.is_empty() {
            return Err(Refusal::HasAccount.into());
        }
        send(tx, email, Purpose::Person(person.id)).await
    })
    .await?;
    InvitationObject::get(context.request(), id).await
}

async fn invite_staff(context: &Context<'_>, input: InviteStaffInput) -> Result<InvitationObject> {
    let grant = Grant { role: input.role.0, program: input.program_id.map(|id| id.0) };
    let id = write(context, async move |tx| {
        tx.require(check_grant(&grant)?, Action::ReadOrganization, &Facts::default())?;
        let organization = tx.organization()?;
        let email = Email::parse("email", &input.email)?;
        if let Some(program) = grant.program {
            let everything = Scope::organization();
            let found = persistence::program::find(tx.conn(), &everything, organization, program).await?;
            found.ok_or_else(|| Failure::not_found("programId"))?;
        }
        send(tx, email, Purpose::Staff(grant)).await
    })
    .await?;
    InvitationObject::get(context.request(), id).await
}

/// Invitations go to strangers: only from somebody whose own address is proven.
async fn proven(tx: &mut Tx<'_>) -> Result<()> {
    let account = tx.actor()?.account;
    let account =
        persistence::account::find(tx.conn(), account).await?.ok_or(Failure::NotFound { path: None })?;
    Ok(account.may_write_to_others()?)
}

async fn send(tx: &mut Tx<'_>, email: Email, purpose: Purpose) -> Result<Id<Invitation>> {
    proven(tx).await?;
    let (organization, now, by) = (tx.organization()?, tx.now, tx.actor()?.account);
    let invitation = Invitation::send(tx.id(None), email, purpose, by, now);
    let hash = token::hash(&tx.request.app, &invitation)?;
    persistence::invitation::insert(tx.conn(), organization, &invitation, &hash).await?;
    tx.enqueue(&mail(invitation.id)).await?;
    tx.changed(invitation.id, None);
    Ok(invitation.id)
}

async fn resend(context: &Context<'_>, input: InvitationTransitionInput) -> Result<InvitationObject> {
    let id = write(context, async move |tx| {
        let invitation = manage(tx, input.id.0).await?.resend(input.expected_version, tx.now)?;
        proven(tx).await?;
        let organization = tx.organization()?;
        let hash = token::hash(&tx.request.app, &invitation)?;
        persistence::invitation::update(tx.conn(), organization, &invitation, Some(&hash)).await?;
        tx.enqueue(&mail(invitation.id)).await?;
        tx.changed(invitation.id, None);
        Ok(invitation.id)
    })
    .await?;
    InvitationObject::get(context.request(), id).await
}

async fn revoke(context: &Context<'_>, input: InvitationTransitionInput) -> Result<InvitationObject> {
    let id = write(context, async move |tx| {
        let invitation = manage(tx, input.id.0).await?.revoke(input.expected_version, tx.now)?;
        let organization = tx.organization()?;
        persistence::invitation::update(tx.conn(), organization, &invitation, None).await?;
        tx.changed(invitation.id, None);
        Ok(invitation.id)
    })
    .await?;
    InvitationObject::get(context.request(), id).await
}

/// The mail with the link, as it is when the mail is written.
fn mail(invitation: Id<Invitation>) -> Task {
    Task::SendMail { mail: Mail::Invitation { invitation } }
}

/// Holds an invitation of the caller's scope. One to the staff needs the right over its role too.
async fn manage(tx: &mut Tx<'_>, id: Id<Invitation>) -> Result<Invitation> {
    let scope = tx.request.scope(Action::ManageInvitation)?;
    let organization = tx.organization()?;
    let locked = persistence::invitation::lock(tx.conn(), &scope, organization, id).await;
    let invitation = locked.map_err(|error| Failure::from(error).at("id"))?;
    if let Some(role) = invitation.purpose.role() {
        tx.permit(staff::needed_for(role)?, &Facts::default())?;
    }
    Ok(invitation)
}
