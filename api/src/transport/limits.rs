//! How much may one request ask of the transport? The configured bounds, and those that nobody needs to change.
use std::time::Duration;

use crate::config;

/// The bounds that a request meets before and while it runs. The defaults are the product's promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// JSON body of a POST, in bytes.
    pub body_bytes: usize,
    /// Text of one GraphQL document, in bytes.
    pub document_bytes: usize,
    /// Lexical tokens of one document; strings count as one, comments as none.
    pub tokens: usize,
    /// Brackets open at once, counted before the document is parsed.
    pub nesting: usize,
    /// Selections after every fragment has been expanded.
    pub selections: usize,
    /// Fields below each other, through fragments. A full introspection needs 15.
    pub depth: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// Fields at the root of one operation.
    pub root_fields: usize,
    /// Fields at the root of one mutation.
    pub mutations: usize,
    /// Directives in one document.
    pub directives: usize,
    /// Variables declared in one document.
    pub variables: usize,
    /// Fragments defined in one document.
    pub fragments: usize,
    /// Errors in one answer.
    pub errors: usize,
    /// One error of an answer, in bytes.
    pub error_bytes: usize,
    /// From the first byte of a request to its answer.
    pub request: Duration,
    /// Operations open at once on one WebSocket.
    pub socket_operations: usize,
    /// One message on a WebSocket, in bytes.
    pub socket_message_bytes: usize,
    /// Messages that wait for a slow reader of a WebSocket before it is closed.
    pub socket_queue: usize,
    /// How long a full queue may stay full.
    pub socket_patience: Duration,
    /// From the opening of a WebSocket to its `connection_init`.
    pub socket_init: Duration,
    /// Between two pings on a WebSocket.
    pub socket_ping: Duration,
    /// From a ping to the next sign of life.
    pub socket_pong: Duration,
    /// Between two comments on an event stream, so that proxies keep it open.
    pub stream_keep_alive: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 128 * 1024,
            document_bytes: 32 * 1024,
            tokens: 2_000,
            nesting: 64,
            selections: 2_000,
            depth: 15,
            aliases: 50,
            root_fields: 20,
            mutations: 10,
            directives: 50,
            variables: 50,
            fragments: 50,
            errors: 10,
            error_bytes: 512,
            request: Duration::from_secs(10),
            socket_operations: 50,
            socket_message_bytes: 64 * 1024,
            socket_queue: 64,
            socket_patience: Duration::from_secs(5),
            socket_init: Duration::from_secs(3),
            socket_ping: Duration::from_secs(25),
            socket_pong: Duration::from_secs(15),
            stream_keep_alive: Duration::from_secs(12),
        }
    }
}

impl From<&config::Limits> for Limits {
    fn from(limits: &config::Limits) -> Self {
        Self {
            body_bytes: limits.body.0,
            document_bytes: limits.document.0,
            tokens: limits.tokens,
            selections: limits.selections,
            depth: limits.depth,
            aliases: limits.aliases,
            root_fields: limits.root_fields,
            mutations: limits.mutations,
            request: limits.request,
            socket_operations: limits.subscriptions,
            ..Self::default()
        }
    }
}

/// What the guard must know about the schema, beside the limits.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub limits: Limits,
    /// Mutations that check a credential: one in a request, alone, so that rate limits count real tries.
    pub standing_alone: Vec<&'static str>,
    /// Directives that a document may use; the library overlooks unknown ones on `__typename`.
    pub directives: Vec<&'static str>,
}
