//! What went wrong with a request as a whole, and what should its client do about it?
use std::{borrow::Cow, time::Duration};

use async_graphql::{Pos, ServerError, Value};
use axum::http::StatusCode;
use domain::text::TextEnum;

domain::text_enum! {
    /// Code of a top-level error, in `extensions.code`.
    pub enum FaultCode as "ErrorCode" {
        /// The request is no GraphQL request: its body, parameters or headers are malformed.
        BadRequest = "BAD_REQUEST",
        /// Several requests in one body: send them one by one.
        BatchingDisabled = "BATCHING_DISABLED",
        /// The document is not GraphQL; `locations` tells where.
        ParseFailed = "PARSE_FAILED",
        /// The document does not fit the schema.
        ValidationFailed = "VALIDATION_FAILED",
        /// A variable or an argument has a value that its type does not allow.
        BadUserInput = "BAD_USER_INPUT",
        /// The document has too many bytes, tokens, variables, directives or fragments.
        QueryTooLarge = "QUERY_TOO_LARGE",
        /// The document selects too much.
        QueryTooComplex = "QUERY_TOO_COMPLEX",
        /// The document is nested too deep.
        QueryTooDeep = "QUERY_TOO_DEEP",
        /// A mutation that checks a credential must be the only field of its request.
        AuthFieldNotAlone = "AUTH_FIELD_NOT_ALONE",
        /// The document of this hash is not known here: send it with its text.
        PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND",
        /// Sign in or refresh the token; `reason` is MISSING, INVALID, EXPIRED or REVOKED.
        Unauthenticated = "UNAUTHENTICATED",
        /// You may not do this.
        Forbidden = "FORBIDDEN",
        /// Name the organization in the header `Cairn-Organization`.
        OrganizationRequired = "ORGANIZATION_REQUIRED",
        /// There is nothing here.
        NotFound = "NOT_FOUND",
        /// A page cursor is malformed or belongs to another list, filter or order.
        InvalidCursor = "INVALID_CURSOR",
        /// The idempotency key was used with other input.
        IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
        /// The first request with this idempotency key is still running.
        IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS",
        /// Too many operations on one WebSocket: complete one first.
        SubscriptionLimit = "SUBSCRIPTION_LIMIT",
        /// Too many requests: wait as long as `retryAfterMs` says.
        RateLimited = "RATE_LIMITED",
        /// The body is too large.
        PayloadTooLarge = "PAYLOAD_TOO_LARGE",
        /// The body must be `application/json` in UTF-8.
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
        /// None of the media types that the client accepts is served here.
        NotAcceptable = "NOT_ACCEPTABLE",
        /// The method is not allowed here; a GET may only query.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// The request took too long and was stopped.
        Timeout = "TIMEOUT",
        /// The server is busy or its database away: try again later.
        Unavailable = "UNAVAILABLE",
        /// The server failed; `requestId` finds the reason in its log.
        Internal = "INTERNAL",
    }
}

impl FaultCode {
    /// Status of an answer that has no data because of this.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether the very same request may succeed a little later.
    pub fn retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Timeout | Self::Unavailable | Self::IdempotencyInProgress)
    }

    /// Whether the document, rather than the HTTP request around it, is at fault. Clients that accept only
    /// `application/json` cannot tell such an answer from a proxy's by its status, and get 200.
    pub fn about_document(self) -> bool {
        matches!(
            self,
            Self::ParseFailed
                | Self::ValidationFailed
                | Self::BadUserInput
                | Self::QueryTooLarge
                | Self::QueryTooComplex
                | Self::QueryTooDeep
                | Self::AuthFieldNotAlone
                | Self::PersistedQueryNotFound
        )
    }
}

/// A request that is answered with this error alone, without data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: FaultCode,
    pub message: Cow<'static, str>,
    /// Which kind of UNAUTHENTICATED it is.
    pub reason: Option<&'static str>,
    pub retry_after: Option<Duration>,
    pub locations: Vec<Pos>,
    /// Methods that are allowed instead.
    pub allow: Option<&'static str>,
}

impl Fault {
    pub fn new(code: FaultCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            reason: None,
            retry_after: None,
            locations: Vec::new(),
            allow: None,
        }
    }

    /// The token is missing, invalid, expired or revoked.
    pub fn unauthenticated(reason: &'static str, message: &'static str) -> Self {
        Self { reason: Some(reason), ..Self::new(FaultCode::Unauthenticated, message) }
    }

    #[must_use]
    pub fn at(mut self, position: Pos) -> Self {
        self.locations.push(position);
        self
    }

    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl From<Fault> for ServerError {
    fn from(fault: Fault) -> Self {
        let mut error = ServerError::new(fault.message, None);
        error.locations = fault.locations;
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", fault.code.as_str());
        if let Some(reason) = fault.reason {
            extensions.set("reason", reason);
        }
        if let Some(wait) = fault.retry_after {
            extensions.set("retryAfterMs", u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        }
        error
    }
}

/// The code that an error of the library or of a resolver carries.
pub fn code_of(error: &ServerError) -> Option<FaultCode> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(text) => FaultCode::parse(text).ok(),
        _ => None,
    }
}
