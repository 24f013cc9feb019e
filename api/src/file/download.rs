//! Who gets a file, and how is a browser kept from running it?
use std::{fmt::Write, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Path, Request as HttpRequest, State},
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use domain::{file::File, id::Id, organization::Organization};
use futures_util::stream;

use super::{refuse, request};
use crate::{
    App,
    error::{Failure, Result},
    graphql::{context::Request, file::FileObject, stored::Stored},
    transport::{arrival::Arrival, fault::Fault},
};

/// A stranger's file is saved, never shown or run in our name.
const GUARDS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "private, no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub async fn download(State(app): State<Arc<App>>, Path(id): Path<String>, http: HttpRequest) -> Response {
    let (parts, _) = http.into_parts();
    let arrival = Arrival::of(&parts);
    match answer(&app, &arrival, &id).await {
        Ok(response) => response,
        Err(fault) => refuse(fault, &arrival),
    }
}

async fn answer(app: &Arc<App>, arrival: &Arrival, id: &str) -> Result<Response, Fault> {
    let missing = || Fault::from(Failure::NotFound { path: None });
    let request = request(app, arrival).await?;
    let id: Id<File> = id.parse().map_err(|_malformed| missing())?;
    let FileObject(file) = FileObject::find(&request, id).await?.ok_or_else(missing)?;
    request.finish().await;
    let organization = request.organization()?;
    let mut response = Response::new(pieces(request, organization, file.id));
    let headers = response.headers_mut();
    headers.extend(GUARDS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    for (name, value) in [
        (header::CONTENT_TYPE, file.kind.to_string()),
        (header::CONTENT_DISPOSITION, disposition(&file.name)),
    ] {
        headers.insert(name, HeaderValue::try_from(value).map_err(|_invalid| Fault::internal())?);
    }
    Ok(response)
}

/// Each piece is read by itself, so that a slow reader holds no connection.
fn pieces(request: Request, organization: Id<Organization>, id: Id<File>) -> Body {
    let read = stream::try_unfold((request, 0), move |(request, position)| async move {
        let piece = request
            .load(async move |conn| persistence::file::piece(conn, organization, id, position).await)
            .await;
        request.finish().await;
        match piece {
            Ok(piece) => Ok(piece.map(|bytes| (Bytes::from(bytes), (request, position + 1)))),
            Err(failure) => {
                tracing::error!(?failure, "a download broke off");
                Err(std::io::Error::other("broke off"))
            }
        }
    });
    Body::from_stream(read)
}

/// The name twice: in ASCII for old programs, and as it is.
fn disposition(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-._ ".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_end_the_header_or_its_quotes() {
        assert_eq!(
            disposition("Ana's \"list\" é.csv"),
            "attachment; filename=\"Ana_s _list_ _.csv\"; filename*=UTF-8''Ana%27s%20%22list%22%20%C3%A9.csv"
        );
    }
}
