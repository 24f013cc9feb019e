//! Event streams: one request, events, and an end that says why.
use std::time::Duration;

use serde_json::json;

use super::http::{client, server};

async fn events(query: &str, token: Option<&str>) -> String {
    let server = server().await;
    let mut request = client()
        .post(format!("http://{}/graphql", server.address))
        .header("accept", "text/event-stream")
        .json(&json!({"query": query}));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    tokio::time::timeout(Duration::from_secs(10), response.text()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_subscription_is_a_stream_of_events() {
    let text = events("subscription { count(to: 2) }", None).await;
    let expected = "event: next\ndata: {\"data\":{\"count\":1}}\n\nevent: next\ndata: {\"data\":{\"count\":2}}\n\n\
                    event: complete\ndata:\n\n";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_query_is_a_stream_of_one_event() {
    let text = events("{ zebra }", None).await;
    assert_eq!(text, "event: next\ndata: {\"data\":{\"zebra\":1}}\n\nevent: complete\ndata:\n\n");
}

#[tokio::test]
async fn refusals_come_as_events_because_browsers_read_nothing_else() {
    for (query, code) in [
        ("{ nothing }", "VALIDATION_FAILED"),
        ("{ a", "PARSE_FAILED"),
        ("{ ...a } fragment a on Query { ...a }", "VALIDATION_FAILED"),
        ("mutation { signIn change }", "AUTH_FIELD_NOT_ALONE"),
        ("subscription { broken }", "INTERNAL"),
    ] {
        let text = events(query, None).await;
        assert!(text.contains(code), "{query}: {text}");
        assert!(text.ends_with("event: complete\ndata:\n\n"), "{query}: {text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_token() {
    let text = events("subscription { silence }", Some("expiring")).await;
    assert!(text.contains("UNAUTHENTICATED") && text.contains("EXPIRED"), "{text}");
}

#[tokio::test]
async fn a_stopping_server_breaks_streams_off_so_that_clients_come_back() {
    let server = server().await;
    let response = client()
        .post(format!("http://{}/graphql", server.address))
        .header("accept", "text/event-stream")
        .json(&json!({"query": "subscription { silence }"}))
        .send()
        .await
        .unwrap();
    server.stop.token().cancel();
    let text = tokio::time::timeout(Duration::from_secs(5), response.text()).await.unwrap().unwrap();
    assert_eq!(text, "");
    server.stopped.await.unwrap().unwrap();
}
