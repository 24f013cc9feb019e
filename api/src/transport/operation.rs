//! Which operation of which document does a client want to run, and are its variables there?
use std::sync::Arc;

use async_graphql::{
    Request, Variables,
    parser::types::{BaseType, OperationDefinition, OperationType},
};
use serde_json::{Map, Value};

use super::{
    arrival::Arrival,
    document::{Document, DocumentCache, DocumentHash},
    envelope::Envelope,
    fault::Fault,
    limits::Rules,
};
use crate::error::ErrorCode;

/// A request that may be given to the schema.
#[derive(Debug)]
pub struct Operation {
    pub kind: OperationType,
    pub request: Request,
}

impl Operation {
    /// Finds the document, lets the guard look at it, and chooses the operation.
    pub fn prepare(
        rules: &Rules,
        documents: &DocumentCache,
        envelope: Envelope,
        arrival: &Arc<Arrival>,
    ) -> Result<Self, Fault> {
        let document = find(rules, documents, &envelope)?;
        let chosen = document.operation(envelope.operation_name.as_deref())?;
        check_variables(&document, chosen, &envelope.variables)?;
        let kind = chosen.ty;
        let mut request = Request::new(String::new())
            .variables(Variables::from_json(Value::Object(envelope.variables)))
            .data(Arc::clone(arrival));
        request.operation_name = envelope.operation_name;
        request.set_parsed_query(document.parsed.clone());
        Ok(Self { kind, request })
    }
}

/// By text, by Apollo's automatic persisted query, or by `documentId`.
fn find(rules: &Rules, documents: &DocumentCache, envelope: &Envelope) -> Result<Arc<Document>, Fault> {
    let persisted = envelope.extensions.get("persistedQuery");
    let apollo = persisted.and_then(|persisted| persisted.get("sha256Hash")).and_then(Value::as_str);
    let id = envelope.document_id.as_deref().and_then(|id| id.strip_prefix("sha256:"));
    let hash = id.or(apollo).and_then(DocumentHash::from_hex);
    let asked_by_hash = persisted.is_some() || envelope.document_id.is_some();
    if asked_by_hash && hash.is_none() {
        return Err(Fault::new(ErrorCode::BadRequest, "the document's hash must be 64 hexadecimal digits"));
    }
    match (&envelope.query, hash) {
        (Some(text), Some(hash)) if DocumentHash::of(text) != hash => {
            Err(Fault::new(ErrorCode::BadRequest, "the hash is not the SHA-256 of the document"))
        }
        (Some(text), _) => documents.get_or_check(rules, text),
        // Apollo's clients know this message.
        (None, Some(hash)) => documents
            .get(hash)
            .ok_or_else(|| Fault::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")),
        (None, None) => Err(Fault::new(ErrorCode::BadRequest, "`query` is missing")),
    }
}

/// The library looks at a variable only where an argument uses it: `@skip(if: $a)` runs without `$a`. And a
/// misspelled name must not silently mean "unchanged".
fn check_variables(
    document: &Document,
    chosen: &OperationDefinition,
    given: &Map<String, Value>,
) -> Result<(), Fault> {
    let bad = |message: String| Err(Fault::new(ErrorCode::BadUserInput, message));
    for variable in &chosen.variable_definitions {
        let (name, kind) = (&variable.node.name.node, &variable.node.var_type.node);
        let value = given.get(name.as_str());
        let missing = value.is_none() && variable.node.default_value.is_none();
        if !kind.nullable && (missing || value.is_some_and(Value::is_null)) {
            return bad(format!("variable \"${name}\" of type \"{kind}\" needs a value"));
        }
        let boolean = matches!(&kind.base, BaseType::Named(base) if base.as_str() == "Boolean");
        if boolean && value.is_some_and(|value| !value.is_boolean() && !value.is_null()) {
            return bad(format!("variable \"${name}\" of type \"{kind}\" must be true or false"));
        }
    }
    // A client may keep the variables of all its operations together.
    let declared = |name: &str| {
        document.parsed.operations.iter().any(|(_, operation)| {
            operation.node.variable_definitions.iter().any(|variable| variable.node.name.node == name)
        })
    };
    match given.keys().find(|name| !declared(name)) {
        Some(name) => bad(format!("no operation declares the variable \"${name}\"")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str, variables: &str) -> Option<ErrorCode> {
        let document = Document::new(query, async_graphql::parser::parse_query(query).unwrap());
        let chosen = document.operation(None).unwrap();
        check_variables(&document, chosen, &serde_json::from_str(variables).unwrap())
            .err()
            .map(|fault| fault.code)
    }

    #[test]
    fn variables_must_be_there_and_be_known() {
        for (query, variables, allowed) in [
            ("query($a: Boolean!) { x @skip(if: $a) }", "{}", false),
            ("query($a: Boolean!) { x @skip(if: $a) }", r#"{"a":null}"#, false),
            ("query($a: Boolean!) { x @skip(if: $a) }", r#"{"a":"true"}"#, false),
            ("query($a: Boolean!) { x @skip(if: $a) }", r#"{"a":true}"#, true),
            ("query($a: Boolean! = false) { x @skip(if: $a) }", "{}", true),
            ("query($a: Int) { x(b: $a) }", "{}", true),
            ("query($a: Int) { x(b: $a) }", r#"{"A":1}"#, false),
            ("query($a: [Boolean]) { x(b: $a) }", r#"{"a":[true]}"#, true),
        ] {
            let expected = (!allowed).then_some(ErrorCode::BadUserInput);
            assert_eq!(refused(query, variables), expected, "{query} {variables}");
        }
    }
}
