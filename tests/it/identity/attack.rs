//! Tokens that look like ours and are not.
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::*;

fn parts(token: &str) -> (Value, Value, String) {
    let parts: Vec<&str> = token.split('.').collect();
    let read =
        |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON");
    (read(parts[0]), read(parts[1]), parts[2].to_owned())
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The claims of a good token under a header of the attacker's, with the good signature.
fn with_header(token: &str, header: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[0] = URL_SAFE_NO_PAD.encode(header);
    parts.join(".")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_forged_token_is_believed() {
    let app = TestApp::start().await;
    let (ana, refresh_token) = ana(&app).await;
    let good = ana.token().to_owned();
    let (header, claims, signature) = parts(&good);
    let key = header["kid"].as_str().expect("a key");
    let pair = Ed25519KeyPair::generate().expect("a key");
    let signed_by_attacker = |header: &Value, claims: &Value| {
        let message = format!("{}.{}", encoded(header), encoded(claims));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes())))
    };
    let own_key = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let changed = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        format!("{}.{}.{signature}", encoded(&header), encoded(&claims))
    };
    let flipped = {
        let mut bytes = URL_SAFE_NO_PAD.decode(&signature).expect("base64");
        bytes[63] ^= 0x20;
        format!("{}.{}.{}", encoded(&header), encoded(&claims), URL_SAFE_NO_PAD.encode(bytes))
    };
    let deep =
        format!("{{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":{}1{}}}", "[".repeat(3000), "]".repeat(3000));
    let mut forged: Vec<(&str, String)> = vec![
        ("alg none", with_header(&good, &json!({"alg": "none", "typ": "at+jwt", "kid": key}).to_string())),
        (
            "alg none, unsigned",
            format!(
                "{}.{}.",
                encoded(&json!({"alg": "none", "typ": "at+jwt", "kid": key})),
                encoded(&claims)
            ),
        ),
        ("HS256", with_header(&good, &json!({"alg": "HS256", "typ": "at+jwt", "kid": key}).to_string())),
        (
            "RS256 under our key",
            with_header(&good, &json!({"alg": "RS256", "typ": "at+jwt", "kid": key}).to_string()),
        ),
        ("unknown key", signed_by_attacker(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "x"}), &claims)),
        ("our key's name, another's signature", signed_by_attacker(&header, &claims)),
        (
            "a key of its own",
            signed_by_attacker(
                &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": key, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": own_key}}),
                &claims,
            ),
        ),
        (
            "a key elsewhere",
            signed_by_attacker(
                &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": key, "jku": "https://evil.example/keys"}),
                &claims,
            ),
        ),
        ("another type", with_header(&good, &json!({"alg": "EdDSA", "typ": "JWT", "kid": key}).to_string())),
        ("no type", with_header(&good, &json!({"alg": "EdDSA", "kid": key}).to_string())),
        (
            "crit",
            with_header(
                &good,
                &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": key, "crit": ["x"], "x": 1}).to_string(),
            ),
        ),
        (
            "a key twice",
            with_header(&good, &format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{key}","kid":"{key}"}}"#)),
        ),
        (
            "SQL as key",
            with_header(&good, &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "' or 1=1 --"}).to_string()),
        ),
        (
            "a path as key",
            with_header(
                &good,
                &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "../../etc/passwd"}).to_string(),
            ),
        ),
        ("deep", with_header(&good, &deep)),
        ("a refresh token", refresh_token),
        ("one part", "x".to_owned()),
        ("four parts", format!("{good}.x")),
        ("cut signature", good[..good.len() - 2].to_owned()),
        ("changed signature", flipped),
        ("too long", format!("{good}{}", "A".repeat(9000))),
    ];
    for (name, value) in [
        ("sub", json!("account_00000000000000000000000001")),
        ("exp", json!(4_000_000_000_i64)),
        ("exp", json!("4000000000")),
        ("exp", json!(1e20)),
        ("exp", json!(-1)),
        ("iss", json!("https://evil.example")),
        ("aud", json!([])),
        ("rg", json!(7)),
    ] {
        forged.push((name, changed(name, value)));
    }
    for (name, token) in forged {
        assert_eq!(standing(&ana.with_token(token)).await, "401 INVALID", "{name}");
    }
    assert_eq!(standing(&ana).await, "OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compromised_key_verifies_nothing_from_that_moment_on() {
    let app = TestApp::start().await;
    let (ana, token) = ana(&app).await;
    let published = app.anonymous().request(reqwest::Method::GET, "/.well-known/jwks.json");
    let published: Value = published.send().await.expect("an answer").json().await.expect("JSON");
    let (header, ..) = parts(ana.token());
    let names: Vec<&Value> =
        published["keys"].as_array().expect("keys").iter().map(|key| &key["kid"]).collect();
    assert!(names.len() == 2 && names.contains(&&header["kid"]), "the next key is published before it signs");
    app.app.identity.rotate_keys(true).await.expect("rotated");
    assert_eq!(standing(&ana).await, "401 INVALID");
    let (again, _) = refreshed(&app, &token).await;
    assert_eq!(standing(&again).await, "OK");
    let (header, ..) = parts(again.token());
    assert!(names.contains(&&header["kid"]), "the key that signs now was known before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_still_verifies_what_it_signed() {
    let app = TestApp::start().await;
    let (ana, _) = ana(&app).await;
    app.app.identity.rotate_keys(false).await.expect("rotated");
    assert_eq!(standing(&ana).await, "OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_signs_for_ninety_days() {
    let app = TestApp::start().await;
    let (ana, _) = ana(&app).await;
    let key = |client: &Client| parts(client.token()).0["kid"].clone();
    app.app.identity.mind_keys().await.expect("minded");
    assert_eq!(key(&signed_in(&app).await.0), key(&ana));
    app.advance(chrono::TimeDelta::days(91));
    app.app.identity.mind_keys().await.expect("minded");
    let begun = std::time::Instant::now();
    // Told by announcement, as any other instance is.
    while key(&signed_in(&app).await.0) == key(&ana) {
        assert!(begun.elapsed() < std::time::Duration::from_secs(5), "the old key still signs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_in_one_document_are_no_guess_at_all() {
    let app = TestApp::start().await;
    ana(&app).await;
    let guess = |n: u32| {
        format!(
            r#"g{n}: signIn(input: {{ email: "ana@school.example", password: "guess number {n}" }}) {{ userErrors {{ code }} }}"#
        )
    };
    let document = format!("mutation {{ {} }}", (0..5).map(guess).collect::<String>());
    assert_eq!(app.anonymous().error(&document, Value::Null).await, "AUTH_FIELD_NOT_ALONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_and_a_megabyte_is_no_password() {
    let app = TestApp::start().await;
    ana(&app).await;
    let long = "x".repeat(100_000);
    assert_eq!(
        app.anonymous().refused(SIGN_IN, sign_in_input("ana@school.example", &long)).await,
        "INVALID_CREDENTIALS"
    );
    for _ in 0..9 {
        let refused =
            app.anonymous().refused(SIGN_IN, sign_in_input("ana@school.example", "a wrong guess")).await;
        assert_eq!(refused, "INVALID_CREDENTIALS");
    }
    let reply = app.anonymous().send(SIGN_IN, sign_in_input("ana@school.example", PASSWORD)).await;
    let error = &reply.body["errors"][0]["extensions"];
    assert_eq!((&error["code"], &error["retryable"]), (&json!("RATE_LIMITED"), &json!(true)));
    app.advance(chrono::TimeDelta::seconds(91));
    app.anonymous().done(SIGN_IN, sign_in_input("ana@school.example", PASSWORD)).await;
}
