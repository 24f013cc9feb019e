//! The part of the catalogue that goes over a WebSocket.
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::Value;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use super::{Text, read};
use crate::harness::TestApp;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SocketCase {
    name: String,
    origin: Option<String>,
    protocol: Option<String>,
    #[serde(default)]
    messages: Vec<Text>,
    /// Of a handshake that is refused.
    status: Option<u16>,
    /// Code with which the server closes.
    close: Option<u16>,
    /// Code of the error that an operation gets.
    code: Option<String>,
}

/// What the server did in the end.
#[derive(Debug, PartialEq)]
enum End {
    Status(u16),
    Close(u16),
    Error(String),
}

impl SocketCase {
    fn expected(&self) -> End {
        match (self.status, self.close, &self.code) {
            (Some(status), None, None) => End::Status(status),
            (None, Some(close), None) => End::Close(close),
            (None, None, Some(code)) => End::Error(code.clone()),
            _ => panic!("{} must expect one thing", self.name),
        }
    }

    async fn send(&self, base: &str) -> End {
        let url = base.replacen("http", "ws", 1) + "/graphql";
        let mut request = url.into_client_request().unwrap();
        let protocol = self.protocol.as_deref().unwrap_or("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_str(protocol).unwrap());
        if let Some(origin) = &self.origin {
            request.headers_mut().insert("origin", HeaderValue::from_str(origin).unwrap());
        }
        let mut socket = match connect_async(request).await {
            Ok((socket, _)) => socket,
            Err(Error::Http(response)) => return End::Status(response.status().as_u16()),
            Err(error) => panic!("{}: {error}", self.name),
        };
        for message in &self.messages {
            socket.send(Message::text(message.text())).await.unwrap();
        }
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Close(Some(frame)) => return End::Close(frame.code.into()),
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["type"] == "error" {
                        let code = message["payload"][0]["extensions"]["code"].as_str();
                        return End::Error(code.unwrap().to_owned());
                    }
                }
                _ => {}
            }
        }
        panic!("{}: the socket broke off", self.name)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_do_not_keep_to_the_protocol() {
    let app = TestApp::start().await;
    for case in read::<SocketCase>("socket.json") {
        let end = tokio::time::timeout(Duration::from_secs(10), case.send(&app.base)).await;
        assert_eq!(end.expect("an end"), case.expected(), "{}", case.name);
    }
    app.stop().await;
}
