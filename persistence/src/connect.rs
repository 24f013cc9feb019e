//! How is a connection to PostgreSQL made?
use diesel::ConnectionResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};

/// Connects to the server that `url` names.
pub async fn connect(url: &str) -> ConnectionResult<AsyncPgConnection> {
    AsyncPgConnection::establish(url).await
}
