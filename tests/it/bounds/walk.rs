//! Which documents reach every list of the schema, alone and below other lists?
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{
    Contract,
    contract::{Argument, Field},
};

/// Lists within lists: programs, their cohorts, their enrollments.
const LISTS: usize = 3;

/// A document that reads one list through others.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Such as `programs/cohorts`.
    pub path: String,
    /// How many lists lie within each other.
    pub lists: usize,
    pub document: String,
}

pub struct Walker<'a> {
    contract: &'a Contract,
    ids: &'a BTreeMap<&'static str, Vec<Value>>,
    pub walks: Vec<Walk>,
    /// The list fields that some document reads.
    pub covered: BTreeSet<String>,
}

impl<'a> Walker<'a> {
    pub fn new(contract: &'a Contract, ids: &'a BTreeMap<&'static str, Vec<Value>>) -> Self {
        let mut walker = Self { contract, ids, walks: Vec::new(), covered: BTreeSet::new() };
        for field in contract.fields("Query") {
            walker.root(field);
        }
        walker
    }

    fn root(&mut self, field: &Field) {
        if !field.composite {
            return;
        }
        let arguments: Vec<String> =
            field.arguments.iter().filter_map(|it| self.argument(field, &it.name)).collect();
        let missing = field
            .arguments
            .iter()
            .filter(|it| it.required())
            .find(|it| !arguments.iter().any(|given| given.starts_with(&format!("{}:", it.name))));
        assert!(missing.is_none(), "no example for {}({})", field.name, missing.map_or("", |it| &it.name));
        let arguments =
            if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let call = format!("{}{arguments}", field.name);
        let path = format!("Query.{}", field.name);
        match self.contract.node(&field.kind) {
            Some(node) => self.list(&format!("{call} {{ nodes {{"), "} }", node, &[path], 1),
            None => {
                let used: Vec<String> = if field.list { vec![path.clone()] } else { Vec::new() };
                self.push(&format!("{call} {{"), "}", &field.kind, &used);
                if self.contract.possible(&field.kind).is_empty() {
                    self.below(&format!("{call} {{"), "}", &field.kind, &used, 1);
                }
            }
        }
    }

    /// An example for an argument; `None` for one that is left out.
    fn argument(&self, field: &Field, name: &str) -> Option<String> {
        let sample = |kind: &str| self.ids.get(kind).and_then(|ids| ids.first()).map(Value::to_string);
        let value = match name {
            "first" => "$first".to_owned(),
            "ids" => "$ids".to_owned(),
            "id" if field.kind == "Node" => sample("Match")?,
            "id" => sample(&field.kind)?,
            "programId" if ["impact", "resources"].contains(&field.name.as_str()) => sample("Program")?,
            _ => return None,
        };
        Some(format!("{name}: {value}"))
    }

    fn list(&mut self, before: &str, after: &str, node: &str, used: &[String], hops: usize) {
        self.push(before, after, node, used);
        if used.len() < LISTS {
            self.below(before, after, node, used, hops);
        }
    }

    fn below(&mut self, before: &str, after: &str, object: &str, used: &[String], hops: usize) {
        for field in self.contract.fields(object).to_vec() {
            let key = format!("{object}.{}", field.name);
            if used.contains(&key) || field.arguments.iter().any(Argument::required) {
                continue;
            }
            let before = format!("{before} {}", field.name);
            if let Some(node) = self.contract.node(&field.kind) {
                let used = [used, &[key]].concat();
                let (before, after) =
                    (format!("{before}(first: $first) {{ nodes {{"), format!("}} }} {after}"));
                self.list(&before, &after, node, &used, hops);
            } else if field.composite && hops > 0 {
                self.below(&format!("{before} {{"), &format!("}} {after}"), &field.kind, used, hops - 1);
            }
        }
    }

