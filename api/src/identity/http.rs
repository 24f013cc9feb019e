//! How does the console's page sign in, and what do token verifiers read? The few paths beside GraphQL.
use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::TimeDelta;
use domain::session::{Client, Reason, Session};
use http_body_util::{BodyExt, Limited};
use persistence::session::Which;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{Issued, SignIn, limit::Origin};
use crate::{
    App,
    error::{ErrorCode, Failure},
    transport::{answer, arrival::Arrival, fault::Fault, negotiate::Media},
};

const PATH: &str = "/console/session";
const COOKIE: &str = "cairn_console";
/// Forms cannot send it, and scripts of other origins are not allowed to.
const HEADER: &str = "x-cairn-console";
const MAX_BODY: usize = 8 * 1024;

/// The console's session, and what is published for verifiers.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(PATH, axum::routing::post(console).put(console).delete(console))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .with_state(app)
}

async fn jwks(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match app.identity.keys().await {
        Ok(keys) => {
            ([(header::CACHE_CONTROL, "public, max-age=3600")], Json(keys.published.clone())).into_response()
        }
        Err(failure) => refuse(failure.into(), &Arrival::of(&parts)),
    }
}

async fn metadata(State(app): State<Arc<App>>) -> Response {
    let issuer = app.config.page("");
    let metadata = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": [],
        "grant_types_supported": [],
    });
    ([(header::CACHE_CONTROL, "public, max-age=3600")], Json(metadata)).into_response()
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: SecretString,
}

async fn console(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let arrival = Arrival::of(&parts);
    let done = async {
        if !is_from_the_console(&app, &parts) {
            return Err(Fault::new(ErrorCode::CsrfRejected, "this is only for the console of this server"));
        }
        match parts.method {
            Method::POST => {
                let too_long = |_| Fault::new(ErrorCode::PayloadTooLarge, "this is too long for a sign-in");
                let body = Limited::new(body, MAX_BODY).collect().await.map_err(too_long)?.to_bytes();
                sign_in(&app, &parts.headers, body, &arrival).await
            }
            Method::PUT => refresh(&app, &parts.headers, &arrival).await,
            _ => sign_out(&app, &parts.headers, &arrival).await,
        }
    };
    let mut response = done.await.unwrap_or_else(|fault| refuse(fault, &arrival));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn sign_in(app: &App, headers: &HeaderMap, body: Bytes, arrival: &Arrival) -> Result<Response, Fault> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
        return Err(Fault::new(ErrorCode::UnsupportedMediaType, "send e-mail address and password as JSON"));
    }
    let form = |_| Fault::new(ErrorCode::BadRequest, "send {\"email\": …, \"password\": …}");
    let Credentials { email, password } = serde_json::from_slice(&body).map_err(form)?;
    let device_name = Some("Console".to_owned());
    let wish = SignIn { email, password, client: Client::Console, device_name };
    answer(app, app.identity.sign_in(wish, &origin(arrival)).await.map_err(fault)?).await
}

async fn refresh(app: &App, headers: &HeaderMap, arrival: &Arrival) -> Result<Response, Fault> {
    let missing = || Fault::unauthenticated(crate::error::AuthReason::Missing, "nobody is signed in");
    let token = cookie(headers).ok_or_else(missing)?;
    answer(app, app.identity.refresh(&token, Client::Console, &origin(arrival)).await.map_err(fault)?).await
}

async fn sign_out(app: &App, headers: &HeaderMap, arrival: &Arrival) -> Result<Response, Fault> {
    if let Some(token) = cookie(headers)
        && let Some(Session { id, account, .. }) = app.identity.session_of(&token).await.map_err(fault)?
    {
        let origin = origin(arrival);
        app.identity.end(account, Which::Only(id), Reason::SignOut, &origin).await.map_err(fault)?;
    }
    let gone = set_cookie(app, "", TimeDelta::zero());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

async fn answer(app: &App, issued: Issued) -> Result<Response, Fault> {
    let now = app.clock.now();
    let id = issued.session.account;
    let connection = persistence::request::RequestConnection::new(app.pool.clone(), None);
    let account = connection.load(async move |conn| persistence::account::find(conn, id).await).await;
    connection.finish().await;
    let account = account.map_err(|error| fault(error.into()))?.ok_or_else(Fault::internal)?;
    let life = issued.session.idle_expires_at.min(issued.session.absolute_expires_at) - now;
    let cookie = set_cookie(app, issued.refresh_token.expose_secret(), life);
    let body = json!({
        "accessToken": issued.access_token.expose_secret(),
        // Some milliseconds have passed since it was made.
        "expiresIn": (issued.access_expires_at - now + TimeDelta::milliseconds(999)).num_seconds(),
        "viewer": { "name": account.name, "email": account.email.map(|email| email.address) },
    });
    Ok(([(header::SET_COOKIE, cookie)], Json(body)).into_response())
}

/// Our own page sends the header, and a browser adds where the page is from.
fn is_from_the_console(app: &App, parts: &Parts) -> bool {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text("origin") else { return false };
    let (host, public) = (text("host"), app.config.public_url.as_ref());
    let own = origin.split_once("://").is_some_and(|(_, authority)| Some(authority) == host);
    let own = own || public.is_some_and(|url| url.origin().ascii_serialization() == origin);
    let fetched = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    text(HEADER) == Some("1") && own && fetched
}

fn cookie(headers: &HeaderMap) -> Option<SecretString> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned().into())
}

/// Scripts cannot read it, other sites cannot make a browser send it, and it goes to this path alone.
fn set_cookie(app: &App, value: &str, life: TimeDelta) -> String {
    let config = &app.config;
    let path = format!("{}{PATH}", config.base_path.prefix());
    let plain = match &config.public_url {
        Some(url) => url.scheme() == "http",
        None => config.listen.ip().is_loopback(),
    };
    let secure = if plain { "" } else { "; Secure" };
    format!(
        "{COOKIE}={value}; Path={path}; Max-Age={}; HttpOnly; SameSite=Strict{secure}",
        life.num_seconds().max(0)
    )
}

fn origin(arrival: &Arrival) -> Origin {
    Origin { address: arrival.address, request_id: arrival.request_id.to_string() }
}

/// Refused credentials are 401 here; the page has no user errors to read.
fn fault(failure: Failure) -> Fault {
    match failure {
        Failure::Refused(refusal) => Fault::unauthenticated(
            crate::error::AuthReason::Invalid,
            match refusal.code {
                domain::refusal::Code::InvalidCredentials => "e-mail address or password is not right",
                _ => "sign in again",
            },
        ),
        other => other.into(),
    }
}

fn refuse(fault: Fault, arrival: &Arrival) -> Response {
    answer::refuse(fault, Media::Json, &arrival.request_id)
}
