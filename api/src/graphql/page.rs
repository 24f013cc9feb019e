//! How does a long list reach a client? As a Relay connection over a keyset, never with offsets.
use std::borrow::Cow;

use async_graphql::{Context, Object, OutputType, SimpleObject, TypeName};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::page::{Page, PageRequest};
use serde::{Serialize, de::DeserializeOwned};

use super::prefetch::{Prefetch, node_fields};
use crate::{
    error::{ErrorCode, Failure, Result},
    graphql::context::Cx,
};

pub const DEFAULT_FIRST: i32 = 20;
pub const MAX_FIRST: i32 = 100;
/// Bytes of the digest that a cursor carries, to notice one of another list.
const TAG: usize = 6;

/// Reads `first` and `after`. `list` names the list with its filter and order; a cursor of another one is refused.
pub fn page_request<K: DeserializeOwned>(
    list: &str,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<PageRequest<K>> {
    let first = first.unwrap_or(DEFAULT_FIRST);
    if !(1..=MAX_FIRST).contains(&first) {
        let message = format!("`first` must be from 1 to {MAX_FIRST}");
        return Err(Failure::request(ErrorCode::BadUserInput, message));
    }
    let after = after.map(|cursor| decode(list, cursor)).transpose()?;
    Ok(PageRequest { after, first: u16::try_from(first).unwrap_or_default() })
}

/// What a list costs: its page times what is selected on each item.
pub fn cost(first: Option<i32>, child: usize) -> usize {
    let first = first.unwrap_or(DEFAULT_FIRST).clamp(1, MAX_FIRST);
    usize::try_from(first).unwrap_or(1).saturating_mul(child.saturating_add(1))
}

fn tag(list: &str, key: &[u8]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(list.as_bytes());
    context.update(&[0]);
    context.update(key);
    context.finish().as_ref().iter().copied().take(TAG).collect()
}

fn encode<K: Serialize>(list: &str, key: &K) -> String {
    let key = serde_json::to_vec(key).unwrap_or_default();
    URL_SAFE_NO_PAD.encode([tag(list, &key), key].concat())
}

fn decode<K: DeserializeOwned>(list: &str, cursor: &str) -> Result<K> {
    let invalid =
        || Failure::request(ErrorCode::InvalidCursor, "not a cursor of this list with this filter and order");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_malformed| invalid())?;
    let (sent_tag, key) = bytes.split_at_checked(TAG).ok_or_else(invalid)?;
    if sent_tag != tag(list, key) {
        return Err(invalid());
    }
    serde_json::from_slice(key).map_err(|_malformed| invalid())
}

/// Where a page lies in its list.
#[derive(Debug, Clone, SimpleObject)]
pub struct PageInfo {
    /// Are there more after this page?
    pub has_next_page: bool,
    /// Was this page asked for with a cursor, so that something lies before it?
    pub has_previous_page: bool,
    /// The cursor of the first item; null when the page is empty.
    pub start_cursor: Option<String>,
    /// The cursor of the last item, to pass as `after` for the next page; null when the page is empty.
    pub end_cursor: Option<String>,
}

/// One item of a connection.
pub struct Edge<T> {
    cursor: String,
    node: T,
}

/// A page of a list.
pub struct Connection<T> {
    edges: Vec<Edge<T>>,
    has_next: bool,
    has_previous: bool,
    total: Option<i64>,
}

impl<T: Prefetch + OutputType> Connection<T> {
    /// From rows; `key` gives what the list is ordered by.
    pub fn new<V, K: Serialize>(
        list: &str,
        page: Page<V>,
        request: &PageRequest<K>,
        key: impl Fn(&V) -> K,
        node: impl Fn(V) -> T,
    ) -> Self {
        let edge = |value: V| Edge { cursor: encode(list, &key(&value)), node: node(value) };
        Self {
            has_next: page.has_next,
            has_previous: request.after.is_some(),
            edges: page.items.into_iter().map(edge).collect(),
            total: None,
        }
    }

    /// With the number of all items, counted only when the client selected `totalCount`.
    #[must_use]
    pub fn with_total(mut self, total: Option<i64>) -> Self {
        self.total = total;
        self
    }

    /// Loads ahead what the client selected below the items of the field being resolved.
    pub async fn prefetched(self, context: &Context<'_>) -> Result<Self>
    where
        T: Clone,
    {
        let nodes: Vec<T> = self.edges.iter().map(|edge| edge.node.clone()).collect();
        T::prefetch(context.request(), &nodes, &node_fields(&context.field())).await?;
        Ok(self)
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Edge", T::type_name()))
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Connection", T::type_name()))
    }
}

/// One item of a list, with its place.
#[Object(name_type)]
impl<T: OutputType> Edge<T> {
    /// The item's place in the list, opaque; pass it as `after`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The item.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// A page of a list. Ask for the next one with `after: pageInfo.endCursor`.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The items with their cursors.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The items without their cursors.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Whether there is more.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// How many items the whole list has; null where counting would cost too much.
    async fn total_count(&self) -> Option<i64> {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_list_and_cannot_be_altered() {
        let cursor = encode("matches of cohort_1", &(7, "x"));
        assert_eq!(decode::<(i32, String)>("matches of cohort_1", &cursor).ok(), Some((7, "x".to_owned())));
        assert!(decode::<(i32, String)>("matches of cohort_2", &cursor).is_err());
        for position in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ascii");
            assert!(
                altered == cursor || decode::<(i32, String)>("matches of cohort_1", &altered).is_err(),
                "{altered}"
            );
        }
    }

    #[test]
    fn a_page_has_from_one_to_a_hundred_items() {
        for (first, good) in
            [(0, false), (-1, false), (1, true), (100, true), (101, false), (i32::MAX, false)]
        {
            assert_eq!(page_request::<i32>("list", Some(first), None).is_ok(), good, "{first}");
        }
        assert_eq!(page_request::<i32>("list", None, None).map(|page| page.first).ok(), Some(20));
    }
}
