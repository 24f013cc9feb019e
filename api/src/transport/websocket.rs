//! GraphQL over WebSocket (graphql-transport-ws): who may open one, and what does it cost at most?
mod message;
mod operations;
mod outbox;
mod session;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{header, request::Parts},
    response::Response,
};
use tracing::Instrument;

use super::{answer, arrival::Arrival, endpoint::Endpoint, fault::Fault, gate::Gate, negotiate::Media};
use crate::error::ErrorCode;

const PROTOCOL: &str = "graphql-transport-ws";
/// The library's default of 128 KiB for each direction would cost ten times the memory of a quiet subscriber.
const BUFFER_BYTES: usize = 4 * 1024;

pub fn is_upgrade(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Opens a socket for pages of allowed origins that speak the protocol. The token comes in `connection_init`,
/// never in the URL, where logs would keep it.
pub async fn upgrade<G: Gate>(endpoint: Endpoint<G>, mut parts: Parts, arrival: Arc<Arrival>) -> Response {
    let refuse = |code, message: &'static str| {
        answer::refuse(Fault::new(code, message), Media::Json, &arrival.request_id)
    };
    if !endpoint.origins.admits(&parts.headers) {
        return refuse(ErrorCode::Forbidden, "pages of this origin may not connect");
    }
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        return refuse(ErrorCode::BadRequest, "this is no WebSocket handshake");
    };
    let limits = endpoint.limits();
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(limits.socket_message_bytes)
        .max_frame_size(limits.socket_message_bytes);
    if upgrade.selected_protocol().is_none() {
        return refuse(ErrorCode::BadRequest, "offer the subprotocol graphql-transport-ws");
    }
    let open = endpoint.stop.open().clone();
    let span = tracing::info_span!("socket", id = %arrival.request_id);
    upgrade
        .on_upgrade(move |socket| open.track_future(session::run(socket, endpoint, arrival).instrument(span)))
}
