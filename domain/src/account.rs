//! Who signs in?
use crate::id::Entity;

/// Placeholder body: the feature fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account;

impl Entity for Account {
    const PREFIX: &'static str = "account";
}
