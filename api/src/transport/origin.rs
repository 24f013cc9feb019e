//! Which web pages may call the API from a browser?
use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

/// Origins of web front ends, as `https://app.example.org`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    allowed: Vec<String>,
}

impl Origins {
    pub fn new<'a>(urls: impl IntoIterator<Item = &'a Url>) -> Self {
        Self { allowed: urls.into_iter().map(|url| url.origin().ascii_serialization()).collect() }
    }

    /// Programs that are no browser send no origin; a page of this very server is its own origin.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        self.lists(origin) || (own.is_some() && own == authority)
    }

    fn lists(&self, origin: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    /// Lets the listed pages send the headers that the API reads. No cookies: there are none on `/graphql`.
    pub fn cors(self: &Arc<Self>) -> CorsLayer {
        let origins = Arc::clone(self);
        let listed = move |origin: &HeaderValue, _: &axum::http::request::Parts| {
            origin.to_str().is_ok_and(|origin| origins.lists(origin))
        };
        let own = [
            "cairn-organization",
            "idempotency-key",
            "x-request-id",
            "x-client-name",
            "x-client-version",
            "apollographql-client-name",
            "apollographql-client-version",
            "graphql-require-preflight",
        ];
        let standard = [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT, header::ACCEPT_LANGUAGE];
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(listed))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(standard.into_iter().chain(own.map(HeaderName::from_static)).collect::<Vec<_>>())
            .expose_headers([HeaderName::from_static("x-request-id"), header::RETRY_AFTER])
            .max_age(Duration::from_secs(2 * 60 * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_pages_own_pages_and_programs_may_connect() {
        let url = Url::parse("https://app.example.org/anything").unwrap();
        let origins = Origins::new([&url]);
        for (origin, admitted) in [
            (None, true),
            (Some("https://app.example.org"), true),
            (Some("https://APP.example.org"), true),
            (Some("http://cairn.example:8080"), true),
            (Some("https://app.example.org.evil.example"), false),
            (Some("http://app.example.org"), false),
            (Some("https://evil.example"), false),
            (Some("null"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("cairn.example:8080"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(origins.admits(&headers), admitted, "{origin:?}");
        }
    }
}
