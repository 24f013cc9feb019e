//! Does a session still live, and what may its account do? Known for ten seconds, unless somebody announces a change.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use domain::{
    access::Scope,
    account::{Account, Status},
    id::Id,
    organization::Membership,
    profile::Profile,
    session::Session,
};
use persistence::{Pool, request::RequestConnection};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::vault::Vault;
use crate::{error::Result, graphql::profile::private};

/// The bound if an announcement is lost.
const TTL: Duration = Duration::from_secs(10);
/// More entries than this are swept before another is added.
const ENTRIES: usize = 20_000;

/// What is known of a live session.
#[derive(Debug, Clone)]
pub struct Standing {
    pub session: Session,
    pub memberships: Arc<[Membership]>,
}

/// That something has ended or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A session was ended, or the rights of an account have changed.
    About(Uuid),
    /// Something may have been missed.
    Everything,
}

/// The sessions that this instance has seen lately.
pub struct Live {
    pool: Pool,
    vault: Arc<Vault>,
    known: Mutex<Known>,
    news: broadcast::Sender<News>,
}

#[derive(Default)]
struct Known {
    entries: HashMap<Id<Session>, (Instant, Standing)>,
    /// Rises with each piece of news, so that what was read before is not kept after.
    epoch: u64,
}

impl Live {
    pub fn new(pool: Pool, vault: Arc<Vault>) -> Self {
        Self { pool, vault, known: Mutex::default(), news: broadcast::channel(1024).0 }
    }

    /// The session, if it lives and its account may sign in.
    pub async fn standing(&self, id: Id<Session>, now: DateTime<Utc>) -> Result<Option<Standing>> {
        let epoch = {
            let known = self.lock();
            match known.entries.get(&id) {
                Some((since, standing)) if since.elapsed() < TTL => {
                    return Ok(standing.session.is_live(now).then(|| standing.clone()));
                }
                _ => known.epoch,
            }
        };
        let read = self.read(id, now).await?.filter(|standing| standing.session.is_live(now));
        if let Some(standing) = &read {
            let mut known = self.lock();
            if known.entries.len() >= ENTRIES {
                known.entries.retain(|_, (since, _)| since.elapsed() < TTL);
            }
            if known.epoch == epoch {
                known.entries.insert(id, (Instant::now(), standing.clone()));
            }
        }
        Ok(read)
    }

    async fn read(&self, id: Id<Session>, now: DateTime<Utc>) -> Result<Option<Standing>> {
        let connection = RequestConnection::new(self.pool.clone(), None);
        let found = connection
            .load(async move |conn| {
                let Some(keyed) = persistence::session::find(conn, id).await? else { return Ok(None) };
                let account = keyed.session.account;
                let account = persistence::account::find(conn, account).await?;
                let Some(account) = account.filter(|account| account.status == Status::Active) else {
                    return Ok(None);
                };
                let memberships = persistence::account::memberships(conn, account.id).await?;
                Ok(Some((keyed.session, memberships)))
            })
            .await?;
        connection.finish().await;
        let Some((session, mut memberships)) = found else { return Ok(None) };
        for membership in memberships.iter_mut().filter(|membership| membership.profile.is_some()) {
            membership.wards = self.wards(membership, now).await?;
        }
        Ok(Some(Standing { session, memberships: memberships.into() }))
    }

    /// For whom somebody is the guardian now: with age it ends by itself.
    pub async fn wards(&self, guardian: &Membership, now: DateTime<Utc>) -> Result<Vec<Id<Profile>>> {
        // Wards are rows of an organization, which exist only inside it.
        let connection = RequestConnection::new(self.pool.clone(), Some(guardian.organization.uuid()));
        let guardian = guardian.clone();
        let found = connection
            .load(async move |conn| {
                let (organization, everybody) = (guardian.organization, Scope::organization());
                let wards = persistence::account::wards(conn, &guardian).await?;
                if wards.is_empty() {
                    return Ok(None);
                }
                let people = persistence::profile::by_ids(conn, &everybody, organization, &wards).await?;
                let tenant = persistence::organization::find(conn, organization).await?;
                Ok(tenant.map(|tenant| (tenant, people)))
            })
            .await?;
        connection.finish().await;
        let Some((tenant, people)) = found else { return Ok(Vec::new()) };
        let (age, today) = (tenant.digital_consent_age, tenant.today(now));
        let mut wards = Vec::with_capacity(people.len());
        for person in people {
            if !private::open_with(&self.vault, &person)?.has_come_of_age(age, today) {
                wards.push(person.id);
            }
        }
        Ok(wards)
    }

    /// The client has shown to have received this generation.
    pub fn proven(&self, id: Id<Session>, generation: i32, now: DateTime<Utc>) {
        if let Some((_, standing)) = self.lock().entries.get_mut(&id) {
            let family = &mut standing.session.family;
            family.proven = family.proven.max(generation);
            standing.session.last_seen_at = now;
        }
    }

    /// A session was ended, or the rights of an account have changed.
    pub fn forget(&self, id: Uuid) {
        let mut known = self.lock();
        known.epoch = known.epoch.wrapping_add(1);
        known
            .entries
            .retain(|session, (_, standing)| session.uuid() != id && standing.session.account.uuid() != id);
        drop(known);
        let _nobody_listens = self.news.send(News::About(id));
    }

    /// Other sessions of the account have ended; the announcement names each, so nobody listens in vain.
    pub fn forget_sessions_of(&self, account: Id<Account>) {
        let mut known = self.lock();
        known.epoch = known.epoch.wrapping_add(1);
        known.entries.retain(|_, (_, standing)| standing.session.account != account);
    }

    pub fn forget_all(&self) {
        let mut known = self.lock();
        known.epoch = known.epoch.wrapping_add(1);
        known.entries.clear();
        drop(known);
        let _nobody_listens = self.news.send(News::Everything);
    }

    /// Resolves when the session has ended or the rights of its account have changed.
    pub async fn ended(
        self: Arc<Self>,
        session: Id<Session>,
        account: Id<Account>,
        now: impl Fn() -> DateTime<Utc>,
    ) {
        let mut news = self.news.subscribe();
        loop {
            // Also asked first: it may have ended before we listened. A database that is away ends nothing.
            if let Ok(None) = self.standing(session, now()).await {
                return;
            }
            if Self::over(&mut news, session, account).await {
                return;
            }
        }
    }

    /// Waits for news about this session: `true` when it is over, `false` when it must be looked up.
    async fn over(news: &mut broadcast::Receiver<News>, session: Id<Session>, account: Id<Account>) -> bool {
        loop {
            match news.recv().await {
                Ok(News::About(id)) if id == session.uuid() || id == account.uuid() => return true,
                Ok(News::About(_)) => {}
                Ok(News::Everything) | Err(broadcast::error::RecvError::Lagged(_)) => return false,
                Err(broadcast::error::RecvError::Closed) => return true,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
