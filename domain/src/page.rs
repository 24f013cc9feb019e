//! Which part of a long list is wanted, and is there more?

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
    /// From rows fetched with [`PageRequest::limit`].
    pub fn of(mut items: Vec<T>, first: u16) -> Self {
        let has_next = items.len() > usize::from(first);
        items.truncate(usize::from(first));
        Self { items, has_next }
    }
}
