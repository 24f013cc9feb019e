//! In which form does a client want its answer?
use axum::http::{HeaderMap, header};

/// Forms that an answer can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells what happened.
    GraphqlResponse,
    /// `application/json`: 200 whenever a GraphQL answer could be made.
    Json,
    /// `text/event-stream`: the protocol of graphql-sse, one connection for each operation.
    EventStream,
}

impl Media {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        }
    }
}

/// What `Accept` allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The preferred form.
    pub media: Media,
    /// Whether an event stream is acceptable at all, so that a subscription can be answered.
    pub streams: bool,
}

/// Chooses by quality. Among equals the newer form wins, but a wildcard means plain JSON, which every client
/// reads. `None` means that nothing is acceptable.
pub fn negotiate(headers: &HeaderMap) -> Option<Accepted> {
    let lines = headers.get_all(header::ACCEPT);
    let text: Vec<&str> = lines.into_iter().filter_map(|line| line.to_str().ok()).collect();
    let ranges: Vec<(String, f32)> = text.iter().flat_map(|line| line.split(',')).filter_map(range).collect();
    if ranges.is_empty() {
        return Some(Accepted { media: Media::Json, streams: false });
    }
    let quality = |names: &[&str]| {
        let of = |name: &&str| ranges.iter().find(|(range, _)| range == name).map(|(_, quality)| *quality);
        names.iter().find_map(of).unwrap_or(0.0)
    };
    let stream = quality(&["text/event-stream"]);
    let offers = [
        (Media::GraphqlResponse, quality(&["application/graphql-response+json"])),
        (Media::Json, quality(&["application/json", "application/*", "*/*"])),
        (Media::EventStream, stream),
    ];
    let mut best: Option<(Media, f32)> = None;
    for (media, quality) in offers {
        if quality > best.map_or(0.0, |(_, best)| best) {
            best = Some((media, quality));
        }
    }
    best.map(|(media, _)| Accepted { media, streams: stream > 0.0 })
}

/// One media range with its quality; a quality that is no number counts as 0.
fn range(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((name, quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_form_is_chosen() {
        use Media::{EventStream, GraphqlResponse, Json};
        for (accept, expected) in [
            ("", Some(Json)),
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json", Some(Json)),
            ("Application/JSON; charset=utf-8", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            ("application/graphql-response+json, application/json", Some(GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(GraphqlResponse)),
            ("application/graphql-response+json;q=0.5, application/json", Some(Json)),
            ("application/graphql-response+json, application/json;q=0.9, */*;q=0.1", Some(GraphqlResponse)),
            ("text/event-stream", Some(EventStream)),
            ("application/json, text/event-stream, multipart/mixed", Some(Json)),
            ("text/html, */*;q=0.8", Some(Json)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=x", None),
            ("application/json;q=0, */*", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(negotiate(&headers).map(|accepted| accepted.media), expected, "{accept}");
        }
        assert_eq!(negotiate(&HeaderMap::new()).map(|accepted| accepted.media), Some(Json));
    }
}
