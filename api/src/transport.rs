//! How does a request get from the socket to `Schema::execute`, and its answer back?
//!
//! [`serve::serve`] takes connections, [`arrival::receive`] names a request, [`overload::shed`] keeps the house
//! from being overrun, [`http::handle`] reads it, [`guard::check`] looks at its document, and a [`gate::Gate`]
//! runs it. Event streams and WebSockets branch off in [`http`] and share everything behind it.
pub mod answer;
pub mod arrival;
pub mod client_address;
pub mod document;
pub mod endpoint;
pub mod envelope;
pub mod fault;
pub mod gate;
pub mod guard;
pub mod http;
mod lexer;
pub mod limits;
pub mod negotiate;
pub mod operation;
pub mod origin;
pub mod overload;
pub mod serve;
mod sse;
mod websocket;
mod weight;
