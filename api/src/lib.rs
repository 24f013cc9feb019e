//! Everything a wire touches: GraphQL, HTTP, identity, mail, jobs, the command line.
pub mod config;
