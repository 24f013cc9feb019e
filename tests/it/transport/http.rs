//! HTTP: statuses, media types, bounds and what never gets out.
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::sample::{self, Server};

pub fn client() -> Client {
    // Whoever comes first installs it; a second time is no error.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

pub async fn server() -> Server {
    sample::start("127.0.0.1:0", sample::limits(), 64).await
}

fn url(server: &Server) -> String {
    format!("http://{}/graphql", server.address)
}

fn asking(server: &Server, query: &str) -> url::Url {
    url::Url::parse_with_params(&url(server), [("query", query)]).unwrap()
}

const MODERN: &str = "application/graphql-response+json";

fn post(server: &Server, body: &Value) -> RequestBuilder {
    client().post(url(server)).header("accept", MODERN).json(body)
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: no JSON: {text}")))
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn an_answer_keeps_the_order_of_the_selection() {
    let server = server().await;
    let request = post(&server, &json!({"query": "{ zebra apple hello b: zebra a: apple }"}));
    let text = request.send().await.unwrap().text().await.unwrap();
    assert_eq!(text, r#"{"data":{"zebra":1,"apple":2,"hello":"hello you","b":1,"a":2}}"#);
}

#[tokio::test]
async fn each_mistake_has_its_status_and_code() {
    let server = server().await;
    for (body, status, expected) in [
        (json!({"query": "{ hello "}), 400, "PARSE_FAILED"),
        (json!({"query": "{ nothing }"}), 400, "VALIDATION_FAILED"),
        (json!({"query": "{ hello @unknown }"}), 400, "VALIDATION_FAILED"),
        (json!({"query": "{ __typename @unknown }"}), 400, "VALIDATION_FAILED"),
        (json!({"query": "query A { hello } query B { hello }"}), 400, "VALIDATION_FAILED"),
        (json!({"query": "query A { hello }", "operationName": "B"}), 400, "VALIDATION_FAILED"),
        (json!({"query": "subscription { silence }"}), 400, "VALIDATION_FAILED"),
        (json!({"query": "{ double(number: \"x\") }"}), 400, "BAD_USER_INPUT"),
        (json!({"query": "query($n: Int!) { double(number: $n) }"}), 400, "BAD_USER_INPUT"),
        (
            json!({"query": "query($n: Int!) { double(number: $n) }", "variables": {"n": "x"}}),
            400,
            "BAD_USER_INPUT",
        ),
        (
            json!({"query": "query($n: Int!) { double(number: $n) }", "variables": {"n": 2_147_483_648_u32}}),
            200,
            "BAD_USER_INPUT",
        ),
        (json!({"query": "{ double }"}), 400, "VALIDATION_FAILED"),
        (json!({"query": "mutation { signIn change }"}), 400, "AUTH_FIELD_NOT_ALONE"),
        (json!({"query": "{ panics }"}), 500, "INTERNAL"),
        (json!({"query": "{ leaks }"}), 500, "INTERNAL"),
        (json!({"query": "{ slow }"}), 504, "TIMEOUT"),
        (json!({"query": "{ forbidden }"}), 200, "FORBIDDEN"),
        (json!({"query": ""}), 400, "BAD_REQUEST"),
        (json!([{"query": "{ hello }"}]), 400, "BATCHING_DISABLED"),
        (
            json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00".repeat(32)}}}),
            400,
            "PERSISTED_QUERY_NOT_FOUND",
        ),
    ] {
        let (actual, answer) = answer(post(&server, &body)).await;
        assert_eq!((actual, code(&answer)), (status, expected), "{body} answered {answer}");
        assert!(answer["errors"][0]["extensions"]["requestId"].is_string(), "{answer}");
        let text = answer.to_string();
        assert!(!text.contains("secret") && !text.contains("password"), "{text}");
    }
}

#[tokio::test]
async fn a_get_only_reads() {
    let server = server().await;
    let get = |query: &str| client().get(asking(&server, query)).send();
    let response = get("{ hello }").await.unwrap();
    assert_eq!(response.status(), 200);
    let response = get("mutation { change }").await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["allow"]), (405, &"POST".parse().unwrap()));
    let response = client().put(url(&server)).send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(code(&response.json().await.unwrap()), "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn only_json_changes_anything() {
    let server = server().await;
    let body = r#"{"query":"mutation { change }"}"#;
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x", ""]
    {
        let request = client().post(url(&server)).header("content-type", kind).body(body);
        let (status, answer) = answer(request).await;
        assert_eq!((status, code(&answer)), (415, "UNSUPPORTED_MEDIA_TYPE"), "{kind}");
    }
    let request =
        client().post(url(&server)).header("content-type", "application/json; charset=utf-8").body(body);
    assert_eq!(answer(request).await, (200, json!({"data": {"change": true}})));
}

#[tokio::test]
async fn refusals_outside_of_graphql_are_json_too() {
    let server = server().await;
    let html = client().get(asking(&server, "{ hello }")).header("accept", "text/html");
    let (status, body) = answer(html).await;
    assert_eq!((status, code(&body)), (406, "NOT_ACCEPTABLE"));
    let lost = client().get(format!("http://{}/nowhere", server.address));
    let (status, body) = answer(lost).await;
    assert_eq!((status, code(&body)), (404, "NOT_FOUND"));
    let large = post(&server, &json!({"query": "{ hello }", "variables": {"x": "y".repeat(200_000)}}));
    let (status, body) = answer(large).await;
    assert_eq!((status, code(&body)), (413, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn a_bad_token_is_never_taken_for_nobody() {
    let server = server().await;
    let me = || post(&server, &json!({"query": "{ me }"}));
    assert_eq!(answer(me()).await.1["data"]["me"], "anonymous");
    assert_eq!(answer(me().bearer_auth("good")).await.1["data"]["me"], "good");
    let response = me().bearer_auth("old").send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["www-authenticate"], r#"Bearer error="invalid_token""#);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["reason"], "EXPIRED");
    for header in ["Basic Z29vZA==", "good", "Bearer"] {
        let (status, body) = answer(me().header("authorization", header)).await;
        assert_eq!((status, code(&body)), (401, "UNAUTHENTICATED"), "{header}");
    }
}

#[tokio::test]
async fn hostile_documents_are_refused_at_once_and_never_echoed() {
    let server = server().await;
    let doubling = (0..22).fold("{ ...f0 }".to_owned(), |text, level| {
        let next = level + 1;
        format!("{text} fragment f{level} on Query {{ ...f{next} ...f{next} }}")
    }) + " fragment f22 on Query { hello }";
    let many = |count: usize, each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<String>();
    let documents = [
        doubling,
        format!("{{ {} }}", many(4_000, &|i| format!("a{i}: __typename "))),
        format!("{{ {} }}", many(1_000, &|i| format!("a{i}: hello "))),
        format!("{{ {} }}", "__typename ".repeat(500)),
        format!("{{ hello }} # {}", "x".repeat(100_000)),
        format!("query({}) {{ hello }}", many(400, &|i| format!("$v{i}: Int "))),
        format!("{{ double(number: {}1{}) }}", "[".repeat(5_000), "]".repeat(5_000)),
        format!("{{ hello {} }}", "@skip(if: false) ".repeat(200)),
        format!("{{ {} }}", "x".repeat(30_000)),
        format!("{{ {} }}", many(18, &|i| format!("unknown{i} "))),
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(),
    ];
    for document in documents {
        let started = Instant::now();
        let response = post(&server, &json!({"query": document})).send().await.unwrap();
        let start: String = document.chars().take(40).collect();
        assert_eq!(response.status(), 400, "{start}");
        let text = response.text().await.unwrap();
        assert!(text.len() <= 64 * 1024, "{start} was answered by {} bytes", text.len());
        let body: Value = serde_json::from_str(&text).unwrap();
        let errors = body["errors"].as_array().unwrap();
        assert!(errors.len() <= 10 && errors.iter().all(|error| error.to_string().len() <= 512), "{text}");
        assert!(started.elapsed() < Duration::from_secs(2), "{start} took {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_document_sent_once_is_known_by_its_hash() {
    let server = server().await;
    let hash = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";
    let text = post(&server, &json!({"query": "{ __typename }"}));
    assert_eq!(answer(text).await.0, 200);
    let by_hash = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}});
    assert_eq!(answer(post(&server, &by_hash)).await, (200, json!({"data": {"__typename": "Query"}})));
    let by_id = json!({"documentId": format!("sha256:{hash}")});
    assert_eq!(answer(post(&server, &by_id)).await.0, 200);
    let wrong = json!({
        "query": "{ __typename }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00".repeat(32)}}
    });
    assert_eq!(code(&answer(post(&server, &wrong)).await.1), "BAD_REQUEST");
}

#[tokio::test]
async fn a_request_id_goes_in_and_out() {
    let server = server().await;
    let sent = post(&server, &json!({"query": "{ nothing }"})).header("x-request-id", "my-id-7");
    let response = sent.send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "my-id-7");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["requestId"], "my-id-7");
}

