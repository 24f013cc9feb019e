//! Are values that make no sense refused at their field, and never an internal error? The catalogue in
//! `tests/data/bad_input/value.json`, as somebody who may do all this.
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{Contract, Stage};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// With an input that must be refused at `path`.
    mutation: Option<String>,
    #[serde(default)]
    input: Value,
    path: Option<String>,
    query: Option<String>,
    /// Of an error of the whole request.
    code: Option<String>,
}

/// `"$program"` names a program; `{ "repeat", "times" }` is a long text.
fn filled(value: &Value, program: &Value) -> Value {
    match value {
        Value::String(text) if text == "$program" => program.clone(),
        Value::Object(fields) if fields.contains_key("repeat") => {
            let times = usize::try_from(fields["times"].as_u64().expect("a number")).expect("small");
            json!(fields["repeat"].as_str().expect("a text").repeat(times))
        }
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), filled(value, program))).collect()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, program)).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn values_that_make_no_sense_are_refused_at_their_field() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bad_input").join("value.json");
    let cases: Vec<Case> =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the cases")).expect("cases");
    let (stage, contract) = (Stage::new().await, Contract::read().await);
    let program = stage.program("Reading friends").await;
    let mut faults = Vec::new();
    for case in cases {
        let (document, variables) = match (&case.mutation, case.query) {
            (Some(name), None) => {
                (contract.mutation(name, ""), json!({ "input": filled(&case.input, &program) }))
            }
            (_, query) => (query.expect("a query or a mutation"), json!({})),
        };
        let answer = stage.owner.answer(&document, variables).await;
        let told = match (&answer, &case.mutation) {
            (Ok(data), Some(name)) => {
                let path = data[name]["userErrors"][0]["path"].as_array().cloned().unwrap_or_default();
                path.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".")
            }
            (Ok(_), None) => String::new(),
            // The transport gives this code to what cannot be read.
            (Err(message), _) if message.starts_with("Failed to parse") => "BAD_USER_INPUT".to_owned(),
            (Err(code), _) => code.trim_matches('"').to_owned(),
        };
        let wanted = case.path.or(case.code).expect("a path or a code");
        if told != wanted {
            faults.push(format!("{}: {told:?} instead of {wanted:?}", case.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
