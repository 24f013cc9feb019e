//! What did the demo send? A page that shows it, so that a newcomer needs no mail server.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use super::Letter;
use crate::App;

/// Letters that are kept; older ones go.
const MOST: usize = 200;
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:; frame-ancestors 'self'";

/// The last letters, in memory.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<(u64, VecDeque<Kept>)>);

#[derive(Debug, Clone)]
struct Kept {
    number: u64,
    letter: Letter,
    raw: Vec<u8>,
}

#[derive(Debug, Serialize)]
struct Listed {
    number: u64,
    to: String,
    subject: String,
    text: String,
}

impl Mailbox {
    pub(super) fn keep(&self, letter: Letter, raw: Vec<u8>) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0 += 1;
        let number = inner.0;
        inner.1.push_front(Kept { number, letter, raw });
        inner.1.truncate(MOST);
    }

    fn all(&self) -> Vec<Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.iter().cloned().collect()
    }

    fn find(&self, number: u64) -> Option<Kept> {
        self.all().into_iter().find(|kept| kept.number == number)
    }
}

/// `/dev/mail`, in demo mode only.
pub fn router(app: Arc<App>) -> Router {
    if !app.config.demo_mode() {
        return Router::new();
    }
    Router::new()
        .route("/dev/mail", get(page))
        .route("/dev/mail.json", get(list))
        .route("/dev/mail/{number}", get(html))
        .route("/dev/mail/{number}/raw", get(raw))
        .with_state(app)
}

async fn list(State(app): State<Arc<App>>) -> Json<Vec<Listed>> {
    let listed = |kept: Kept| Listed {
        number: kept.number,
        to: kept.letter.to_address,
        subject: kept.letter.subject,
        text: kept.letter.text,
    };
    Json(app.mailer.mailbox.all().into_iter().map(listed).collect())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

async fn page(State(app): State<Arc<App>>) -> Response {
    let base = app.config.base_path.prefix().to_owned();
    let row = |kept: Kept| {
        let (number, to, subject) =
            (kept.number, escape(&kept.letter.to_address), escape(&kept.letter.subject));
        let text = escape(&kept.letter.text);
        format!(
            "<details><summary><b>{subject}</b> to {to}</summary><pre>{text}</pre>\
             <p><a href=\"{base}/dev/mail/{number}/raw\">as sent</a></p>\
             <iframe sandbox src=\"{base}/dev/mail/{number}\" title=\"{subject}\"></iframe></details>"
        )
    };
    let rows: String = app.mailer.mailbox.all().into_iter().map(row).collect();
    let rows = if rows.is_empty() { "<p>Nothing has been sent yet.</p>".to_owned() } else { rows };
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mailbox</title><style>\
         body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}\
         summary{{cursor:pointer;padding:.5rem 0}}pre{{white-space:pre-wrap;background:#f4f4f4;padding:1rem}}\
         iframe{{width:100%;height:28rem;border:1px solid #ccc}}</style></head>\
         <body><h1>Mailbox</h1><p>What this demo would have sent. Newest first.</p>{rows}</body></html>"
    );
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response()
}

async fn html(State(app): State<Arc<App>>, Path(number): Path<u64>) -> Response {
    match app.mailer.mailbox.find(number) {
        Some(kept) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(kept.letter.html)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn raw(State(app): State<Arc<App>>, Path(number): Path<u64>) -> Response {
    match app.mailer.mailbox.find(number) {
        Some(kept) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], kept.raw).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
