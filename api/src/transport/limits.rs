//! How much may one request ask for? Every bound of the transport, published by `Query.limits`.
use std::time::Duration;

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
    /// Cost of one operation: a connection costs (1 + its child) × `first`.
    pub complexity: usize,
    /// Ids that `nodes` takes at once.
    pub nodes: usize,
    /// Items of a page when `first` and `last` are absent.
    pub page_default: usize,
    /// Items of a page at most.
    pub page: usize,
    /// An uploaded file, in bytes.
    pub file_bytes: usize,
    /// Errors in one answer.
    pub errors: usize,
    /// One error of an answer, in bytes.
    pub error_bytes: usize,
    /// From the first byte of a request to its answer.
    pub request: Duration,
    /// One statement in the database.
    pub statement: Duration,
    /// Waiting for a row lock.
    pub lock: Duration,
    /// Waiting for a database connection.
    pub pool_wait: Duration,
    /// Operations open at once on one WebSocket.
    pub socket_operations: usize,
    /// One message on a WebSocket, in bytes.
    pub socket_message_bytes: usize,
    /// Messages that wait for a slow reader of a WebSocket before it is closed.
    pub socket_queue: usize,
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
            complexity: 5_000,
            nodes: 100,
            page_default: 20,
            page: 100,
            file_bytes: 10 * 1024 * 1024,
            errors: 10,
            error_bytes: 512,
            request: Duration::from_secs(10),
            statement: Duration::from_secs(5),
            lock: Duration::from_secs(2),
            pool_wait: Duration::from_millis(500),
            socket_operations: 50,
            socket_message_bytes: 64 * 1024,
            socket_queue: 64,
            socket_init: Duration::from_secs(3),
            socket_ping: Duration::from_secs(25),
            socket_pong: Duration::from_secs(15),
            stream_keep_alive: Duration::from_secs(12),
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
