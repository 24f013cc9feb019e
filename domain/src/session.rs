//! How long does a sign-in last, and when is a refresh token stolen?
use crate::id::Entity;

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session;

impl Entity for Session {
    const PREFIX: &'static str = "session";
}
