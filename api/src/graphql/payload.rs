//! What does a mutation answer? Its object, or the user errors that kept it from happening.
use async_graphql::SimpleObject;
use domain::refusal::{Code, Refusal};

use super::{enumeration::E, scalar::Params};
use crate::error::{Failure, Result};

/// Why a mutation did not happen. Nothing was changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// What kind of problem it is; act on this, not on the message.
    pub code: E<Code>,
    /// A sentence for a person, in English.
    pub message: String,
    /// The input field at fault, from the arguments down, such as `["input", "questions", "3", "text"]`; empty
    /// when no single field is.
    pub path: Vec<String>,
    /// Values to word a message of your own with, such as `{"max": "120"}`.
    pub params: Params,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let fields = refusal.path.iter().flat_map(|path| path.split('.').map(str::to_owned));
        let path = if refusal.path.is_some() {
            std::iter::once("input".to_owned()).chain(fields).collect()
        } else {
            Vec::new()
        };
        Self { code: E(refusal.code), message: refusal.message, path, params: Params(refusal.params) }
    }
}

/// The answer of a mutation before it has a type of its own.
#[derive(Debug)]
pub struct Outcome<T> {
    pub value: Option<T>,
    pub errors: Vec<UserError>,
}

/// Expected failures become user errors; everything else is an error of the request.
pub fn outcome<T>(result: Result<T, Failure>) -> Result<Outcome<T>> {
    match result {
        Ok(value) => Ok(Outcome { value: Some(value), errors: Vec::new() }),
        Err(failure) => Ok(Outcome { value: None, errors: vec![failure.into_refusal()?.into()] }),
    }
}

/// Declares the payload of a mutation:
/// `payload! { /// Doc. AcceptMatchPayload { /// Doc. matched as "match": MatchObject } }`.
#[macro_export]
macro_rules! payload {
    ($(#[doc = $doc:literal])+ $name:ident { $(#[doc = $field_doc:literal])+ $field:ident as $wire:literal: $type:ty }) => {
        $(#[doc = $doc])+
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[doc = $field_doc])+
            #[graphql(name = $wire)]
            $field: Option<$type>,
            /// Why it did not happen; empty when it did.
            user_errors: Vec<$crate::graphql::payload::UserError>,
        }
        impl $name {
            /// Expected failures become user errors; everything else is an error of the request.
            pub fn of(result: $crate::error::Result<$type>) -> $crate::error::Result<Self> {
                let outcome = $crate::graphql::payload::outcome(result)?;
                Ok(Self { $field: outcome.value, user_errors: outcome.errors })
            }
        }
    };
}