#[tokio::test]
async fn a_trusted_proxy_tells_where_the_client_is() {
    let server = server().await;
    let request =
        post(&server, &json!({"query": "{ address }"})).header("x-forwarded-for", "1.1.1.1, 203.0.113.9");
    assert_eq!(answer(request).await.1["data"]["address"], "203.0.113.9");
}

#[tokio::test]
async fn pages_of_listed_origins_may_ask() {
    let server = server().await;
    let preflight = |origin: &str| {
        client()
            .request(reqwest::Method::OPTIONS, url(&server))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .send()
    };
    let listed = preflight("https://app.example.org").await.unwrap();
    assert_eq!(listed.headers()["access-control-allow-origin"], "https://app.example.org");
    assert!(listed.headers().get("access-control-allow-credentials").is_none());
    let other = preflight("https://evil.example").await.unwrap();
    assert!(other.headers().get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_can_read_that() {
    let server = server().await;
    let introspection =
        json!({"query": "{ __schema { types { name description fields { name description } } } }"});
    let packed = post(&server, &introspection).header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let plain = post(&server, &introspection).send().await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
    assert!(packed.bytes().await.unwrap().len() * 3 < plain.bytes().await.unwrap().len());
    let short =
        post(&server, &json!({"query": "{ zebra }"})).header("accept-encoding", "gzip").send().await.unwrap();
    assert!(short.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_let_go() {
    let server = server().await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"POST /graphql HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(14), slow.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn a_client_that_never_ends_its_body_is_answered() {
    let server = server().await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let head =
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 504");
}

#[tokio::test]
async fn a_full_house_sends_requests_away() {
    let server = sample::start("127.0.0.1:0", sample::limits(), 2).await;
    let client = client();
    let soon = || client.post(url(&server)).json(&json!({"query": "{ soon }"})).send();
    let responses = futures_util::future::join_all((0..6).map(|_| soon())).await;
    let shed: Vec<_> = responses.into_iter().map(Result::unwrap).filter(|one| one.status() == 503).collect();
    assert_eq!(shed.len(), 4);
    assert_eq!(shed[0].headers()["retry-after"], "1");
    assert_eq!(soon().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_stopping_server_answers_what_is_in_flight() {
    let server = server().await;
    let (client, url) = (client(), url(&server));
    let running = tokio::spawn(async move {
        client.post(url).json(&json!({"query": "{ soon }"})).send().await.unwrap().status().as_u16()
    });
    tokio::time::sleep(Duration::from_millis(150)).await;
    server.stop.token().cancel();
    assert_eq!(running.await.unwrap(), 200);
    server.stopped.await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err());
}
