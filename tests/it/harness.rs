//! What does every test start from?
pub mod app;
pub mod client;
pub mod folder;
pub mod server;

pub use app::TestApp;
pub use client::{Client, Reply};
