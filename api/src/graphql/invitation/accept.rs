//! Accepting an invitation: a new person gets an account, somebody with an account comes in with it.
use async_graphql::{Context, ID, InputObject, SimpleObject};
use domain::{
    access::Scope,
    account::Account,
    id::Id,
    invitation::{Comer, Invitation, Purpose, Refusal},
    organization::{Organization, staff::RoleGrant},
    rate::Limit,
    session::Client,
};
use persistence::{account as accounts, request::RequestConnection};
use secrecy::SecretString;

use super::{answer::by_token, token};
use crate::{
    error::{Failure, Result},
    graphql::{
        context::{Cx, Request},
        session::Tokens,
        write::{Tx, write},
    },
    identity::Issued,
    payload,
};

/// Who comes in.
#[derive(InputObject)]
pub struct AcceptInvitationInput {
    /// The token from the link.
    #[graphql(secret)]
    pub token: String,
    /// Your name, at most 120 characters; if left out, the name by which you were invited. Only for new accounts.
    pub name: Option<String>,
    /// A password of your own, from 15 to 128 characters. Only for new accounts.
    #[graphql(secret)]
    pub password: Option<String>,
    /// How you would recognize this device in a list; at most 120 characters. Only for new accounts.
    pub device_name: Option<String>,
}

/// That somebody came in.
#[derive(SimpleObject)]
pub struct AcceptedInvitation {
    /// Names the organization; pass it in the header `Cairn-Organization`.
    organization_id: ID,
    /// The session of your new account; null when you came in with an account that you have signed in to.
    tokens: Option<Tokens>,
}

payload! {
    /// The answer of `acceptInvitation`.
    AcceptInvitationPayload {
        /// That you came in; null when it was refused.
        accepted as "accepted": AcceptedInvitation
    }
}

pub async fn accept(context: &Context<'_>, input: AcceptInvitationInput) -> Result<AcceptedInvitation> {
    let request = context.request();
    let (organization, invitation) = preview(request, &input.token).await?;
    let signed_in = request.signed_in().ok().map(|signed_in| signed_in.account);
    let hash = match (signed_in, input.password) {
        (Some(_), _) => None,
        (None, None) => return Err(Refusal::PasswordNeeded.into()),
        (None, Some(password)) => Some(hash(request, &invitation, &input.name, password.into()).await?),
    };
    let device = domain::text::optional_line("deviceName", input.device_name.as_deref(), 120)?;
    let mut issued = None;
    let session = &mut issued;
    write(context, async move |tx| {
        let invitation = by_token(tx, &input.token).await?;
        let account = match (signed_in, hash) {
            (Some(account), _) => known(tx, &invitation, account).await?,
            (None, Some(hash)) => new(tx, organization, &invitation, input.name, &hash).await?,
            (None, None) => return Err(Refusal::PasswordNeeded.into()),
        };
        come_in(tx, organization, invitation, account).await?;
        if signed_in.is_none() {
            *session = Some(begin(tx, account, device).await?);
        }
        Ok(())
    })
    .await?;
    Ok(AcceptedInvitation { organization_id: ID(organization.to_string()), tokens: issued.map(Tokens::from) })
}

/// The invitation before anything is held: a password is hashed only for a link that is one.
pub async fn preview(request: &Request, text: &str) -> Result<(Id<Organization>, Invitation)> {
    let identity = &request.app.identity;
    if let Some((organization, hash)) = token::read(text) {
        identity.take(&[(Limit::Invitation, &token::name(&hash))]).await?;
        let connection = RequestConnection::new(request.app.pool.clone(), Some(organization.uuid()));
        let found = connection
            .load(async move |conn| persistence::invitation::by_token(conn, organization, &hash).await)
            .await?;
        connection.finish().await;
        if let Some(invitation) = found {
            return Ok((organization, invitation));
        }
    }
    identity.take(&[(Limit::InvitationNetwork, &request.origin().network())]).await?;
    Err(Refusal::NotValid.into())
}

