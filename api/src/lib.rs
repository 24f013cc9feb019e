//! Everything a wire touches: GraphQL, HTTP, identity, mail, jobs, the command line.
pub mod clock;
pub mod config;
pub mod error;
pub mod graphql;
pub mod identity;
pub mod policy;
pub mod transport;

use std::sync::Arc;

use persistence::Pool;

use crate::{clock::Clock, config::Config, graphql::events::Events, policy::Policy};

/// What one running Cairn has: settings, database, clock, keys. Shared by all requests and jobs.
pub struct App {
    pub config: Arc<Config>,
    pub pool: Pool,
    pub clock: Clock,
    pub policy: Policy,
    pub events: Events,
}
