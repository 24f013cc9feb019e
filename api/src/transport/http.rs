//! GraphQL over HTTP: which requests are answered, and with which status?
//!
//! Follows the GraphQL-over-HTTP specification, and closes what a browser could be tricked into: only a JSON
//! body changes anything, a GET only reads, and no cookie is ever looked at.
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    response::Response,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{
    answer::{self, About, Answer},
    arrival::Arrival,
    endpoint::Endpoint,
    envelope::Envelope,
    fault::Fault,
    gate::Gate,
    negotiate::{Accepted, Media, negotiate},
    sse, websocket,
};
use crate::error::ErrorCode;

/// Answers whatever comes to `/graphql`.
pub async fn handle<G: Gate>(State(endpoint): State<Endpoint<G>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let arrival = Arc::new(Arrival::of(&parts));
    if websocket::is_upgrade(&parts) {
        return websocket::upgrade(endpoint, parts, arrival).await;
    }
    let Some(accepted) = negotiate(&parts.headers) else {
        let fault = Fault::new(
            ErrorCode::NotAcceptable,
            "accept `application/graphql-response+json`, `application/json` or `text/event-stream`",
        );
        return answer::refuse(fault, Media::Json, &arrival.request_id);
    };
    let limit = endpoint.limits().request;
    let answered =
        match tokio::time::timeout(limit, respond(&endpoint, &parts, body, accepted, &arrival)).await {
            Ok(answered) => answered,
            Err(_) => Err(Fault::timeout()),
        };
    answered.unwrap_or_else(|fault| {
        let too_large = fault.code == ErrorCode::PayloadTooLarge;
        let mut response = answer::refuse(fault, accepted.media, &arrival.request_id);
        if too_large {
            // The rest of the body is not read.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    })
}

async fn respond<G: Gate>(
    endpoint: &Endpoint<G>,
    parts: &Parts,
    body: Body,
    accepted: Accepted,
    arrival: &Arc<Arrival>,
) -> Result<Response, Fault> {
    let envelope = match parts.method {
        Method::GET => Envelope::from_uri(&parts.uri)?,
        Method::POST => {
            check_content_type(&parts.headers)?;
            Envelope::from_body(&read(&parts.headers, body, endpoint.limits().body_bytes).await?)?
        }
        _ => return Err(not_allowed("GET, POST", "use POST, or GET for queries")),
    };
    let operation = match endpoint.prepare(envelope, arrival) {
        Ok(operation) => operation,
        Err(fault) if accepted.media == Media::EventStream && fault.code.is_about_document() => {
            return Ok(sse::refuse(fault, &About::new(&arrival.request_id, true, endpoint.limits())));
        }
        Err(fault) => return Err(fault),
    };
    let media = match operation.kind {
        OperationType::Mutation if parts.method == Method::GET => {
            return Err(not_allowed("POST", "a GET may only query; send mutations by POST"));
        }
        OperationType::Query | OperationType::Mutation => accepted.media,
        OperationType::Subscription if accepted.streams => Media::EventStream,
        OperationType::Subscription => {
            let message = "a subscription needs a WebSocket, or `Accept: text/event-stream`";
            return Err(Fault::new(ErrorCode::ValidationFailed, message));
        }
    };
    let caller = endpoint.gate.authenticate(arrival.bearer()?, arrival).await?;
    let anonymous = endpoint.gate.is_anonymous(&caller);
    let about = About::new(&arrival.request_id, anonymous, endpoint.limits());
    if media == Media::EventStream {
        return Ok(sse::answer(endpoint, caller, operation, about));
    }
    let response = endpoint.execute(caller, operation).await;
    let extra = answer::extra_headers(&response);
    let mut response = Answer::new(response, &about).into_http(media);
    response.headers_mut().extend(extra);
    Ok(response)
}

fn not_allowed(allow: &'static str, message: &'static str) -> Fault {
    Fault { allow: Some(allow), ..Fault::new(ErrorCode::MethodNotAllowed, message) }
}

/// Only JSON: a browser sends text and forms to other sites without asking first.
fn check_content_type(headers: &HeaderMap) -> Result<(), Fault> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let json = given.and_then(|value| value.parse::<mime::Mime>().ok()).is_some_and(|given| {
        let utf8 = given.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
        given.essence_str() == "application/json" && utf8
    });
    if json {
        Ok(())
    } else {
        Err(Fault::new(ErrorCode::UnsupportedMediaType, "send `Content-Type: application/json` in UTF-8"))
    }
}

async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Fault> {
    let too_large =
        || Fault::new(ErrorCode::PayloadTooLarge, format!("the body has more than {limit} bytes"));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > u64::try_from(limit).unwrap_or(u64::MAX)) {
        return Err(too_large());
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Fault::new(ErrorCode::BadRequest, "the body broke off")),
    }
}
