//! What does every test start from?
pub mod server;
