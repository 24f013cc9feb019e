//! Is the server alive, and can it serve?
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use diesel_async::SimpleAsyncConnection;
use serde::Serialize;
use tokio::time::timeout;

use crate::App;

/// A database that takes longer than this counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether a stop was asked for: a load balancer must send no more requests.
#[derive(Debug, Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_on(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// One thing that must work for the server to be ready.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    status: &'static str,
    version: &'static str,
    checks: Vec<Check>,
}

/// `/health/live` answers while the process runs; `/health/ready` only when it can serve.
pub fn router(app: Arc<App>, draining: Draining) -> Router {
    Router::new()
        .route("/health/live", get(async || Json(serde_json::json!({ "status": "ok" }))))
        .route("/health/ready", get(ready))
        .with_state((app, draining))
}

async fn ready(State((app, draining)): State<(Arc<App>, Draining)>) -> (StatusCode, Json<Report>) {
    let checks = vec![
        Check {
            name: "running",
            ok: !draining.is_on(),
            detail: draining.is_on().then(|| "stopping".to_owned()),
        },
        database(&app).await,
    ];
    let ok = checks.iter().all(|check| check.ok);
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let report =
        Report { status: if ok { "ready" } else { "not ready" }, version: env!("CARGO_PKG_VERSION"), checks };
    (status, Json(report))
}

async fn database(app: &App) -> Check {
    let ping = async {
        let mut connection = app.pool.get().await.map_err(|_error| "no connection")?;
        connection.batch_execute("select 1").await.map_err(|_error| "no answer")
    };
    let detail = match timeout(PATIENCE, ping).await {
        Ok(Ok(())) => None,
        Ok(Err(problem)) => Some(problem.to_owned()),
        Err(_too_slow) => Some("too slow".to_owned()),
    };
    Check { name: "database", ok: detail.is_none(), detail }
}
