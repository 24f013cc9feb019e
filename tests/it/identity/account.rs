//! Signing up, confirming the address, and getting a new password.
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use persistence::schema::job;
use serde_json::{Value, json};

use super::*;

/// The names of the mails queued for accounts, and the tokens of their links, oldest first.
async fn mails(app: &TestApp) -> Vec<(String, Option<String>)> {
    let mut connection = persistence::connect::connect(&app.database_url).await.expect("connects");
    let payloads: Vec<Value> = job::table
        .filter(job::kind.eq("ACCOUNT_MAIL"))
        .order(job::id)
        .select(job::payload)
        .load(&mut connection)
        .await
        .expect("jobs");
    let read = |payload: Value| {
        let link = payload["link"].as_str().map(|link| link.parse().expect("an id"));
        let token = link.map(|link| app.app.identity.link_token(link).expect("a token"));
        (text(&payload["mail"]), token)
    };
    payloads.into_iter().map(read).collect()
}

async fn last_link(app: &TestApp) -> String {
    mails(app).await.pop().expect("a mail").1.expect("a link")
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_up_signs_in_and_confirms_the_address() {
    let app = TestApp::start().await;
    let (ana, _) = ana(&app).await;
    let viewer = ana.data(VIEWER, Value::Null).await;
    assert_eq!(viewer["viewer"]["account"]["email"], "ana@school.example");
    assert_eq!(viewer["viewer"]["account"]["emailVerifiedAt"], Value::Null);
    let verify = "mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { verified userErrors { code path } } }";
    let input = json!({ "input": { "token": last_link(&app).await } });
    app.anonymous().done(verify, input.clone()).await;
    assert!(ana.data(VIEWER, Value::Null).await["viewer"]["account"]["emailVerifiedAt"].is_string());
    assert_eq!(app.anonymous().refused(verify, input).await, "EXPIRED input.token", "a link works once");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_has_an_account() {
    let app = TestApp::start().await;
    let (_, _) = ana(&app).await;
    let anonymous = app.anonymous();
    let known = anonymous.send(SIGN_UP, sign_up_input("ANA@school.example")).await;
    let unknown = anonymous.send(SIGN_UP, sign_up_input("eva@school.example")).await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let names: Vec<String> = mails(&app).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["VERIFY_EMAIL", "ALREADY_REGISTERED", "VERIFY_EMAIL"]);
    let known = anonymous.send(SIGN_IN, sign_in_input("ana@school.example", "not her password at all")).await;
    let unknown =
        anonymous.send(SIGN_IN, sign_in_input("nobody@school.example", "not her password at all")).await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    assert_eq!(known.body["data"]["signIn"]["userErrors"][0]["code"], "INVALID_CREDENTIALS");
    let forgot = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted userErrors { code } } }";
    let ask = async |email: &str| anonymous.send(forgot, json!({ "input": { "email": email } })).await.body;
    assert_eq!(ask("ana@school.example").await, ask("nobody@school.example").await);
}

