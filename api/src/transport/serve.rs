//! How are connections taken, kept within bounds, and let go when the server stops?
use std::{io, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{net::TcpListener, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::arrival::Peer;

/// A client must have sent its headers by then.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest head of a request, in bytes.
const HEADER_BYTES: usize = 16 * 1024;
/// Pause when no more connections can be opened, for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The wish to stop, and those who must be waited for: axum forgets a socket once it is upgraded.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    token: CancellationToken,
    open: TaskTracker,
}

impl Stop {
    /// Resolves when the server shall stop.
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Whoever must be waited for runs in here.
    pub fn open(&self) -> &TaskTracker {
        &self.open
    }
}

/// Serves until `stop`, then answers what is in flight and closes sockets, for at most `drain`.
///
/// # Errors
/// None at present: a connection that fails concerns only its client.
pub async fn serve(listener: TcpListener, router: Router, stop: &Stop, drain: Duration) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(HEADER_BYTES);
    loop {
        let (socket, peer) = tokio::select! {
            biased;
            () = stop.token.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        // Answers are written at once, so waiting for more to send would only delay them.
        let _ = socket.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(socket), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection ended early");
            }
        });
    }
    drop(listener);
    let until = Instant::now() + drain;
    stop.open.close();
    let drained = async { tokio::join!(graceful.shutdown(), stop.open.wait()) };
    if tokio::time::timeout_at(until, drained).await.is_err() {
        tracing::warn!("some requests were still running at the end of the drain time");
    }
    Ok(())
}
