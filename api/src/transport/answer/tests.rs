//! Every error of an answer has a code of the closed table, is small, and tells nothing about the inside.
use async_graphql::{PathSegment, Pos, value};

use super::*;

fn about(anonymous: bool) -> About {
    About::new(&crate::transport::arrival::tests_id(), anonymous, &Limits::default())
}

fn error(message: &str, path: &[&str]) -> ServerError {
    let mut error = ServerError::new(message, Some(Pos { line: 1, column: 2 }));
    error.path = path.iter().map(|name| PathSegment::Field((*name).to_owned())).collect();
    error
}

fn answer(data: Value, errors: Vec<ServerError>) -> Answer {
    let mut response = Response::new(data);
    response.errors = errors;
    Answer::new(response, &about(true))
}

#[test]
fn errors_of_the_library_get_our_codes() {
    for (message, path, code) in [
        ("Unknown field \"x\" on type \"Query\".", &[][..], ErrorCode::ValidationFailed),
        ("Invalid value for argument \"a\", expected type \"Int\"", &[][..], ErrorCode::BadUserInput),
        ("Failed to parse \"DateTime\": premature end of input", &["a"][..], ErrorCode::BadUserInput),
        ("Expected input type \"Int\", found \"secret\".", &["a"][..], ErrorCode::BadUserInput),
        ("Query is too complex.", &[][..], ErrorCode::QueryTooComplex),
        ("Query is nested too deep.", &[][..], ErrorCode::QueryTooDeep),
        ("connection to 10.0.0.3 refused", &["a"][..], ErrorCode::Internal),
    ] {
        let answer = answer(Value::Null, vec![error(message, path)]);
        assert_eq!(code_of(&answer.errors[0]), Some(code), "{message}");
        assert!(!answer.to_json().contains("10.0.0.3"));
        assert!(!answer.to_json().contains("secret"));
        assert!(answer.to_json().contains("requestId"));
    }
}

#[test]
fn data_is_absent_only_when_nothing_ran() {
    assert_eq!(answer(Value::Null, vec![error("x", &[])]).data, None);
    assert_eq!(answer(Value::Null, vec![error("x", &["a"])]).data, Some(Value::Null));
    assert_eq!(answer(value!({"b": 1, "a": 2}), vec![]).to_json(), r#"{"data":{"b":1,"a":2}}"#);
}

#[test]
fn the_status_tells_what_happened() {
    let with = |code: ErrorCode, path: &[&str]| {
        let mut coded = error("x", path);
        coded.extensions.get_or_insert_default().set("code", code.as_str());
        answer(Value::Null, vec![coded])
    };
    for (code, ran, modern, plain) in [
        (ErrorCode::ValidationFailed, false, 400, 200),
        (ErrorCode::BadRequest, false, 400, 400),
        (ErrorCode::Unauthenticated, false, 401, 401),
        (ErrorCode::Unauthenticated, true, 200, 200),
        (ErrorCode::Forbidden, true, 200, 200),
        (ErrorCode::BadUserInput, true, 200, 200),
        (ErrorCode::RateLimited, true, 429, 429),
        (ErrorCode::Unavailable, true, 503, 503),
        (ErrorCode::Internal, true, 500, 500),
        (ErrorCode::Timeout, false, 504, 504),
    ] {
        let answer = with(code, if ran { &["a"] } else { &[] });
        assert_eq!(answer.status(Media::GraphqlResponse), modern, "{code}");
        assert_eq!(answer.status(Media::Json), plain, "{code}");
    }
    let partial = answer(value!({"a": 1}), vec![error("x", &["b"])]);
    assert_eq!(partial.status(Media::GraphqlResponse), 200);
}

#[test]
fn a_busy_server_says_when_to_come_back() {
    let mut fault = Fault::new(ErrorCode::RateLimited, "slow down");
    fault.retry_after = Some(Duration::from_millis(2_300));
    let response = refuse(fault, Media::Json, &crate::transport::arrival::tests_id());
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "3");
}

#[test]
fn a_refused_token_is_challenged() {
    let refused = |reason| {
        let fault = Fault::unauthenticated(reason, "no");
        refuse(fault, Media::Json, &crate::transport::arrival::tests_id()).headers()["www-authenticate"]
            .clone()
    };
    assert_eq!(refused(AuthReason::Missing), "Bearer");
    assert_eq!(refused(AuthReason::Expired), r#"Bearer error="invalid_token""#);
}

#[test]
fn answers_are_small_whatever_was_sent() {
    let long = "ä".repeat(40_000);
    let message = |number: usize| format!("{number} {long}");
    let mut errors: Vec<_> = (0..1_000).map(|number| error(&message(number), &[&long, &long])).collect();
    errors[0].locations = vec![Pos { line: 1, column: 1 }; 5_000];
    let answer = answer(Value::Null, errors);
    assert_eq!(answer.errors.len(), 10);
    for error in &answer.errors {
        assert!(serde_json::to_string(error).unwrap().len() <= 512);
    }
}

#[test]
fn strangers_get_no_suggestions() {
    let message = "Unknown field \"nam\" on type \"Query\". Did you mean \"name\"?";
    let stranger = Answer::new(Response::from_errors(vec![error(message, &[])]), &about(true));
    assert_eq!(stranger.errors[0].message, "Unknown field \"nam\" on type \"Query\".");
    let known = Answer::new(Response::from_errors(vec![error(message, &[])]), &about(false));
    assert_eq!(known.errors[0].message, message);
}

#[test]
fn the_same_error_is_told_once() {
    let twice = || vec![error("x", &[]), error("x", &[]), error("y", &[])];
    assert_eq!(answer(Value::Null, twice()).errors.len(), 2);
}
