//! What does a document cost after its fragments are expanded? Each fragment is weighed once.
//!
//! The library walks a fragment again at every spread, which doubles the work with each level of a document
//! that spreads the next fragment twice: 931 bytes keep a core busy for a minute. Here the weight of a fragment
//! is remembered, so the work grows with the text alone.
use std::collections::HashMap;

use async_graphql::{
    Positioned,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

/// The expanded size of a selection set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Fields, spreads and inline fragments, each counted as often as it is reached.
    pub selections: usize,
    /// Fields below each other.
    pub depth: usize,
    /// Fields, spreads and inline fragments below each other.
    pub nesting: usize,
}

impl Weight {
    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
        }
    }

    fn below(self, field: bool) -> Self {
        Self {
            selections: self.selections.saturating_add(1),
            depth: self.depth.saturating_add(usize::from(field)),
            nesting: self.nesting.saturating_add(1),
        }
    }
}

/// A fragment that spreads itself, directly or through others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    pub fragment: String,
}

/// Weighs selection sets of one document.
pub struct Scale<'a> {
    document: &'a ExecutableDocument,
    /// `None` while a fragment is being weighed.
    fragments: HashMap<&'a str, Option<Weight>>,
}

impl<'a> Scale<'a> {
    pub fn new(document: &'a ExecutableDocument) -> Self {
        Self { document, fragments: HashMap::new() }
    }

    pub fn weigh(&mut self, set: &'a SelectionSet) -> Result<Weight, Cycle> {
        set.items.iter().try_fold(Weight::default(), |sum, item| {
            let weight = match &item.node {
                Selection::Field(field) => self.weigh(&field.node.selection_set.node)?.below(true),
                Selection::InlineFragment(inline) => {
                    self.weigh(&inline.node.selection_set.node)?.below(false)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str())?.below(false)
                }
            };
            Ok(sum.beside(weight))
        })
    }

    /// An unknown fragment weighs nothing: validation refuses it by name.
    pub fn fragment(&mut self, name: &'a str) -> Result<Weight, Cycle> {
        match self.fragments.get(name) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err(Cycle { fragment: name.to_owned() }),
            None => {}
        }
        let document = self.document;
        let Some(fragment) = document.fragments.get(name) else { return Ok(Weight::default()) };
        self.fragments.insert(name, None);
        let weight = self.weigh(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(weight));
        Ok(weight)
    }
}

/// The fields at the root of an operation, through fragments. Only for documents that were weighed: it expands.
pub fn root_fields<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
) -> Vec<&'a Positioned<Field>> {
    let mut found = Vec::new();
    let mut open = vec![set];
    while let Some(set) = open.pop() {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => found.push(field),
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let fragment = document.fragments.get(&spread.node.fragment_name.node);
                    open.extend(fragment.map(|fragment| &fragment.node.selection_set.node));
                }
            }
        }
    }
    found
}
