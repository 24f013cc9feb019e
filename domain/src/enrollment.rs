//! Who takes part in a cohort, as mentor or as mentee?
use crate::id::Entity;

/// Placeholder body: the feature fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment;

impl Entity for Enrollment {
    const PREFIX: &'static str = "enrollment";
}
