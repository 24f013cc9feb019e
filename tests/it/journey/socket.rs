//! A subscription over a WebSocket, as an app on a phone has it open.
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use super::person::Person;
use crate::harness::TestApp;

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a socket as this person, and subscribes.
    pub async fn subscribe(test: &TestApp, person: &Person, query: &str, variables: Value) -> Self {
        let client = person.client(test).await;
        Self::open(&test.base, client.token(), &person.organization().await, query, variables).await
    }

    pub async fn open(base: &str, token: &str, organization: &str, query: &str, variables: Value) -> Self {
        let url = format!("{}/graphql", base.replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a request");
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let mut socket = Self(connect_async(request).await.expect("a socket").0);
        let payload =
            json!({ "authorization": format!("Bearer {token}"), "cairn-organization": organization });
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        let payload = json!({ "query": query, "variables": variables });
        socket.say(json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
        // The answer to a ping shows that the subscription before it was taken up.
        socket.say(json!({ "type": "ping" })).await;
        loop {
            let heard = socket.hear().await;
            match heard["type"].as_str() {
                Some("pong") => break,
                // Something has just happened; it is not what the caller waits for.
                Some("next") if heard["payload"]["errors"].is_null() => {}
                _ => panic!("{heard}"),
            }
        }
        socket
    }

    /// The data of the next event.
    pub async fn next(&mut self) -> Value {
        let event = self.hear().await;
        assert_eq!(event["type"], "next", "{event}");
        event["payload"]["data"].clone()
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("sent");
    }

    async fn hear(&mut self) -> Value {
        loop {
            let heard = tokio::time::timeout(Duration::from_secs(15), self.0.next()).await;
            match heard.expect("the server says nothing") {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).expect("JSON"),
                Some(Ok(_)) => {}
                other => panic!("the socket broke: {other:?}"),
            }
        }
    }
}