/// How long an answer for a known and for an unknown address takes: asked in turns, so that other work on the machine
/// slows both, and the fastest of several, which it slows least.
async fn least_times(
    mut known: impl AsyncFnMut(usize),
    mut unknown: impl AsyncFnMut(usize),
) -> (Duration, Duration) {
    let (mut of_known, mut of_unknown) = (Duration::MAX, Duration::MAX);
    for number in 0..7 {
        let begun = Instant::now();
        known(number).await;
        of_known = of_known.min(begun.elapsed());
        let begun = Instant::now();
        unknown(number).await;
        of_unknown = of_unknown.min(begun.elapsed());
    }
    (of_known, of_unknown)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_from_the_time_who_has_an_account() {
    let app = TestApp::start().await;
    let (_, _) = ana(&app).await;
    let anonymous = app.anonymous();
    let forgot = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted userErrors { code } } }";
    let sign_in = async |email: String| {
        app.advance(TimeDelta::hours(2));
        anonymous.send(SIGN_IN, sign_in_input(&email, "not her password at all")).await;
    };
    let reset = async |email: String| {
        app.advance(TimeDelta::hours(2));
        anonymous.send(forgot, json!({ "input": { "email": email } })).await;
    };
    let ana = |_| "ana@school.example".to_owned();
    let nobody = |number| format!("nobody.{number}@school.example");
    let pairs = [
        ("signIn", least_times(async |n| sign_in(ana(n)).await, async |n| sign_in(nobody(n)).await).await),
        (
            "requestPasswordReset",
            least_times(async |n| reset(ana(n)).await, async |n| reset(nobody(n)).await).await,
        ),
    ];
    for (name, (known, unknown)) in pairs {
        println!("{name}: {known:?} for a known address, {unknown:?} for an unknown one");
        // Without the same work for both, one of them takes a twentieth of the time.
        assert!(known < unknown * 2 && unknown < known * 2, "{name}: {known:?} and {unknown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_passwords_and_addresses_that_are_none_are_refused_at_their_field() {
    let app = TestApp::start().await;
    for (field, value, expected) in [
        ("password", "too short", "PASSWORD_WEAK input.password"),
        ("password", "passwordpassword", "PASSWORD_WEAK input.password"),
        ("password", "ana sousa ana sousa", "PASSWORD_WEAK input.password"),
        ("email", "ana", "INVALID input.email"),
        ("name", " ", "REQUIRED input.name"),
        ("locale", "english please", "INVALID input.locale"),
    ] {
        let mut input = sign_up_input("ana@school.example");
        input["input"][field] = json!(value);
        assert_eq!(app.anonymous().refused(SIGN_UP, input).await, expected, "{field}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_works_once_and_not_for_long_and_ends_every_session() {
    let app = TestApp::start().await;
    let (ana, token) = ana(&app).await;
    let forgot = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted userErrors { code path } } }";
    let reset = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { reset userErrors { code path } } }";
    let email = json!({ "input": { "email": "ana@school.example" } });
    app.anonymous().done(forgot, email.clone()).await;
    let older = last_link(&app).await;
    app.anonymous().done(forgot, email.clone()).await;
    let newer = last_link(&app).await;
    let with =
        |token: &str| json!({ "input": { "token": token, "newPassword": "basalt heron plum ladder" } });
    assert_eq!(
        app.anonymous().refused(reset, with(&older)).await,
        "EXPIRED input.token",
        "a newer one exists"
    );
    app.anonymous().done(reset, with(&newer)).await;
    assert_eq!(app.anonymous().refused(reset, with(&newer)).await, "EXPIRED input.token", "it was used");
    assert_eq!(standing(&ana).await, "401 REVOKED");
    assert_eq!(
        app.anonymous().refused(REFRESH, refresh_input(&token)).await,
        "INVALID_GRANT input.refreshToken"
    );
    let old = sign_in_input("ana@school.example", PASSWORD);
    assert_eq!(app.anonymous().refused(SIGN_IN, old).await, "INVALID_CREDENTIALS");
    app.anonymous().done(SIGN_IN, sign_in_input("ana@school.example", "basalt heron plum ladder")).await;
    app.advance(TimeDelta::minutes(20));
    app.anonymous().done(forgot, email).await;
    let late = last_link(&app).await;
    app.advance(TimeDelta::minutes(31));
    assert_eq!(app.anonymous().refused(reset, with(&late)).await, "EXPIRED input.token", "its time is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_needs_the_present_one_and_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let (here, _) = ana(&app).await;
    let (there, there_token) = signed_in(&app).await;
    assert_eq!(standing(&there).await, "OK");
    let change = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { changed userErrors { code path } } }";
    let input = |current: &str| json!({ "input": { "currentPassword": current, "newPassword": "basalt heron plum ladder" } });
    assert_eq!(here.refused(change, input("not the present password")).await, "INVALID_CREDENTIALS");
    here.done(change, input(PASSWORD)).await;
    assert_eq!(standing(&here).await, "OK");
    assert_eq!(standing(&there).await, "401 REVOKED");
    assert_eq!(
        app.anonymous().refused(REFRESH, refresh_input(&there_token)).await,
        "INVALID_GRANT input.refreshToken"
    );
    assert_eq!(app.anonymous().error(change, input(PASSWORD)).await, "UNAUTHENTICATED");
}
