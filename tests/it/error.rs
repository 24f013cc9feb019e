//! Every code that a client can meet is on one page, which is written from the code itself.
use api::error::{AuthReason, ErrorCode};
use domain::{refusal::Code, text::TextEnum};

use crate::schema::assert_golden;

const HEAD: &str = "# Errors

Failures reach an app in two ways. What a person can put right comes in the payload of a mutation, in `userErrors`, and
nothing was changed. Everything else is in the top-level `errors`, with `extensions.code`, `extensions.requestId` (also in
the header `X-Request-Id` and in the server's log) and `extensions.retryable`. Act on codes, never on messages. Codes may be
added: treat an unknown one as not retryable.
";

const USER_ERRORS: &str = "
## In `userErrors`

`path` leads from the arguments to the field at fault, and `params` has the values to word a message of your own.

| Code | Meaning |
|---|---|
";

const ERRORS: &str = "
## In `errors`

The status is the one of an answer without any data. With partial data it is always 200, and so it is for a field that
failed alone, unless the server is busy or broken. A client that accepts only `application/json`, and not
`application/graphql-response+json`, gets 200 where a star stands.

| Code | Status | Retry | Meaning |
|---|---|---|---|
";

const REASONS: &str = "
With `UNAUTHENTICATED` comes `extensions.reason`:

| Reason | Meaning |
|---|---|
";

fn page() -> String {
    let mut page = HEAD.to_owned() + USER_ERRORS;
    for code in Code::ALL {
        page += &format!("| `{code}` | {} |\n", code.description());
    }
    page += ERRORS;
    for code in ErrorCode::ALL {
        let star = if code.is_about_document() { "*" } else { "" };
        let retry = if code.retryable() { "yes" } else { "" };
        let (status, meaning) = (code.status().as_u16(), code.description());
        page += &format!("| `{code}` | {status}{star} | {retry} | {meaning} |\n");
    }
    page += REASONS;
    for reason in AuthReason::ALL {
        page += &format!("| `{reason}` | {} |\n", reason.description());
    }
    page
}

#[test]
fn the_page_of_errors_is_current() {
    assert_golden("docs/errors.md", &page());
}
