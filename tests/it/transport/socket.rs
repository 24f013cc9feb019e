//! WebSockets: the protocol's happy path, its close codes, and sockets that misbehave.
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use api::transport::limits::Limits;

use super::{
    http::server,
    sample::{self, Server},
};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

#[derive(Debug, PartialEq)]
enum Heard {
    Message(Value),
    Closed(u16, String),
}

async fn try_open(server: &Server, protocol: &str, origin: Option<&str>) -> Result<Socket, Error> {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_str(protocol)?);
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", HeaderValue::from_str(origin)?);
    }
    Ok(Socket(connect_async(request).await?.0))
}

async fn open(server: &Server) -> Socket {
    try_open(server, "graphql-transport-ws", None).await.unwrap()
}

async fn ready(server: &Server, token: Option<&str>) -> Socket {
    let mut socket = open(server).await;
    let payload = token.map(|token| json!({"authorization": format!("Bearer {token}")}));
    socket.say(json!({"type": "connection_init", "payload": payload})).await;
    assert_eq!(socket.hear().await, Heard::Message(json!({"type": "connection_ack"})));
    socket
}

fn subscribe(id: &str, query: &str) -> Value {
    json!({"id": id, "type": "subscribe", "payload": {"query": query}})
}

impl Socket {
    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn hear(&mut self) -> Heard {
        let wait = Duration::from_secs(15);
        loop {
            match tokio::time::timeout(wait, self.0.next()).await.expect("the server says nothing") {
                Some(Ok(Message::Text(text))) => return Heard::Message(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Heard::Closed(frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("the socket broke: {other:?}"),
            }
        }
    }

    async fn message(&mut self) -> Value {
        match self.hear().await {
            Heard::Message(message) => message,
            closed @ Heard::Closed(..) => panic!("{closed:?}"),
        }
    }

    async fn close_code(&mut self) -> u16 {
        loop {
            if let Heard::Closed(code, reason) = self.hear().await {
                assert!(reason.len() <= 123);
                return code;
            }
        }
    }
}

#[tokio::test]
async fn operations_run_side_by_side_and_end_on_their_own() {
    let server = server().await;
    let mut socket = ready(&server, Some("good")).await;
    socket.say(subscribe("s", "subscription { count(to: 2) }")).await;
    for count in 1..=2 {
        let next = json!({"type": "next", "id": "s", "payload": {"data": {"count": count}}});
        assert_eq!(socket.message().await, next);
    }
    assert_eq!(socket.message().await, json!({"type": "complete", "id": "s"}));
    socket.say(subscribe("s", "{ me zebra apple }")).await;
    assert_eq!(socket.message().await["payload"]["data"], json!({"me": "good", "zebra": 1, "apple": 2}));
    assert_eq!(socket.message().await, json!({"type": "complete", "id": "s"}));
    socket.say(json!({"type": "ping", "payload": {"n": 1}})).await;
    assert_eq!(socket.message().await, json!({"type": "pong", "payload": {"n": 1}}));
}

#[tokio::test]
async fn operations_that_cannot_run_get_an_error_message() {
    let server = server().await;
    let mut socket = ready(&server, None).await;
    for (query, code) in [
        ("{ nothing }", "VALIDATION_FAILED"),
        ("{ a", "PARSE_FAILED"),
        ("{ ...a } fragment a on Query { ...a }", "VALIDATION_FAILED"),
        ("mutation { signIn change }", "AUTH_FIELD_NOT_ALONE"),
        ("{ double(number: \"x\") }", "BAD_USER_INPUT"),
        ("{ slow }", "TIMEOUT"),
        ("{ panics }", "INTERNAL"),
    ] {
        socket.say(subscribe("e", query)).await;
        let message = socket.message().await;
        assert_eq!(message["type"], "error", "{query}: {message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}: {message}");
    }
    socket.say(subscribe("b", "subscription { broken }")).await;
    assert_eq!(socket.message().await["payload"]["data"]["broken"], 1);
    assert!(!socket.message().await.to_string().contains("secret"));
}

#[tokio::test]
async fn the_five_close_codes_of_the_protocol() {
    let server = server().await;

    let mut socket = open(&server).await;
    socket.say(subscribe("1", "{ hello }")).await;
    assert_eq!(socket.hear().await, Heard::Closed(4401, "Unauthorized".to_owned()));

    let mut socket = ready(&server, None).await;
    socket.say(subscribe("1", "subscription { silence }")).await;
    socket.say(subscribe("1", "subscription { silence }")).await;
    assert_eq!(socket.hear().await, Heard::Closed(4409, "Subscriber for this id already exists".to_owned()));

    let mut socket = open(&server).await;
    assert_eq!(socket.hear().await, Heard::Closed(4408, "Connection initialisation timeout".to_owned()));

    let mut socket = ready(&server, None).await;
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.hear().await, Heard::Closed(4429, "Too many initialisation requests".to_owned()));

    for bad in
        ["nonsense", "[]", r#"{"type":"start","id":"1"}"#, r#"{"type":"subscribe","id":"1","payload":{}}"#]
    {
        let mut socket = ready(&server, None).await;
        socket.0.send(Message::text(bad)).await.unwrap();
        assert_eq!(socket.close_code().await, 4400, "{bad}");
    }
}

#[tokio::test]
async fn bad_tokens_and_ended_sessions_close_with_4403() {
    let server = server().await;
    for payload in [
        json!({"authorization": "Bearer old"}),
        json!({"Authorization": "Bearer nonsense"}),
        json!({"authorization": "nonsense"}),
        json!({"token": 7}),
    ] {
        let mut socket = open(&server).await;
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.close_code().await, 4403, "{payload}");
    }
    let mut socket = ready(&server, Some("expiring")).await;
    socket.say(subscribe("1", "subscription { silence }")).await;
    assert_eq!(socket.hear().await, Heard::Closed(4403, "The token has expired".to_owned()));
}

#[tokio::test]
async fn a_completed_operation_is_silent_and_its_id_free() {
    let server = server().await;
    let mut socket = ready(&server, None).await;
    for _ in 0..3 {
        socket.say(subscribe("1", "subscription { silence }")).await;
        socket.say(json!({"type": "complete", "id": "1"})).await;
    }
    socket.say(subscribe("1", "{ zebra }")).await;
    assert_eq!(socket.message().await["payload"]["data"]["zebra"], 1);
}

#[tokio::test]
async fn the_51st_operation_is_refused_and_the_socket_lives() {
    let server = server().await;
    let mut socket = ready(&server, None).await;
    for id in 0..51 {
        socket.say(subscribe(&id.to_string(), "subscription { silence }")).await;
    }
    let message = socket.message().await;
    assert_eq!((&message["id"], &message["type"]), (&json!("50"), &json!("error")));
    assert_eq!(message["payload"][0]["extensions"]["code"], "SUBSCRIPTION_LIMIT");
    socket.say(json!({"type": "complete", "id": "0"})).await;
    socket.say(subscribe("50", "{ zebra }")).await;
    assert_eq!(socket.message().await["type"], "next");
}

#[tokio::test]
async fn strangers_and_old_protocols_are_turned_away() {
    let server = server().await;
    let status = async |protocol: &str, origin: Option<&str>| match try_open(&server, protocol, origin).await
    {
        Ok(_) => 101,
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(status("graphql-transport-ws", Some("https://evil.example")).await, 403);
    assert_eq!(status("graphql-transport-ws", Some("https://app.example.org")).await, 101);
    assert_eq!(status("graphql-ws", None).await, 400);
}

#[tokio::test]
async fn messages_above_the_limit_close_with_1009() {
    let server = server().await;
    let mut socket = ready(&server, None).await;
    socket.0.send(Message::text("x".repeat(70_000))).await.unwrap();
    assert_eq!(socket.close_code().await, 1009);
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_let_go() {
    let server = server().await;
    let mut socket = ready(&server, None).await;
    socket.say(subscribe("1", "subscription { flood }")).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut events = 0;
    // What is still in the buffers of the connection arrives, then the socket is closed or gone.
    while let Some(Ok(Message::Text(_))) = socket.0.next().await {
        events += 1;
        assert!(events < 5_000, "the server kept sending");
    }
}

#[tokio::test]
async fn a_socket_without_a_sign_of_life_is_closed_so_that_its_client_comes_back() {
    let limits = Limits {
        socket_ping: Duration::from_millis(300),
        socket_pong: Duration::from_millis(300),
        ..sample::limits()
    };
    let server = sample::start("127.0.0.1:0", limits, 64).await;
    let mut alive = ready(&server, None).await;
    let mut silent = ready(&server, None).await;
    for _ in 0..5 {
        assert_eq!(alive.message().await, json!({"type": "ping"}));
        alive.say(json!({"type": "pong"})).await;
    }
    assert_eq!(silent.close_code().await, 1013);
    alive.say(subscribe("1", "{ zebra }")).await;
    while alive.message().await["type"] != "next" {}
}

#[tokio::test]
async fn a_stopping_server_says_goodbye_to_every_socket() {
    let server = server().await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(ready(&server, None).await);
    }
    server.stop.token().cancel();
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, 1001);
    }
    server.stopped.await.unwrap().unwrap();
}
