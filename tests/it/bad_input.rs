//! Bad input gets a clear error, and nothing else happens: the catalogue in `tests/data/bad_input`, sent to a server.
use std::{path::PathBuf, time::Duration};

use reqwest::{Client, Method};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::TestApp;

#[path = "bad_input/socket.rs"]
mod socket;
mod value;

/// No answer to bad input is longer, whatever was sent.
const LONGEST_ANSWER: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    document: Option<Text>,
    variables: Option<Value>,
    operation_name: Option<String>,
    body: Option<Text>,
    bytes: Option<String>,
    raw: Option<Text>,
    method: Option<String>,
    path: Option<String>,
    #[serde(default)]
    headers: Map<String, Value>,
    status: u16,
    plain_status: Option<u16>,
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Repeated { repeat: String, times: usize },
    Pieces(Vec<Text>),
}

impl Text {
    fn text(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Repeated { repeat, times } => {
                (0..*times).map(|number| repeat.replace("{n}", &number.to_string())).collect()
            }
            Self::Pieces(pieces) => pieces.iter().map(Self::text).collect(),
        }
    }
}

impl Case {
    fn body(&self) -> Vec<u8> {
        if let Some(hex) = &self.bytes {
            let digits: Vec<u8> =
                hex.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
            return digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect();
        }
        if let Some(body) = &self.body {
            return body.text().into_bytes();
        }
        let Some(document) = &self.document else { return Vec::new() };
        let mut request = json!({"query": document.text()});
        if let Some(variables) = &self.variables {
            request["variables"] = variables.clone();
        }
        if let Some(name) = &self.operation_name {
            request["operationName"] = json!(name);
        }
        request.to_string().into_bytes()
    }
}

fn read<C: DeserializeOwned>(file: &str) -> Vec<C> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bad_input").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// A server, and a client that follows no proxy.
struct Target {
    app: TestApp,
    client: Client,
}

impl Target {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self { app, client: Client::builder().no_proxy().build().unwrap() }
    }

    async fn send(&self, case: &Case, accept: &str) -> (u16, String) {
        if let Some(raw) = &case.raw {
            return send_raw(&self.app.base, raw.text().as_bytes()).await;
        }
        let method = case.method.as_deref().unwrap_or("POST").parse::<Method>().unwrap();
        let path = case.path.as_deref().unwrap_or("/graphql");
        let mut request = self.client.request(method, format!("{}{path}", self.app.base));
        for (name, usual) in [("accept", accept), ("content-type", "application/json")] {
            if !case.headers.contains_key(name) {
                request = request.header(name, usual);
            }
        }
        for (name, value) in &case.headers {
            if let Some(value) = value.as_str() {
                request = request.header(name, value);
            }
        }
        let response = request.body(case.body()).send().await.unwrap_or_else(|error| {
            panic!("{}: {error:?}", case.name);
        });
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn check(&self, file: &str) {
        let mut wrong = Vec::new();
        let cases: Vec<Case> = read(file);
        for case in &cases {
            let plain = case.plain_status.unwrap_or(case.status);
            for (accept, expected) in
                [("application/graphql-response+json", case.status), ("application/json", plain)]
            {
                let (status, body) = self.send(case, accept).await;
                if let Some(fault) = judge(case, expected, status, &body) {
                    let start: String = body.chars().take(400).collect();
                    wrong.push(format!("{} ({accept}): {fault}: {start}", case.name));
                }
            }
        }
        // Whatever came before, the server lives.
        let ordinary = json!({"name": "ordinary", "document": "{ __typename }", "status": 200});
        let ordinary = serde_json::from_value(ordinary).unwrap();
        assert_eq!(self.send(&ordinary, "application/json").await.0, 200);
        assert!(wrong.is_empty(), "{} of {} in {file}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    }
}

/// What is wrong with an answer.
fn judge(case: &Case, expected: u16, status: u16, body: &str) -> Option<String> {
    if status != expected {
        return Some(format!("status {status} instead of {expected}"));
    }
    if body.len() > LONGEST_ANSWER {
        return Some(format!("an answer of {} bytes", body.len()));
    }
    let expected = case.code.as_deref()?;
    let Ok(body) = serde_json::from_str::<Value>(body) else { return Some("no JSON".to_owned()) };
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    if errors.is_empty() || errors.len() > 10 {
        return Some(format!("{} errors", errors.len()));
    }
    if let Some(long) = errors.iter().map(|error| error.to_string().len()).find(|length| *length > 512) {
        return Some(format!("an error of {long} bytes"));
    }
    if !errors.iter().all(|error| error["extensions"]["requestId"].is_string()) {
        return Some("no request id".to_owned());
    }
    let code = errors[0]["extensions"]["code"].as_str().unwrap_or_default();
    (code != expected).then(|| format!("code {code:?} instead of {expected}"))
}

async fn send_raw(base: &str, bytes: &[u8]) -> (u16, String) {
    let mut socket = TcpStream::connect(base.trim_start_matches("http://")).await.unwrap();
    // The server may answer and close before it has read everything.
    let _ = socket.write_all(bytes).await;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(Ok(length @ 1..)) =
        tokio::time::timeout(Duration::from_millis(500), socket.read(&mut buffer)).await
    {
        answer.extend_from_slice(&buffer[..length]);
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

/// One test for each file of the catalogue.
macro_rules! catalogue {
    ($($test:ident: $file:literal;)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $test() {
            let target = Target::start().await;
            target.check($file).await;
            target.app.stop().await;
        }
    )+};
}

catalogue! {
    envelopes_that_are_malformed: "envelope.json";
    methods_and_media_types_that_are_not_served: "method.json";
    documents_that_are_not_valid: "document.json";
    documents_that_ask_too_much: "limit.json";
    variables_that_do_not_fit: "variable.json";
    connections_that_do_not_speak_http: "connection.json";
}

#[test]
fn every_file_of_the_catalogue_is_sent() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bad_input");
    let files =
        std::fs::read_dir(folder).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let source = [
        include_str!("bad_input.rs"),
        include_str!("bad_input/socket.rs"),
        include_str!("bad_input/value.rs"),
    ]
    .concat();
    for file in files.filter(|file| file.ends_with(".json")) {
        assert!(source.contains(&format!("\"{file}\"")), "{file} is sent by no test");
    }
}
