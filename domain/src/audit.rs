//! Who did what? One row for each object that a mutation changed.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    account::Account,
    id::{Entity, Id},
};

crate::text_enum! {
    /// What became of what somebody tried.
    pub enum Outcome as "AuditOutcome" {
        /// It was done.
        Done = "DONE",
        /// Their role did not allow it, and nothing was changed.
        Denied = "DENIED",
    }
}

/// That somebody changed something, or tried what their role does not allow. It holds no free text, so that erasing a person leaves it true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    pub id: Id<AuditEvent>,
    pub at: DateTime<Utc>,
    /// `None` when a job did it.
    pub account: Option<Id<Account>>,
    /// The mutation, such as `publishProgram`, or the job.
    pub action: String,
    /// The prefix of the object's ids.
    pub object_kind: String,
    /// The organization, of what was denied.
    pub object: Uuid,
    pub request_id: String,
    pub outcome: Outcome,
}

impl Entity for AuditEvent {
    const PREFIX: &'static str = "audit";
}
