//! How does a file come in and go out? As the body of one request, streamed, beside GraphQL.
//!
//! `POST /files` answers an id that mutations take; `GET /files/{id}` gives the content to whoever may read it.
mod download;
mod spool;
mod upload;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request as HttpRequest},
    response::Response,
    routing::{get, post},
};

use crate::{
    App,
    error::{AuthReason, ErrorCode, Failure},
    graphql::context::{Envelope, Request},
    transport::{answer, arrival::Arrival, fault::Fault, negotiate::Media},
};

/// The routes of files. The upload counts the bytes itself.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/files", post(upload::upload).fallback(async |request| other_method("POST", request)))
        .route("/files/{id}", get(download::download).fallback(async |request| other_method("GET", request)))
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

fn other_method(allow: &'static str, request: HttpRequest) -> Response {
    let fault = Fault::new(ErrorCode::MethodNotAllowed, format!("use {allow}"));
    let (parts, _) = request.into_parts();
    refuse(Fault { allow: Some(allow), ..fault }, &Arrival::of(&parts))
}

fn refuse(fault: Fault, arrival: &Arrival) -> Response {
    answer::refuse(fault, Media::Json, &arrival.request_id)
}

/// Whoever sends the token, in the organization that a GraphQL request with these headers would act in.
async fn request(app: &Arc<App>, arrival: &Arrival) -> Result<Request, Fault> {
    let Some(token) = arrival.bearer()? else {
        return Err(Failure::Unauthenticated(AuthReason::Missing).into());
    };
    let signed_in = app.identity.authenticate(token).await?;
    let organization = arrival.headers.get("cairn-organization").and_then(|value| value.to_str().ok());
    let envelope = Envelope {
        request_id: arrival.request_id.to_string(),
        client: arrival.address,
        organization: organization.map(str::to_owned),
        idempotency_key: None,
    };
    Ok(Request::new(Arc::clone(app), Some(signed_in), envelope)?)
}
