//! How does a failure reach a client? This is the only place that chooses codes.
//!
//! [`Failure`] has no `Display` on purpose: async-graphql makes a client message of every error that has one,
//! and would leak text of the database. So a foreign error without a deliberate `From` does not compile here.
use std::time::Duration;

use async_graphql::ErrorExtensions;
use domain::refusal::{Code, Refusal};

domain::text_enum! {
    /// Codes of errors in the top-level `errors` list, in `extensions.code`.
    pub enum ErrorCode as "ErrorCode" {
        /// The request is not a GraphQL request.
        BadRequest = "BAD_REQUEST",
        /// The document is not GraphQL.
        ParseFailed = "PARSE_FAILED",
        /// The document does not fit the schema.
        ValidationFailed = "VALIDATION_FAILED",
        /// An argument or variable has a value of the wrong form.
        BadUserInput = "BAD_USER_INPUT",
        /// The cursor is not one of this list with this filter and order.
        InvalidCursor = "INVALID_CURSOR",
        /// Sign in, or refresh the access token; `extensions.reason` is MISSING, EXPIRED, INVALID or REVOKED.
        Unauthenticated = "UNAUTHENTICATED",
        /// You may not do or see this.
        Forbidden = "FORBIDDEN",
        /// Name the organization in the header `Cairn-Organization`.
        OrganizationRequired = "ORGANIZATION_REQUIRED",
        /// The document is too long or has too many tokens.
        QueryTooLarge = "QUERY_TOO_LARGE",
        /// The document asks for too much.
        QueryTooComplex = "QUERY_TOO_COMPLEX",
        /// The document nests too deeply.
        QueryTooDeep = "QUERY_TOO_DEEP",
        /// A mutation that takes or gives credentials must be the only one of its operation.
        AuthFieldNotAlone = "AUTH_FIELD_NOT_ALONE",
        /// The server does not know this persisted query; send it with its text.
        PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND",
        /// Several operations in one request are not supported.
        BatchingDisabled = "BATCHING_DISABLED",
        /// The idempotency key was used before, with other arguments.
        IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
        /// The same mutation with the same key is running; repeat in a moment.
        IdempotencyKeyInProgress = "IDEMPOTENCY_KEY_IN_PROGRESS",
        /// Too many operations are open on this WebSocket: complete one first.
        SubscriptionLimit = "SUBSCRIPTION_LIMIT",
        /// Too many tries; wait for `extensions.retryAfterMs`.
        RateLimited = "RATE_LIMITED",
        /// The body is too long.
        PayloadTooLarge = "PAYLOAD_TOO_LARGE",
        /// The content type is not supported.
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
        /// No media type that you accept can be produced.
        NotAcceptable = "NOT_ACCEPTABLE",
        /// This method is not supported here.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// The request was sent by a page of another site.
        CsrfRejected = "CSRF_REJECTED",
        /// No such path or file.
        NotFound = "NOT_FOUND",
        /// The answer took too long.
        Timeout = "TIMEOUT",
        /// The server is busy or its database is away; repeat with some delay.
        Unavailable = "UNAVAILABLE",
        /// A fault of the server; report it with the request id.
        Internal = "INTERNAL",
    }
}

domain::text_enum! {
    /// Why a request counts as not signed in.
    pub enum AuthReason as "AuthReason" {
        /// No token was sent.
        Missing = "MISSING",
        /// The access token is over its time; refresh it.
        Expired = "EXPIRED",
        /// The token is not one of ours.
        Invalid = "INVALID",
        /// The session was ended; sign in again.
        Revoked = "REVOKED",
    }
}

/// Why something could not be answered.
#[derive(Debug, Clone)]
pub enum Failure {
    /// A rule was broken: `userErrors` of a mutation.
    Refused(Refusal),
    /// It does not exist, or the actor may not see it; both look the same.
    NotFound {
        path: Option<String>,
    },
    /// The actor sees it but may not do this.
    NotAllowed {
        message: String,
    },
    /// An error of the request as a whole.
    Request {
        code: ErrorCode,
        message: String,
    },
    Unauthenticated(AuthReason),
    RateLimited {
        retry_after: Duration,
    },
    Unavailable,
    /// The cause is logged, never sent.
    Internal(String),
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub fn request(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Request { code, message: message.into() }
    }

    pub fn not_found(path: &str) -> Self {
        Self::NotFound { path: Some(path.to_owned()) }
    }

    /// What the policy answers about a thing that the caller may see.
    pub fn denied() -> Self {
        Self::NotAllowed { message: "your role may not do this".to_owned() }
    }

