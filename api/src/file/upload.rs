//! What becomes of an upload? A stored file with an id, or nothing at all.
use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Multipart, Request as HttpRequest, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    access::Action,
    file::{self, File, Refusal},
    id::Entity,
};
use futures_util::StreamExt;
use persistence::{
    file::PIECE,
    history::{self, Change, Who},
};
use serde_json::json;

use super::{
    refuse, request,
    spool::{Spool, too_large},
};
use crate::{
    App,
    error::{ErrorCode, Failure},
    graphql::{context::Request, file::hexadecimal},
    transport::{arrival::Arrival, fault::Fault},
};

/// A slow line may take this long for a large file.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a form adds around its file.
const FORM_BYTES: usize = 64 * 1024;

pub async fn upload(State(app): State<Arc<App>>, http: HttpRequest) -> Response {
    let (parts, body) = http.into_parts();
    let arrival = Arrival::of(&parts);
    let stored =
        tokio::time::timeout(PATIENCE, receive(&app, &arrival, HttpRequest::from_parts(parts, body)));
    match stored.await.unwrap_or_else(|_elapsed| Err(Fault::timeout())) {
        Ok(file) => {
            let stored = json!({
                "id": file.id.to_string(),
                "name": file.name,
                "contentType": file.kind.to_string(),
                "size": file.size,
                "sha256": hexadecimal(&file.sha256),
            });
            (StatusCode::CREATED, Json(json!({ "file": stored }))).into_response()
        }
        Err(fault) => {
            let mut response = refuse(fault, &arrival);
            // The rest of the body is not read.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

async fn receive(app: &Arc<App>, arrival: &Arrival, http: HttpRequest) -> Result<File, Fault> {
    let request = request(app, arrival).await?;
    request.require_scope(Action::UploadFile)?;
    let limit = app.config.limits.file.0;
    let length =
        http.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > limit + FORM_BYTES) {
        return Err(too_large(limit));
    }
    let form = http.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut spool = Spool::new(limit).await?;
    let name = if form.is_some_and(|media| media.starts_with("multipart/form-data")) {
        from_form(http, &mut spool).await?
    } else {
        from_body(http, &mut spool).await?
    };
    let name = file::name(&name).map_err(|refusal| unacceptable(&refusal))?;
    let kind = file::kind(&name, spool.head()).map_err(|refusal| unacceptable(&refusal))?;
    let file = File {
        id: app.clock.id(),
        uploaded_by: request.actor()?.account,
        name,
        kind,
        size: spool.size(),
        sha256: spool.sha256(),
        created_at: app.clock.now(),
    };
    spool.rewind().await?;
    store(&request, &file, &mut spool).await?;
    Ok(file)
}

/// The first field of the form that is a file.
async fn from_form(http: HttpRequest, spool: &mut Spool) -> Result<String, Fault> {
    let broken = || Fault::new(ErrorCode::BadRequest, "the form is malformed or broke off");
    let mut form = Multipart::from_request(http, &()).await.map_err(|_rejected| broken())?;
    while let Some(mut field) = form.next_field().await.map_err(|_malformed| broken())? {
        let Some(name) = field.file_name().map(str::to_owned) else { continue };
        while let Some(bytes) = field.chunk().await.map_err(|_malformed| broken())? {
            spool.take(&bytes).await?;
        }
        return Ok(name);
    }
    Err(Fault::new(ErrorCode::BadRequest, "the form has no file: send one in a field of its own"))
}

/// The whole body; the file's name is the parameter `name` of the address.
async fn from_body(http: HttpRequest, spool: &mut Spool) -> Result<String, Fault> {
    let query = http.uri().query().unwrap_or_default();
    let name = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "name");
    let missing = "name the file, as in `/files?name=roster.csv`, or send a form";
    let name = name.ok_or_else(|| Fault::new(ErrorCode::BadRequest, missing))?.1.into_owned();
    let mut stream = Body::into_data_stream(http.into_body());
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(|_broken| Fault::new(ErrorCode::BadRequest, "the body broke off"))?;
        spool.take(&bytes).await?;
    }
    Ok(name)
}

fn unacceptable(refusal: &Refusal) -> Fault {
    let code = match refusal {
        Refusal::Kind => ErrorCode::UnsupportedMediaType,
        Refusal::Empty | Refusal::Text(_) => ErrorCode::BadRequest,
    };
    Fault::new(code, refusal.to_string())
}

/// One transaction, begun when the file is whole, so that a slow sender holds no connection.
async fn store(request: &Request, file: &File, spool: &mut Spool) -> Result<(), Failure> {
    let organization = request.organization()?;
    let who = Who {
        account: Some(file.uploaded_by),
        action: "uploadFile".to_owned(),
        request_id: request.id.clone(),
    };
    let change = Change { kind: File::PREFIX, object: file.id.uuid(), context: None };
    let (file, event) = (file.clone(), request.app.clock.uuid());
    request
        .transaction(async move |conn| {
            persistence::file::insert(conn, organization, &file).await?;
            let mut position = 0;
            loop {
                let piece = spool.piece(PIECE).await.map_err(Failure::internal)?;
                if piece.is_empty() {
                    break;
                }
                persistence::file::insert_piece(conn, organization, file.id, position, piece).await?;
                position += 1;
            }
            history::record(conn, organization, &who, &[change], &[event], file.created_at).await?;
            Ok(())
        })
        .await
}
