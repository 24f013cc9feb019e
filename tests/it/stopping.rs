//! What do clients notice when a server is told to stop, and what is left of it?
use std::{
    fs,
    time::{Duration, Instant},
};

use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::{SinkExt, StreamExt, future::join_all};
use persistence::{connect::connect, sql::Sql};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::harness::{
    Client,
    newcomer::{Newcomer, gone, soon},
    person,
};

const REQUESTS: usize = 50;
const SOCKETS: usize = 20;
const STREAMS: usize = 5;
/// For requests to end, sockets to say goodbye and PostgreSQL to write everything down.
const BOUND: Duration = Duration::from_secs(10);

const RENAME: &str = "mutation { updateOrganization(input: { name: \"Brighter Futures\" }) { organization { name } userErrors { code } } }";
const LISTEN: &str = "subscription { organizationChanged { organizationId } }";
/// Requests that wait for the row that this test holds.
const WAITING: &str = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_answers_everybody_and_says_goodbye() {
    let newcomer = Newcomer::new();
    // Every request that waits below holds a connection.
    let mut serving = newcomer.serve(&[
        ("CAIRN_DEMO", "no"),
        ("CAIRN_POOL_SIZE", "60"),
        ("CAIRN_LIMIT_LOCK", "9s"),
        ("CAIRN_LIMIT_STATEMENT", "9s"),
    ]);
    let postgres = newcomer.postgres().expect("it runs");
    let owner = person::of(&serving.base(), "olga@school.example").await;
    let create = "mutation { createOrganization(input: { name: \"Bright Futures\", timeZone: \"Europe/Lisbon\" }) { organization { id } userErrors { code } } }";
    owner.done(create, json!({})).await;
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        sockets.push(listening(&serving.base(), &owner).await);
    }
    let streams = join_all((0..STREAMS).map(|_| stream(&owner))).await;

    let mut outside = connect(&newcomer.database_url().expect("it runs")).await.unwrap();
    outside.batch_execute("begin; select from organization for update").await.unwrap();
    let rename = |client: Client| async move {
        let body = json!({ "query": RENAME });
        let response = client.request(Method::POST, "/graphql").json(&body).send().await.expect("an answer");
        response.json::<Value>().await.expect("a whole answer")
    };
    let running: Vec<_> = (0..REQUESTS).map(|_| tokio::spawn(rename(owner.clone()))).collect();
    let mut watching = connect(&newcomer.database_url().expect("it runs")).await.unwrap();
    while waiting(&mut watching).await < i64::try_from(REQUESTS).unwrap() {
        assert!(running.iter().all(|request| !request.is_finished()), "answered while the row is held");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let told = Instant::now();
    serving.signal("-TERM");
    for socket in &mut sockets {
        assert_eq!(close_code(socket).await, 1001);
    }
    for stream in streams {
        let rest = tokio::time::timeout(BOUND, stream.text()).await.expect("the stream ends");
        assert_eq!(rest.unwrap(), "", "broken off without `complete`, so that the client comes again");
    }
    assert!(serving.get("/health/live").is_none(), "a newcomer is not let in");
    assert!(running.iter().all(|request| !request.is_finished()), "everybody still waits");
    outside.batch_execute("commit").await.unwrap();
    drop((outside, watching));
    for request in running {
        let expected = json!({ "organization": { "name": "Brighter Futures" }, "userErrors": [] });
        let answer = request.await.expect("answered");
        assert_eq!(answer["data"]["updateOrganization"], expected, "{answer}");
    }
    assert!(serving.ended().success());
    let took = told.elapsed();
    assert!(took < BOUND, "{took:?}");
    assert!(gone(postgres), "PostgreSQL still runs");
    assert!(!newcomer.path().join("data/pg/postmaster.pid").exists());
    println!(
        "told to stop with {REQUESTS} requests, {SOCKETS} sockets and {STREAMS} streams: all ended well, gone after {took:.1?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_does_not_end_holds_nobody_up_for_longer_than_the_drain_time() {
    let newcomer = Newcomer::new();
    let mut serving = newcomer.serve(&[
        ("CAIRN_DEMO", "no"),
        ("CAIRN_DRAIN_TIMEOUT", "1s"),
        ("CAIRN_LIMIT_LOCK", "1m"),
        ("CAIRN_LIMIT_STATEMENT", "1m"),
        ("CAIRN_LIMIT_REQUEST", "1m"),
    ]);
    let postgres = newcomer.postgres().expect("it runs");
    let owner = person::of(&serving.base(), "olga@school.example").await;
    let mut outside = connect(&newcomer.database_url().expect("it runs")).await.unwrap();
    outside.batch_execute("begin; lock table organization").await.unwrap();
    let create = "mutation { createOrganization(input: { name: \"Bright Futures\", timeZone: \"Europe/Lisbon\" }) { organization { id } } }";
    let request = owner.request(Method::POST, "/graphql").json(&json!({ "query": create }));
    let running = tokio::spawn(async move { request.send().await?.json::<Value>().await });
    let mut watching = connect(&newcomer.database_url().expect("it runs")).await.unwrap();
    while waiting(&mut watching).await < 1 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(watching);
    let told = Instant::now();
    serving.signal("-TERM");
    assert!(serving.ended().success());
    assert!(told.elapsed() < BOUND, "{:?}", told.elapsed());
    // Whoever still hears something hears that it may come again: PostgreSQL has ended the statement.
    if let Ok(answer) = running.await.unwrap() {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    }
    assert!(gone(postgres), "PostgreSQL still runs");
}

#[test]
fn whoever_asks_twice_need_not_wait() {
    let newcomer = Newcomer::new();
    let mut serving = newcomer.serve(&[("CAIRN_DEMO", "no")]);
    let postgres = newcomer.postgres().expect("it runs");
    // A client that has begun a request and does not go on would be waited for.
    let mut slow = std::net::TcpStream::connect(serving.address).unwrap();
    let head =
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    std::io::Write::write_all(&mut slow, head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    serving.signal("-INT");
    assert!(soon(|| serving.get("/health/live").is_none()));
    let asked = Instant::now();
    serving.signal("-INT");
    assert_eq!(serving.ended().code(), Some(1));
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert!(gone(postgres), "PostgreSQL stops with it");
    let folder = fs::read_dir(newcomer.path().join("data/pg")).unwrap();
    assert!(folder.count() > 0, "the data is there");
}

async fn waiting(connection: &mut AsyncPgConnection) -> i64 {
    diesel_async::RunQueryDsl::get_result(Sql::<BigInt>::new(WAITING), connection).await.unwrap()
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A socket with a subscription that runs.
async fn listening(base: &str, client: &Client) -> Socket {
    let url = format!("{}/graphql", base.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.expect("a socket");
    let token = format!("Bearer {}", client.token());
    for message in [
        json!({ "type": "connection_init", "payload": { "authorization": token } }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": LISTEN } }),
        json!({ "type": "ping" }),
    ] {
        socket.send(Message::text(message.to_string())).await.expect("said");
    }
    for wanted in ["connection_ack", "pong"] {
        let heard = socket.next().await.expect("a message").expect("a message");
        assert!(heard.to_text().unwrap().contains(wanted), "{heard}");
    }
    socket
}

async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        match tokio::time::timeout(BOUND, socket.next()).await.expect("the server says nothing") {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            broken => panic!("no goodbye: {broken:?}"),
        }
    }
}

async fn stream(client: &Client) -> reqwest::Response {
    let request = client.request(Method::POST, "/graphql").header("accept", "text/event-stream");
    request.json(&json!({ "query": LISTEN })).send().await.expect("a stream")
}
