//! How does a request get from the socket to `Schema::execute`, and its answer back?
pub mod document;
pub mod fault;
pub mod guard;
mod lexer;
pub mod limits;
mod weight;
