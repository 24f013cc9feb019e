//! Answering an invitation: whoever has its link declines it.
use async_graphql::{Context, InputObject, Object};
use domain::invitation::{Invitation, Refusal};

use super::token;
use crate::{
    error::Result,
    graphql::write::{Tx, write},
    payload,
};

/// Which invitation to decline.
#[derive(InputObject)]
pub struct DeclineInvitationInput {
    /// The token from the link.
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
async fn by_token(tx: &mut Tx<'_>, text: &str) -> Result<Invitation> {
    let (organization, hash) = token::read(text).ok_or(Refusal::NotValid)?;
    tx.enter(organization).await?;
    let found = persistence::invitation::lock_by_token(tx.conn(), organization, &hash).await?;
    Ok(found.ok_or(Refusal::NotValid)?)
}
