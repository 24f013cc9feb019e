//! How do lists below many parents load at once?
//!
//! `programs { nodes { cohorts(first: 5) { … } } }` must not ask the database once per program. The parents'
//! `prefetch` loads the first page of all of them in one statement; a page after a cursor belongs to one parent
//! only and is loaded by the child's own resolver.
use std::{fmt::Display, pin::Pin};

use async_graphql::{InputType, SelectionField};
use domain::page::PageRequest;
use serde::de::DeserializeOwned;

use super::{
    context::Request,
    page::page_request,
    prefetch::{Prefetch, arguments_key},
};
use crate::error::Result;

/// Names the list that `field` shows of a parent.
pub fn key(parent: impl Display, field: &SelectionField<'_>) -> String {
    format!("{parent} {} {}", field.name(), arguments_key(field))
}

/// An argument of the field as the client gave it; `None` when it was left out or is not of this type.
pub fn argument<T: InputType>(field: &SelectionField<'_>, name: &str) -> Option<T> {
    let arguments = field.arguments().ok()?;
    let (_, value) = arguments.into_iter().find(|(argument, _)| argument.as_str() == name)?;
    T::parse(Some(value)).ok()
}

/// The page that can be loaded ahead for all parents: a first one. What is wrong with it the child will say.
pub fn first_page<K: DeserializeOwned>(field: &SelectionField<'_>) -> Option<PageRequest<K>> {
    if argument::<String>(field, "after").is_some() {
        return None;
    }
    page_request("", argument(field, "first"), None).ok()
}

/// Did the client select `totalCount` of this connection field?
pub fn wants_total(field: &SelectionField<'_>) -> bool {
    field.selection_set().any(|inner| inner.name() == "totalCount")
}

/// Loads below `items`, as [`Prefetch::prefetch`] does; boxed, since programs have cohorts and cohorts a program.
pub fn prefetch<'a, T: Prefetch + Sync>(
    request: &'a Request,
    items: &'a [T],
    fields: &'a [SelectionField<'a>],
) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
    Box::pin(T::prefetch(request, items, fields))
}
