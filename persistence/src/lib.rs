//! Rows, queries and the private PostgreSQL. Knows no GraphQL, no HTTP, no mail.
pub mod account;
pub mod audit;
pub mod cohort;
pub mod connect;
pub mod diagnosis;
pub mod embedded;
mod error;
pub mod history;
pub mod idempotency;
pub mod impact;
pub mod listen;
pub mod migration;
pub mod organization;
pub mod pool;
pub mod program;
pub mod rate;
pub mod request;
pub mod schema;
pub mod session;
pub mod signing_key;
pub mod sql;
pub mod survey;

pub use diesel_async::AsyncPgConnection as Connection;
pub use error::{Error, OnConstraint, Result, hit_one, stored};
pub use pool::Pool;
