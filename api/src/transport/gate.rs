//! What does the transport need to know about identity and the schema? Only this.
use async_graphql::{Request, Response};
use futures_util::stream::BoxStream;

use super::{arrival::Arrival, fault::Fault};
use crate::error::AuthReason;

/// The house behind the transport: knows tokens and runs operations.
pub trait Gate: Clone + Send + Sync + 'static {
    /// Whoever asks, anonymous included.
    type Caller: Clone + Send + Sync + 'static;

    /// Turns a token into a caller; no token makes an anonymous one, a bad token is refused.
    fn authenticate(
        &self,
        bearer: Option<&str>,
        arrival: &Arrival,
    ) -> impl Future<Output = Result<Self::Caller, Fault>> + Send;

    /// Strangers get no suggestions for names that they misspell.
    fn is_anonymous(&self, caller: &Self::Caller) -> bool;

    /// Runs a query or mutation.
    fn execute(&self, caller: Self::Caller, request: Request) -> impl Future<Output = Response> + Send;

    /// Runs a subscription.
    fn subscribe(&self, caller: Self::Caller, request: Request) -> BoxStream<'static, Response>;

    /// Resolves when the caller may listen no longer; never for an anonymous one.
    fn ended(&self, caller: &Self::Caller) -> impl Future<Output = Ended> + Send + 'static;
}

/// Why a caller may listen no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The token's time is over: connect again with a new one.
    Expired,
    /// The session was ended or the rights changed.
    Revoked,
}

impl Ended {
    pub fn fault(self) -> Fault {
        match self {
            Self::Expired => Fault::unauthenticated(AuthReason::Expired, "the token has expired"),
            Self::Revoked => Fault::unauthenticated(AuthReason::Revoked, "the session was ended"),
        }
    }
}
