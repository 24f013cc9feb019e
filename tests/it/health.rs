//! Is the server alive, ready and countable?
use serde_json::{Value, json};

use crate::harness::TestApp;

async fn get(app: &TestApp, path: &str) -> (u16, String) {
    let response = app.anonymous().request(reqwest::Method::GET, path).send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("text"))
}

#[tokio::test]
async fn a_running_server_is_alive_and_ready() {
    let app = TestApp::start().await;
    assert_eq!(get(&app, "/health/live").await, (200, r#"{"status":"ok"}"#.to_owned()));
    let (status, body) = get(&app, "/health/ready").await;
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, &body["status"]), (200, &json!("ready")), "{body}");
}

#[tokio::test]
async fn metrics_name_routes_and_no_paths() {
    let app = TestApp::start().await;
    app.anonymous().data("{ limits { depth } }", json!({})).await;
    let (status, text) = get(&app, "/metrics").await;
    assert_eq!(status, 200);
    assert!(text.contains(r#"cairn_requests_total{route="/graphql",status="200"}"#), "{text}");
}

#[tokio::test]
async fn unknown_paths_are_answered_in_json() {
    let app = TestApp::start().await;
    let (status, body) = get(&app, "/../../etc/passwd").await;
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (404, &json!("NOT_FOUND")));
}
