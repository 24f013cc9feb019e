//! What does a client read? Data in the order it asked, and errors with our codes that leak and echo nothing.
use std::{collections::BTreeMap, time::Duration};

use async_graphql::{Response, ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response as HttpResponse,
};
use domain::text::TextEnum;
use serde::Serialize;

use super::{
    arrival::RequestId,
    fault::{Fault, code_of},
    limits::Limits,
    negotiate::Media,
};
use crate::error::{AuthReason, ErrorCode};

/// Longest message of an error, in bytes.
const MESSAGE_BYTES: usize = 300;

/// What an answer depends on beside the response.
#[derive(Debug, Clone)]
pub struct About {
    pub request_id: RequestId,
    /// Strangers get no suggestions for names that they misspell.
    pub anonymous: bool,
    pub errors: usize,
    pub error_bytes: usize,
}

impl About {
    pub fn new(request_id: &RequestId, anonymous: bool, limits: &Limits) -> Self {
        let (errors, error_bytes) = (limits.errors, limits.error_bytes);
        Self { request_id: request_id.clone(), anonymous, errors, error_bytes }
    }
}

/// A response as it goes over the wire.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// Absent when nothing was run. The library's own value keeps the order of the selection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<String, Value>,
}

impl Answer {
    pub fn new(response: Response, about: &About) -> Self {
        let failed = response.data == Value::Null && !response.errors.is_empty();
        let unrun = failed && response.errors.iter().all(|error| error.path.is_empty());
        let errors = distinct(response.errors, about.errors);
        let errors = errors.into_iter().map(|error| clean(error, about)).collect();
        Self { data: (!unrun).then_some(response.data), errors, extensions: response.extensions }
    }

    pub fn of_fault(fault: Fault, about: &About) -> Self {
        Self::new(Response::from_errors(vec![fault.into()]), about)
    }

    /// The code that stands for an answer without any data.
    fn failure(&self) -> Option<ErrorCode> {
        match self.data {
            None | Some(Value::Null) => {
                self.errors.first().map(|e| code_of(e).unwrap_or(ErrorCode::Internal))
            }
            Some(_) => None,
        }
    }

    pub fn status(&self, media: Media) -> StatusCode {
        let Some(code) = self.failure() else { return StatusCode::OK };
        let ran = self.data.is_some();
        if (media != Media::GraphqlResponse || ran) && code.is_about_document() {
            return StatusCode::OK;
        }
        let status = code.status();
        // A field of an operation that ran: only what concerns the server as a whole shows in the status.
        if ran && status.is_client_error() && code != ErrorCode::RateLimited {
            StatusCode::OK
        } else {
            status
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            tracing::error!(%error, "an answer could not be written as JSON");
            r#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}"#.to_owned()
        })
    }

    pub fn into_http(self, media: Media) -> HttpResponse {
        // An answer to a request for a stream that never began is plain JSON.
        let media = if media == Media::EventStream { Media::Json } else { media };
        let mut response = HttpResponse::new(Body::from(self.to_json()));
        *response.status_mut() = self.status(media);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization, Cairn-Organization"));
        if let (Some(_), Some(wait)) = (self.failure(), self.retry_after()) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if self.failure() == Some(ErrorCode::Unauthenticated) {
            headers.insert(header::WWW_AUTHENTICATE, self.challenge());
        }
        response
    }

    /// Whole seconds to wait, rounded up; a second when the error does not say.
    fn retry_after(&self) -> Option<u64> {
        let error = self.errors.first()?;
        let code = code_of(error)?;
        let wanted = match error.extensions.as_ref()?.get("retryAfterMs") {
            Some(Value::Number(number)) => number.as_u64(),
            _ => None,
        };
        let due = matches!(code, ErrorCode::RateLimited | ErrorCode::Unavailable);
        due.then(|| wanted.unwrap_or(1_000).div_ceil(1_000).max(1))
    }

    fn challenge(&self) -> HeaderValue {
        let missing = Value::from(AuthReason::Missing.as_str());
        let reason = self.errors.first().and_then(|error| error.extensions.as_ref()?.get("reason"));
        let text = if reason == Some(&missing) { "Bearer" } else { r#"Bearer error="invalid_token""# };
        HeaderValue::from_static(text)
    }
}

