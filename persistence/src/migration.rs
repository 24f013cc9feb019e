//! Which migrations does the database have, and how does it get the others?
//!
//! Diesel's own bookkeeping is used, so that its command line works on the same database.
use std::fmt;

use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel_async::{
    AsyncPgConnection, SimpleAsyncConnection, async_connection_wrapper::AsyncConnectionWrapper,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connect::connect;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// Changes with the text of any migration.
pub const FINGERPRINT: &str = env!("MIGRATIONS_HASH");

/// Taken by whoever migrates, so that several servers can start at once. Spells "cairn".
const LOCK: i64 = 0x63_6169_726e;

/// A migration must not queue behind a long transaction, as all other statements would queue behind it.
const LOCK_TIMEOUT: &str =
    "SET lock_timeout = '2s'; SET statement_timeout = 0; SET client_min_messages = warning";
/// How often a migration that met a lock is tried.
const ATTEMPTS: u32 = 10;

/// Made here too, as it belongs to the server and not to the database: a restored one may lack it.
const APPLICATION_ROLE: &str = "do $$ begin
    if not exists (select from pg_roles where rolname = 'cairn_app') then
        create role cairn_app nologin;
    end if;
    if not pg_has_role(current_user, 'cairn_app', 'member') then
        execute format('grant cairn_app to %I', current_user);
    end if;
exception when duplicate_object or unique_violation then
    -- Another database of the same server got it at the same moment.
    null;
end $$";

/// One migration, and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Such as `2026-11-24-000001_platform`.
    pub name: String,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Applied,
    Pending,
    /// Applied by a newer release than this one.
    Unknown,
}

impl State {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
        }
    }
}

/// Why the database could not be read or changed; meant for operators, not for clients of the API.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error("cannot connect to the database: {0}")]
    Connect(diesel::ConnectionError),
    #[error(
        "the role cairn_app is missing and cannot be made: {0}. Let an administrator run: {APPLICATION_ROLE}"
    )]
    Role(diesel::result::Error),
    #[error("a statement failed: {0}")]
    Query(diesel::result::Error),
    #[error("migration {name} failed and was rolled back: {problem}")]
    Failed { name: String, problem: String },
    #[error("the task that migrates ended early: {0}")]
    Task(tokio::task::JoinError),
}

impl MigrationError {
    /// Whether the settings or the rights in the database must change first.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::Role(_) | Self::Connect(diesel::ConnectionError::InvalidConnectionUrl(_)))
    }
}

/// Every known migration and every applied one, in order.
pub async fn status(url: &str) -> Result<Vec<Entry>, MigrationError> {
    harness(url, |harness| {
        let applied = applied(harness)?;
        let known = known()?;
        let mut entries: Vec<Entry> = known
            .iter()
            .map(|migration| {
                let done = applied.contains(&migration.name().version().as_owned());
                let state = if done { State::Applied } else { State::Pending };
                Entry { name: migration.name().to_string(), state }
            })
            .collect();
        let foreign =
            applied.iter().filter(|version| !known.iter().any(|known| known.name().version() == **version));
        entries.extend(foreign.map(|version| Entry { name: version.to_string(), state: State::Unknown }));
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    })
    .await
}

/// Applies what is missing, each migration in a transaction of its own, and names what was applied.
pub async fn up(url: &str) -> Result<Vec<String>, MigrationError> {
    harness(url, |harness| {
        let applied = applied(harness)?;
        let mut done = Vec::new();
        for migration in known()? {
            if !applied.contains(&migration.name().version().as_owned()) {
                attempt(migration.as_ref(), || harness.run_migration(migration.as_ref()))?;
                done.push(migration.name().to_string());
            }
        }
        Ok(done)
    })
    .await
}

/// Reverts the latest `count` applied migrations that this release knows, and names them.
pub async fn down(url: &str, count: usize) -> Result<Vec<String>, MigrationError> {
    harness(url, move |harness| {
        let applied = applied(harness)?;
        let known = known()?;
        let latest = known.iter().rev().filter(|known| applied.contains(&known.name().version().as_owned()));
        let mut done = Vec::new();
        for migration in latest.take(count) {
            attempt(migration.as_ref(), || harness.revert_migration(migration.as_ref()))?;
            done.push(migration.name().to_string());
        }
        Ok(done)
    })
    .await
}

type Harness = AsyncConnectionWrapper<AsyncPgConnection>;

/// Diesel's migrations are synchronous: they run on a thread that may block, holding the lock.
async fn harness<T: Send + 'static>(
    url: &str,
    work: impl FnOnce(&mut Harness) -> Result<T, MigrationError> + Send + 'static,
) -> Result<T, MigrationError> {
    let mut connection = connect(url).await.map_err(MigrationError::Connect)?;
    let lock = format!("SELECT pg_advisory_lock({LOCK}); {LOCK_TIMEOUT}");
    connection.batch_execute(&lock).await.map_err(MigrationError::Query)?;
    connection.batch_execute(APPLICATION_ROLE).await.map_err(MigrationError::Role)?;
    // The lock ends with the connection, whatever happens here.
    tokio::task::spawn_blocking(move || work(&mut Harness::from(connection)))
        .await
        .map_err(MigrationError::Task)?
}

fn known() -> Result<Vec<Box<dyn Migration<Pg>>>, MigrationError> {
    let mut known =
        MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(|error| failed("list", &*error))?;
    known.sort_by(|left, right| left.name().version().cmp(&right.name().version()));
    Ok(known)
}

fn applied(harness: &mut Harness) -> Result<Vec<MigrationVersion<'static>>, MigrationError> {
    harness.applied_migrations().map_err(|error| failed("list", &*error))
}

/// Tries again when somebody else held a lock.
fn attempt<T>(
    migration: &dyn Migration<Pg>,
    mut run: impl FnMut() -> diesel::migration::Result<T>,
) -> Result<(), MigrationError> {
    let mut tries = 1;
    loop {
        match run() {
            Ok(_) => return Ok(()),
            Err(error) if tries < ATTEMPTS && error.to_string().contains("lock timeout") => {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            Err(error) => return Err(failed(migration.name(), &*error)),
        }
    }
}

fn failed(name: impl fmt::Display, error: &dyn std::error::Error) -> MigrationError {
    MigrationError::Failed { name: name.to_string(), problem: error.to_string() }
}
