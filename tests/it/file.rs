//! Files: what is taken in, who gets it back, and who may use it?
use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

const ROSTER: &str = "external_id,name,role\nM-1,Ana,MENTEE\n";

async fn upload(client: &Client, name: &str, body: Vec<u8>) -> (StatusCode, Value) {
    let path = format!("/files?name={name}");
    let answer = client.request(Method::POST, &path).body(body).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_sent() {
    let app = TestApp::start().await;
    let owner = app.owner("Bright Futures").await;
    let part = multipart::Part::text(ROSTER).file_name("roster.csv");
    let form = multipart::Form::new().part("file", part);
    let sent = owner.request(Method::POST, "/files").multipart(form).send().await.expect("an answer");
    assert_eq!(sent.status(), StatusCode::CREATED);
    let file = sent.json::<Value>().await.expect("JSON")["file"].clone();
    assert_eq!((&file["name"], &file["contentType"]), (&json!("roster.csv"), &json!("text/csv")));
    // As sha256sum says.
    assert_eq!(file["sha256"], "0ead1b25f7738fe3307bd05502f96228ab8a282abfc69a68bd452771dcb5031e");

    let path = format!("/files/{}", file["id"].as_str().expect("an id"));
    let answer = owner.request(Method::GET, &path).send().await.expect("an answer");
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert!(
        header("content-disposition").starts_with("attachment"),
        "a stranger's file is saved, never shown"
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(answer.text().await.expect("text"), ROSTER);

    let query = "query($id: ID!) { file(id: $id) { name size sha256 path } }";
    let seen = owner.data(query, json!({ "id": file["id"] })).await["file"].clone();
    assert_eq!((&seen["size"], &seen["sha256"]), (&json!(ROSTER.len()), &file["sha256"]));

    let stranger = app.owner("Elsewhere").await;
    assert_eq!(stranger.data(query, json!({ "id": file["id"] })).await["file"], Value::Null);
    let hidden = stranger.request(Method::GET, &path).send().await.expect("an answer");
    let absent = path.replace(char::is_numeric, "0");
    let nothing = stranger.request(Method::GET, &absent).send().await.expect("an answer");
    assert_eq!((hidden.status(), nothing.status()), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let anonymous = app.anonymous().request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_too_large_or_not_what_it_says_is_refused_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let owner = app.owner("Bright Futures").await;
    let limit = 10 * 1024 * 1024;
    let csv = |length: usize| b"a,b\n".repeat(length.div_ceil(4));
    let whole = upload(&owner, "whole.csv", csv(limit)).await;
    assert_eq!((whole.0, &whole.1["file"]["size"]), (StatusCode::CREATED, &json!(limit)));
    let cases = [
        ("large.csv", csv(limit + 4), StatusCode::PAYLOAD_TOO_LARGE),
        ("empty.csv", Vec::new(), StatusCode::BAD_REQUEST),
        ("program.exe", b"MZ\x90\x00\x03".to_vec(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("picture.png", b"<script>alert(1)</script>".to_vec(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("", b"a,b\n".to_vec(), StatusCode::BAD_REQUEST),
    ];
    for (name, body, status) in cases {
        let (actual, answer) = upload(&owner, name, body).await;
        assert_eq!(actual, status, "{name}: {answer}");
        assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{name}: {answer}");
    }
    let anonymous = upload(&app.anonymous(), "roster.csv", b"a,b\n".to_vec()).await;
    assert_eq!(anonymous.0, StatusCode::UNAUTHORIZED);
    let nobody = app.person("In no organization").await;
    assert!(upload(&nobody, "roster.csv", b"a,b\n".to_vec()).await.0.is_client_error());
}
