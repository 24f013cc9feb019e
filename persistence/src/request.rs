//! How does one request read and write the database, inside one organization?
//!
//! A request holds at most one connection. `load` reads on a snapshot that is opened with the first read and
//! shared by all readers, whose statements are pipelined; `write` is the one transaction of a mutation and takes
//! over the same connection. This is the only place that takes a connection for a request, so the role, the
//! organization and row-level security have one home.
//!
//! A request may be dropped at any point. Its connection then rolls back in a task of its own and is thrown away
//! when that takes too long: a pool looks at a connection only when it is next taken, and until then row locks
//! would stay.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use diesel::result::Error as DieselError;
use diesel_async::AsyncPgConnection;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::{Error, Pool, Result};

mod lease;

use lease::Lease;

/// At the default isolation level each statement would see a snapshot of its own.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const TRANSACTION: &str = "BEGIN";
/// In an aborted transaction a bare COMMIT rolls back and reports success; the SELECT fails first.
const CHECKED_COMMIT: &str = "SELECT; COMMIT";
/// How often one read may run when its siblings keep aborting the snapshot.
const ATTEMPTS: u32 = 3;

/// The database as one request sees it.
pub struct RequestConnection {
    pool: Pool,
    settings: String,
    seat: Mutex<Seat>,
}

/// Where the request's connection is. The lock is held while one is opened, never while statements run.
#[derive(Default)]
enum Seat {
    #[default]
    Empty,
    Idle(Lease),
    Reading(Arc<Lease>),
    Writing,
}

impl RequestConnection {
    /// Without an organization, tenant tables have no rows.
    pub fn new(pool: Pool, organization: Option<Uuid>) -> Self {
        let organization = organization.map(|id| id.to_string()).unwrap_or_default();
        Self {
            pool,
            settings: format!("SET LOCAL cairn.organization = '{organization}'"),
            seat: Mutex::default(),
        }
    }

    /// Reads on the request's snapshot. A failing statement aborts the snapshot for its siblings too, so the
    /// first to notice opens a new one, and those that failed only because of a sibling run again.
    pub async fn load<T>(&self, work: impl AsyncFn(&AsyncPgConnection) -> Result<T>) -> Result<T> {
        let snapshot = self.snapshot().await?;
        let mut attempt = 1;
        loop {
            let generation = snapshot.generation.load(Ordering::Acquire);
            let outcome = work(&snapshot).await;
            let Err(Error::Query(DieselError::DatabaseError(_, cause))) = &outcome else {
                return outcome;
            };
            if snapshot.supersede(generation) {
                snapshot.send(&format!("ROLLBACK; {SNAPSHOT}; {}", self.settings)).await?;
            }
            // Diesel hides the code 25P02. The text is English: only a superuser may set
            // `lc_messages` for a connection, so `cairn doctor` looks at it.
            let victim = cause.message().starts_with("current transaction is aborted");
            if !victim || attempt == ATTEMPTS {
                return outcome;
            }
            attempt += 1;
        }
    }

    /// Commits when `work` answers `Ok`, else rolls back. The next read opens a new snapshot, so it sees what
    /// was written.
    pub async fn write<T, E: From<Error>>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lease = self.transaction().await?;
        let outcome = work(lease.exclusive()?).await;
        let ended = lease.end(if outcome.is_ok() { CHECKED_COMMIT } else { "ROLLBACK" }).await;
        *self.seat.lock().await = if ended.is_ok() { Seat::Idle(lease) } else { Seat::Empty };
        let value = outcome?;
        ended?;
        Ok(value)
    }

    /// Ends the snapshot and gives the connection back, best after the answer was handed over. A request that
    /// is dropped instead rolls back by itself.
    pub async fn finish(&self) {
        let seat = std::mem::take(&mut *self.seat.lock().await);
        if let Seat::Reading(shared) = seat
            && let Some(mut lease) = Arc::into_inner(shared)
            && let Err(error) = lease.end("COMMIT").await
        {
            tracing::debug!(?error, "a snapshot could not be closed; its connection is dropped");
        }
    }

    async fn snapshot(&self) -> Result<Arc<Lease>> {
        let mut seat = self.free_seat().await?;
        let lease = match std::mem::take(&mut *seat) {
            Seat::Empty | Seat::Writing => Arc::new(self.lease(SNAPSHOT).await?),
            Seat::Idle(lease) => Arc::new(lease.begin(SNAPSHOT, &self.settings).await?),
            Seat::Reading(lease) => lease,
        };
        *seat = Seat::Reading(Arc::clone(&lease));
        Ok(lease)
    }

    async fn transaction(&self) -> Result<Lease> {
        let mut seat = self.free_seat().await?;
        let lease = match std::mem::take(&mut *seat) {
            Seat::Empty | Seat::Writing => self.lease(TRANSACTION).await?,
            Seat::Idle(lease) => lease.begin(TRANSACTION, &self.settings).await?,
            Seat::Reading(shared) => {
                let lease = Arc::into_inner(shared).ok_or(Error::Misuse("write while a read is running"))?;
                lease.send(&format!("COMMIT; {TRANSACTION}; {}", self.settings)).await?;
                lease
            }
        };
        *seat = Seat::Writing;
        Ok(lease)
    }

    async fn free_seat(&self) -> Result<MutexGuard<'_, Seat>> {
        let seat = self.seat.lock().await;
        if matches!(*seat, Seat::Writing) {
            return Err(Error::Misuse("a transaction is open: read through it"));
        }
        Ok(seat)
    }

    /// A connection with its transaction begun. Connecting runs in a task of its own, so that a cancelled
    /// request still leaves a connection to the next one; those that the server has closed are skipped.
    async fn lease(&self, begin: &str) -> Result<Lease> {
        let mut spare = self.pool.status().size;
        loop {
            let status = self.pool.status();
            let taken = if status.available > 0 || status.size == status.max_size {
                self.pool.get().await
            } else {
                let pool = self.pool.clone();
                tokio::spawn(async move { pool.get().await })
                    .await
                    .map_err(|error| Error::Pool(error.to_string()))?
            };
            let object = taken.map_err(|error| Error::Pool(error.to_string()))?;
            match Lease::new(object).begin(begin, &self.settings).await {
                Err(_closed) if spare > 0 => spare -= 1,
                outcome => return outcome,
            }
        }
    }
}

/// Counts the snapshots of a lease.
type Generation = AtomicU32;

/// How long an abandoned connection may take to roll back before it is thrown away.
const GRACE: Duration = Duration::from_millis(100);
