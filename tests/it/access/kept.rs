//! How does a database get back to what it was, after each try that changed something?
use std::fmt::Write;

use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use persistence::sql::Sql;

/// A copy of all rows beside the tables, and the one statement that puts them back.
pub struct Kept {
    connection: AsyncPgConnection,
    restore: String,
}

impl Kept {
    pub async fn rows_of(url: &str) -> Self {
        let mut connection = persistence::connect::connect(url).await.expect("a connection");
        let tables: Vec<String> = Sql::<Text>::new(
            "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
             and relname not like '\\_\\_diesel%' order by 1",
        )
        .load(&mut connection)
        .await
        .expect("tables");
        let mut keep = String::from("create schema kept;");
        // As a replica, no reference is checked and nothing cascades while rows are on their way.
        let mut restore = String::from("begin; set local session_replication_role = replica;");
        for table in tables {
            write!(keep, "create table kept.{table} as table {table};").expect("text");
            write!(restore, "delete from {table};").expect("text");
            write!(restore, "insert into {table} overriding system value table kept.{table};").expect("text");
        }
        restore.push_str("commit");
        connection.batch_execute(&keep).await.expect("rows are kept");
        Self { connection, restore }
    }

    /// Puts all rows back as they were, and then does what is given.
    pub async fn restore(&mut self, given: &str) {
        self.connection.batch_execute(&self.restore).await.expect("rows are put back");
        if !given.is_empty() {
            let given = format!("begin; {given}; commit");
            self.connection.batch_execute(&given).await.unwrap_or_else(|error| panic!("{given}: {error}"));
        }
    }
}
