//! How does a browser get the console? As one page and its assets, all out of this binary.
//!
//! Every address in the page is relative to it, so the console works under any path prefix.

mod asset;
mod cookbook;
mod recipe;

use std::sync::Arc;

pub use cookbook::{Demo, Person, filled};

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::App;

/// What `/graphiql` says when the binary was built without npm.
const MISSING: &str = "This cairn was built without its console: install Node.js 20 or newer and build it again \
                       with CAIRN_CONSOLE=require, or point any GraphQL client to /graphql.\n";

/// The console's routes: the page, its assets and the icon that browsers ask for by themselves.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/graphiql", get(page))
        .route("/graphiql/", get(async || Redirect::permanent("../graphiql")))
        .route("/graphiql/{name}", get(asset::serve))
        .route("/favicon.ico", get(asset::icon))
}

/// What the console asks of this server beside GraphQL and the session: its recipes.
pub fn cookbook(app: Arc<App>) -> Router {
    Router::new().route("/console/recipes.json", get(cookbook::serve)).with_state(app)
}

/// Whether this binary carries the console; the banner tells.
pub fn is_built_in() -> bool {
    asset::INDEX.is_some()
}

async fn page() -> Response {
    let Some(index) = asset::INDEX else {
        return (StatusCode::NOT_FOUND, MISSING).into_response();
    };
    let mut random = [0; 16];
    if aws_lc_rs::rand::fill(&mut random).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let nonce = STANDARD_NO_PAD.encode(random);
    let Ok(policy) = HeaderValue::try_from(policy(&nonce)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut headers = HeaderMap::from_iter(PAGE.map(|(name, value)| (name, HeaderValue::from_static(value))));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    (headers, index.replace("{{nonce}}", &nonce)).into_response()
}

const PAGE: [(HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    // The page holds a number that is good for one response.
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Nothing but this server: no foreign script, style, font, picture or connection, and no frame around it.
///
/// The editor makes style elements while it runs; `nonce` admits them. It also sets style attributes,
/// which can neither load nor run anything.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; worker-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
}