/// At most `max` errors, each once: the library reports some mistakes in each of its passes.
fn distinct(errors: Vec<ServerError>, max: usize) -> Vec<ServerError> {
    let mut kept: Vec<ServerError> = Vec::new();
    for error in errors {
        if kept.len() == max {
            break;
        }
        if !kept.contains(&error) {
            kept.push(error);
        }
    }
    kept
}

/// Answers a request that was not run.
pub fn refuse(fault: Fault, media: Media, request_id: &RequestId) -> HttpResponse {
    let allow = fault.allow;
    let about = About::new(request_id, true, &Limits::default());
    let mut response = Answer::of_fault(fault, &about).into_http(media);
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}

/// Answers with a status that is no error of GraphQL, such as 503 for a shed request.
pub fn wait(mut fault: Fault, delay: Duration, request_id: &RequestId) -> HttpResponse {
    fault.retry_after = Some(delay);
    refuse(fault, Media::Json, request_id)
}

/// The one place where errors of the library get our codes.
fn classify(error: &ServerError) -> ErrorCode {
    let message = error.message.as_str();
    let coercion =
        ["Invalid value for argument", "Invalid default value", "Failed to parse", "Expected input type"];
    if coercion.iter().any(|start| message.starts_with(start))
        || message.contains("(occurred while parsing")
        || (message.starts_with("Variable ") && message.ends_with(" is not defined."))
    {
        return ErrorCode::BadUserInput;
    }
    match message {
        "Query is too complex." => ErrorCode::QueryTooComplex,
        "Query is nested too deep." => ErrorCode::QueryTooDeep,
        _ if message.starts_with("The recursion depth of the query") => ErrorCode::QueryTooDeep,
        _ if message.starts_with("The number of directives") => ErrorCode::QueryTooLarge,
        _ if error.path.is_empty() => ErrorCode::ValidationFailed,
        _ => ErrorCode::Internal,
    }
}

fn clean(mut error: ServerError, about: &About) -> ServerError {
    let has_code = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
    let code = code_of(&error).unwrap_or_else(|| classify(&error));
    if !has_code && code == ErrorCode::Internal {
        // A resolver failed without choosing a code: its words are for the log.
        tracing::error!(request = %about.request_id, message = error.message, "an error without a code");
        error.message = "internal error".to_owned();
    }
    if about.anonymous
        && let Some((before, _)) = error.message.split_once(" Did you mean")
    {
        error.message = before.to_owned();
    }
    // The library repeats the value that did not fit, which may be long or secret.
    if error.message.starts_with("Expected input type")
        && let Some((before, _)) = error.message.split_once(", found ")
    {
        error.message = format!("{before}.");
    }
    shorten(&mut error.message, MESSAGE_BYTES);
    error.source = None;
    let extensions = error.extensions.get_or_insert_default();
    if !has_code {
        extensions.set("code", code.as_str());
    }
    extensions.set("retryable", code.retryable());
    extensions.set("requestId", about.request_id.as_str());
    fit(error, about.error_bytes)
}

/// Leaves away what an error can do without until it is small enough: long aliases make a long path.
fn fit(mut error: ServerError, max: usize) -> ServerError {
    let size = |error: &ServerError| serde_json::to_string(error).map_or(usize::MAX, |text| text.len());
    if size(&error) > max {
        error.locations.truncate(1);
    }
    if size(&error) > max {
        error.path.clear();
    }
    while size(&error) > max && !error.message.is_empty() {
        let half = error.message.len() / 2;
        shorten(&mut error.message, half);
    }
    error
}

fn shorten(text: &mut String, max: usize) {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
    }
}

/// Headers that a resolver asked for, such as a cookie: never those that frame the answer.
pub fn extra_headers(response: &Response) -> Vec<(HeaderName, HeaderValue)> {
    let framing = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::VARY];
    let headers = response.http_headers.iter().filter(|(name, _)| !framing.contains(name));
    headers.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
#[path = "answer/tests.rs"]
mod tests;