    fn push(&mut self, before: &str, after: &str, object: &str, used: &[String]) {
        self.covered.extend(used.iter().cloned());
        // How far objects are read that the listed ones point to.
        let depth = if used.len() < 2 { 3 } else { 2 };
        let selection = self.selection(object, depth, &mut Vec::new());
        let body = format!("{before} {selection} {after}");
        let chain = before.replace("(first: $first)", "");
        let chain = chain.split_whitespace().filter(|word| !word.starts_with(['{', '"']) && *word != "nodes");
        let chain: Vec<&str> = chain.map(|word| word.split('(').next().unwrap_or_default()).collect();
        let path = if chain.is_empty() { "nodes".to_owned() } else { chain.join("/") };
        let named = |name: &&str| body.contains(name.split(':').next().unwrap_or_default());
        let declared: Vec<&str> = ["$first: Int", "$ids: [ID!]!"].into_iter().filter(named).collect();
        let declared = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
        self.walks.push(Walk { path, lists: used.len(), document: format!("query {declared} {{ {body} }}") });
    }

    /// Everything of an object but its connections, as deep as `depth`.
    fn selection(&mut self, object: &str, depth: usize, above: &mut Vec<String>) -> String {
        let possible = self.contract.possible(object).to_vec();
        if !possible.is_empty() {
            let each = possible.iter().map(|kind| format!("... on {kind} {{ {} }}", self.aliased(kind)));
            return each.collect();
        }
        let mut parts = Vec::new();
        for field in self.contract.fields(object).to_vec() {
            if self.contract.node(&field.kind).is_some() || field.arguments.iter().any(Argument::required) {
                continue;
            }
            if !field.composite {
                parts.push(field.name);
            } else if depth > 0 && !above.contains(&field.kind) {
                if field.list {
                    self.covered.insert(format!("{object}.{}", field.name));
                }
                above.push(object.to_owned());
                let inner = self.selection(&field.kind, depth - 1, above);
                above.pop();
                if !inner.is_empty() {
                    parts.push(format!("{} {{ {inner} }}", field.name));
                }
            }
        }
        parts.join(" ")
    }

    /// The plain fields of one of the objects of an interface, under names of its own.
    fn aliased(&self, object: &str) -> String {
        let fields = self.contract.fields(object).iter().filter(|field| {
            self.contract.node(&field.kind).is_none() && !field.list && field.arguments.is_empty()
        });
        let part = |field: &Field| {
            let inner = if field.composite { " { __typename }" } else { "" };
            format!("{}_{object}: {}{inner}", field.name, field.name)
        };
        fields.map(part).collect::<Vec<_>>().join(" ")
    }
}

/// Every list of objects that a client can reach by queries, such as `Program.cohorts`.
pub fn lists(contract: &Contract) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec!["Query".to_owned()];
    let mut lists = BTreeSet::new();
    while let Some(object) = open.pop() {
        if !seen.insert(object.clone()) {
            continue;
        }
        open.extend(contract.possible(&object).iter().cloned());
        for field in contract.fields(&object).iter().filter(|field| field.composite) {
            let node = contract.node(&field.kind);
            if node.is_some() || field.list {
                lists.insert(format!("{object}.{}", field.name));
            }
            open.push(node.unwrap_or(&field.kind).to_owned());
        }
    }
    lists
}

/// How many items each list of an answer has at most, by its field.
pub fn longest(contract: &Contract, object: &str, answer: &Value, found: &mut BTreeMap<String, usize>) {
    if let Some(items) = answer.as_array() {
        return items.iter().for_each(|item| longest(contract, object, item, found));
    }
    let Some(fields) = answer.as_object() else { return };
    for (name, value) in fields {
        let Some(field) = contract.fields(object).iter().find(|field| field.name == *name) else { continue };
        if !field.composite {
            continue;
        }
        let (kind, items) = match contract.node(&field.kind) {
            Some(node) => (node, &value["nodes"]),
            None => (field.kind.as_str(), value),
        };
        if let Some(list) = items.as_array() {
            let most = found.entry(format!("{object}.{name}")).or_default();
            *most = (*most).max(list.len());
        }
        longest(contract, kind, items, found);
    }
}

/// So many of each kind, and no more than `nodes` takes.
pub fn sample(ids: &BTreeMap<&'static str, Vec<Value>>, each: usize) -> Value {
    let each = each.min(100 / ids.len());
    json!(ids.values().flat_map(|of_kind| of_kind.iter().take(each)).collect::<Vec<_>>())
}
