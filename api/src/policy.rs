//! The first wall: what the access table of the domain lets an actor reach.
use domain::access::{Action, Actor, Facts, Scope};

/// Asks the access table. Only tests of the second wall, row-level security, switch it off.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    enforced: bool,
}

impl Policy {
    pub const ENFORCED: Self = Self { enforced: true };

    /// Lets everybody do everything, so that a test sees what row-level security alone holds back.
    #[must_use]
    pub const fn switched_off() -> Self {
        Self { enforced: false }
    }

    pub fn scope(self, actor: &Actor, action: Action) -> Scope {
        if self.enforced { actor.scope(action) } else { Scope::organization() }
    }

    pub fn may(self, actor: &Actor, action: Action, facts: &Facts) -> bool {
        self.scope(actor, action).admits(facts)
    }
}
