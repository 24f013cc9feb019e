//! How does a device stay signed in? By refresh tokens that follow from a sealed key and a generation.
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{
    account::Account,
    id::Id,
    rate::Limit,
    session::{Client, MAX_SESSIONS, Reason, Refreshed, Refusal, Session},
};
use persistence::{
    Connection,
    account::mail::{self, Mail},
    request::RequestConnection,
    session::{self as store, Keyed, Which},
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    Identity,
    limit::Origin,
    token::{self, Claims},
    vault::{self, Place},
};
use crate::error::{Failure, Result};

const PREFIX: &str = "cr1.";
const MAC: usize = 32;
/// Session, generation and code.
const TOKEN: usize = 16 + 4 + MAC;

/// What a device gets when it signs in or refreshes.
#[derive(Debug)]
pub struct Issued {
    pub session: Session,
    pub access_token: SecretString,
    pub access_expires_at: DateTime<Utc>,
    pub refresh_token: SecretString,
}

/// What a refresh token says.
struct Presented {
    session: Id<Session>,
    generation: i32,
    code: [u8; MAC],
}

impl Presented {
    fn parse(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let bytes: [u8; TOKEN] = bytes.try_into().ok()?;
        let (session, rest) = bytes.split_first_chunk::<16>()?;
        let (generation, code) = rest.split_first_chunk::<4>()?;
        Some(Self {
            session: Id::new(Uuid::from_bytes(*session)),
            generation: i32::from_be_bytes(*generation),
            code: code.try_into().ok()?,
        })
    }
}

fn message(session: Id<Session>, generation: i32) -> [u8; 20] {
    let mut message = [0; 20];
    let (id, number) = message.split_at_mut(16);
    id.copy_from_slice(session.uuid().as_bytes());
    number.copy_from_slice(&generation.to_be_bytes());
    message
}

fn refresh_token(key: &hmac::Key, session: &Session) -> SecretString {
    let message = message(session.id, session.family.newest);
    let code = hmac::sign(key, &message);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([&message, code.as_ref()].concat())).into()
}

fn place(session: Id<Session>) -> Place {
    Place { table: "session", column: "refresh_key_sealed", row: session.uuid() }
}

impl Identity {
    /// Begins a session of an account that has proved itself, within the caller's transaction.
    pub async fn begin_session(
        &self,
        conn: &Connection,
        account: Id<Account>,
        client: Client,
        device_name: Option<String>,
        origin: &Origin,
    ) -> Result<Issued> {
        let now = self.clock.now();
        for surplus in store::by_account(conn, account, now).await?.iter().skip(MAX_SESSIONS - 1) {
            store::revoke(conn, account, Which::Only(surplus.id), Reason::TooMany).await?;
        }
        let session = Session::begin(self.clock.id(), account, client, device_name, now);
        let key = vault::random::<32>()?;
        store::insert(conn, &session, &self.vault.seal(&place(session.id), &key)?).await?;
        self.note(conn, "session.created", Some(account), Some(session.id), origin).await?;
        self.issue(session, &hmac::Key::new(hmac::HMAC_SHA256, &key)).await
    }

