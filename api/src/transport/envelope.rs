//! What did the client put around its document: variables, a name, extensions? Refused unless well-formed.
use axum::http::Uri;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault::Fault;
use crate::error::ErrorCode;

/// The parameters of one GraphQL request, with the types that the specification gives them.
#[derive(Debug, Default, PartialEq)]
pub struct Envelope {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Map<String, Value>,
    pub extensions: Map<String, Value>,
    /// `sha256:` and 64 hexadecimal digits.
    pub document_id: Option<String>,
}

/// The parameters as they came. Reading them into named fields refuses a key that stands there twice.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Raw {
    query: Option<Value>,
    operation_name: Option<Value>,
    variables: Option<Value>,
    extensions: Option<Value>,
    document_id: Option<Value>,
}

impl Envelope {
    /// Reads the JSON body of a POST.
    pub fn from_body(body: &[u8]) -> Result<Self, Fault> {
        match body.trim_ascii_start().first() {
            Some(b'{') => {}
            Some(b'[') => {
                return Err(Fault::new(ErrorCode::BatchingDisabled, "send one request in one body"));
            }
            Some(_) => return Err(bad("the body must be a JSON object")),
            None => return Err(bad("the body is empty")),
        }
        let raw: Raw = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
        raw.check()
    }

    /// Reads the payload of a `subscribe` message.
    pub fn from_value(value: Value) -> Result<Self, Fault> {
        if !value.is_object() {
            return Err(bad("the payload must be an object"));
        }
        Raw::deserialize(value).map_err(|_| bad("the payload is no GraphQL request"))?.check()
    }

    /// Reads the parameters of a GET.
    pub fn from_uri(uri: &Uri) -> Result<Self, Fault> {
        let text = uri.query().unwrap_or_default();
        if !is_percent_encoded(text) {
            return Err(bad("the URL is not percent-encoded UTF-8"));
        }
        let mut raw = Raw::default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let (place, json) = match name.as_ref() {
                "query" => (&mut raw.query, false),
                "operationName" => (&mut raw.operation_name, false),
                "documentId" => (&mut raw.document_id, false),
                "variables" => (&mut raw.variables, true),
                "extensions" => (&mut raw.extensions, true),
                _ => continue,
            };
            let value = if json {
                serde_json::from_str(&value).map_err(|error| malformed(&error))?
            } else {
                Value::String(value.into_owned())
            };
            if place.replace(value).is_some() {
                return Err(bad("a parameter stands twice in the URL"));
            }
        }
        raw.check()
    }
}

impl Raw {
    fn check(self) -> Result<Envelope, Fault> {
        let envelope = Envelope {
            query: string("`query` must be a string", self.query)?,
            operation_name: string("`operationName` must be a string", self.operation_name)?,
            variables: object("`variables` must be an object", self.variables)?,
            extensions: object("`extensions` must be an object", self.extensions)?,
            document_id: string("`documentId` must be a string", self.document_id)?,
        };
        let blank = envelope.query.as_ref().is_some_and(|query| query.trim().is_empty());
        let by_hash = envelope.document_id.is_some() || envelope.extensions.contains_key("persistedQuery");
        if blank || (envelope.query.is_none() && !by_hash) {
            return Err(bad("`query` is missing"));
        }
        Ok(envelope)
    }
}

fn string(fault: &'static str, value: Option<Value>) -> Result<Option<String>, Fault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(fault)),
    }
}

fn object(fault: &'static str, value: Option<Value>) -> Result<Map<String, Value>, Fault> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(bad(fault)),
    }
}

fn bad(message: &'static str) -> Fault {
    Fault::new(ErrorCode::BadRequest, message)
}

/// Tells where, and not what: the parser's own words quote the body and speak of its types.
fn malformed(error: &serde_json::Error) -> Fault {
    let message = format!("malformed JSON at line {}, column {}", error.line(), error.column());
    Fault::new(ErrorCode::BadRequest, message)
}

fn is_percent_encoded(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |digit: Option<u8>| digit.is_some_and(|digit| digit.is_ascii_hexdigit());
        if byte == b'%' && !(hex(bytes.next()) && hex(bytes.next())) {
            return false;
        }
    }
    !url::form_urlencoded::parse(text.as_bytes())
        .any(|(_, value)| value.contains(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_requests_are_read() {
        let body = br#"{"query":"{a}","operationName":null,"variables":{"b":1},"extensions":null,"other":1}"#;
        let envelope = Envelope::from_body(body).unwrap();
        assert_eq!(envelope.query.as_deref(), Some("{a}"));
        assert_eq!(envelope.variables.get("b"), Some(&Value::from(1)));
        let uri: Uri = "/graphql?query=%7Ba%7D&variables=%7B%22b%22%3A1%7D&x=y".parse().unwrap();
        assert_eq!(Envelope::from_uri(&uri).unwrap(), envelope);
    }

    #[test]
    fn a_hash_may_stand_for_the_text() {
        assert!(Envelope::from_body(br#"{"extensions":{"persistedQuery":{"version":1}}}"#).is_ok());
        assert!(Envelope::from_body(br#"{"documentId":"sha256:00"}"#).is_ok());
    }

    #[test]
    fn malformed_bodies_are_refused_without_words_of_the_parser() {
        let deep = format!("{{\"query\":\"{{a}}\",\"variables\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for body in [
            &b""[..],
            b"null",
            b"42",
            b"\"text\"",
            b"{\"query\":\"{a}\"",
            b"\xEF\xBB\xBF{\"query\":\"{a}\"}",
            b"{\"query\":\"{a}\"} x",
            br#"{"query":"{a}","query":"{b}"}"#,
            br#"{"query":["{a}"]}"#,
            br#"{"query":null}"#,
            br#"{"query":"  "}"#,
            br#"{}"#,
            br#"{"query":"{a}","variables":[]}"#,
            br#"{"query":"{a}","operationName":1}"#,
            br#"{"query":"{a}","extensions":"x"}"#,
            b"{\"query\":\"{a\xC0\xAF}\"}",
            br#"{"query":"{a(b:\"\ud800\")}"}"#,
            br#"{"query":"{a}","variables":{"n":1e400}}"#,
            br#"{"query":"{a}","variables":{"n":NaN}}"#,
            deep.as_bytes(),
        ] {
            let fault = Envelope::from_body(body).unwrap_err();
            assert_eq!(fault.code, ErrorCode::BadRequest, "{}", String::from_utf8_lossy(body));
            assert!(!fault.message.contains("expected"), "{}", fault.message);
        }
        assert_eq!(Envelope::from_body(b" [{}]").unwrap_err().code, ErrorCode::BatchingDisabled);
    }

    #[test]
    fn malformed_urls_are_refused() {
        for uri in [
            "/graphql",
            "/graphql?query=",
            "/graphql?query=%7Ba%7D&query=b",
            "/graphql?query=%7Ba%7D&variables=x",
            "/graphql?query=%7Ba%7D&variables=[]",
            "/graphql?query=%zz",
            "/graphql?query=%7",
            "/graphql?query=%C0%AF",
        ] {
            let fault = Envelope::from_uri(&uri.parse().unwrap()).unwrap_err();
            assert_eq!(fault.code, ErrorCode::BadRequest, "{uri}");
        }
    }
}
