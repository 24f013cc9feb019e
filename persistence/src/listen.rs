//! What do other instances tell us? PostgreSQL's NOTIFY, on a connection of its own, without end.
use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use futures_util::{StreamExt, pin_mut};
use tokio::sync::mpsc;

use crate::connect::connect;

/// Something heard on a channel, or the news that something may have been missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Message {
        channel: String,
        payload: String,
    },
    /// The connection is new: what was announced before may have been lost, so caches must be emptied.
    Connected,
    /// The connection is gone; it is being made again.
    Lost,
}

/// Longest pause between tries to connect.
const MAX_PAUSE: Duration = Duration::from_secs(2);

/// Listens on `channels` and sends what it hears until the receiver is dropped. `url` must reach PostgreSQL
/// itself or a pooler in session mode.
pub async fn listen(url: String, channels: &'static [&'static str], hear: mpsc::Sender<Heard>) {
    let mut pause = Duration::from_millis(50);
    loop {
        match attend(&url, channels, &hear, &mut pause).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(error, "the connection for notifications is gone; connecting again"),
        }
        if hear.send(Heard::Lost).await.is_err() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_PAUSE);
    }
}

/// Ends with `Ok` when nobody wants to hear any more.
async fn attend(
    url: &str,
    channels: &[&str],
    hear: &mpsc::Sender<Heard>,
    pause: &mut Duration,
) -> Result<(), String> {
    let mut connection = connect(url).await.map_err(|error| error.to_string())?;
    let commands: String = channels.iter().map(|channel| format!("listen {channel};")).collect();
    connection.batch_execute(&commands).await.map_err(|error| error.to_string())?;
    if hear.send(Heard::Connected).await.is_err() {
        return Ok(());
    }
    *pause = Duration::from_millis(50);
    let notifications = connection.notifications_stream();
    pin_mut!(notifications);
    loop {
        tokio::select! {
            () = hear.closed() => return Ok(()),
            next = notifications.next() => {
                let Some(next) = next else { return Err("the server closed the connection".to_owned()) };
                let heard = next.map_err(|error| error.to_string())?;
                let message = Heard::Message { channel: heard.channel, payload: heard.payload };
                if hear.send(message).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}
