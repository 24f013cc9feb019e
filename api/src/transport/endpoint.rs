//! What do HTTP, event streams and WebSockets have in common? The road from an envelope to responses.
use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Response, parser::types::OperationType};
use axum::{Router, routing::any};
use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use tower_http::compression::{
    CompressionLayer,
    predicate::{NotForContentType, Predicate, SizeAbove},
};

use super::{
    arrival::Arrival,
    document::DocumentCache,
    envelope::Envelope,
    fault::Fault,
    gate::Gate,
    http,
    limits::{Limits, Rules},
    operation::Operation,
    origin::Origins,
    serve::Stop,
};

/// Shorter answers fit into one packet anyway.
const COMPRESS_ABOVE: u64 = 1024;
/// Memory for parsed documents.
const DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// Everything that a GraphQL request needs, for all transports.
#[derive(Clone)]
pub struct Endpoint<G> {
    pub gate: G,
    pub stop: Stop,
    pub(super) rules: Arc<Rules>,
    pub(super) origins: Arc<Origins>,
    documents: Arc<DocumentCache>,
}

impl<G: Gate> Endpoint<G> {
    pub fn new(gate: G, rules: Rules, origins: Origins, stop: Stop) -> Self {
        let documents = Arc::new(DocumentCache::new(DOCUMENT_BYTES));
        Self { gate, stop, rules: Arc::new(rules), origins: Arc::new(origins), documents }
    }

    /// `/graphql`, for every method and transport. Long answers are compressed, event streams never: a compressor
    /// would keep events back.
    pub fn routes(self) -> Router {
        let long = SizeAbove::new(COMPRESS_ABOVE).and(NotForContentType::const_new("text/event-stream"));
        Router::new()
            .route("/graphql", any(http::handle::<G>))
            .layer(CompressionLayer::new().compress_when(long))
            .with_state(self)
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.rules.limits
    }

    pub(super) fn prepare(&self, envelope: Envelope, arrival: &Arc<Arrival>) -> Result<Operation, Fault> {
        Operation::prepare(&self.rules, &self.documents, envelope, arrival)
    }

    /// Runs a query or mutation. A resolver that panics is answered, and one that hangs is stopped.
    pub(super) async fn execute(&self, caller: G::Caller, operation: Operation) -> Response {
        let running = AssertUnwindSafe(self.gate.execute(caller, operation.request)).catch_unwind();
        match tokio::time::timeout(self.limits().request, running).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => alone(panicked()),
            Err(_) => alone(Fault::timeout()),
        }
    }

    /// Runs any operation: a query or mutation answers once.
    pub(super) fn stream(&self, caller: G::Caller, operation: Operation) -> BoxStream<'static, Response> {
        if operation.kind == OperationType::Subscription {
            let responses = AssertUnwindSafe(self.gate.subscribe(caller, operation.request)).catch_unwind();
            return responses.map(|item| item.unwrap_or_else(|_| alone(panicked()))).boxed();
        }
        let endpoint = self.clone();
        stream::once(async move { endpoint.execute(caller, operation).await }).boxed()
    }
}

fn panicked() -> Fault {
    tracing::error!("a resolver panicked");
    Fault::internal()
}

fn alone(fault: Fault) -> Response {
    Response::from_errors(vec![fault.into()])
}
