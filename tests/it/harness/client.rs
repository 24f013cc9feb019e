//! Somebody who uses the API, as an app would: over HTTP, with a token.
use reqwest::StatusCode;
use serde_json::{Value, json};

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    organization: Option<String>,
}

/// What the server answered to a GraphQL request.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub body: Value,
}

impl Client {
    pub fn new(base: &str) -> Self {
        // The first client chooses the one cryptographic provider of the process; later tries change nothing.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder().build().expect("an HTTP client");
        Self { http, base: base.to_owned(), token: None, organization: None }
    }

    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    #[must_use]
    pub fn in_organization(&self, id: impl ToString) -> Self {
        Self { organization: Some(id.to_string()), ..self.clone() }
    }

    /// The same person at another instance.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().expect("signed in")
    }

    /// A request to any path, with the headers of this client.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(organization) = &self.organization {
            request = request.header("cairn-organization", organization);
        }
        request
    }

    /// Sends any document and answers whatever came back.
    pub async fn send(&self, document: &str, variables: Value) -> Reply {
        let request = self
            .request(reqwest::Method::POST, "/graphql")
            .json(&json!({ "query": document, "variables": variables }));
        let response = request.send().await.expect("an answer");
        let status = response.status();
        Reply { status, body: response.json().await.expect("JSON") }
    }

    /// The data of a query or mutation that must succeed as a whole.
    pub async fn data(&self, document: &str, variables: Value) -> Value {
        let reply = self.send(document, variables).await;
        assert!(reply.body.get("errors").is_none(), "{document}\nanswered {}", reply.body);
        reply.body["data"].clone()
    }

    /// The payload of one mutation that must not be refused.
    pub async fn done(&self, document: &str, variables: Value) -> Value {
        let payload = self.payload(document, variables).await;
        assert_eq!(payload["userErrors"], json!([]), "{document}");
        payload
    }

    /// The code and path of the only user error of one mutation, such as `REQUIRED input.name`.
    pub async fn refused(&self, document: &str, variables: Value) -> String {
        let payload = self.payload(document, variables).await;
        let errors = payload["userErrors"].as_array().expect("userErrors");
        assert_eq!(errors.len(), 1, "{document}\nanswered {payload}");
        let path: Vec<&str> =
            errors[0]["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("{} {}", errors[0]["code"].as_str().expect("a code"), path.join(".")).trim().to_owned()
    }

    /// The payload of the only mutation in a document.
    pub async fn payload(&self, document: &str, variables: Value) -> Value {
        let data = self.data(document, variables).await;
        let payloads: Vec<&Value> = data.as_object().expect("data").values().collect();
        assert_eq!(payloads.len(), 1, "{document}");
        payloads[0].clone()
    }

    /// The code of the first error of a request that must fail.
    pub async fn error(&self, document: &str, variables: Value) -> String {
        let reply = self.send(document, variables).await;
        let code = reply.body["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("{document}\nanswered {}", reply.body)).to_owned()
    }
}
