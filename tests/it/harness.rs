//! What does every test start from?
pub mod app;
pub mod client;
pub mod folder;
pub mod newcomer;
pub mod person;
pub mod server;
pub mod stage;

pub use app::TestApp;
pub use client::Client;
pub use stage::{Person, Stage};
