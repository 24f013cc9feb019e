//! How is a connection to PostgreSQL made, and how does it prove whom it talks to?
//!
//! The one way in: the pool, LISTEN and the migrations use it. The driver does not know `sslrootcert` and the
//! verifying modes of `sslmode`, so these two are taken out of the URL here, with the meaning that they have for
//! PostgreSQL's own programs.
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio_postgres::{Config, NoTls, config::Host, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

mod tls;
mod url;

pub use tls::TlsError;
pub use url::{Target, TargetError, with_database};

/// Longest time that connecting may take, name look-up included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// After this time without an answer to sent data the connection counts as dead.
const SILENCE: Duration = Duration::from_secs(15);

/// Why a database cannot be connected to, before any byte was sent.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("{}", with_causes(.0))]
    Server(#[from] tokio_postgres::Error),
}

impl From<ConnectError> for ConnectionError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Server(_) => Self::BadConnection(error.to_string()),
            ConnectError::Target(_) | ConnectError::Tls(_) => Self::InvalidConnectionUrl(error.to_string()),
        }
    }
}

/// Connects to the server that `url` names.
pub async fn connect(url: &str) -> ConnectionResult<AsyncPgConnection> {
    let target = url.parse::<Target>().map_err(ConnectError::from)?;
    let mut config = target.config.clone();
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    config.tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
    if config.get_application_name().is_none() {
        config.application_name("cairn");
    }
    // A unix socket never speaks TLS; asking for it would cost a round trip.
    if only_sockets(&config) || config.get_ssl_mode() == SslMode::Disable {
        let (client, connection) = config.connect(NoTls).await.map_err(ConnectError::from)?;
        return AsyncPgConnection::try_from_client_and_connection(client, connection).await;
    }
    let tls = MakeRustlsConnect::new(tls::client(&target).map_err(ConnectError::from)?);
    let (client, connection) = config.connect(tls).await.map_err(ConnectError::from)?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

/// Makes the database that `url` names unless it exists, by way of the database `postgres` beside it.
pub async fn create_database(url: &str) -> ConnectionResult<()> {
    let target = url.parse::<Target>().map_err(ConnectError::from)?;
    let name = target.config.get_dbname().unwrap_or("postgres").to_owned();
    match connect(url).await {
        Err(ConnectionError::BadConnection(problem)) if problem.contains("does not exist") => {}
        other => return other.map(drop),
    }
    let mut connection = connect(&with_database(url, "postgres")).await?;
    let quoted = name.replace('"', "\"\"");
    let statement = format!("CREATE DATABASE \"{quoted}\" TEMPLATE template0 ENCODING 'UTF8'");
    match connection.batch_execute(&statement).await {
        // Another process may have been faster.
        Err(error) => {
            connect(url).await.map(drop).map_err(|_| ConnectionError::CouldntSetupConfiguration(error))
        }
        Ok(()) => Ok(()),
    }
}

fn only_sockets(config: &Config) -> bool {
    !config.get_hosts().is_empty() && config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)))
}

/// The driver's own message is often only "error connecting to server"; the cause below it says why.
fn with_causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    text
}
