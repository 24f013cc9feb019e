//! What stays behind when a thousand clients hang up in the middle?
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use api::config::Config;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::{SinkExt, StreamExt, future::join_all, stream};
use persistence::{connect::connect, sql::Sql};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::harness::{Client, TestApp};

const REQUESTS: usize = 1_000;
/// Clients at the same time: twice as many as there are connections.
const CLIENTS: usize = 16;
const POOL: usize = 8;
const LONGEST: u64 = 50;

const READ: &str =
    "{ organization { name } programs(first: 10) { nodes { name cohorts(first: 5) { nodes { name } } } } }";
const WRITE: &str = "mutation($name: String!) { updateOrganization(input: { name: $name }) { organization { name version } userErrors { code } } }";
const LISTEN: &str = "subscription { organizationChanged { organizationId } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_that_hang_up_leave_nothing_open_and_hold_up_nobody() {
    let mut config = Config::for_tests();
    config.pool_size = POOL;
    // Long enough on a busy machine; a connection that never came back would be waited for in vain.
    config.limits.pool_wait = Duration::from_secs(5);
    let test = TestApp::configured(config).await;
    let owners = [test.owner("North").await, test.owner("South").await];
    let steady = test.owner("Steady").await;

    let over = Arc::new(AtomicBool::new(false));
    let watching = tokio::spawn(ask_on_and_on(steady, Arc::clone(&over)));
    let answered = AtomicUsize::new(0);
    let each = |number: usize| {
        let (test, owner, answered) = (&test, &owners[number % 2], &answered);
        async move {
            // Spread over the range, and for each kind of request differently from round to round.
            let moment = Duration::from_micros(u64::try_from(number * 7_919).unwrap() % (LONGEST * 1_000));
            let request = async {
                match number % 10 {
                    0 => socket(&test.base, owner).await,
                    1 => events(owner).await,
                    2..6 => answer(owner, READ, json!({})).await,
                    _ => answer(owner, WRITE, json!({ "name": format!("Name {number}") })).await,
                }
            };
            if timeout(moment, request).await.is_ok() {
                answered.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    stream::iter(0..REQUESTS).map(each).buffer_unordered(CLIENTS).collect::<Vec<()>>().await;
    over.store(true, Ordering::Relaxed);
    let steady_answers = watching.await.expect("the steady client always got its answer");

    // A connection that was abandoned rolls back by itself, in a moment.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut outside = connect(&test.database_url).await.unwrap();
    assert_eq!(texts(&mut outside, BUSY).await, Vec::<String>::new(), "connections that are at work");
    assert_eq!(texts(&mut outside, LOCKS).await, Vec::<String>::new(), "locks that are held");
    let free = "select name from organization for update nowait";
    assert_eq!(texts(&mut outside, free).await.len(), 3, "every row is free");
    let torn = texts(&mut outside, TORN).await;
    assert_eq!(torn, Vec::<String>::new(), "a write happened as a whole or not at all");

    // All at once, so that it is every connection of the pool.
    let pool = &test.app.pool;
    let mut pooled: Vec<_> = join_all((0..POOL).map(|_| pool.get())).await;
    let states = join_all(pooled.iter_mut().map(|taken| texts(taken.as_mut().unwrap(), STATE))).await;
    assert_eq!(states, vec![[" cairn_app 0"]; POOL], "setting, role, and rows in sight");
    let answered = answered.load(Ordering::Relaxed);
    assert!(answered < REQUESTS / 2, "most clients hang up before the answer: {answered} did not");
    println!(
        "{REQUESTS} requests of {CLIENTS} clients, {} broken off; a steady client got {steady_answers} answers meanwhile",
        REQUESTS - answered
    );
    drop(pooled);
    test.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_held_for_too_long_is_busy_and_not_broken() {
    let mut config = Config::for_tests();
    config.limits.lock = Duration::from_millis(200);
    let test = TestApp::configured(config).await;
    let owner = test.owner("North").await;
    let mut outside = connect(&test.database_url).await.unwrap();
    outside.batch_execute("begin; select from organization for update").await.unwrap();
    let held = owner.send(WRITE, json!({ "name": "South" })).await;
    assert_eq!(held.body["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{}", held.body);
    assert_eq!(held.body["errors"][0]["extensions"]["retryable"], true);
    outside.batch_execute("commit").await.unwrap();
    owner.done(WRITE, json!({ "name": "South" })).await;
}

/// Connections of the pool that do something or hold a transaction.
const BUSY: &str =
    "select concat_ws(' ', state, query) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and (state <> 'idle' or xact_start is not null)";
const LOCKS: &str =
    "select concat_ws(' ', l.locktype, l.mode, a.query) from pg_locks l join pg_stat_activity a using (pid)
     where a.datname = current_database() and pid <> pg_backend_pid()";
/// Each write leaves a version and a line in the history.
const TORN: &str = "select name from organization o where version - 1 <> (
         select count(*) from audit_event where object_id = o.id and action = 'updateOrganization')";
const STATE: &str =
    "select coalesce(current_setting('cairn.organization', true), '') || ' ' || current_user || ' ' ||
         (select count(*) from program) + (select count(*) from audit_event)";

async fn texts(connection: &mut AsyncPgConnection, query: &'static str) -> Vec<String> {
    diesel_async::RunQueryDsl::load(Sql::<Text>::new(query), connection).await.unwrap()
}

/// Answers how often it asked and was answered rightly.
async fn ask_on_and_on(client: Client, over: Arc<AtomicBool>) -> usize {
    let mut answers = 0;
    while !over.load(Ordering::Relaxed) {
        let name = client.data("{ organization { name } }", json!({})).await;
        assert_eq!(name, json!({ "organization": { "name": "Steady" } }));
        answers += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    answers
}

async fn answer(client: &Client, document: &str, variables: Value) {
    let body = json!({ "query": document, "variables": variables });
    let response = client.request(Method::POST, "/graphql").json(&body).send().await.expect("an answer");
    response.bytes().await.expect("a whole answer");
}

async fn events(client: &Client) {
    let request = client.request(Method::POST, "/graphql").header("accept", "text/event-stream");
    let response = request.json(&json!({ "query": LISTEN })).send().await.expect("a stream");
    response.bytes_stream().for_each(async |_| {}).await;
}

async fn socket(base: &str, client: &Client) {
    let url = format!("{}/graphql", base.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.expect("a socket");
    let token = format!("Bearer {}", client.token());
    for message in [
        json!({ "type": "connection_init", "payload": { "authorization": token } }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": LISTEN } }),
    ] {
        socket.send(Message::text(message.to_string())).await.expect("said");
    }
    while socket.next().await.is_some() {}
}
