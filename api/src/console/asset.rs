//! How is a file of the console served? Compressed as it was embedded, and once for each browser.

use std::io::Read;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;

use super::recipe::Source;

/// A file of the bundle. Its name carries a hash of its content, so the content under a name never changes.
pub(super) struct Asset {
    name: &'static str,
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/console.rs"));

pub(super) async fn serve(Path(name): Path<String>, request: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => asset.respond(&request),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Browsers ask for `/favicon.ico` when they show anything of this server.
pub(super) async fn icon(request: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name.ends_with(".svg")) {
        Some(asset) => asset.respond(&request),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Asset {
    fn respond(&self, request: &HeaderMap) -> Response {
        let tag = format!("W/\"{}\"", self.name);
        let headers = [
            (header::CONTENT_TYPE, self.content_type()),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (header::ETAG, tag.as_str()),
            (header::VARY, "Accept-Encoding"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // A worker obeys the policy of its own file: the editor's workers need no connection at all.
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        ];
        if lists(request, header::IF_NONE_MATCH, &tag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        if takes_gzip(request) {
            return (headers, [(header::CONTENT_ENCODING, "gzip")], self.gzip).into_response();
        }
        let mut plain = Vec::new();
        match GzDecoder::new(self.gzip).read_to_end(&mut plain) {
            Ok(_) => (headers, plain).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.') {
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "svg")) => "image/svg+xml",
            Some((_, "ttf")) => "font/ttf",
            _ => "application/octet-stream",
        }
    }
}

fn takes_gzip(request: &HeaderMap) -> bool {
    entries(request, header::ACCEPT_ENCODING).any(|entry| {
        let (coding, quality) = entry.split_once(';').unwrap_or((entry, ""));
        let refused = matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn lists(request: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    entries(request, name).any(|entry| entry == wanted)
}

fn entries(request: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    request
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())])
    }

    #[test]
    fn a_browser_gets_the_compressed_file() {
        assert!(takes_gzip(&accepting("gzip, deflate, br")));
        assert!(takes_gzip(&accepting("br;q=1, GZIP;q=0.5")));
    }

    #[test]
    fn a_client_without_gzip_gets_the_plain_file() {
        assert!(!takes_gzip(&accepting("br")));
        assert!(!takes_gzip(&accepting("gzip;q=0")));
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
