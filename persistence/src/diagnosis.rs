//! Is the database set up as Cairn needs it?
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Integer, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Result;

/// What the server says about itself.
#[derive(Debug, Clone, QueryableByName)]
pub struct Diagnosis {
    /// Such as `15.18`.
    #[diesel(sql_type = Text)]
    pub version: String,
    /// Such as 150018.
    #[diesel(sql_type = Integer)]
    pub version_number: i32,
    #[diesel(sql_type = Timestamptz)]
    pub clock: chrono::DateTime<chrono::Utc>,
    #[diesel(sql_type = Integer)]
    pub max_connections: i32,
    #[diesel(sql_type = Text)]
    pub encoding: String,
    #[diesel(sql_type = Text)]
    pub durability: String,
    /// Language of the server's messages, some of which are read.
    #[diesel(sql_type = Text)]
    pub messages: String,
    /// Whether requests can act as the role without rights of its own.
    #[diesel(sql_type = Bool)]
    pub application_role: bool,
    #[diesel(sql_type = Bool)]
    pub encrypted: bool,
}

/// Asks the server about itself.
pub async fn diagnose(connection: &mut AsyncPgConnection) -> Result<Diagnosis> {
    let question = "SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
            current_setting('server_version_num')::int AS version_number,
            clock_timestamp() AS clock,
            current_setting('max_connections')::int AS max_connections,
            current_setting('server_encoding') AS encoding,
            current_setting('fsync') || '/' || current_setting('synchronous_commit') AS durability,
            current_setting('lc_messages') AS messages,
            coalesce((SELECT pg_has_role(oid, 'member') FROM pg_roles WHERE rolname = 'cairn_app'), false)
                AS application_role,
            coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted";
    Ok(sql_query(question).get_result(connection).await?)
}
