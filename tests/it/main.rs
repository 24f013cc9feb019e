//! Cairn through its public interfaces, one module per feature.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]
mod access;
mod allowed;
mod audit;
mod bad_input;
mod bounds;
mod cancelled;
mod check_in;
mod cli;
mod cohort;
mod connect;
mod consent;
mod console;
mod conversation;
mod crash;
mod database;
mod demo;
mod docs;
mod embedded;
mod enrollment;
mod error;
mod file;
mod harness;
mod health;
mod identity;
mod import;
mod invitation;
mod job;
mod journey;
mod log;
mod mail;
mod matches;
mod matching;
mod migration;
mod notification;
mod organization;
mod profile;
mod program;
mod resource;
mod schema;
mod stopping;
mod survey;
mod transport;
