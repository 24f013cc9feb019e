//! What do the two sides of a socket say to each other?
use async_graphql::ServerError;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::transport::answer::Answer;

/// Longest id of an operation, in bytes.
const ID_BYTES: usize = 128;

/// What a client says.
#[derive(Debug, PartialEq)]
pub enum Said {
    Init(Map<String, Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe { id: String, payload: Value },
    Complete { id: String },
}

impl Said {
    /// Reads a text message; the error is the reason for closing the socket.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err("Invalid message: not a JSON object");
        };
        let payload = message.remove("payload");
        let id = message.remove("id");
        match message.get("type").and_then(Value::as_str) {
            Some("connection_init") => match payload {
                None | Some(Value::Null) => Ok(Self::Init(Map::new())),
                Some(Value::Object(payload)) => Ok(Self::Init(payload)),
                Some(_) => Err("Invalid message: the payload of connection_init must be an object"),
            },
            Some("ping") => Ok(Self::Ping(payload)),
            Some("pong") => Ok(Self::Pong),
            Some("subscribe") => Ok(Self::Subscribe {
                id: operation_id(id)?,
                payload: payload.ok_or("Invalid message: subscribe needs a payload")?,
            }),
            Some("complete") => Ok(Self::Complete { id: operation_id(id)? }),
            Some(_) => Err("Invalid message: unknown type"),
            None => Err("Invalid message: it has no type"),
        }
    }
}

fn operation_id(id: Option<Value>) -> Result<String, &'static str> {
    match id {
        Some(Value::String(id)) if (1..=ID_BYTES).contains(&id.len()) => Ok(id),
        _ => Err("Invalid message: the id must be a string of 1 to 128 bytes"),
    }
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Say<'a> {
    ConnectionAck,
    Ping,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Next {
        id: &'a str,
        payload: &'a Answer,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_say_is_understood() {
        let payload = serde_json::json!({"query": "{ a }"});
        for (text, said) in [
            (r#"{"type":"connection_init"}"#, Said::Init(Map::new())),
            (r#"{"type":"connection_init","payload":null}"#, Said::Init(Map::new())),
            (r#"{"type":"ping"}"#, Said::Ping(None)),
            (r#"{"type":"pong","payload":{}}"#, Said::Pong),
            (r#"{"type":"complete","id":"1"}"#, Said::Complete { id: "1".to_owned() }),
            (
                r#"{"id":"1","type":"subscribe","payload":{"query":"{ a }"}}"#,
                Said::Subscribe { id: "1".to_owned(), payload },
            ),
        ] {
            assert_eq!(Said::parse(text), Ok(said), "{text}");
        }
    }

    #[test]
    fn anything_else_closes_the_socket_with_a_reason_that_fits_a_frame() {
        let long = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(200));
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"start","id":"1"}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","payload":{}}"#,
            r#"{"type":"subscribe","id":1,"payload":{}}"#,
            r#"{"type":"complete","id":""}"#,
            &long,
        ] {
            let reason = Said::parse(text).unwrap_err();
            assert!(reason.len() <= 123, "{text}");
        }
    }

    #[test]
    fn what_the_server_says_is_spelled_as_the_protocol_wants() {
        let json = |say: &Say<'_>| serde_json::to_string(say).unwrap();
        assert_eq!(json(&Say::ConnectionAck), r#"{"type":"connection_ack"}"#);
        assert_eq!(json(&Say::Pong { payload: None }), r#"{"type":"pong"}"#);
        assert_eq!(json(&Say::Complete { id: "1" }), r#"{"type":"complete","id":"1"}"#);
    }
}
