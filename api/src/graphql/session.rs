//! Sessions: sign in, stay signed in, see one's devices and sign out.
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    account::Account,
    id::Id,
    session::{Client, Reason, Session},
};
use persistence::session::Which;
use secrecy::ExposeSecret;

use super::{
    context::{Cx, Request},
    enumeration::E,
    scalar::{DateTime, Wire},
};
use crate::{
    error::{Failure, Result},
    identity::{Issued, SignIn, limit::Origin},
    payload,
};

impl Request {
    /// Where the request comes from, for limits and the security history.
    pub fn origin(&self) -> Origin {
        Origin { address: self.client, request_id: self.id.clone() }
    }
}

/// A signed-in device.
#[derive(Debug, Clone)]
pub struct SessionObject {
    session: Session,
    current: bool,
}

/// A signed-in device.
#[Object(name = "Session")]
impl SessionObject {
    /// Names the session.
    async fn id(&self) -> ID {
        ID(self.session.id.to_string())
    }

    /// What it belongs to; an app or the console.
    async fn client(&self) -> E<Client> {
        E(self.session.client)
    }

    /// As the app named the device when it signed in.
    async fn device_name(&self) -> Option<&str> {
        self.session.device_name.as_deref()
    }

    /// Whether this very request belongs to it.
    async fn current(&self) -> bool {
        self.current
    }

    /// When the person signed in.
    async fn created_at(&self) -> DateTime {
        DateTime(self.session.created_at)
    }

    /// When it was last used, to about a minute.
    async fn last_seen_at(&self) -> DateTime {
        DateTime(self.session.last_seen_at)
    }

    /// When it ends, unless it is used before.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.session.idle_expires_at.min(self.session.absolute_expires_at))
    }
}

impl SessionObject {
    /// The devices of an account, the one last used first.
    pub async fn by_account(request: &Request, account: Id<Account>) -> Result<Vec<Self>> {
        let (now, current) = (request.app.clock.now(), request.signed_in()?.session);
        let sessions = request
            .load(async move |conn| persistence::session::by_account(conn, account, now).await)
            .await?;
        Ok(sessions.into_iter().map(|session| Self { current: session.id == current, session }).collect())
    }
}

/// What an app keeps to act for a person. Keep the refresh token where only your app can read it.
#[derive(SimpleObject)]
pub struct Tokens {
    /// Send it as `Authorization: Bearer …` with each request.
    access_token: String,
    /// When the access token ends; refresh before, or when an error says `EXPIRED`.
    access_token_expires_at: DateTime,
    /// Exchange it for new tokens with `refreshSession`; each is good for one exchange.
    refresh_token: String,
    /// The session that was begun or refreshed.
    session: SessionObject,
}

impl From<Issued> for Tokens {
    fn from(issued: Issued) -> Self {
        Self {
            access_token: issued.access_token.expose_secret().to_owned(),
            access_token_expires_at: DateTime(issued.access_expires_at),
            refresh_token: issued.refresh_token.expose_secret().to_owned(),
            session: SessionObject { session: issued.session, current: true },
        }
    }
}

/// Who signs in, with what.
#[derive(InputObject)]
pub struct SignInInput {
    /// The e-mail address of the account.
    email: String,
    /// Its password.
    #[graphql(secret)]
    password: String,
    /// How the person would recognize this device in a list, such as `Ana's phone`; at most 120 characters.
    device_name: Option<String>,
}

payload! {
    /// The answer of `signIn`.
    SignInPayload {
        /// The tokens of the new session; null when it was refused.
        tokens as "tokens": Tokens
    }
}

/// Which session goes on.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The refresh token that you got last.
    #[graphql(secret)]
    refresh_token: String,
}

payload! {
    /// The answer of `refreshSession`.
    RefreshSessionPayload {
        /// New tokens of the same session; null when it was refused.
        tokens as "tokens": Tokens
    }
}

payload! {
    /// The answer of `signOut`.
    SignOutPayload {
        /// True once the session has ended.
        signed_out as "signedOut": bool
    }
}

payload! {
    /// The answer of `signOutOtherSessions`.
    SignOutOtherSessionsPayload {
        /// How many sessions were ended.
        ended as "ended": usize
    }
}

/// Which session to end.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// One of the sessions in `viewer`.
    session_id: Wire<Session>,
}

payload! {
    /// The answer of `revokeSession`.
    RevokeSessionPayload {
        /// True once the session has ended; null when it was refused.
        revoked as "revoked": bool
    }
}

#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Begins a session. An unknown address and a wrong password are refused alike. It must be the only field of
    /// its operation.
    async fn sign_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let request = context.request();
        let (email, password, device_name) = (input.email, input.password.into(), input.device_name);
        let wish = SignIn { email, password, client: Client::App, device_name };
        let issued = request.app.identity.sign_in(wish, &request.origin()).await;
        SignInPayload::of(issued.map(Tokens::from))
    }

    /// Exchanges a refresh token for new tokens. If the answer is lost, send the same token again, even hours later.
    /// A token that was replaced by one in use ends the session, since two parties hold it. It must be the only
    /// field of its operation.
    async fn refresh_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which session goes on.")] input: RefreshSessionInput,
    ) -> Result<RefreshSessionPayload> {
        let request = context.request();
        let token = input.refresh_token.into();
        let issued = request.app.identity.refresh(&token, Client::App, &request.origin()).await;
        RefreshSessionPayload::of(issued.map(Tokens::from))
    }

    /// Ends this session, its tokens included.
    async fn sign_out(&self, context: &Context<'_>) -> Result<SignOutPayload> {
        let request = context.request();
        let current = request.signed_in()?;
        let (account, which) = (current.account, Which::Only(current.session));
        let ended = request.app.identity.end(account, which, Reason::SignOut, &request.origin()).await;
        SignOutPayload::of(ended.map(|_| true))
    }

    /// Ends all your sessions but this one.
    async fn sign_out_other_sessions(&self, context: &Context<'_>) -> Result<SignOutOtherSessionsPayload> {
        let request = context.request();
        let current = request.signed_in()?;
        let (account, which) = (current.account, Which::AllBut(current.session));
        let ended = request.app.identity.end(account, which, Reason::OtherDevice, &request.origin()).await;
        SignOutOtherSessionsPayload::of(ended)
    }

    /// Ends one of your sessions, such as that of a lost phone.
    async fn revoke_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which session to end.")] input: RevokeSessionInput,
    ) -> Result<RevokeSessionPayload> {
        let request = context.request();
        let which = Which::Only(input.session_id.0);
        let account = request.signed_in()?.account;
        let ended = request.app.identity.end(account, which, Reason::OtherDevice, &request.origin()).await;
        RevokeSessionPayload::of(ended.and_then(|ended| match ended {
            0 => Err(Failure::not_found("sessionId")),
            _ => Ok(true),
        }))
    }
}
