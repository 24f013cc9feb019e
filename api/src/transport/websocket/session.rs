//! The life of one socket: init, operations, and the reasons for which it ends.
use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use axum::http::{HeaderName, HeaderValue};
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, pending},
    stream::SplitStream,
};
use serde_json::{Map, Value};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::{
    message::{Said, Say},
    operations::{NotStarted, Operations, Run},
    outbox::{Outbox, code},
};
use crate::{
    error::ErrorCode,
    transport::{
        answer::{About, Answer},
        arrival::{Arrival, bearer},
        endpoint::Endpoint,
        envelope::Envelope,
        fault::Fault,
        gate::{Ended, Gate},
        operation::Operation,
    },
};

/// How long the client may take to answer a close frame before its socket is dropped.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(2);

/// Headers that a browser cannot set on a socket, and may send in the payload of `connection_init` instead.
const INIT_HEADERS: [&str; 4] =
    ["cairn-organization", "x-client-name", "x-client-version", "accept-language"];

/// A socket that must close with this code and reason.
type Close = (u16, &'static str);

/// Serves one socket until either side ends it.
pub async fn run<G: Gate>(socket: WebSocket, endpoint: Endpoint<G>, arrival: Arc<Arrival>) {
    let (sink, stream) = socket.split();
    let (outbox, writer) = Outbox::new(endpoint.limits(), sink);
    let writer = tokio::spawn(writer);
    let operations = Operations::default();
    let session = Session {
        about: About::new(&arrival.request_id, true, endpoint.limits()),
        outbox,
        operations: operations.clone(),
        arrival,
        caller: None,
        ended: pending().boxed(),
        endpoint,
    };
    let stream = session.listen(stream).await;
    operations.stop_all();
    // Ends when it has sent the close frame, or when nobody has anything to say any longer.
    let _ = writer.await;
    // A socket dropped before the client has answered may lose the close frame.
    let _ = timeout(CLOSE_HANDSHAKE, stream.for_each(|_| async {})).await;
}

struct Session<G: Gate> {
    endpoint: Endpoint<G>,
    arrival: Arc<Arrival>,
    outbox: Outbox,
    operations: Operations,
    about: About,
    caller: Option<G::Caller>,
    ended: BoxFuture<'static, Ended>,
}

impl<G: Gate> Session<G> {
    async fn listen(mut self, mut stream: SplitStream<WebSocket>) -> SplitStream<WebSocket> {
        let limits = self.endpoint.limits().clone();
        let stop = self.endpoint.stop.token().clone();
        let init_by = Instant::now() + limits.socket_init;
        let mut ping = interval_at(Instant::now() + limits.socket_ping, limits.socket_ping);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_heard = Instant::now();
        loop {
            let close: Close = tokio::select! {
                biased;
                () = self.outbox.closed() => break,
                () = stop.cancelled() => (code::GOING_AWAY, "The server is stopping"),
                ended = &mut self.ended => match ended {
                    Ended::Expired => (code::FORBIDDEN, "The token has expired"),
                    Ended::Revoked => (code::FORBIDDEN, "The session was ended"),
                },
                () = sleep_until(init_by), if self.caller.is_none() => {
                    (code::INIT_TIMEOUT, "Connection initialisation timeout")
                }
                _ = ping.tick(), if self.caller.is_some() => {
                    if last_heard.elapsed() > limits.socket_ping + limits.socket_pong {
                        (code::TRY_AGAIN, "No sign of life")
                    } else {
                        self.outbox.say(&Say::Ping).await;
                        continue;
                    }
                }
                frame = stream.next() => {
                    last_heard = Instant::now();
                    match self.hear(frame).await {
                        Ok(true) => continue,
                        Ok(false) => (code::NORMAL, ""),
                        Err(close) => close,
                    }
                }
            };
            self.outbox.close(close.0, close.1);
            break;
        }
        stream
    }

    /// False when the client is gone.
    async fn hear(&mut self, frame: Option<Result<Message, axum::Error>>) -> Result<bool, Close> {
        match frame {
            Some(Ok(Message::Text(text))) => {
                let said = Said::parse(&text).map_err(|reason| (code::INVALID_MESSAGE, reason))?;
                self.obey(said).await?;
                Ok(true)
            }
            Some(Ok(Message::Binary(_))) => {
                Err((code::INVALID_MESSAGE, "Invalid message: binary frames are not used here"))
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(true),
            // axum hides the kind of the error; this is the text of the one for messages above the limit.
            Some(Err(error)) if error.to_string().contains("too long") => {
                Err((code::TOO_BIG, "The message is too long"))
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Ok(false),
        }
    }

    async fn obey(&mut self, said: Said) -> Result<(), Close> {
        match (said, self.caller.clone()) {
            (Said::Init(_), Some(_)) => Err((code::SECOND_INIT, "Too many initialisation requests")),
            (Said::Init(payload), None) => self.init(&payload).await,
            (Said::Ping(payload), _) => {
                self.outbox.say(&Say::Pong { payload }).await;
                Ok(())
            }
            (Said::Pong, _) => Ok(()),
            (Said::Complete { id }, _) => {
                self.operations.stop(&id);
                Ok(())
            }
            (Said::Subscribe { .. }, None) => Err((code::UNAUTHORIZED, "Unauthorized")),
            (Said::Subscribe { id, payload }, Some(caller)) => self.subscribe(id, payload, caller).await,
        }
    }

    async fn init(&mut self, payload: &Map<String, Value>) -> Result<(), Close> {
        let token = token(payload).map_err(|()| (code::FORBIDDEN, "Forbidden: the token is malformed"))?;
        let mut arrival = (*self.arrival).clone();
        for (name, value) in payload {
            let name = name.to_ascii_lowercase();
            let Some(known) = INIT_HEADERS.iter().find(|known| **known == name) else { continue };
            if let Some(Ok(value)) = value.as_str().map(HeaderValue::from_str) {
                arrival.headers.insert(HeaderName::from_static(known), value);
            }
        }
        let authenticate = self.endpoint.gate.authenticate(token, &arrival);
        let caller = match timeout(self.endpoint.limits().request, authenticate).await {
            Ok(Ok(caller)) => caller,
            Ok(Err(fault)) if fault.code.retryable() => return Err((code::TRY_AGAIN, "Busy: connect again")),
            Ok(Err(fault)) => {
                let reason = match fault.reason {
                    Some(crate::error::AuthReason::Expired) => "Forbidden: the token has expired",
                    Some(crate::error::AuthReason::Revoked) => "Forbidden: the session was ended",
                    _ => "Forbidden",
                };
                return Err((code::FORBIDDEN, reason));
            }
            Err(_) => return Err((code::TRY_AGAIN, "Busy: connect again")),
        };
        self.arrival = Arc::new(arrival);
        self.about.anonymous = self.endpoint.gate.is_anonymous(&caller);
        self.ended = self.endpoint.gate.ended(&caller).boxed();
        self.caller = Some(caller);
        self.outbox.say(&Say::ConnectionAck).await;
        Ok(())
    }

    async fn subscribe(&mut self, id: String, payload: Value, caller: G::Caller) -> Result<(), Close> {
        let in_use = (code::ID_IN_USE, "Subscriber for this id already exists");
        if self.operations.contains(&id) {
            return Err(in_use);
        }
        let envelope = Envelope::from_value(payload)
            .map_err(|_| (code::INVALID_MESSAGE, "Invalid message: the payload is no GraphQL request"))?;
        let operation = match self.endpoint.prepare(envelope, &self.arrival) {
            Ok(operation) => operation,
            Err(fault) => {
                self.refuse(&id, fault).await;
                return Ok(());
            }
        };
        let max = self.endpoint.limits().socket_operations;
        let (endpoint, operations) = (self.endpoint.clone(), self.operations.clone());
        let (outbox, about) = (self.outbox.clone(), self.about.clone());
        let make = |run| answer(endpoint, caller, operation, operations, outbox, about, run);
        match self.operations.start(id.clone(), max, make) {
            Ok(()) => Ok(()),
            Err(NotStarted::IdInUse) => Err(in_use),
            Err(NotStarted::TooMany) => {
                let message = format!("at most {max} operations on one socket: complete one first");
                self.refuse(&id, Fault::new(ErrorCode::SubscriptionLimit, message)).await;
                Ok(())
            }
        }
    }

    async fn refuse(&mut self, id: &str, fault: Fault) {
        let answer = Answer::of_fault(fault, &self.about);
        self.outbox.say(&Say::Error { id, payload: &answer.errors }).await;
    }
}

/// The token of `connection_init`: `authorization` as in HTTP, or the bare `token`.
fn token(payload: &Map<String, Value>) -> Result<Option<&str>, ()> {
    let header = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let value = header.map(|(_, value)| value).or_else(|| payload.get("token"));
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if header.is_some() => bearer(text).map(Some).ok_or(()),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(()),
    }
}

/// Sends the responses of one operation. Errors before it ran end it with `error`, everything else is `next`.
async fn answer<G: Gate>(
    endpoint: Endpoint<G>,
    caller: G::Caller,
    operation: Operation,
    operations: Operations,
    outbox: Outbox,
    about: About,
    run: Run,
) {
    let mut responses = endpoint.stream(caller, operation);
    while let Some(response) = responses.next().await {
        let answer = Answer::new(response, &about);
        if answer.data.is_none() && !answer.errors.is_empty() {
            if operations.finish(&run) {
                outbox.say(&Say::Error { id: &run.id, payload: &answer.errors }).await;
            }
            return;
        }
        outbox.say(&Say::Next { id: &run.id, payload: &answer }).await;
    }
    if operations.finish(&run) {
        outbox.say(&Say::Complete { id: &run.id }).await;
    }
}
