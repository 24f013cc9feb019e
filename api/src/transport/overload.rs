//! What happens to a request when too many are being answered already?
use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio::sync::Semaphore;

use super::{answer, arrival::Arrival, fault::Fault};
use crate::error::ErrorCode;

/// Places for requests that are answered at the same time. Streams and sockets leave theirs once they are open.
#[derive(Debug, Clone)]
pub struct InFlight(Arc<Semaphore>);

impl InFlight {
    pub fn new(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }
}

/// Sends a request away at once instead of letting it wait: those that are running finish sooner.
pub async fn shed(State(in_flight): State<InFlight>, request: Request, next: Next) -> Response {
    let Ok(_place) = in_flight.0.try_acquire() else {
        let (parts, _) = request.into_parts();
        let fault = Fault::new(ErrorCode::Unavailable, "too many requests at once; repeat in a second");
        return answer::wait(fault, Duration::from_secs(1), &Arrival::of(&parts).request_id);
    };
    next.run(request).await
}
