//! The transport keeps its promises on the wire: HTTP, event streams and WebSockets, without a database.
#[path = "transport/http.rs"]
mod http;
#[path = "transport/sample.rs"]
mod sample;
#[path = "transport/socket.rs"]
mod socket;
#[path = "transport/stream.rs"]
mod stream;
