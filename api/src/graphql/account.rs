//! Accounts: sign up, confirm the address, choose a new password, and who is signed in.
use async_graphql::{Context, ID, InputObject, Object};
use domain::{account::Account, id::Id, organization::Membership};

use super::{
    context::{Cx, Request},
    enumeration::E,
    organization::OrganizationObject,
    scalar::DateTime,
    session::SessionObject,
};
use crate::{
    error::{Failure, Result},
    identity::SignUp,
    payload,
};

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct AccountObject(Account);

/// Somebody who can sign in.
#[Object(name = "Account")]
impl AccountObject {
    /// Names the account.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The person's name, as mails use it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The e-mail address, as the person wrote it.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_ref().map(|email| email.address.as_str())
    }

    /// When the person confirmed the address; null as long as nobody has.
    async fn email_verified_at(&self) -> Option<DateTime> {
        self.0.email_verified_at.map(DateTime)
    }

    /// The language of mails to the person, as a BCP 47 tag.
    async fn locale(&self) -> &str {
        &self.0.locale
    }

    /// When the account was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

impl AccountObject {
    async fn get(request: &Request, id: Id<Account>) -> Result<Self> {
        let found = request.load(async move |conn| persistence::account::find(conn, id).await).await?;
        found.map(Self).ok_or(Failure::NotFound { path: None })
    }
}

/// What you are in one organization.
#[derive(Debug, Clone)]
pub struct MembershipObject {
    membership: Membership,
    /// Loaded beforehand when it was asked for.
    organization: Option<OrganizationObject>,
}

/// What you are in one organization.
#[Object(name = "Membership")]
impl MembershipObject {
    /// Names the organization; pass it in the header `Cairn-Organization`.
    async fn organization_id(&self) -> ID {
        ID(self.membership.organization.to_string())
    }

    /// The organization.
    async fn organization(&self) -> Option<&OrganizationObject> {
        self.organization.as_ref()
    }

    /// Names your profile there; staff may have none.
    async fn profile_id(&self) -> Option<ID> {
        self.membership.profile.map(|profile| ID(profile.to_string()))
    }

    /// Your staff roles there. Being a mentor, a mentee or a guardian follows from matches and profiles instead.
    async fn roles(&self) -> Vec<StaffRole> {
        self.membership.grants.iter().map(|grant| StaffRole(*grant)).collect()
    }
}

/// A staff role that you have.
pub struct StaffRole(domain::access::Grant);

/// A staff role that you have.
#[Object(name = "ViewerRole")]
impl StaffRole {
    /// Which role.
    async fn role(&self) -> E<domain::access::Role> {
        E(self.0.role)
    }

    /// The only program for which you have it; null for the whole organization.
    async fn program_id(&self) -> Option<ID> {
        self.0.program.map(|program| ID(program.to_string()))
    }
}

/// Whoever is signed in.
pub struct Viewer;

/// Whoever is signed in.
#[Object]
impl Viewer {
    /// Your account.
    async fn account(&self, context: &Context<'_>) -> Result<AccountObject> {
        let request = context.request();
        AccountObject::get(request, request.signed_in()?.account).await
    }

    /// Your signed-in devices, the one last used first; at most 20.
    #[graphql(complexity = "1 + 20 * child_complexity")]
    async fn sessions(&self, context: &Context<'_>) -> Result<Vec<SessionObject>> {
        let request = context.request();
        SessionObject::by_account(request, request.signed_in()?.account).await
    }

    /// The organizations that you are in, the one joined first at the front.
    #[graphql(complexity = "1 + 5 * child_complexity")]
    async fn memberships(&self, context: &Context<'_>) -> Result<Vec<MembershipObject>> {
        let request = context.request();
        let memberships = request.signed_in()?.memberships.clone();
        let organizations = if context.look_ahead().field("organization").exists() {
            let ids: Vec<_> = memberships.iter().map(|membership| membership.organization).collect();
            request.load(async move |conn| persistence::organization::by_ids(conn, &ids).await).await?
        } else {
            Vec::new()
        };
        let object = |membership: Membership| {
            let organization = organizations.iter().find(|found| found.id == membership.organization);
            MembershipObject { organization: organization.cloned().map(OrganizationObject), membership }
        };
        Ok(memberships.into_iter().map(object).collect())
    }
}

#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// Whoever is signed in; null for nobody.
    async fn viewer(&self, context: &Context<'_>) -> Option<Viewer> {
        context.request().signed_in().is_ok().then_some(Viewer)
    }
}

