//! How do messages get onto a socket whose reader may be slow or gone?
use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{SinkExt, stream::SplitSink};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::message::Say;
use crate::transport::limits::Limits;

/// Time for the close frame of a socket that may be stuck.
const FAREWELL: Duration = Duration::from_secs(1);
/// A close frame has 125 bytes, and two of them are the code.
const REASON_BYTES: usize = 123;

/// Close codes of the protocol, and the standard ones that clients answer by connecting again.
pub mod code {
    pub const NORMAL: u16 = 1000;
    pub const GOING_AWAY: u16 = 1001;
    pub const TOO_BIG: u16 = 1009;
    /// Not 4429 for a slow reader: clients take that for a mistake of their own and give up.
    pub const TRY_AGAIN: u16 = 1013;
    pub const INVALID_MESSAGE: u16 = 4400;
    pub const UNAUTHORIZED: u16 = 4401;
    pub const FORBIDDEN: u16 = 4403;
    pub const INIT_TIMEOUT: u16 = 4408;
    pub const ID_IN_USE: u16 = 4409;
    pub const SECOND_INIT: u16 = 4429;
}

/// The way out of a socket, for everyone who has something to say.
#[derive(Debug, Clone)]
pub struct Outbox {
    messages: mpsc::Sender<String>,
    /// A reader that takes nothing for so long while the queue is full is too slow.
    patience: Duration,
    closing: Arc<Closing>,
}

#[derive(Debug, Default)]
struct Closing {
    frame: OnceLock<CloseFrame>,
    token: CancellationToken,
}

impl Outbox {
    /// The outbox, and the writer that empties it onto the socket.
    pub fn new(
        limits: &Limits,
        sink: SplitSink<WebSocket, Message>,
    ) -> (Self, impl Future<Output = ()> + use<>) {
        let (messages, queue) = mpsc::channel(limits.socket_queue);
        let outbox = Self { messages, patience: limits.socket_patience, closing: Arc::default() };
        (outbox.clone(), write(sink, queue, outbox.closing))
    }

    /// Puts a message into the queue; waits a while for a slow reader, then closes its socket.
    pub async fn say(&self, say: &Say<'_>) {
        let Ok(text) = serde_json::to_string(say) else { return };
        if let Err(mpsc::error::TrySendError::Full(text)) = self.messages.try_send(text)
            && self.messages.send_timeout(text, self.patience).await.is_err()
        {
            self.close(code::TRY_AGAIN, "Too slow: connect again and catch up");
        }
    }

    /// Closes the socket; the first reason counts.
    pub fn close(&self, code: u16, reason: impl Into<Cow<'static, str>>) {
        let mut reason = reason.into().into_owned();
        reason.truncate(reason.floor_char_boundary(REASON_BYTES));
        // A second reason is dropped.
        let _ = self.closing.frame.set(CloseFrame { code, reason: reason.into() });
        self.closing.token.cancel();
    }

    /// Resolves when the socket shall close.
    pub async fn closed(&self) {
        self.closing.token.cancelled().await;
    }
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<String>,
    closing: Arc<Closing>,
) {
    loop {
        let text = tokio::select! {
            biased;
            () = closing.token.cancelled() => break,
            text = queue.recv() => match text {
                Some(text) => text,
                None => break,
            },
        };
        tokio::select! {
            sent = sink.send(Message::text(text)) => if sent.is_err() { return },
            () = closing.token.cancelled() => break,
        }
    }
    let farewell = async {
        // What was said before the close is still delivered.
        while let Ok(text) = queue.try_recv() {
            sink.feed(Message::text(text)).await?;
        }
        sink.send(Message::Close(closing.frame.get().cloned())).await
    };
    // A socket that is stuck or gone is given up.
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}
