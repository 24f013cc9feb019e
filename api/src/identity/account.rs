//! How does somebody get an account, prove an address, sign in, and get a new password?
//!
//! Whoever asks learns nothing about who has an account: known and unknown addresses get the same answer after the
//! same work.
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::{
    account::{Account, Email, Refusal, Status},
    id::Id,
    rate::Limit,
    session::{Client, Reason},
};
use persistence::{
    Connection,
    account::{
        self as store,
        event::{self, SecurityEvent},
        link::{self, Purpose},
        mail::{self, Mail},
    },
    request::RequestConnection,
    session::{self as sessions, Which},
};
use secrecy::SecretString;
use uuid::Uuid;

use super::{Identity, SignedIn, limit::Origin, session::Issued};
use crate::error::{Failure, Result};

/// How long the link in a mail is good for.
const VERIFY_LINK: TimeDelta = TimeDelta::hours(24);
const RESET_LINK: TimeDelta = TimeDelta::minutes(30);

/// What somebody signs up with.
pub struct SignUp {
    pub name: String,
    pub email: String,
    pub password: SecretString,
    pub locale: String,
}

/// What somebody signs in with.
pub struct SignIn {
    pub email: String,
    pub password: SecretString,
    pub client: Client,
    pub device_name: Option<String>,
}

/// Asking for a link takes at least so long, so that nobody learns from the time whether one was mailed.
const LINK_REQUEST: Duration = Duration::from_millis(200);

