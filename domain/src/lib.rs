//! The rules of Cairn, as values in and values out: no I/O, no async, no clock, no randomness.
//! `now`, ids and random values come in as arguments; everything to save and everyone to tell goes out.
pub mod access;
pub mod account;
pub mod audit;
pub mod catalogue;
pub mod cohort;
pub mod consent;
pub mod enrollment;
pub mod file;
pub mod id;
pub mod impact;
pub mod import;
pub mod invitation;
pub mod machine;
pub mod matches;
pub mod matching;
pub mod notification;
pub mod organization;
pub mod page;
pub mod profile;
pub mod program;
pub mod rate;
pub mod refusal;
pub mod session;
pub mod survey;
pub mod text;
