//! Everything a wire touches: GraphQL, HTTP, identity, mail, jobs, the command line.
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod database;
pub mod demo;
pub mod error;
mod file;
mod gate;
pub mod graphql;
pub mod health;
pub mod identity;
pub mod import;
pub mod job;
pub mod log;
pub mod mail;
pub mod matching;
pub mod metric;
mod news;
pub mod notify;
pub mod policy;
pub mod server;
mod survey;
pub mod transport;

use std::sync::{Arc, OnceLock};

use persistence::{
    Pool,
    pool::{self, Observer, PoolOptions},
};

use secrecy::ExposeSecret;

use crate::{
    clock::Clock,
    config::Config,
    graphql::events::Events,
    identity::{Identity, vault::Vault},
    mail::Mailer,
    policy::Policy,
};

/// What one running Cairn has: settings, database, clock, keys. Shared by all requests and jobs.
pub struct App {
    pub config: Arc<Config>,
    pub pool: Pool,
    /// Reaches PostgreSQL itself, for notifications.
    pub direct_url: String,
    pub clock: Clock,
    pub policy: Policy,
    pub events: Events,
    pub identity: Identity,
    /// Rings when there is a new job.
    pub bell: job::Bell,
    /// Seals what must not be read from a copy of the database.
    pub vault: Arc<Vault>,
    /// Whether this instance does jobs.
    pub workers: bool,
    /// Where mail goes.
    pub mailer: Mailer,
    /// The demo people and the names of their data; empty without demo data.
    pub demo: OnceLock<console::Demo>,
}

/// What differs between a server and a test.
#[derive(Clone)]
pub struct Setup {
    pub clock: Clock,
    pub policy: Policy,
    /// `false` keeps the rights of the database URL, so that row-level security does not bind.
    pub row_level_security: bool,
    /// Is told of each statement.
    pub observer: Option<Observer>,
    /// Does jobs as they come. Never with an observer, which would hear the workers too.
    pub workers: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            policy: Policy::ENFORCED,
            row_level_security: true,
            observer: None,
            workers: true,
        }
    }
}

impl App {
    /// Opens the application on a migrated database.
    pub async fn open(config: Config, database_url: &str, setup: Setup) -> anyhow::Result<Arc<Self>> {
        let mut options = PoolOptions::new(database_url);
        options.size = config.pool_size;
        options.wait = config.limits.pool_wait;
        options.statement_timeout = config.limits.statement;
        options.lock_timeout = config.limits.lock;
        let workers = setup.workers && setup.observer.is_none();
        options.observer = setup.observer;
        if !setup.row_level_security {
            options.role = None;
        }
        let pool = pool::open(options)
            .map_err(|error| anyhow::anyhow!("cannot open the database pool: {error:?}"))?;
        let mailer = Mailer::open(&config)?;
        let vault = Arc::new(Vault::open(&config)?);
        let identity = Identity::new(&config, pool.clone(), setup.clock.clone(), Arc::clone(&vault))
            .map_err(|failure| anyhow::anyhow!("identity does not start: {failure:?}"))?;
        let direct_url = config.database_direct_url.as_ref().map(|url| url.expose_secret().to_owned());
        Ok(Arc::new(Self {
            config: Arc::new(config),
            pool,
            direct_url: direct_url.unwrap_or_else(|| database_url.to_owned()),
            clock: setup.clock,
            policy: setup.policy,
            events: Events::default(),
            identity,
            bell: job::Bell::default(),
            vault,
            mailer,
            workers,
            demo: OnceLock::new(),
        }))
    }
}
