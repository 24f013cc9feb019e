//! How do children reach their resolvers without a query each?
//!
//! The resolver of a list or object looks ahead at what the selection needs below it, loads that for all rows
//! at once, and leaves it here. A child's resolver takes it from here, and loads by itself only when nobody did.
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_graphql::SelectionField;

use super::context::Request;
use crate::error::Result;

type Key = (TypeId, String);

/// Values loaded ahead in one request, by their type and a key such as the id, or the parent's id and arguments.
#[derive(Default)]
pub struct Prefetched(Mutex<HashMap<Key, Box<dyn Any + Send>>>);

impl Prefetched {
    pub fn put<T: Clone + Send + 'static>(&self, key: impl ToString, value: T) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.insert((TypeId::of::<T>(), key.to_string()), Box::new(value));
    }

    pub fn get<T: Clone + Send + 'static>(&self, key: impl ToString) -> Option<T> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.get(&(TypeId::of::<T>(), key.to_string()))?.downcast_ref::<T>().cloned()
    }

    /// What was read before a mutation may be stale after it.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// An object whose children can be loaded for many of its kind at once.
pub trait Prefetch: Sized {
    /// Loads what `fields`, the selection on objects of this type, need below `items`, in a number of
    /// statements that does not depend on how many items there are.
    fn prefetch(
        request: &Request,
        items: &[Self],
        fields: &[SelectionField<'_>],
    ) -> impl Future<Output = Result<()>> + Send {
        let _nothing_below = (request, items, fields);
        async { Ok(()) }
    }
}

/// The fields selected on the nodes of a connection field, through `nodes` and `edges { node }` alike.
pub fn node_fields<'a>(connection: &SelectionField<'a>) -> Vec<SelectionField<'a>> {
    let mut fields = Vec::new();
    for field in connection.selection_set() {
        match field.name() {
            "nodes" => fields.extend(field.selection_set()),
            "edges" => {
                for node in field.selection_set().filter(|inner| inner.name() == "node") {
                    fields.extend(node.selection_set());
                }
            }
            _ => {}
        }
    }
    fields
}

/// The selections below all fields of this name: aliases ask for the same child several times.
pub fn below<'a>(fields: &[SelectionField<'a>], name: &str) -> Option<Vec<SelectionField<'a>>> {
    let mut wanted = fields.iter().filter(|field| field.name() == name).peekable();
    wanted.peek()?;
    let mut below = Vec::new();
    for field in wanted {
        below.extend(field.selection_set());
    }
    Some(below)
}

/// The arguments of a child field in a form that can be part of a key.
pub fn arguments_key(field: &SelectionField<'_>) -> String {
    let mut arguments: Vec<String> =
        field.arguments().unwrap_or_default().iter().map(|(name, value)| format!("{name}:{value}")).collect();
    arguments.sort_unstable();
    arguments.join(",")
}
