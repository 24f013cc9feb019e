//! Who is it? Accounts, sessions, tokens and the keys behind them.
mod signed_in;
pub mod vault;

pub use signed_in::SignedIn;

use crate::{
    error::{AuthReason, Failure, Result},
    transport::gate::Ended,
};

/// The channel on which instances announce ended sessions.
pub const CHANNEL: &str = "cairn_session";

/// Knows tokens and live sessions.
#[derive(Debug, Default)]
pub struct Identity {}

impl Identity {
    /// Checks an access token and that its session lives.
    pub async fn authenticate(&self, _bearer: &str) -> Result<SignedIn> {
        Err(Failure::Unauthenticated(AuthReason::Invalid))
    }

    /// Resolves when the token is over its time or the session was ended.
    pub fn ended(&self, _signed_in: &SignedIn) -> impl Future<Output = Ended> + Send + use<> {
        std::future::pending()
    }

    /// Another instance ended a session or changed somebody's rights.
    pub fn announced(&self, _payload: &str) {}

    /// Announcements may have been missed: ask the database about every session again.
    pub fn forget_all(&self) {}
}
