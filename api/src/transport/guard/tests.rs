//! The guard lets through what clients send, and refuses what would keep a core busy.
use std::{fmt::Write, time::Instant};

use proptest::prelude::*;

use super::*;

fn rules() -> Rules {
    Rules {
        standing_alone: vec!["signIn", "refreshSession"],
        directives: vec!["include", "skip", "idempotent"],
        ..Rules::default()
    }
}

fn refused(text: &str) -> ErrorCode {
    check(&rules(), text).unwrap_err().code
}

/// Each fragment spreads the next one twice.
fn doubling(levels: usize) -> String {
    let mut text = "{ ...f0 }".to_owned();
    for level in 0..levels {
        let next = level + 1;
        write!(text, " fragment f{level} on Query {{ ...f{next} ...f{next} }}").unwrap();
    }
    write!(text, " fragment f{levels} on Query {{ __typename }}").unwrap();
    text
}

#[test]
fn ordinary_documents_pass() {
    for text in [
        "{ a }",
        "query Q($a: Int = 1) { b(c: $a) @include(if: true) { d ...F } } fragment F on B { e { f } }",
        "mutation { signIn(input: {email: \"a@b.c\"}) { token } }",
        "mutation { a b c d e f g h i j }",
        "subscription { messageAdded { id } }",
    ] {
        check(&rules(), text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    }
}

#[test]
fn the_full_introspection_of_graphql_js_passes() {
    let mut of_type = "kind name".to_owned();
    for _ in 0..9 {
        of_type = format!("kind name ofType {{ {of_type} }}");
    }
    let text = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }}
          subscriptionType {{ name kind }} types {{ ...FullType }}
          directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...Value }} }} }} }}
        fragment FullType on __Type {{ kind name description specifiedByURL
          fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...Value }}
            type {{ ...TypeRef }} isDeprecated deprecationReason }}
          inputFields(includeDeprecated: true) {{ ...Value }} interfaces {{ ...TypeRef }}
          enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}
          possibleTypes {{ ...TypeRef }} }}
        fragment Value on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated }}
        fragment TypeRef on __Type {{ {of_type} }}"
    );
    check(&rules(), &text).unwrap();
}

#[test]
fn documents_that_double_are_refused_at_once() {
    let started = Instant::now();
    for levels in [11, 12, 16, 18, 22, 30, 45] {
        let code = refused(&doubling(levels));
        assert!(matches!(code, ErrorCode::QueryTooComplex | ErrorCode::QueryTooDeep), "{levels}: {code}");
    }
    assert!(started.elapsed().as_secs() < 2, "took {:?}", started.elapsed());
    check(&rules(), &doubling(4)).unwrap();
}

#[test]
fn doubling_without_any_field_is_seen() {
    let text = doubling(20).replace("__typename", "...unknown");
    assert_eq!(refused(&text), ErrorCode::QueryTooComplex);
}

#[test]
fn fragments_that_spread_themselves_are_refused() {
    for text in [
        "{ ...a } fragment a on Q { ...a }",
        "{ ...a } fragment a on Q { ...b } fragment b on Q { x { ...c } } fragment c on Q { ... { ...a } }",
        "{ x } fragment unused on Q { ...unused }",
    ] {
        assert_eq!(refused(text), ErrorCode::ValidationFailed, "{text}");
    }
}

