//! What do other instances announce, and who here wants to know? One connection listens for all.
use std::sync::Arc;

use persistence::{
    history, job,
    listen::{self, Heard},
};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{App, identity, transport::serve::Stop};

const CHANNELS: &[&str] = &[history::CHANNEL, identity::CHANNEL, job::CHANNEL];

/// Listens until `stop`.
pub fn start(app: &Arc<App>, stop: &Stop) -> JoinHandle<()> {
    let (app, token) = (Arc::clone(app), stop.token().clone());
    tokio::spawn(async move {
        let (hear, mut heard) = mpsc::channel(256);
        let listening = tokio::spawn(listen::listen(app.direct_url.clone(), CHANNELS, hear));
        loop {
            tokio::select! {
                () = token.cancelled() => break,
                next = heard.recv() => match next {
                    Some(next) => dispatch(&app, next),
                    None => break,
                },
            }
        }
        listening.abort();
    })
}

fn dispatch(app: &App, heard: Heard) {
    match heard {
        Heard::Message { channel, payload } if channel == history::CHANNEL => match payload.parse() {
            Ok(event) => app.events.publish(event),
            Err(()) => tracing::warn!("a change was announced that cannot be read"),
        },
        Heard::Message { channel, payload } if channel == identity::CHANNEL => {
            app.identity.announced(&payload);
        }
        Heard::Message { channel, .. } if channel == job::CHANNEL => app.bell.ring(),
        Heard::Message { .. } => {}
        // Whatever was revoked meanwhile was not heard.
        Heard::Connected | Heard::Lost => app.identity.forget_all(),
    }
}
