//! Which part of a long list is wanted, and is there more?
use std::{collections::HashMap, hash::Hash};

/// The rows after a known place, at most `first` of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<C> {
    pub after: Option<C>,
    pub first: u16,
}

impl<C> PageRequest<C> {
    /// One row more than wanted, to learn whether there is a next page.
    pub fn limit(&self) -> i64 {
        i64::from(self.first) + 1
    }
}

/// A part of a list, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub has_next: bool,
}

impl<T> Page<T> {
    pub const fn empty() -> Self {
        Self { items: Vec::new(), has_next: false }
    }

    /// From rows fetched with [`PageRequest::limit`].
    pub fn of(mut items: Vec<T>, first: u16) -> Self {
        let has_next = items.len() > usize::from(first);
        items.truncate(usize::from(first));
        Self { items, has_next }
    }

    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), has_next: self.has_next }
    }
}

/// The pages of several parents' lists, from rows fetched together with [`PageRequest::limit`] for each parent.
pub fn by_parent<P: Eq + Hash, T>(
    items: Vec<T>,
    first: u16,
    parent: impl Fn(&T) -> P,
) -> HashMap<P, Page<T>> {
    let mut lists = HashMap::<P, Vec<T>>::new();
    for item in items {
        lists.entry(parent(&item)).or_default().push(item);
    }
    lists.into_iter().map(|(parent, items)| (parent, Page::of(items, first))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parent_gets_its_own_page() {
        let pages = by_parent(vec![(1, 'a'), (2, 'b'), (1, 'c'), (1, 'd')], 2, |(parent, _)| *parent);
        assert_eq!(pages[&1], Page { items: vec![(1, 'a'), (1, 'c')], has_next: true });
        assert_eq!(pages[&2], Page { items: vec![(2, 'b')], has_next: false });
    }
}
