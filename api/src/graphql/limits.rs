//! How much may one request ask for?
use std::time::Duration;

use async_graphql::{Context, Object, SimpleObject};

use super::context::Cx;

/// What one request may ask for. More is refused before anything runs.
#[derive(SimpleObject)]
pub struct Limits {
    /// Bytes of a request's JSON body.
    body_bytes: i32,
    /// Bytes of a GraphQL document.
    document_bytes: i32,
    /// Tokens in a document.
    tokens: i32,
    /// Selected fields of a document after its fragments are expanded.
    selections: i32,
    /// Nesting of selected fields.
    depth: i32,
    /// Aliased fields in a document.
    aliases: i32,
    /// Fields at the root of a query.
    root_fields: i32,
    /// Mutations in one document.
    mutations: i32,
    /// Cost of a document, where a list costs its page size times what is selected in it.
    complexity: i32,
    /// Ids in one `nodes`.
    nodes: i32,
    /// Items in one page of a list.
    page: i32,
    /// Bytes of an uploaded file.
    file_bytes: i32,
    /// Subscriptions on one WebSocket.
    subscriptions: i32,
    /// Milliseconds that a request may take.
    request_milliseconds: i32,
}

#[derive(Default)]
pub struct LimitsQuery;

#[Object]
impl LimitsQuery {
    /// What one request may ask for.
    async fn limits(&self, context: &Context<'_>) -> Limits {
        let limits = &context.request().app.config.limits;
        let milliseconds = |duration: Duration| i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
        let bytes = |size: usize| i32::try_from(size).unwrap_or(i32::MAX);
        let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        Limits {
            body_bytes: bytes(limits.body.0),
            document_bytes: bytes(limits.document.0),
            tokens: count(limits.tokens),
            selections: count(limits.selections),
            depth: count(limits.depth),
            aliases: count(limits.aliases),
            root_fields: count(limits.root_fields),
            mutations: count(limits.mutations),
            complexity: count(limits.complexity),
            nodes: count(limits.nodes),
            page: count(limits.page),
            file_bytes: bytes(limits.file.0),
            subscriptions: count(limits.subscriptions),
            request_milliseconds: milliseconds(limits.request),
        }
    }
}
