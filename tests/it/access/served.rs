//! What does the served schema offer? Its types and fields, as introspection tells them.
use std::collections::BTreeMap;

use api::{
    config::{Config, Limits},
    graphql::{self, CairnSchema},
};
use serde_json::Value;

const INTROSPECTION: &str = "{ __schema { types { kind name fields(includeDeprecated: true) {
    name type { ...ref } } } } }
    fragment ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// The object types of the schema by their names.
pub struct Served(BTreeMap<String, Vec<Field>>);

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// The named type below all lists and non-nulls.
    pub of: String,
    pub is_list: bool,
    pub is_object: bool,
}

/// The schema that people ask in these tests: wide enough for whole objects with everything below them.
pub fn schema() -> CairnSchema {
    let limits = Config::for_tests().limits;
    graphql::schema(&Limits { complexity: usize::MAX, depth: 60, ..limits })
}

impl Served {
    pub async fn read(schema: &CairnSchema) -> Self {
        let response = schema.execute(INTROSPECTION).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let data = response.data.into_json().expect("JSON");
        let types = data["__schema"]["types"].as_array().expect("types");
        let ours = |meta: &&Value| meta["kind"] == "OBJECT" && !text(&meta["name"]).starts_with("__");
        let fields = |meta: &Value| meta["fields"].as_array().into_iter().flatten().map(field).collect();
        Self(types.iter().filter(ours).map(|meta| (text(&meta["name"]), fields(meta))).collect())
    }

    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub fn fields(&self, name: &str) -> &[Field] {
        self.0.get(name).unwrap_or_else(|| panic!("no type {name}"))
    }

    pub fn field(&self, of: &str, name: &str) -> &Field {
        let found = self.fields(of).iter().find(|field| field.name == name);
        found.unwrap_or_else(|| panic!("no field {of}.{name}"))
    }

    pub fn has(&self, of: &str, field: &str) -> bool {
        self.fields(of).iter().any(|known| known.name == field)
    }

    /// Selects a field with all its values: things with an id by it, other objects with everything in them.
    pub fn select(&self, field: &Field) -> String {
        let Field { name, of, .. } = field;
        if !field.is_object {
            return name.clone();
        }
        if of.ends_with("Connection") {
            let node = self.field(of, "nodes");
            return format!("{name}(first: 100) {{ {} }}", self.select(node));
        }
        if self.has(of, "id") {
            return format!("{name} {{ id }}");
        }
        let below: Vec<String> = self.fields(of).iter().map(|field| self.select(field)).collect();
        format!("{name} {{ {} }}", below.join(" "))
    }
}

fn field(meta: &Value) -> Field {
    let named = Named::of(&meta["type"]);
    Field {
        name: text(&meta["name"]),
        is_object: named.kind == "OBJECT" || named.kind == "INTERFACE",
        is_list: named.is_list || named.name.ends_with("Connection"),
        of: named.name,
    }
}

struct Named {
    name: String,
    kind: String,
    is_list: bool,
}

impl Named {
    fn of(mut reference: &Value) -> Self {
        let mut is_list = false;
        while !reference["ofType"].is_null() {
            is_list |= reference["kind"] == "LIST";
            reference = &reference["ofType"];
        }
        Self { name: text(&reference["name"]), kind: text(&reference["kind"]), is_list }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
