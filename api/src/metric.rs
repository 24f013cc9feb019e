//! What does the server count, for Prometheus?
use std::sync::OnceLock;

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::transport::arrival::Peer;

/// Upper bounds of the request times, in seconds.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The process's recorder; the first call installs it.
fn handle() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("cairn_request_seconds".to_owned()), &BUCKETS);
        builder.map_err(|error| error.to_string())?.install_recorder().map_err(|error| error.to_string())
    };
    HANDLE.get_or_init(|| install().inspect_err(|error| tracing::error!(error, "no metrics")).ok()).as_ref()
}

/// `/metrics` for whoever may reach the router: mount it on the admin address.
pub fn router() -> Router {
    let _installed_before_the_first_request = handle();
    Router::new().route("/metrics", get(render))
}

/// `/metrics` for this machine only, where no admin address is set.
pub fn loopback_router() -> Router {
    router().layer(axum::middleware::from_fn(loopback_only))
}

async fn render() -> Response {
    match handle() {
        Some(handle) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
                .into_response()
        }
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn loopback_only(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    if peer.is_some_and(|address| address.is_loopback()) && !request.headers().contains_key("x-forwarded-for")
    {
        next.run(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// Counts requests and their times by route and status; routes, never paths, so that no id becomes a label.
pub async fn count(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<axum::extract::MatchedPath>().map(|path| path.as_str().to_owned());
    let begun = std::time::Instant::now();
    let response = next.run(request).await;
    let route = route.unwrap_or_else(|| "unknown".to_owned());
    let status = response.status().as_u16().to_string();
    metrics::counter!("cairn_requests_total", "route" => route.clone(), "status" => status).increment(1);
    metrics::histogram!("cairn_request_seconds", "route" => route).record(begun.elapsed().as_secs_f64());
    response
}
