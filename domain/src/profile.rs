//! Who is a person in one organization?
pub mod availability;

use crate::id::Entity;

/// Placeholder body: the feature fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile;

impl Entity for Profile {
    const PREFIX: &'static str = "profile";
}
