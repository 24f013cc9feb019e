//! The console's session: a cookie that scripts cannot read and other sites cannot use.
use reqwest::{Method, Response, header};
use serde_json::{Value, json};

use super::*;

async fn call(app: &TestApp, method: Method, cookie: Option<&str>, body: Option<Value>) -> Response {
    let mut request = app.anonymous().request(method, "/console/session");
    request = request.header("x-cairn-console", "1").header("origin", app.base.as_str());
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await.expect("an answer")
}

fn set_cookie(response: &Response) -> String {
    response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_signs_in_stays_in_and_signs_out() {
    let app = TestApp::start().await;
    ana(&app).await;
    let credentials = json!({ "email": "ana@school.example", "password": PASSWORD });
    let response = call(&app, Method::POST, None, Some(credentials)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let cookie = set_cookie(&response);
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/console/session"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain HTTP on this machine: {cookie}");
    let body: Value = response.json().await.expect("JSON");
    assert_eq!((&body["expiresIn"], &body["viewer"]["email"]), (&json!(300), &json!("ana@school.example")));
    let cookie = cookie.split(';').next().expect("a cookie");
    let response = call(&app, Method::PUT, Some(cookie), None).await;
    assert_eq!(response.status(), 200);
    let newer = set_cookie(&response);
    let body: Value = response.json().await.expect("JSON");
    let client = app.anonymous().with_token(text(&body["accessToken"]));
    assert_eq!(standing(&client).await, "OK");
    let response = call(&app, Method::DELETE, Some(newer.split(';').next().expect("a cookie")), None).await;
    assert_eq!(response.status(), 204);
    assert!(set_cookie(&response).contains("Max-Age=0"));
    assert_eq!(standing(&client).await, "401 REVOKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_and_missing_cookies_are_401() {
    let app = TestApp::start().await;
    ana(&app).await;
    let wrong = json!({ "email": "ana@school.example", "password": "not her password" });
    assert_eq!(call(&app, Method::POST, None, Some(wrong)).await.status(), 401);
    assert_eq!(call(&app, Method::PUT, None, None).await.status(), 401);
    assert_eq!(call(&app, Method::PUT, Some("cairn_console=x"), None).await.status(), 401);
    assert_eq!(call(&app, Method::DELETE, None, None).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_and_forms_are_rejected() {
    let app = TestApp::start().await;
    ana(&app).await;
    let body = json!({ "email": "ana@school.example", "password": PASSWORD });
    for (origin, console, expected) in [
        (Some("https://evil.example"), true, 403),
        (Some("null"), true, 403),
        (None, true, 403),
        (Some(app.base.as_str()), false, 403),
        (Some(app.base.as_str()), true, 200),
    ] {
        let mut request = app.anonymous().request(Method::POST, "/console/session").json(&body);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if console {
            request = request.header("x-cairn-console", "1");
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), expected, "{origin:?} {console}");
        if expected == 403 {
            let body: Value = response.json().await.expect("JSON");
            assert_eq!(body["errors"][0]["extensions"]["code"], "CSRF_REJECTED");
        }
    }
    let form = app.anonymous().request(Method::POST, "/console/session").header("x-cairn-console", "1");
    let form =
        form.header("origin", app.base.as_str()).header("content-type", "text/plain").body(body.to_string());
    assert_eq!(form.send().await.expect("an answer").status(), 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_reads_no_cookie() {
    let app = TestApp::start().await;
    let (_, token) = ana(&app).await;
    let request = app
        .anonymous()
        .request(Method::POST, "/graphql")
        .header(header::COOKIE, format!("cairn_console={token}"));
    let body: Value = request
        .json(&json!({ "query": VIEWER }))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(body["data"]["viewer"], Value::Null);
}