#[test]
fn every_bound_has_a_case_that_breaks_it() {
    let nested = |levels: usize| format!("{}{}", "{a".repeat(levels), "}".repeat(levels));
    let inline = |levels: usize| format!("{{{}a{}}}", "...{".repeat(levels), "}".repeat(levels));
    let many = |count: usize, each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<String>();
    let cases: Vec<(String, ErrorCode)> = vec![
        (format!("{{ a }} # {}", "x".repeat(32 * 1024)), ErrorCode::QueryTooLarge),
        (format!("{{ {} }}", "a ".repeat(2_000)), ErrorCode::QueryTooLarge),
        (nested(16), ErrorCode::QueryTooDeep),
        (nested(5_000), ErrorCode::QueryTooDeep),
        (inline(33), ErrorCode::QueryTooDeep),
        (format!("{{ a(b: {}{}) }}", "[".repeat(900), "]".repeat(900)), ErrorCode::QueryTooDeep),
        (format!("query($v: {}Int{}) {{ a }}", "[".repeat(900), "]".repeat(900)), ErrorCode::QueryTooDeep),
        (format!("{{ r {{ {} }} }}", many(51, &|i| format!("a{i}: b "))), ErrorCode::QueryTooComplex),
        (format!("{{ {} }}", many(21, &|i| format!("f{i} "))), ErrorCode::QueryTooComplex),
        (format!("{{ {} }}", "__typename ".repeat(500)), ErrorCode::QueryTooComplex),
        (format!("mutation {{ {} }}", many(11, &|i| format!("f{i} "))), ErrorCode::QueryTooComplex),
        (format!("{{ a {} }}", "@skip(if: false) ".repeat(51)), ErrorCode::QueryTooLarge),
        (format!("query({}) {{ a }}", many(51, &|i| format!("$v{i}: Int "))), ErrorCode::QueryTooLarge),
        (
            format!("{{ a }} {}", many(51, &|i| format!("fragment f{i} on Q {{ a }} "))),
            ErrorCode::QueryTooLarge,
        ),
        ("subscription { a b }".to_owned(), ErrorCode::ValidationFailed),
        ("{ __typename @unknown }".to_owned(), ErrorCode::ValidationFailed),
        ("{ a".to_owned(), ErrorCode::ParseFailed),
        ("{ a } { b }".to_owned(), ErrorCode::ParseFailed),
        ("query A { a } query A { b }".to_owned(), ErrorCode::ParseFailed),
        ("fragment F on Q { a }".to_owned(), ErrorCode::ParseFailed),
        (String::new(), ErrorCode::ParseFailed),
    ];
    for (text, code) in cases {
        let start: String = text.chars().take(60).collect();
        assert_eq!(refused(&text), code, "{start}");
    }
    check(&rules(), &nested(15)).unwrap();
}

#[test]
fn a_credential_mutation_stands_alone_through_fragments_and_aliases() {
    for text in [
        "mutation { signIn { a } other { b } }",
        "mutation { a: signIn { a } b: signIn { a } }",
        "mutation { ...F b: signIn { a } } fragment F on Mutation { signIn { a } }",
        "mutation { ... { refreshSession { a } } __typename }",
        "query Q { a } mutation M { signIn { a } x { b } }",
    ] {
        assert_eq!(refused(text), ErrorCode::AuthFieldNotAlone, "{text}");
    }
    check(&rules(), "{ signIn other }").expect("a query field of the same name is no credential");
}

#[test]
fn a_syntax_error_tells_where_and_never_quotes_the_document() {
    let fault = check(&rules(), "{ a(secretWord: }").unwrap_err();
    assert_eq!(fault.locations.len(), 1);
    assert!(fault.message.starts_with("syntax error at line 1, column"), "{}", fault.message);
    assert!(!fault.message.contains("secretWord"), "{}", fault.message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = check(&rules(), &text);
    }

    #[test]
    fn text_made_of_grammar_pieces_never_panics(pieces in prop::collection::vec(piece(), 0..120)) {
        let _ = check(&rules(), &pieces.join(" "));
    }

    #[test]
    fn what_passes_is_as_small_as_promised(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = format!("{{ {} }} fragment F on Q {{ a b }}", pieces.join(" "));
        if let Ok(document) = check(&rules(), &text) {
            let mut scale = Scale::new(&document.parsed);
            for (_, operation) in document.parsed.operations.iter() {
                let weight = scale.weigh(&operation.node.selection_set.node).unwrap();
                prop_assert!(weight.selections <= 2_000 && weight.depth <= 15);
            }
        }
    }
}

fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "...",
        "...F",
        "...on Q",
        ":",
        "@skip",
        "(if: true)",
        "$v",
        "=",
        "!",
        "|",
        "a",
        "b: c",
        "query",
        "mutation",
        "subscription",
        "fragment F on Q",
        "1",
        "-1.5e9",
        "\"s\"",
        "\"",
        "\\",
        "\"\"\"",
        "\"\"\"block\"\"\"",
        "#c\n",
        "\u{feff}",
        "é",
        "{ a }",
        "{ ...F }",
        "true",
        "null",
    ])
    .prop_map(str::to_owned)
}
