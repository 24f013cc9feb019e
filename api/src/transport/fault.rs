//! What went wrong with a request as a whole, and what should its client do about it?
use std::{borrow::Cow, time::Duration};

use async_graphql::{Pos, ServerError, Value};
use axum::http::StatusCode;
use domain::text::TextEnum;

use crate::error::{AuthReason, ErrorCode, Failure};

impl ErrorCode {
    /// Status of an answer that has no data because of this.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::CsrfRejected => StatusCode::FORBIDDEN,
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
    #[must_use]
    pub fn retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Timeout | Self::Unavailable | Self::IdempotencyKeyInProgress)
    }

    /// Whether the document or its values, rather than the HTTP request around them, are at fault. A client that
    /// reads only `application/json` cannot tell such an answer from a proxy's by its status, and gets 200.
    #[must_use]
    pub fn is_about_document(self) -> bool {
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
    pub code: ErrorCode,
    pub message: Cow<'static, str>,
    /// Which kind of UNAUTHENTICATED it is.
    pub reason: Option<AuthReason>,
    pub retry_after: Option<Duration>,
    pub locations: Vec<Pos>,
    /// Methods that are allowed instead.
    pub allow: Option<&'static str>,
}

impl Fault {
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self { code, message, reason: None, retry_after: None, locations: Vec::new(), allow: None }
    }

    /// The token is missing, invalid, expired or revoked.
    pub fn unauthenticated(reason: AuthReason, message: &'static str) -> Self {
        Self { reason: Some(reason), ..Self::new(ErrorCode::Unauthenticated, message) }
    }

    /// The cause belongs into the log, not here.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "internal error")
    }

    #[must_use]
    pub fn timeout() -> Self {
        Self::new(ErrorCode::Timeout, "the request took too long and was stopped")
    }

    #[must_use]
    pub fn at(mut self, position: Pos) -> Self {
        self.locations.push(position);
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
            extensions.set("reason", reason.as_str());
        }
        if let Some(wait) = fault.retry_after {
            extensions.set("retryAfterMs", u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        }
        error
    }
}

/// For failures of identity, before there is a resolver.
impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::new(ErrorCode::BadUserInput, refusal.message),
            Failure::NotFound { .. } => {
                Self::new(ErrorCode::NotFound, "no such thing, or you may not see it")
            }
            Failure::NotAllowed { message } => Self::new(ErrorCode::Forbidden, message),
            Failure::Request { code, message } => Self::new(code, message),
            Failure::Unauthenticated(reason) => {
                let message = match reason {
                    AuthReason::Missing => "sign in first",
                    AuthReason::Expired => "the token has expired",
                    AuthReason::Invalid => "the token is not valid",
                    AuthReason::Revoked => "the session was ended",
                };
                Self::unauthenticated(reason, message)
            }
            Failure::RateLimited { retry_after } => Self {
                retry_after: Some(retry_after),
                ..Self::new(ErrorCode::RateLimited, "too many tries; wait a little")
            },
            Failure::Unavailable => Self {
                retry_after: Some(Duration::from_secs(1)),
                ..Self::new(ErrorCode::Unavailable, "busy; repeat in a moment")
            },
            Failure::Internal(cause) => {
                tracing::error!(cause, "internal error");
                Self::internal()
            }
        }
    }
}

/// The code that an error of the library or of a resolver carries.
pub fn code_of(error: &ServerError) -> Option<ErrorCode> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(text) => ErrorCode::parse(text).ok(),
        _ => None,
    }
}
