//! Where do connections come from, and as whom do they act?
use std::{sync::Arc, time::Duration};

use diesel::connection::InstrumentationEvent;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool},
};
use futures_util::FutureExt;

use crate::{Error, Result};

pub type Pool = deadpool::Pool<AsyncPgConnection>;

/// The role without rights of its own that requests act as, so that row-level security binds them.
pub const APPLICATION_ROLE: &str = "cairn_app";

/// Is told the text of each statement that is sent; tests count them.
pub type Observer = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone)]
pub struct PoolOptions {
    pub url: String,
    pub size: usize,
    /// How long a request waits for a connection before it is turned away.
    pub wait: Duration,
    pub statement_timeout: Duration,
    pub lock_timeout: Duration,
    /// `None` keeps the role of the URL; only tests of the first wall do that.
    pub role: Option<&'static str>,
    pub observer: Option<Observer>,
}

impl PoolOptions {
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            size: 8,
            wait: Duration::from_millis(500),
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(2),
            role: Some(APPLICATION_ROLE),
            observer: None,
        }
    }

    /// Sent once on each new connection. A busy server sees only by checking that its client has left.
    fn greeting(&self) -> String {
        let role = self.role.map(|role| format!("SET ROLE {role};")).unwrap_or_default();
        format!(
            "{role} SET statement_timeout = {}; SET lock_timeout = {}; \
             SET idle_in_transaction_session_timeout = '10s'; SET client_connection_check_interval = '500ms'; \
             SET timezone = 'UTC'",
            self.statement_timeout.as_millis(),
            self.lock_timeout.as_millis()
        )
    }
}

/// A pool that connects when first needed.
pub fn open(options: PoolOptions) -> Result<Pool> {
    let (size, wait) = (options.size, options.wait);
    let url = options.url.clone();
    let mut config = ManagerConfig::default();
    // The default asks the server on every checkout, at a third of a point query's cost.
    config.recycling_method = RecyclingMethod::Fast;
    let options = Arc::new(options);
    config.custom_setup = Box::new(move |url| {
        let options = Arc::clone(&options);
        async move {
            let mut connection = crate::connect::connect(url).await?;
            if let Some(observer) = options.observer.clone() {
                connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                    if let InstrumentationEvent::StartQuery { query, .. } = event {
                        observer(&query.to_string());
                    }
                });
            }
            connection
                .batch_execute(&options.greeting())
                .await
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(wait))
        .create_timeout(Some(Duration::from_secs(5)))
        .runtime(::deadpool::Runtime::Tokio1)
        .build()
        .map_err(|error| Error::Pool(error.to_string()))
}
