//! Who is asking from where, under which request id? The first and last thing that happens to a request.
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Instant,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Version, header, request::Parts},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{answer, client_address::TrustedProxies, fault::Fault, negotiate::Media};
use crate::error::{AuthReason, ErrorCode};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Finds a request again in the logs: the client's own id when it is harmless, else a random one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let harmless = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(harmless);
        given.map_or_else(Self::random, |id| Self(id.into()))
    }

    fn random() -> Self {
        let mut bytes = [0_u8; 16];
        // An id of zeros is better than no answer; the operating system always has random numbers.
        let _ = aws_lc_rs::rand::fill(&mut bytes);
        Self(format!("{:032x}", u128::from_be_bytes(bytes)).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The other end of the socket; set for each connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// What is known about a request beside its document. Resolvers find it in the data of the request.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub request_id: RequestId,
    /// Where the client is, behind trusted proxies.
    pub address: Option<IpAddr>,
    pub headers: HeaderMap,
}

impl Arrival {
    /// Of a request that went through [`receive`]; others get an id of their own.
    pub fn of(parts: &Parts) -> Self {
        let known = parts.extensions.get::<(RequestId, Option<IpAddr>)>().cloned();
        let (request_id, address) = known.unwrap_or_else(|| (RequestId::of(&parts.headers), None));
        Self { request_id, address, headers: parts.headers.clone() }
    }

    /// The token of `Authorization: Bearer`. Another scheme is refused: it would silently mean nobody.
    pub fn bearer(&self) -> Result<Option<&str>, Fault> {
        let mut lines = self.headers.get_all("authorization").into_iter();
        match (lines.next(), lines.next()) {
            (None, _) => Ok(None),
            (Some(line), None) => line.to_str().ok().and_then(bearer).map(Some).ok_or_else(invalid),
            (Some(_), Some(_)) => Err(invalid()),
        }
    }
}

/// The token in the value `Bearer <token>`.
pub fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

fn invalid() -> Fault {
    Fault::unauthenticated(AuthReason::Invalid, "the header `Authorization` must be `Bearer <token>`")
}

/// Gives the request its id and address, and answers for code that panics. The outermost layer.
pub async fn receive(
    State(proxies): State<Arc<TrustedProxies>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::of(request.headers());
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let address = peer.map(|peer| proxies.client(peer, request.headers()));
    request.extensions_mut().insert((id.clone(), address));
    if request.version() == Version::HTTP_11 && !request.headers().contains_key(header::HOST) {
        let fault = Fault::new(ErrorCode::BadRequest, "the header `Host` is missing");
        return answer::refuse(fault, Media::Json, &id);
    }
    let span =
        tracing::info_span!("request", id = %id, method = %request.method(), path = request.uri().path());
    let began = Instant::now();
    let answered = AssertUnwindSafe(next.run(request).instrument(span.clone())).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        tracing::error!(request = %id, "a request panicked");
        answer::refuse(Fault::internal(), Media::Json, &id)
    });
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    tracing::debug!(parent: &span, status = response.status().as_u16(), milliseconds, "answered");
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// For paths that lead nowhere.
pub async fn not_found(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let fault = Fault::new(ErrorCode::NotFound, "there is nothing at this path");
    answer::refuse(fault, Media::Json, &Arrival::of(&parts).request_id)
}

/// An id for the tests of other modules.
#[cfg(test)]
pub(super) fn tests_id() -> RequestId {
    RequestId::random()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harmless_request_id_is_kept_and_any_other_replaced() {
        let id = |value: &'static str| {
            RequestId::of(&HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(value))])).to_string()
        };
        assert_eq!(id("abc-1.2_3"), "abc-1.2_3");
        for bad in ["", "a b", "a\"b", "<script>"] {
            assert_eq!(id(bad).len(), 32, "{bad}");
        }
        assert_ne!(RequestId::random(), RequestId::random());
    }

    #[test]
    fn only_a_bearer_token_is_read() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for bad in ["abc", "Basic abc", "Bearer", "Bearer ", "Bearer a b"] {
            assert_eq!(bearer(bad), None, "{bad}");
        }
    }
}