/// Who signs up.
#[derive(InputObject)]
pub struct SignUpInput {
    /// The person's name, at most 120 characters.
    name: String,
    /// The person's own e-mail address; a link to confirm it is mailed there.
    email: String,
    /// From 15 to 128 characters of any kind; a few unrelated words are best.
    #[graphql(secret)]
    password: String,
    /// The language of mails to the person, as a BCP 47 tag.
    #[graphql(default = "en")]
    locale: String,
}

payload! {
    /// The answer of `signUp`.
    SignUpPayload {
        /// True when a mail is on its way, whether or not the address had an account before.
        accepted as "accepted": bool
    }
}

/// Which link was opened.
#[derive(InputObject)]
pub struct VerifyEmailInput {
    /// The token of the link in the mail.
    #[graphql(secret)]
    token: String,
}

payload! {
    /// The answer of `verifyEmail`.
    VerifyEmailPayload {
        /// True once the address is confirmed; null when it was refused.
        verified as "verified": bool
    }
}

payload! {
    /// The answer of `resendVerification`.
    ResendVerificationPayload {
        /// True when a mail is on its way, or the address is confirmed already.
        accepted as "accepted": bool
    }
}

/// Who has forgotten a password.
#[derive(InputObject)]
pub struct RequestPasswordResetInput {
    /// The e-mail address of the account.
    email: String,
}

payload! {
    /// The answer of `requestPasswordReset`.
    RequestPasswordResetPayload {
        /// True: a mail is on its way if the address has an account.
        accepted as "accepted": bool
    }
}

/// The new password of whoever has the link.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// The token of the link in the mail.
    #[graphql(secret)]
    token: String,
    /// From 15 to 128 characters of any kind.
    #[graphql(secret)]
    new_password: String,
}

payload! {
    /// The answer of `resetPassword`.
    ResetPasswordPayload {
        /// True once the password is changed and every session has ended; null when it was refused.
        reset as "reset": bool
    }
}

/// The present and the new password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The present password.
    #[graphql(secret)]
    current_password: String,
    /// From 15 to 128 characters of any kind.
    #[graphql(secret)]
    new_password: String,
}

payload! {
    /// The answer of `changePassword`.
    ChangePasswordPayload {
        /// True once the password is changed and your other sessions have ended; null when it was refused.
        changed as "changed": bool
    }
}

#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Makes an account. You may sign in at once; some things need a confirmed address. The answer does not tell
    /// whether the address has an account already. It must be the only field of its operation.
    async fn sign_up(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who signs up.")] input: SignUpInput,
    ) -> Result<SignUpPayload> {
        let request = context.request();
        let SignUpInput { name, email, password, locale } = input;
        let wish = SignUp { name, email, password: password.into(), locale };
        SignUpPayload::of(request.app.identity.sign_up(wish, &request.origin()).await.map(|()| true))
    }

    /// Confirms an e-mail address with the link that was mailed to it. Needs no sign-in. It must be the only field
    /// of its operation.
    async fn verify_email(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which link was opened.")] input: VerifyEmailInput,
    ) -> Result<VerifyEmailPayload> {
        let request = context.request();
        let verified = request.app.identity.verify_email(&input.token, &request.origin()).await;
        VerifyEmailPayload::of(verified.map(|_| true))
    }

    /// Mails the link to confirm your address once more; older ones stop to work.
    async fn resend_verification(&self, context: &Context<'_>) -> Result<ResendVerificationPayload> {
        let request = context.request();
        let sent = request.app.identity.resend_verification(request.signed_in()?).await;
        ResendVerificationPayload::of(sent.map(|()| true))
    }

    /// Mails a link to choose a new password, good for 30 minutes. It must be the only field of its operation.
    async fn request_password_reset(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who has forgotten a password.")] input: RequestPasswordResetInput,
    ) -> Result<RequestPasswordResetPayload> {
        let request = context.request();
        let sent = request.app.identity.request_password_reset(&input.email, &request.origin()).await;
        RequestPasswordResetPayload::of(sent.map(|()| true))
    }

    /// Sets a new password with the mailed link, and ends every session of the account. It must be the only field
    /// of its operation.
    async fn reset_password(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The link and the new password.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload> {
        let request = context.request();
        let (token, password) = (input.token, input.new_password.into());
        let reset = request.app.identity.reset_password(&token, password, &request.origin()).await;
        ResetPasswordPayload::of(reset.map(|()| true))
    }

    /// Changes your password and ends your other sessions. It must be the only field of its operation.
    async fn change_password(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The present and the new password.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let request = context.request();
        let (current, new) = (input.current_password.into(), input.new_password.into());
        let signed_in = request.signed_in()?;
        let changed = request.app.identity.change_password(signed_in, current, new, &request.origin()).await;
        ChangePasswordPayload::of(changed.map(|()| true))
    }
}
