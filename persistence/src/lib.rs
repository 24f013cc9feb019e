//! Rows, queries and the private PostgreSQL. Knows no GraphQL, no HTTP, no mail.
mod error;
pub mod schema;

pub use diesel_async::AsyncPgConnection as Connection;
pub use error::{Error, OnConstraint, Result, hit_one, stored};
