//! What may the console offer on this server? The recipes always; the demo people where there are some.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::recipe::{self, Recipe, Values};
use crate::App;

/// The demo data as the console speaks of it. Whoever loads the data leaves this in [`App::demo`].
#[derive(Debug, Default)]
pub struct Demo {
    pub people: Vec<Person>,
    pub password: Option<SecretString>,
    /// What stands behind `{{demo.program}}` and the like in the recipes: wire ids, by name.
    pub named: BTreeMap<String, String>,
}

/// A demo person whom the console lets in with one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    pub email: String,
    /// Who that is, as "Coordinator".
    pub label: String,
}

#[derive(Serialize)]
struct Cookbook<'a> {
    demo: bool,
    people: &'a [Person],
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    recipes: Vec<Recipe>,
}

/// A text with the ids of the demo and the times of this moment in place of `{{demo.match}}`, `{{now+2d}}` and the like.
pub fn filled(app: &App, text: &str) -> String {
    let nothing = Demo::default();
    let shown = app.demo.get().unwrap_or(&nothing);
    Values { named: &shown.named, now: app.clock.now(), fresh: app.clock.uuid() }.fill_text(text)
}

pub(super) async fn serve(State(app): State<Arc<App>>, uri: Uri, request: HeaderMap) -> Response {
    let nothing = Demo::default();
    let demo = app.demo.get();
    let shown = demo.unwrap_or(&nothing);
    let password =
        shown.password.as_ref().filter(|_| app.config.listen.ip().is_loopback() && is_local(&uri, &request));
    let values = Values { named: &shown.named, now: app.clock.now(), fresh: app.clock.uuid() };
    let recipes = match recipe::recipes(&values) {
        Ok(recipes) => recipes,
        Err(fault) => {
            tracing::error!(%fault, "the console's recipes cannot be served");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let password = password.map(ExposeSecret::expose_secret);
    let book = Cookbook { demo: demo.is_some(), people: &shown.people, password, recipes };
    ([(header::CACHE_CONTROL, "no-store")], Json(book)).into_response()
}

/// Whether the browser itself calls this server by a local name. A page from elsewhere whose own host name
/// was made to lead here must not read the password.
fn is_local(uri: &Uri, request: &HeaderMap) -> bool {
    let host = request.get(header::HOST).and_then(|host| host.to_str().ok()).or(uri.host());
    let Some(Ok(host)) = host.map(str::parse::<axum::http::uri::Authority>) else { return false };
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_names_are_told_the_password() {
        for (host, local) in [
            ("localhost:8080", true),
            ("127.0.0.1", true),
            ("[::1]:8080", true),
            ("cairn.example", false),
            ("localhost.cairn.example", false),
            ("192.168.1.4:8080", false),
            ("", false),
        ] {
            let request = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            assert_eq!(is_local(&Uri::from_static("/"), &request), local, "{host}");
        }
    }
}
