//! Who did what? One row for each object that a mutation changed.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    account::Account,
    id::{Entity, Id},
};

/// That somebody changed something. It holds no free text, so that erasing a person leaves it true.
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
    pub object: Uuid,
    pub request_id: String,
}

impl Entity for AuditEvent {
    const PREFIX: &'static str = "audit";
}
