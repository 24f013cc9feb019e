//! What does every test start from?
pub mod app;
pub mod client;
pub mod contract;
pub mod folder;
pub mod newcomer;
pub mod person;
pub mod server;
pub mod stage;
pub mod statement;

pub use app::TestApp;
pub use client::Client;
pub use contract::Contract;
pub use stage::{Person, Stage};
pub use statement::Statements;
