//! Accounts and sessions: getting in, staying in, being thrown out, and everybody who should not get in.
mod account;
mod attack;
mod console;
mod refresh;
mod revocation;
mod school;

use serde_json::{Value, json};

use crate::harness::{Client, TestApp, person::PASSWORD};

const SIGN_UP: &str =
    "mutation ($input: SignUpInput!) { signUp(input: $input) { accepted userErrors { code path } } }";
const SIGN_IN: &str = "mutation ($input: SignInInput!) { signIn(input: $input) {
    tokens { accessToken accessTokenExpiresAt refreshToken session { id deviceName } } userErrors { code path } } }";
const REFRESH: &str = "mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) {
    tokens { accessToken refreshToken session { id } } userErrors { code path } } }";
const VIEWER: &str = "{ viewer { account { name email emailVerifiedAt } } }";
const SIGN_OUT: &str = "mutation { signOut { signedOut userErrors { code path } } }";

fn sign_up_input(email: &str) -> Value {
    json!({ "input": { "name": "Ana Sousa", "email": email, "password": PASSWORD } })
}

fn sign_in_input(email: &str, password: &str) -> Value {
    json!({ "input": { "email": email, "password": password } })
}

fn refresh_input(token: &str) -> Value {
    json!({ "input": { "refreshToken": token } })
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// An account `ana@school.example`, signed in once: the client and the refresh token.
async fn ana(app: &TestApp) -> (Client, String) {
    app.anonymous().done(SIGN_UP, sign_up_input("ana@school.example")).await;
    signed_in(app).await
}

/// Another device of the same person.
async fn signed_in(app: &TestApp) -> (Client, String) {
    let answer = app.anonymous().done(SIGN_IN, sign_in_input("ana@school.example", PASSWORD)).await;
    let tokens = &answer["tokens"];
    (app.anonymous().with_token(text(&tokens["accessToken"])), text(&tokens["refreshToken"]))
}

/// New tokens for a refresh token that must be good.
async fn refreshed(app: &TestApp, token: &str) -> (Client, String) {
    let answer = app.anonymous().done(REFRESH, refresh_input(token)).await;
    let tokens = &answer["tokens"];
    (app.anonymous().with_token(text(&tokens["accessToken"])), text(&tokens["refreshToken"]))
}

/// What the API says to this client: `OK`, or why it does not count as signed in.
async fn standing(client: &Client) -> String {
    let reply = client.send(VIEWER, Value::Null).await;
    match reply.body["errors"][0]["extensions"]["reason"].as_str() {
        Some(reason) => format!("{} {reason}", reply.status.as_u16()),
        None if reply.body["data"]["viewer"]["account"]["name"].is_string() => "OK".to_owned(),
        None => reply.body.to_string(),
    }
}
