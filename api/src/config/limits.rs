//! How much may one request, document or file ask of the server?
use std::time::Duration;

use super::{setting, value::Bytes};

setting::settings! {
    /// Bounds on what a single caller can ask for; `Query.limits` publishes them to apps.
    pub struct Limits {
        "Limits" {
            /// Longest JSON body.
            body: Bytes, "CAIRN_LIMIT_BODY", default "128KiB";
            /// Longest GraphQL document.
            document: Bytes, "CAIRN_LIMIT_DOCUMENT", default "32KiB";
            /// Tokens in a document.
            tokens: usize, "CAIRN_LIMIT_TOKENS", default "2000";
            /// Selected fields of a document after its fragments are expanded.
            selections: usize, "CAIRN_LIMIT_SELECTIONS", default "2000";
            /// Nesting of selected fields.
            depth: usize, "CAIRN_LIMIT_DEPTH", default "15";
            /// Aliased fields in a document.
            aliases: usize, "CAIRN_LIMIT_ALIASES", default "50";
            /// Fields at the root of a query.
            root_fields: usize, "CAIRN_LIMIT_ROOT_FIELDS", default "20";
            /// Mutations in one document.
            mutations: usize, "CAIRN_LIMIT_MUTATIONS", default "10";
            /// Cost of a document, where a list costs its page size times what is selected in it.
            complexity: usize, "CAIRN_LIMIT_COMPLEXITY", default "5000";
            /// Ids in one `nodes` query.
            nodes: usize, "CAIRN_LIMIT_NODES", default "100";
            /// Largest page of a list.
            page: usize, "CAIRN_LIMIT_PAGE", default "100";
            /// Largest uploaded file.
            file: Bytes, "CAIRN_LIMIT_FILE", default "10MiB";
            /// Requests served at the same time; more are told to come back in a second.
            in_flight: usize, "CAIRN_LIMIT_IN_FLIGHT", default "64";
            /// Subscriptions on one socket.
            subscriptions: usize, "CAIRN_LIMIT_SUBSCRIPTIONS", default "50";
            /// Time for one request.
            request: Duration, "CAIRN_LIMIT_REQUEST", default "10s";
            /// Time for one statement in the database.
            statement: Duration, "CAIRN_LIMIT_STATEMENT", default "5s";
            /// Time that a statement waits for a row that another one holds.
            lock: Duration, "CAIRN_LIMIT_LOCK", default "2s";
            /// Time that a request waits for a database connection.
            pool_wait: Duration, "CAIRN_LIMIT_POOL_WAIT", default "500ms";
        }
    }
    nested {}
}
