//! Operations as server-sent events, in the "distinct connections" mode of graphql-sse: one request, one stream.
use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    answer::{About, Answer},
    endpoint::Endpoint,
    fault::Fault,
    gate::{Ended, Gate},
    negotiate::Media,
    operation::Operation,
};

const COMPLETE: &str = "event: complete\ndata:\n\n";

/// A stream of `next` events that ends with `complete`.
pub fn answer<G: Gate>(
    endpoint: &Endpoint<G>,
    caller: G::Caller,
    operation: Operation,
    about: About,
) -> Response {
    let every = endpoint.limits().stream_keep_alive;
    let mut keep_alive = interval_at(Instant::now() + every, every);
    keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let feed = Feed {
        ended: endpoint.gate.ended(&caller).boxed(),
        responses: endpoint.stream(caller, operation),
        stop: endpoint.stop.token().clone(),
        keep_alive,
        about,
        finished: false,
    };
    // The connection polls this outside of the request's span.
    let span = tracing::Span::current();
    let events = stream::unfold(feed, move |mut feed| {
        async move { Some((feed.next().await?, feed)) }.instrument(span.clone())
    });
    respond(Body::from_stream(events.map(|text| Ok::<_, Infallible>(Bytes::from(text)))))
}

/// A document that is not run still gets a stream: browsers show nobody the body of another answer.
pub fn refuse(fault: Fault, about: &About) -> Response {
    respond(Body::from(last(fault, about)))
}

fn respond(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Media::EventStream.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    // Without this, nginx keeps events back until its buffer is full.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

struct Feed {
    responses: BoxStream<'static, async_graphql::Response>,
    ended: BoxFuture<'static, Ended>,
    stop: CancellationToken,
    keep_alive: Interval,
    about: About,
    finished: bool,
}

impl Feed {
    async fn next(&mut self) -> Option<String> {
        if self.finished {
            return None;
        }
        tokio::select! {
            biased;
            // Breaking off without `complete` makes the client connect again, to another instance.
            () = self.stop.cancelled() => None,
            ended = &mut self.ended => {
                self.finished = true;
                Some(last(ended.fault(), &self.about))
            }
            response = self.responses.next() => Some(match response {
                Some(response) => next_event(&Answer::new(response, &self.about)),
                None => {
                    self.finished = true;
                    COMPLETE.to_owned()
                }
            }),
            _ = self.keep_alive.tick() => Some(":\n\n".to_owned()),
        }
    }
}

/// JSON text has no line breaks, so one `data` line holds it.
fn next_event(answer: &Answer) -> String {
    format!("event: next\ndata: {}\n\n", answer.to_json())
}

fn last(fault: Fault, about: &About) -> String {
    next_event(&Answer::of_fault(fault, about)) + COMPLETE
}
