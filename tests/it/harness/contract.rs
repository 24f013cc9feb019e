//! What does the schema offer to a client who sees nothing else?
use std::collections::BTreeMap;

use api::{config::Config, graphql};
use serde_json::Value;

/// All types of the schema by their names.
pub struct Contract {
    objects: BTreeMap<String, Vec<Field>>,
    inputs: BTreeMap<String, Vec<Argument>>,
    interfaces: BTreeMap<String, Vec<String>>,
}

/// A field of an object.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// The type without its lists and marks of presence.
    pub kind: String,
    /// Is it an object or an interface, so that fields must be selected of it?
    pub composite: bool,
    pub list: bool,
    pub arguments: Vec<Argument>,
}

#[derive(Debug, Clone)]
pub struct Argument {
    pub name: String,
    /// The type as written, such as `[ID!]!`.
    pub kind: String,
}

impl Argument {
    fn read(value: &Value) -> Self {
        Self { name: text(&value["name"]), kind: written(&value["type"]) }
    }

    pub fn required(&self) -> bool {
        self.kind.ends_with('!')
    }
}

const INTROSPECTION: &str =
    "{ __schema { types { kind name possibleTypes { name } inputFields { name type { ...T } } fields(includeDeprecated: true) {
    name type { ...T } args { name type { ...T } } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

impl Contract {
    pub async fn read() -> Self {
        let schema = graphql::schema(&Config::for_tests().limits);
        let answer = schema.execute(INTROSPECTION).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        let answer = answer.data.into_json().expect("JSON");
        let types = list(&answer["__schema"]["types"]);
        let types = types.iter().filter(|kind| !text(&kind["name"]).starts_with("__"));
        let (mut objects, mut inputs, mut interfaces) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for kind in types {
            objects.insert(text(&kind["name"]), list(&kind["fields"]).iter().map(Field::read).collect());
            inputs
                .insert(text(&kind["name"]), list(&kind["inputFields"]).iter().map(Argument::read).collect());
            let possible = list(&kind["possibleTypes"]).iter().map(|kind| text(&kind["name"])).collect();
            interfaces.insert(text(&kind["name"]), possible);
        }
        Self { objects, inputs, interfaces }
    }

    /// The fields of an object.
    pub fn fields(&self, object: &str) -> &[Field] {
        self.objects.get(object).unwrap_or_else(|| panic!("no type {object}"))
    }

    pub fn field(&self, object: &str, name: &str) -> &Field {
        let field = self.fields(object).iter().find(|field| field.name == name);
        field.unwrap_or_else(|| panic!("{object} has no {name}"))
    }

    /// The fields of an input object.
    pub fn inputs(&self, input: &str) -> &[Argument] {
        self.inputs.get(input).unwrap_or_else(|| panic!("no input {input}"))
    }

    /// The names of all types.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().map(String::as_str)
    }

    /// The objects that an interface stands for; none for an object.
    pub fn possible(&self, interface: &str) -> &[String] {
        self.interfaces.get(interface).map_or(&[], Vec::as_slice)
    }

    /// What a connection is a page of.
    pub fn node<'a>(&self, connection: &'a str) -> Option<&'a str> {
        connection.strip_suffix("Connection").filter(|name| !name.is_empty())
    }

    /// A document with one mutation that takes `$input`; `selection` is what is wanted of its payload.
    pub fn mutation(&self, name: &str, selection: &str) -> String {
        let field = self.field("Mutation", name);
        let input = &field.arguments.first().unwrap_or_else(|| panic!("{name} takes no input")).kind;
        let errors = "userErrors { code message path }";
        format!("mutation ($input: {input}) {{ {name}(input: $input) {{ {selection} {errors} }} }}")
    }
}

impl Field {
    fn read(value: &Value) -> Self {
        let (kind, sort) = named(&value["type"]);
        Self {
            name: text(&value["name"]),
            composite: sort == "OBJECT" || sort == "INTERFACE" || sort == "UNION",
            list: written(&value["type"]).starts_with('['),
            kind,
            arguments: list(&value["args"]).iter().map(Argument::read).collect(),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn named(kind: &Value) -> (String, String) {
    if kind["ofType"].is_null() { (text(&kind["name"]), text(&kind["kind"])) } else { named(&kind["ofType"]) }
}

fn written(kind: &Value) -> String {
    match kind["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&kind["ofType"])),
        Some("LIST") => format!("[{}]", written(&kind["ofType"])),
        _ => text(&kind["name"]),
    }
}
