//! How do lists below many parents load at once?
//!
//! `programs { nodes { cohorts(first: 5) { … } } }` must not ask the database once per program. The parents'
//! `prefetch` loads the first page of all of them in one statement; a page after a cursor belongs to one parent
//! only and is loaded by the child's own resolver.
use std::{
    collections::HashMap,
    fmt::{Debug, Display},
    pin::Pin,
};

use async_graphql::{Context, InputType, OutputType, SelectionField};
use domain::{
    id::{Entity, Id},
    page::{Page, PageRequest},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    context::{Cx, Request},
    page::{Connection, page_request},
    prefetch::{Prefetch, arguments_key, node_fields},
};
use crate::error::Result;

/// Objects that are listed below a `P`, a page for each of several parents. A feature says how they are loaded;
/// [`list`] and [`ahead`] do the rest.
pub trait Listed<P: Entity>: Prefetch + OutputType + Clone + Send + Sync + 'static {
    /// What the list is ordered by.
    type Place: Serialize + DeserializeOwned + Clone + Send + Sync;
    /// The arguments that choose from the list, besides those of the page.
    type Filter: Debug + Default + Copy + Send + Sync;

    fn place(&self) -> Self::Place;

    /// Reads the filter from the arguments of the field.
    fn filter(field: &SelectionField<'_>) -> Self::Filter {
        let _without_arguments = field;
        Self::Filter::default()
    }

    /// A page for each of the parents, as far as the caller may see it, in one statement; parents without any may be
    /// left out.
    fn by_parents(
        request: &Request,
        parents: Vec<Id<P>>,
        filter: Self::Filter,
        page: PageRequest<Self::Place>,
    ) -> impl Future<Output = Result<HashMap<Id<P>, Page<Self>>>> + Send;

    /// How many each parent has, in one statement; `None` where counting would cost too much.
    fn count(
        request: &Request,
        parents: Vec<Id<P>>,
        filter: Self::Filter,
    ) -> impl Future<Output = Result<Option<HashMap<Id<P>, i64>>>> + Send {
        let _not_counted = (request, parents, filter);
        async { Ok(None) }
    }
}

/// A page of one parent's list, and how many it has when that was asked.
#[derive(Debug, Clone)]
struct Ahead<T> {
    page: Page<T>,
    total: Option<i64>,
}

/// The list of one parent for the field being resolved, from what was loaded ahead or by itself.
pub async fn list<P: Entity, T: Listed<P>>(
    context: &Context<'_>,
    parent: Id<P>,
    filter: T::Filter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<T>> {
    let (request, field) = (context.request(), context.field());
    let name = format!("{} of {parent} {filter:?}", field.name());
    let page = page_request(&name, first, after.as_deref())?;
    let ahead = match request.prefetched.get::<Ahead<T>>(key(parent, &field)) {
        Some(ahead) => Some(ahead),
        None => Box::pin(load(request, &[parent], filter, &page, &field)).await?.pop(),
    };
    let ahead = ahead.unwrap_or(Ahead { page: Page::empty(), total: None });
    Ok(Connection::new(&name, ahead.page, &page, T::place, |item| item).with_total(ahead.total))
}

/// Loads the lists that the fields of this name show, for all parents at once.
pub async fn ahead<P: Entity, T: Listed<P>>(
    request: &Request,
    parents: &[Id<P>],
    fields: &[SelectionField<'_>],
    name: &str,
) -> Result<()> {
    for field in fields.iter().filter(|field| field.name() == name) {
        let Some(page) = first_page(field) else { continue };
        let loaded = Box::pin(load::<P, T>(request, parents, T::filter(field), &page, field)).await?;
        for (&parent, ahead) in parents.iter().zip(loaded) {
            request.prefetched.put(key(parent, field), ahead);
        }
    }
    Ok(())
}

/// One for each of the parents, in their order.
async fn load<P: Entity, T: Listed<P>>(
    request: &Request,
    parents: &[Id<P>],
    filter: T::Filter,
    page: &PageRequest<T::Place>,
    field: &SelectionField<'_>,
) -> Result<Vec<Ahead<T>>> {
    let mut pages = T::by_parents(request, parents.to_vec(), filter, page.clone()).await?;
    let totals = match field.selection_set().any(|inner| inner.name() == "totalCount") {
        true => T::count(request, parents.to_vec(), filter).await?,
        false => None,
    };
    let all: Vec<T> = pages.values().flat_map(|page| page.items.iter().cloned()).collect();
    prefetch(request, &all, &node_fields(field)).await?;
    let ahead = |parent: &Id<P>| Ahead {
        page: pages.remove(parent).unwrap_or_else(Page::empty),
        total: totals.as_ref().map(|totals| totals.get(parent).copied().unwrap_or_default()),
    };
    Ok(parents.iter().map(ahead).collect())
}

/// Names the list that `field` shows of a parent.
fn key(parent: impl Display, field: &SelectionField<'_>) -> String {
    format!("{parent} {} {}", field.name(), arguments_key(field))
}

/// An argument of the field as the client gave it; `None` when it was left out or is not of this type.
pub fn argument<T: InputType>(field: &SelectionField<'_>, name: &str) -> Option<T> {
    let arguments = field.arguments().ok()?;
    let (_, value) = arguments.into_iter().find(|(argument, _)| argument.as_str() == name)?;
    T::parse(Some(value)).ok()
}

/// The page that can be loaded ahead for all parents: a first one. What is wrong with it the child will say.
fn first_page<K: DeserializeOwned>(field: &SelectionField<'_>) -> Option<PageRequest<K>> {
    if argument::<String>(field, "after").is_some() {
        return None;
    }
    page_request("", argument(field, "first"), None).ok()
}

/// Loads below `items`, as [`Prefetch::prefetch`] does; boxed, since programs have cohorts and cohorts a program.
pub fn prefetch<'a, T: Prefetch + Sync>(
    request: &'a Request,
    items: &'a [T],
    fields: &'a [SelectionField<'a>],
) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
    Box::pin(T::prefetch(request, items, fields))
}
