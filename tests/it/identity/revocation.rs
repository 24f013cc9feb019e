//! Signing out works at once, everywhere.
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest, http::HeaderValue};

use super::*;

const SESSIONS: &str = "{ viewer { sessions { id current } } }";

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_kills_the_access_token_on_another_instance_within_a_second() {
    let app = TestApp::start().await;
    let beside = app.beside().await;
    let (here, token) = ana(&app).await;
    let there = here.at(&beside.base);
    assert_eq!(standing(&there).await, "OK", "the other instance remembers the session now");
    here.done(SIGN_OUT, Value::Null).await;
    assert_eq!(standing(&here).await, "401 REVOKED");
    let begun = Instant::now();
    while standing(&there).await == "OK" {
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "the token still works after {:?}",
            begun.elapsed()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(standing(&there).await, "401 REVOKED");
    assert_eq!(
        app.anonymous().refused(REFRESH, refresh_input(&token)).await,
        "INVALID_GRANT input.refreshToken"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_of_an_ended_session_is_closed_on_another_instance_too() {
    let app = TestApp::start().await;
    let beside = app.beside().await;
    let (here, _) = ana(&app).await;
    let address = beside.base.replace("http://", "ws://") + "/graphql";
    let mut request = address.into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
    let payload = json!({ "authorization": format!("Bearer {}", here.token()) });
    let hello = json!({ "type": "connection_init", "payload": payload });
    socket.send(Message::text(hello.to_string())).await.expect("sent");
    let answer = socket.next().await.expect("an answer").expect("a message");
    assert!(answer.to_text().is_ok_and(|text| text.contains("connection_ack")), "{answer}");
    here.done(SIGN_OUT, Value::Null).await;
    let closed = async {
        loop {
            if let Some(Ok(Message::Close(Some(frame)))) = socket.next().await {
                return u16::from(frame.code);
            }
        }
    };
    let code = tokio::time::timeout(Duration::from_secs(1), closed).await.expect("closed within a second");
    assert_eq!(code, 4403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_the_devices_and_ends_them() {
    let app = TestApp::start().await;
    let (phone, _) = ana(&app).await;
    let (tablet, _) = signed_in(&app).await;
    let (laptop, _) = signed_in(&app).await;
    let sessions = phone.data(SESSIONS, Value::Null).await["viewer"]["sessions"].clone();
    let sessions = sessions.as_array().expect("a list");
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|session| session["current"] == json!(true)).count(), 1);
    let of_tablet = tablet.data(SESSIONS, Value::Null).await["viewer"]["sessions"].clone();
    let of_tablet =
        of_tablet.as_array().expect("a list").iter().find(|session| session["current"] == json!(true));
    let revoke = "mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { revoked userErrors { code path } } }";
    let input = json!({ "input": { "sessionId": of_tablet.expect("its own")["id"] } });
    phone.done(revoke, input.clone()).await;
    assert_eq!(standing(&tablet).await, "401 REVOKED");
    assert_eq!(standing(&laptop).await, "OK");
    let others = "mutation { signOutOtherSessions { ended userErrors { code path } } }";
    assert_eq!(phone.done(others, Value::Null).await["ended"], json!(1));
    assert_eq!(standing(&laptop).await, "401 REVOKED");
    assert_eq!(standing(&phone).await, "OK");
    assert_eq!(phone.refused(revoke, input).await, "NOT_FOUND input.sessionId");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_the_session_of_another_person() {
    let app = TestApp::start().await;
    let (ana, _) = ana(&app).await;
    let eva = app.person("Eva").await;
    let sessions = ana.data(SESSIONS, Value::Null).await["viewer"]["sessions"][0]["id"].clone();
    let revoke = "mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { revoked userErrors { code path } } }";
    let foreign = eva.refused(revoke, json!({ "input": { "sessionId": sessions } })).await;
    assert_eq!(foreign, "NOT_FOUND input.sessionId");
    assert_eq!(standing(&ana).await, "OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_rights_count_with_the_next_request() {
    let app = TestApp::start().await;
    let owner = app.owner("Bright Futures").await;
    let data = owner
        .data(
            "{ organization { name } viewer { memberships { organization { name } roles { role } } } }",
            Value::Null,
        )
        .await;
    assert_eq!(data["organization"]["name"], "Bright Futures");
    assert_eq!(data["viewer"]["memberships"][0]["roles"][0]["role"], "OWNER");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_twenty_devices_stay_signed_in() {
    let app = TestApp::start().await;
    let (first, _) = ana(&app).await;
    for _ in 0..20 {
        app.advance(chrono::TimeDelta::seconds(1));
        signed_in(&app).await;
    }
    assert_eq!(standing(&first).await, "401 REVOKED");
}
