//! Answering an invitation: whoever has its link accepts or declines it.
use async_graphql::{Context, InputObject, Object};
use domain::invitation::{Invitation, Refusal};

use super::{
    accept::{self, AcceptInvitationInput, AcceptInvitationPayload},
    token,
};
use crate::{
    error::Result,
    graphql::{
        context::Cx,
        write::{Tx, write},
    },
    payload,
};

/// Which invitation to decline.
#[derive(InputObject)]
pub struct DeclineInvitationInput {
    /// The token from the link.
    #[graphql(secret)]
    token: String,
}

payload! {
    /// The answer of `declineInvitation`.
    DeclineInvitationPayload {
        /// True when the invitation is declined; null when it was refused.
        declined as "declined": bool
    }
}

#[derive(Default)]
pub struct AnswerMutation;

#[Object]
impl AnswerMutation {
    /// Comes in by an invitation. Without a sign-in it makes an account with a password of your own, whose address the
    /// link has confirmed, and signs it in. With a sign-in, the account must have the invited address. It must be the
    /// only field of its operation.
    async fn accept_invitation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who comes in.")] input: AcceptInvitationInput,
    ) -> Result<AcceptInvitationPayload> {
        AcceptInvitationPayload::of(accept::accept(context, input).await)
    }

    /// Says no to an invitation. Needs no sign-in: the link is enough.
    async fn decline_invitation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: DeclineInvitationInput,
    ) -> Result<DeclineInvitationPayload> {
        DeclineInvitationPayload::of(decline(context, input).await)
    }
}

async fn decline(context: &Context<'_>, input: DeclineInvitationInput) -> Result<bool> {
    accept::preview(context.request(), &input.token).await?;
    write(context, async move |tx| {
        let invitation = by_token(tx, &input.token).await?.decline(tx.now)?;
        let organization = tx.organization()?;
        persistence::invitation::update(tx.conn(), organization, &invitation, None).await?;
        tx.changed(invitation.id, None);
        Ok(true)
    })
    .await
}

/// Enters the organization of a link and holds its invitation.
pub async fn by_token(tx: &mut Tx<'_>, text: &str) -> Result<Invitation> {
    let (organization, hash) = token::read(text).ok_or(Refusal::NotValid)?;
    tx.enter(organization).await?;
    let found = persistence::invitation::lock_by_token(tx.conn(), organization, &hash).await?;
    Ok(found.ok_or(Refusal::NotValid)?)
}
