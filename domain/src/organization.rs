//! Whose programs are these?
use crate::id::Entity;

/// Placeholder body: the feature fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization;

impl Entity for Organization {
    const PREFIX: &'static str = "org";
}
