//! What is a mentoring program?
use crate::id::Entity;

/// Placeholder body: the feature fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program;

impl Entity for Program {
    const PREFIX: &'static str = "program";
}
