//! Who is it? Accounts, sessions, tokens and the keys behind them.
mod account;
pub mod http;
pub mod keys;
pub mod limit;
mod live;
mod password;
mod session;
mod signed_in;
pub mod token;
pub mod vault;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use domain::{account::Account, id::Id, organization::Membership, profile::Profile};
use persistence::{Pool, request::RequestConnection};
use uuid::Uuid;

pub use account::{SignIn, SignUp};
pub use persistence::session::CHANNEL;
pub use session::Issued;
pub use signed_in::SignedIn;

use crate::{
    clock::Clock,
    config::Config,
    error::{AuthReason, Failure, Result},
    transport::gate::Ended,
};
use keys::KeyRing;
use live::Live;
use password::Hasher;
use token::Realm;
use vault::Vault;

/// How long the keys are believed to be unchanged, and how often an unknown key may make us look.
const KEYS_AGE: Duration = Duration::from_secs(3600);
const KEYS_PAUSE: Duration = Duration::from_secs(60);
/// How exactly it is known when a session was last used.
const LAST_SEEN: TimeDelta = TimeDelta::minutes(1);

/// Knows accounts, tokens and live sessions.
pub struct Identity {
    pool: Pool,
    clock: Clock,
    vault: Arc<Vault>,
    realm: Realm,
    hasher: Hasher,
    live: Arc<Live>,
    keys: RwLock<Option<(Instant, Arc<KeyRing>)>>,
}

impl Identity {
    pub fn new(config: &Config, pool: Pool, clock: Clock, vault: Arc<Vault>) -> Result<Self> {
        // The first one counts; another instance in this process has chosen the same.
        let _chosen_before = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        Ok(Self {
            realm: Realm { issuer: config.page(""), audience: config.page("/graphql") },
            hasher: Hasher::default(),
            live: Arc::new(Live::new(pool.clone(), Arc::clone(&vault))),
            keys: RwLock::default(),
            pool,
            clock,
            vault,
        })
    }

    /// Checks an access token and that its session lives.
    pub async fn authenticate(&self, bearer: &str) -> Result<SignedIn> {
        let refuse = |reason| Failure::Unauthenticated(reason);
        let key = token::key_id(bearer).ok_or_else(|| refuse(AuthReason::Invalid))?;
        let mut keys = self.keys().await?;
        if keys.verifying(&key).is_none() {
            keys = self.keys_younger_than(KEYS_PAUSE).await?;
        }
        let now = self.clock.now();
        let verified = token::verify(&keys, &self.realm, bearer, now).map_err(refuse)?;
        let standing = self.live.standing(verified.session, now).await?;
        let standing = standing.filter(|standing| standing.session.account == verified.account);
        let standing = standing.ok_or_else(|| refuse(AuthReason::Revoked))?;
        let session = &standing.session;
        let news = verified.generation > session.family.proven;
        if news || now - session.last_seen_at >= LAST_SEEN {
            let connection = RequestConnection::new(self.pool.clone(), None);
            let (id, generation) = (session.id, verified.generation);
            connection
                .write(async |conn| persistence::session::prove(conn, id, generation, now).await)
                .await?;
            connection.finish().await;
            self.live.proven(id, generation, now);
        }
        Ok(SignedIn {
            session: session.id,
            account: session.account,
            generation: u32::try_from(verified.generation).unwrap_or_default(),
            authenticated_at: session.authenticated_at,
            expires_at: verified.expires_at,
            memberships: standing.memberships.to_vec(),
        })
    }

    /// Resolves when the token is over its time or the session was ended.
    pub fn ended(&self, signed_in: &SignedIn) -> impl Future<Output = Ended> + Send + use<> {
        let (session, account) = (signed_in.session, signed_in.account);
        let clock = self.clock.clone();
        let left = (signed_in.expires_at - clock.now()).to_std().unwrap_or_default();
        let live = Arc::clone(&self.live);
        async move {
            tokio::select! {
                () = live.ended(session, account, move || clock.now()) => Ended::Revoked,
                () = tokio::time::sleep(left) => Ended::Expired,
            }
        }
    }

    /// An instance ended a session, changed somebody's rights or the signing keys.
    pub fn announced(&self, payload: &str) {
        match Uuid::parse_str(payload) {
            Ok(id) => self.live.forget(id),
            Err(_) => self.forget_keys(),
        }
    }

    /// Announcements may have been missed: ask the database about everything again.
    pub fn forget_all(&self) {
        self.live.forget_all();
        self.forget_keys();
    }

    /// For whom a member is the guardian at this moment.
    pub async fn wards(&self, guardian: &Membership) -> Result<Vec<Id<Profile>>> {
        self.live.wards(guardian, self.clock.now()).await
    }

    /// For what was changed by this very instance: it need not wait for its own announcement.
    pub fn rights_changed(&self, account: Id<Account>) {
        self.live.forget(account.uuid());
    }

    /// The present signing keys.
    pub async fn keys(&self) -> Result<Arc<KeyRing>> {
        self.keys_younger_than(KEYS_AGE).await
    }

    /// Lets the next key sign; see [`keys::rotate`].
    pub async fn rotate_keys(&self, compromised: bool) -> Result<()> {
        let connection = RequestConnection::new(self.pool.clone(), None);
        let now = self.clock.now();
        connection.write(async |conn| keys::rotate(conn, &self.vault, compromised, now).await).await?;
        connection.finish().await;
        self.forget_keys();
        Ok(())
    }

    /// Rotates and retires keys by their age; see [`keys::mind`].
    pub async fn mind_keys(&self) -> Result<()> {
        let connection = RequestConnection::new(self.pool.clone(), None);
        let now = self.clock.now();
        connection.write(async |conn| keys::mind(conn, &self.vault, now).await).await?;
        connection.finish().await;
        Ok(())
    }

    async fn keys_younger_than(&self, age: Duration) -> Result<Arc<KeyRing>> {
        let known = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((since, keys)) = known
            && since.elapsed() < age
        {
            return Ok(keys);
        }
        let connection = RequestConnection::new(self.pool.clone(), None);
        let now = self.clock.now();
        let keys = connection.write(async |conn| KeyRing::load(conn, &self.vault, now).await).await?;
        connection.finish().await;
        let keys = Arc::new(keys);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&keys)));
        Ok(keys)
    }

    fn forget_keys(&self) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
