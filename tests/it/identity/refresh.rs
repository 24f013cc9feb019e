//! Staying signed in on a bad network, and a thief who cannot.
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use persistence::schema::security_event;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn two_refreshes_at_once_get_the_same_token() {
    let app = TestApp::start().await;
    let (_, token) = ana(&app).await;
    let (one, two) = tokio::join!(refreshed(&app, &token), refreshed(&app, &token));
    assert_eq!(one.1, two.1);
    assert_eq!((standing(&one.0).await, standing(&two.0).await), ("OK".into(), "OK".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_may_be_fetched_again_after_hours_however_often_it_was_lost() {
    let app = TestApp::start().await;
    let (_, token) = ana(&app).await;
    for _ in 0..3 {
        let _lost = refreshed(&app, &token).await;
        app.advance(TimeDelta::hours(8));
    }
    let (client, next) = refreshed(&app, &token).await;
    assert_eq!(standing(&client).await, "OK");
    app.advance(TimeDelta::hours(1));
    refreshed(&app, &next).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_replaced_by_one_in_use_ends_the_session() {
    let app = TestApp::start().await;
    let (_, stolen) = ana(&app).await;
    let (owner, next) = refreshed(&app, &stolen).await;
    assert_eq!(standing(&owner).await, "OK", "this proves that the new tokens have arrived");
    app.advance(TimeDelta::seconds(11));
    assert_eq!(
        app.anonymous().refused(REFRESH, refresh_input(&stolen)).await,
        "REFRESH_REUSED input.refreshToken"
    );
    assert_eq!(standing(&owner).await, "401 REVOKED");
    assert_eq!(
        app.anonymous().refused(REFRESH, refresh_input(&next)).await,
        "INVALID_GRANT input.refreshToken"
    );
    let mut connection = persistence::connect::connect(&app.database_url).await.expect("connects");
    let noted: i64 = security_event::table
        .filter(security_event::action.eq("session.reuse_detected"))
        .count()
        .get_result(&mut connection)
        .await
        .expect("counted");
    assert_eq!(noted, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_who_refreshes_first_is_found_by_the_owner() {
    let app = TestApp::start().await;
    let (_, copied) = ana(&app).await;
    let (thief, _) = refreshed(&app, &copied).await;
    assert_eq!(standing(&thief).await, "OK");
    app.advance(TimeDelta::minutes(5));
    assert_eq!(
        app.anonymous().refused(REFRESH, refresh_input(&copied)).await,
        "REFRESH_REUSED input.refreshToken"
    );
    assert_eq!(standing(&thief).await, "401 REVOKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_tokens_and_those_of_the_console_hurt_nobody() {
    let app = TestApp::start().await;
    let (client, token) = ana(&app).await;
    for position in [4, 10, 24, 28, 32, 50, 70] {
        let mut forged = token.clone().into_bytes();
        forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("text");
        let refused = app.anonymous().refused(REFRESH, refresh_input(&forged)).await;
        assert_eq!(refused, "INVALID_GRANT input.refreshToken", "{position}");
    }
    for none in ["", "cr1.", "mr1.AAAA", client.token()] {
        let refused = app.anonymous().refused(REFRESH, refresh_input(none)).await;
        assert_eq!(refused, "INVALID_GRANT input.refreshToken", "{none}");
    }
    let cookie = app
        .anonymous()
        .request(reqwest::Method::PUT, "/console/session")
        .header("x-cairn-console", "1")
        .header("origin", app.base.as_str())
        .header("cookie", format!("cairn_console={token}"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(cookie.status(), 401, "the token of an app is none of the console's");
    refreshed(&app, &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_is_idle_or_old() {
    let app = TestApp::start().await;
    let (client, mut token) = ana(&app).await;
    app.advance(TimeDelta::minutes(11));
    assert_eq!(standing(&client).await, "401 EXPIRED");
    for _ in 0..3 {
        app.advance(TimeDelta::days(29));
        token = refreshed(&app, &token).await.1;
    }
    app.advance(TimeDelta::days(4));
    assert_eq!(
        app.anonymous().refused(REFRESH, refresh_input(&token)).await,
        "INVALID_GRANT input.refreshToken"
    );
    let (_, idle) = signed_in(&app).await;
    app.advance(TimeDelta::days(31));
    assert_eq!(
        app.anonymous().refused(REFRESH, refresh_input(&idle)).await,
        "INVALID_GRANT input.refreshToken"
    );
}