    /// Answers a refresh token with the next one and a new access token.
    pub async fn refresh(&self, token: &SecretString, client: Client, origin: &Origin) -> Result<Issued> {
        let network = origin.network();
        let Some(shown) = Presented::parse(token.expose_secret()) else {
            self.take(&[(Limit::RefreshNetwork, &network)]).await?;
            return Err(Refusal::InvalidGrant.into());
        };
        self.take(&[(Limit::RefreshSession, &format!("{} {network}", shown.session))]).await?;
        let now = self.clock.now();
        let connection = RequestConnection::new(self.pool.clone(), None);
        // A stolen token ends the session although the caller is refused, so a refusal is no error here.
        let outcome = connection
            .write(async |conn| {
                let invalid = Ok(Err(Refusal::InvalidGrant));
                let Some(Keyed { session, refresh_key_sealed }) = store::lock(conn, shown.session).await? else {
                    return invalid;
                };
                let key = self.vault.open_sealed(&place(session.id), &refresh_key_sealed)?;
                let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
                let genuine = hmac::verify(&key, &message(shown.session, shown.generation), &shown.code).is_ok();
                if !genuine || session.client != client || !session.is_live(now) {
                    return invalid;
                }
                match session.family.refresh(shown.generation, now) {
                    Refreshed::Unknown => {
                        tracing::error!(session = %session.id, "a genuine refresh token that was never issued");
                        invalid
                    }
                    Refreshed::Reused => {
                        let account = session.account;
                        store::revoke(conn, account, Which::Only(session.id), Reason::ReuseDetected).await?;
                        self.note(conn, "session.reuse_detected", Some(account), Some(session.id), origin).await?;
                        mail::enqueue(conn, self.clock.uuid(), account, Mail::SessionStolen, now).await?;
                        Ok::<_, Failure>(Err(Refusal::Reused))
                    }
                    Refreshed::Rotated(family) | Refreshed::Repeated(family) => {
                        let session = session.refreshed(family, now);
                        store::update(conn, &session).await?;
                        Ok(Ok((session, key)))
                    }
                }
            })
            .await?;
        connection.finish().await;
        match outcome {
            Ok((session, key)) => self.issue(session, &key).await,
            Err(Refusal::Reused) => {
                self.live.forget(shown.session.uuid());
                Err(Refusal::Reused.into())
            }
            Err(refusal) => {
                self.take(&[(Limit::RefreshNetwork, &network)]).await?;
                Err(refusal.into())
            }
        }
    }

    /// The session that a refresh token belongs to, when it is genuine; for signing out with it.
    pub async fn session_of(&self, token: &SecretString) -> Result<Option<Session>> {
        let Some(shown) = Presented::parse(token.expose_secret()) else { return Ok(None) };
        let connection = RequestConnection::new(self.pool.clone(), None);
        let id = shown.session;
        let found = connection.load(async move |conn| store::find(conn, id).await).await?;
        connection.finish().await;
        let Some(Keyed { session, refresh_key_sealed }) = found else { return Ok(None) };
        let key = self.vault.open_sealed(&place(session.id), &refresh_key_sealed)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let genuine = hmac::verify(&key, &message(id, shown.generation), &shown.code).is_ok();
        Ok(genuine.then_some(session))
    }

    /// Ends sessions of an account, everywhere within a second. Answers how many lived.
    pub async fn end(
        &self,
        account: Id<Account>,
        which: Which,
        reason: Reason,
        origin: &Origin,
    ) -> Result<usize> {
        let connection = RequestConnection::new(self.pool.clone(), None);
        let session = if let Which::Only(id) = which { Some(id) } else { None };
        let ended = connection
            .write(async |conn| {
                let ended = store::revoke(conn, account, which, reason).await?;
                if ended > 0 {
                    self.note(conn, "session.revoked", Some(account), session, origin).await?;
                }
                Ok::<_, Failure>(ended)
            })
            .await?;
        connection.finish().await;
        self.live.forget(session.map_or(account.uuid(), Id::uuid));
        Ok(ended)
    }

    async fn issue(&self, session: Session, key: &hmac::Key) -> Result<Issued> {
        let now = self.clock.now();
        let expires_at = session.access_until(now);
        let claims = Claims {
            iss: self.realm.issuer.clone(),
            aud: self.realm.audience.clone(),
            sub: session.account.to_string(),
            client_id: session.client.to_string().to_lowercase(),
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
            jti: self.clock.uuid().simple().to_string(),
            sid: session.id.to_string(),
            rg: session.family.newest,
            auth_time: session.authenticated_at.timestamp(),
        };
        let keys = self.keys().await?;
        Ok(Issued {
            access_token: token::sign(&keys, &claims)?.into(),
            access_expires_at: expires_at,
            refresh_token: refresh_token(key, &session),
            session,
        })
    }
}