    /// Names the input field that a missing thing was named by.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        if let Self::NotFound { path: None } = self { Self::not_found(path) } else { self }
    }

    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// The refusal that a mutation answers with, unless this is an error of the whole request.
    pub fn into_refusal(self) -> Result<Refusal> {
        let plain = |code, message: String, path| Refusal { code, message, path, params: Vec::new() };
        match self {
            Self::Refused(refusal) => Ok(refusal),
            Self::NotFound { path } => {
                Ok(plain(Code::NotFound, "no such thing, or you may not see it".to_owned(), path))
            }
            Self::NotAllowed { message } => Ok(plain(Code::NotAllowed, message, None)),
            other => Err(other),
        }
    }

    fn code_and_message(self) -> (ErrorCode, String) {
        match self {
            Self::Refused(refusal) => (ErrorCode::BadUserInput, refusal.message),
            Self::NotFound { .. } => (ErrorCode::NotFound, "no such thing, or you may not see it".to_owned()),
            Self::NotAllowed { message } => (ErrorCode::Forbidden, message),
            Self::Request { code, message } => (code, message),
            Self::Unauthenticated(_) => (ErrorCode::Unauthenticated, "sign in first".to_owned()),
            Self::RateLimited { .. } => (ErrorCode::RateLimited, "too many tries; wait a little".to_owned()),
            Self::Unavailable => (ErrorCode::Unavailable, "busy; repeat in a moment".to_owned()),
            Self::Internal(cause) => {
                tracing::error!(cause, "internal error");
                (ErrorCode::Internal, "internal error".to_owned())
            }
        }
    }
}

impl From<Failure> for async_graphql::Error {
    fn from(failure: Failure) -> Self {
        let retryable = matches!(failure, Failure::Unavailable | Failure::RateLimited { .. });
        let reason =
            if let Failure::Unauthenticated(reason) = failure { Some(reason.to_string()) } else { None };
        let wait = match &failure {
            Failure::RateLimited { retry_after } => u64::try_from(retry_after.as_millis()).ok(),
            Failure::Unavailable => Some(1000),
            _ => None,
        };
        let (code, message) = failure.code_and_message();
        Self::new(message).extend_with(|_, extensions| {
            extensions.set("code", code.to_string());
            extensions.set("retryable", retryable);
            if let Some(reason) = reason {
                extensions.set("reason", reason);
            }
            if let Some(wait) = wait {
                extensions.set("retryAfterMs", wait);
            }
        })
    }
}

impl From<persistence::Error> for Failure {
    fn from(error: persistence::Error) -> Self {
        use persistence::Error;
        let unavailable = error.is_retryable();
        match error {
            Error::Refused(refusal) => Self::Refused(refusal),
            Error::Missing => Self::NotFound { path: None },
            _ if unavailable => {
                tracing::warn!(?error, "database not available");
                Self::Unavailable
            }
            ref full if full.is_disk_full() => {
                tracing::error!("the disk of the database is full");
                Self::Unavailable
            }
            ref slow if slow.is_timeout() => {
                tracing::warn!(?slow, "a statement took too long");
                Self::request(ErrorCode::Timeout, "the database took too long to answer")
            }
            other => Self::Internal(format!("{other:?}")),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A blanket `From<impl Refuse>` would overlap with the one for `persistence::Error`, so each is named.
macro_rules! from_refusals {
    ($($refusal:ty),+ $(,)?) => {
        $(impl From<$refusal> for Failure {
            fn from(refusal: $refusal) -> Self { Self::Refused(refusal.into()) }
        })+
    };
}

from_refusals! {
    domain::account::Refusal,
    domain::check_in::Refusal,
    domain::cohort::Refusal,
    domain::consent::Refusal,
    domain::conversation::Refusal,
    domain::enrollment::Refusal,
    domain::import::Refusal,
    domain::invitation::Refusal,
    domain::matches::Refusal,
    domain::matching::exclusion::Refusal,
    domain::matching::run::Refusal,
    domain::objective::Refusal,
    domain::organization::Refusal,
    domain::organization::staff::Refusal,
    domain::profile::Refusal,
    domain::profile::guardianship::Refusal,
    domain::program::Refusal,
    domain::program::policy::Refusal,
    domain::refusal::StaleVersion,
    domain::refusal::WrongState,
    domain::resource::Refusal,
    domain::session::Refusal,
    domain::survey::Refusal,
    domain::text::TextFault,
}