impl Identity {
    /// Makes an account and mails a link to confirm the address; a taken address gets a mail that says so.
    pub async fn sign_up(&self, wish: SignUp, origin: &Origin) -> Result<()> {
        let now = self.clock.now();
        let email = Email::parse("email", &wish.email)?;
        let locale = domain::organization::locale("locale", &wish.locale)?;
        let account = Account::create(self.clock.id(), &wish.name, email.clone(), &locale, now)?;
        let network = origin.network();
        self.take(&[(Limit::SignUpEmail, &email.normalized), (Limit::SignUpNetwork, &network)]).await?;
        let about = vec![account.name.clone(), email.address.clone()];
        let hash = self.hasher.accept("password", wish.password, about).await?;
        let connection = RequestConnection::new(self.pool.clone(), None);
        connection
            .write(async |conn| {
                if store::insert(conn, &account).await? {
                    store::set_password(conn, account.id, &hash, now).await?;
                    let link = self.make_link(conn, account.id, Purpose::VerifyEmail).await?;
                    self.send(conn, account.id, Mail::VerifyEmail { link }).await?;
                    self.note(conn, "account.created", Some(account.id), None, origin).await?;
                } else if let Some(known) = store::by_email(conn, &email.normalized).await? {
                    let link = self.make_link(conn, known.id, Purpose::ResetPassword).await?;
                    self.send(conn, known.id, Mail::AlreadyRegistered { link }).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        connection.finish().await;
        Ok(())
    }

    /// Mails the link to confirm the address once more.
    pub async fn resend_verification(&self, signed_in: &SignedIn) -> Result<()> {
        self.take(&[(Limit::ResetEmail, &signed_in.account.to_string())]).await?;
        let connection = RequestConnection::new(self.pool.clone(), None);
        let id = signed_in.account;
        connection
            .write(async |conn| {
                let account = store::find(conn, id).await?.ok_or(Failure::NotFound { path: None })?;
                if account.email.is_some() && account.email_verified_at.is_none() {
                    let link = self.make_link(conn, id, Purpose::VerifyEmail).await?;
                    self.send(conn, id, Mail::VerifyEmail { link }).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        connection.finish().await;
        Ok(())
    }

    /// Confirms the address to which the link was mailed.
    pub async fn verify_email(&self, token: &str, origin: &Origin) -> Result<Id<Account>> {
        let now = self.clock.now();
        self.with_link(token, Purpose::VerifyEmail, origin, async |conn, account| {
            store::verify_email(conn, account, now).await?;
            self.note(conn, "email.verified", Some(account), None, origin).await
        })
        .await
    }

    /// Begins a session for the right password.
    pub async fn sign_in(&self, wish: SignIn, origin: &Origin) -> Result<Issued> {
        // An address that cannot exist is refused as one that does not.
        let email =
            Email::parse("email", &wish.email).map_or_else(|_| String::new(), |email| email.normalized);
        let network = origin.network();
        let both = format!("{email} {network}");
        let tries = [
            (Limit::SignInAccountNetwork, both.as_str()),
            (Limit::SignInAccount, &email),
            (Limit::SignInNetwork, &network),
        ];
        self.take(&tries).await?;
        let device_name = domain::text::optional_line("deviceName", wish.device_name.as_deref(), 120)?;
        let connection = RequestConnection::new(self.pool.clone(), None);
        let sought = email.clone();
        let known = connection
            .load(async move |conn| {
                let Some(account) = store::by_email(conn, &sought).await? else { return Ok(None) };
                let password = store::password(conn, account.id).await?;
                Ok(Some((account, password)))
            })
            .await?;
        // Hashing takes long; nobody else waits for this connection meanwhile.
        connection.finish().await;
        let (account, stored) = known.map_or((None, None), |(account, stored)| (Some(account), stored));
        let right = self.hasher.matches(wish.password, stored).await?;
        let account = account.filter(|account| right && account.status == Status::Active);
        let connection = RequestConnection::new(self.pool.clone(), None);
        let issued = connection
            .write(async |conn| match &account {
                Some(account) => {
                    self.begin_session(conn, account.id, wish.client, device_name, origin).await.map(Some)
                }
                None => {
                    self.note(conn, "signin.failed", None, None, origin).await?;
                    Ok::<_, Failure>(None)
                }
            })
            .await?;
        connection.finish().await;
        let issued = issued.ok_or(Refusal::InvalidCredentials)?;
        self.give_back(&tries).await?;
        Ok(issued)
    }

    /// Mails a link to a new password, if the address is known.
    pub async fn request_password_reset(&self, email: &str, origin: &Origin) -> Result<()> {
        let begun = Instant::now();
        let email = Email::parse("email", email)?.normalized;
        self.take(&[(Limit::ResetEmail, &email), (Limit::ResetNetwork, &origin.network())]).await?;
        let connection = RequestConnection::new(self.pool.clone(), None);
        connection
            .write(async |conn| {
                let account = store::by_email(conn, &email).await?;
                if let Some(account) = account.filter(|account| account.status == Status::Active) {
                    let link = self.make_link(conn, account.id, Purpose::ResetPassword).await?;
                    self.send(conn, account.id, Mail::ResetPassword { link }).await?;
                    self.note(conn, "password.reset_requested", Some(account.id), None, origin).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        connection.finish().await;
        tokio::time::sleep_until((begun + LINK_REQUEST).into()).await;
        Ok(())
    }

    /// Sets a new password for whoever has the mailed link. All sessions end; the address counts as confirmed.
    pub async fn reset_password(&self, token: &str, password: SecretString, origin: &Origin) -> Result<()> {
        let hash = self.hasher.accept("newPassword", password, Vec::new()).await?;
        let now = self.clock.now();
        let account = self
            .with_link(token, Purpose::ResetPassword, origin, async |conn, account| {
                store::set_password(conn, account, &hash, now).await?;
                store::verify_email(conn, account, now).await?;
                sessions::revoke(conn, account, Which::All, Reason::PasswordChange).await?;
                self.send(conn, account, Mail::PasswordChanged).await?;
                self.note(conn, "password.reset", Some(account), None, origin).await
            })
            .await?;
        self.live.forget(account.uuid());
        Ok(())
    }

    /// Changes the password of somebody who knows the present one. All other sessions end.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        current: SecretString,
        new: SecretString,
        origin: &Origin,
    ) -> Result<()> {
        let (id, keep, now) = (signed_in.account, signed_in.session, self.clock.now());
        let subject = id.to_string();
        let tries = [(Limit::SignInAccount, subject.as_str())];
        self.take(&tries).await?;
        let connection = RequestConnection::new(self.pool.clone(), None);
        let (account, stored) = connection
            .load(async move |conn| {
                let account = store::find(conn, id).await?;
                Ok((account, store::password(conn, id).await?))
            })
            .await?;
        connection.finish().await;
        if !self.hasher.matches(current, stored).await? {
            return Err(Refusal::InvalidCredentials.into());
        }
        self.give_back(&tries).await?;
        let email = account.as_ref().and_then(|account| account.email.as_ref());
        let about = account.iter().map(|account| account.name.clone());
        let about = about.chain(email.map(|email| email.address.clone())).collect();
        let hash = self.hasher.accept("newPassword", new, about).await?;
        let connection = RequestConnection::new(self.pool.clone(), None);
        connection
            .write(async |conn| {
                store::set_password(conn, id, &hash, now).await?;
                sessions::revoke(conn, id, Which::AllBut(keep), Reason::PasswordChange).await?;
                self.send(conn, id, Mail::PasswordChanged).await?;
                self.note(conn, "password.changed", Some(id), Some(keep), origin).await
            })
            .await?;
        connection.finish().await;
        self.live.forget_sessions_of(id);
        Ok(())
    }

    /// The hash of a password for a new account; see [`Hasher::accept`](super::password::Hasher::accept).
    pub async fn accept_password(
        &self,
        path: &'static str,
        password: SecretString,
        about: Vec<String>,
    ) -> Result<String> {
        self.hasher.accept(path, password, about).await
    }

    /// The token in a mailed link. It follows from the link's id, so that whoever writes the mail needs no secret.
    pub fn link_token(&self, link: Uuid) -> Result<String> {
        let code = self.vault.code("account link", link.as_bytes())?;
        Ok(URL_SAFE_NO_PAD.encode([link.as_bytes().as_slice(), &code].concat()))
    }

    async fn make_link(&self, conn: &Connection, account: Id<Account>, purpose: Purpose) -> Result<Uuid> {
        let (id, now) = (self.clock.uuid(), self.clock.now());
        let life = match purpose {
            Purpose::VerifyEmail => VERIFY_LINK,
            Purpose::ResetPassword => RESET_LINK,
        };
        let hash = hash_of(&self.link_token(id)?);
        link::insert(conn, id, account, purpose, hash, (now, now + life)).await?;
        Ok(id)
    }

    /// Uses a link up and does what it stands for, in one transaction.
    async fn with_link(
        &self,
        token: &str,
        purpose: Purpose,
        origin: &Origin,
        work: impl AsyncFnOnce(&Connection, Id<Account>) -> Result<()>,
    ) -> Result<Id<Account>> {
        let now = self.clock.now();
        let connection = RequestConnection::new(self.pool.clone(), None);
        let account = connection
            .write(async |conn| {
                let account = link::consume(conn, purpose, hash_of(token.trim()), now).await?;
                if let Some(account) = account {
                    work(conn, account).await?;
                }
                Ok::<_, Failure>(account)
            })
            .await?;
        connection.finish().await;
        if let Some(account) = account {
            return Ok(account);
        }
        self.take(&[(Limit::LinkNetwork, &origin.network())]).await?;
        Err(Refusal::LinkExpired { path: "token".to_owned() }.into())
    }

    async fn send(&self, conn: &Connection, account: Id<Account>, mail: Mail) -> Result<()> {
        Ok(mail::enqueue(conn, self.clock.uuid(), account, mail, self.clock.now()).await?)
    }

    /// Writes a line of the security history.
    pub(super) async fn note(
        &self,
        conn: &Connection,
        action: &'static str,
        account: Option<Id<Account>>,
        session: Option<Id<domain::session::Session>>,
        origin: &Origin,
    ) -> Result<()> {
        let event = SecurityEvent {
            id: self.clock.uuid(),
            account,
            session,
            at: self.clock.now(),
            action,
            address_prefix: origin.prefix(),
            request_id: origin.request_id.clone(),
        };
        Ok(event::insert(conn, event).await?)
    }
}

fn hash_of(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}