async fn hash(
    request: &Request,
    invitation: &Invitation,
    name: &Option<String>,
    password: SecretString,
) -> Result<String> {
    let known = Comer::Stranger { known: false };
    invitation.admit(&known, request.app.clock.now())?;
    let about = name.iter().cloned().chain([invitation.email.address.clone()]).collect();
    request.app.identity.accept_password("password", password, about).await
}

/// The link proves that the person reads the mail of this address.
async fn known(tx: &mut Tx<'_>, invitation: &Invitation, id: Id<Account>) -> Result<Id<Account>> {
    let now = tx.now;
    let account = accounts::find(tx.conn(), id).await?.ok_or(Failure::NotFound { path: None })?;
    invitation.admit(&Comer::SignedIn { account: id, email: account.email }, now)?;
    accounts::verify_email(tx.conn(), id, now).await?;
    Ok(id)
}

async fn new(
    tx: &mut Tx<'_>,
    organization: Id<Organization>,
    invitation: &Invitation,
    name: Option<String>,
    hash: &str,
) -> Result<Id<Account>> {
    let now = tx.now;
    let known = accounts::by_email(tx.conn(), &invitation.email.normalized).await?.is_some();
    invitation.admit(&Comer::Stranger { known }, now)?;
    let tenant = persistence::organization::find(tx.conn(), organization).await?;
    let tenant = tenant.ok_or(Refusal::NotValid)?;
    let name = match (name, invitation.purpose) {
        (Some(name), _) => name,
        (None, Purpose::Person(profile)) => {
            let everything = Scope::organization();
            let found = persistence::profile::find(tx.conn(), &everything, organization, profile).await?;
            found.ok_or(Refusal::NotValid)?.name
        }
        (None, Purpose::Staff(_)) => return Err(Refusal::NameNeeded.into()),
    };
    let account = Account::create(tx.id(None), &name, invitation.email.clone(), &tenant.locale, now)?;
    if !accounts::insert(tx.conn(), &account).await? {
        return Err(Refusal::SignInFirst.into());
    }
    accounts::verify_email(tx.conn(), account.id, now).await?;
    accounts::set_password(tx.conn(), account.id, hash, now).await?;
    Ok(account.id)
}

/// Makes the account what the invitation says.
async fn come_in(
    tx: &mut Tx<'_>,
    organization: Id<Organization>,
    invitation: Invitation,
    account: Id<Account>,
) -> Result<()> {
    let now = tx.now;
    if let Purpose::Person(profile) = invitation.purpose {
        let others = persistence::profile::accounts(tx.conn(), organization, &[profile]).await?;
        if others.iter().any(|(_, other)| *other != account) {
            return Err(Refusal::NotValid.into());
        }
        let memberships = accounts::memberships(tx.conn(), account).await?;
        let here = memberships.iter().find(|membership| membership.organization == organization);
        if here.and_then(|membership| membership.profile).is_some_and(|present| present != profile) {
            return Err(Refusal::OtherPerson.into());
        }
    }
    let profile = invitation.purpose.profile();
    persistence::organization::join(tx.conn(), organization, account, profile, now).await?;
    if let Purpose::Staff(grant) = invitation.purpose {
        let value = RoleGrant { id: tx.id(None), account, grant };
        let by = Some(invitation.invited_by);
        persistence::organization::staff::grant(tx.conn(), organization, &value, by, now).await?;
    }
    let invitation = invitation.accept(account, now)?;
    persistence::invitation::update(tx.conn(), organization, &invitation, None).await?;
    tx.rights_changed(account).await?;
    tx.changed(invitation.id, None);
    Ok(())
}

async fn begin(tx: &mut Tx<'_>, account: Id<Account>, device: Option<String>) -> Result<Issued> {
    let request = tx.request;
    let origin = request.origin();
    request.app.identity.begin_session(tx.conn(), account, Client::App, device, &origin).await
}
