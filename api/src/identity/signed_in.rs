//! Whose request is it, once its token was checked?
use chrono::{DateTime, Utc};
use domain::{
    access::Actor, account::Account, id::Id, organization::Membership, organization::Organization,
    session::Session,
};

/// A caller with a valid access token of a live session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub session: Id<Session>,
    pub account: Id<Account>,
    /// Which generation of the refresh family the access token belongs to.
    pub generation: u32,
    /// When the person last proved who they are.
    pub authenticated_at: DateTime<Utc>,
    /// When the access token ends.
    pub expires_at: DateTime<Utc>,
    pub memberships: Vec<Membership>,
}

impl SignedIn {
    /// The caller as the policy sees it in one organization; `None` when it is no member there.
    pub fn actor_in(&self, organization: Id<Organization>) -> Option<Actor> {
        let membership =
            self.memberships.iter().find(|membership| membership.organization == organization)?;
        Some(Actor {
            account: self.account,
            organization,
            profile: membership.profile,
            grants: membership.grants.clone(),
            wards: membership.wards.clone(),
        })
    }
}
