//! Is the public contract current, complete and described for an app developer who sees nothing else?
use std::{collections::BTreeMap, path::PathBuf};

use api::{config::Config, graphql};
use serde_json::Value;

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn sdl() -> String {
    graphql::sdl(&graphql::schema(&Config::for_tests().limits))
}

/// Compares with a committed file, or writes it when `CAIRN_UPDATE_GOLDEN` is set.
pub fn assert_golden(path: &str, actual: &str) {
    let file = repository(path);
    if std::env::var_os("CAIRN_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(file.parent().expect("in the repository")).expect("folder");
        std::fs::write(&file, actual).expect("golden file can be written");
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    if committed != actual {
        let line = committed.lines().zip(actual.lines()).position(|(old, new)| old != new);
        let at = line.unwrap_or_else(|| committed.lines().count().min(actual.lines().count()));
        panic!(
            "{path} is not current, first at line {}:\n  committed: {:?}\n  actual:    {:?}\nrun the test with CAIRN_UPDATE_GOLDEN=1 and review the difference",
            at + 1,
            committed.lines().nth(at),
            actual.lines().nth(at)
        );
    }
}

#[test]
fn the_committed_schema_is_the_servers() {
    assert_golden("schema.graphql", &sdl());
}

const INTROSPECTION: &str = "{ __schema { directives { name description args { name description } } types {
    kind name description specifiedByURL
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description }
    enumValues(includeDeprecated: true) { name description }
} } }";

async fn introspect() -> Value {
    let schema = graphql::schema(&Config::for_tests().limits);
    let response = schema.execute(INTROSPECTION).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    response.data.into_json().expect("JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap_or_default()
}

/// Described by the GraphQL specification.
const BUILT_IN_SCALARS: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// Every thing that a developer can point at, with its description.
fn describable(data: &Value) -> Vec<(&'static str, String, Option<String>)> {
    let mut things = Vec::new();
    let mut add = |kind, path: String, thing: &Value| {
        things.push((kind, path, thing["description"].as_str().map(str::to_owned)));
    };
    let ours = |meta: &&Value| !name(meta).starts_with("__") && !BUILT_IN_SCALARS.contains(&name(meta));
    for meta in list(&data["__schema"], "types").iter().filter(ours) {
        add("type", name(meta).to_owned(), meta);
        for field in list(meta, "fields") {
            let path = format!("{}.{}", name(meta), name(field));
            for argument in list(field, "args") {
                add("argument", format!("{path}({})", name(argument)), argument);
            }
            add("field", path, field);
        }
        for field in list(meta, "inputFields") {
            add("input field", format!("{}.{}", name(meta), name(field)), field);
        }
        for value in list(meta, "enumValues") {
            add("enum value", format!("{}.{}", name(meta), name(value)), value);
        }
    }
    things
}

#[tokio::test]
async fn everything_is_described() {
    let data = introspect().await;
    let things = describable(&data);
    let bare: Vec<_> =
        things.iter().filter(|(_, _, text)| text.as_deref().unwrap_or_default().trim().is_empty()).collect();
    let mut counts = BTreeMap::<&str, usize>::new();
    for (kind, ..) in &things {
        *counts.entry(kind).or_default() += 1;
    }
    println!("described: {counts:?}");
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

#[tokio::test]
async fn every_scalar_of_our_own_says_what_it_is() {
    let data = introspect().await;
    let scalars = list(&data["__schema"], "types").iter().filter(|meta| meta["kind"] == "SCALAR");
    for scalar in scalars.filter(|scalar| !BUILT_IN_SCALARS.contains(&name(scalar))) {
        let url = scalar["specifiedByURL"].as_str();
        assert!(url.is_some_and(|url| url.starts_with("https://")), "{} has no @specifiedBy", name(scalar));
    }
}

#[tokio::test]
async fn a_mutation_takes_one_input_and_answers_a_payload_with_user_errors() {
    let data = introspect().await;
    let types = list(&data["__schema"], "types");
    let mutation = types.iter().find(|meta| name(meta) == "Mutation").expect("mutations");
    for field in list(mutation, "fields") {
        let arguments: Vec<&str> = list(field, "args").iter().map(name).collect();
        assert!(arguments.is_empty() || arguments == ["input"], "{}({arguments:?})", name(field));
        let mut payload = name(field).to_owned();
        payload.get_mut(0..1).expect("a name").make_ascii_uppercase();
        payload.push_str("Payload");
        let payload_type = types.iter().find(|meta| name(meta) == payload);
        let fields = payload_type.map(|meta| list(meta, "fields")).unwrap_or_default();
        assert!(fields.iter().any(|field| name(field) == "userErrors"), "{payload} has no userErrors");
    }
}

#[tokio::test]
async fn lists_without_an_end_are_connections() {
    let data = introspect().await;
    for meta in list(&data["__schema"], "types").iter().filter(|meta| name(meta).ends_with("Connection")) {
        let fields: Vec<&str> = list(meta, "fields").iter().map(name).collect();
        assert_eq!(fields, ["edges", "nodes", "pageInfo", "totalCount"], "{}", name(meta));
    }
}
