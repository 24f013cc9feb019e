//! What is done later, and by whom? Jobs are rows; workers of any instance take them, one at a time each.
mod schedule;
mod worker;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    account::Account, id::Id, import::RosterImport, matching::run::Run, organization::Organization,
};
use persistence::job::NewJob;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{App, error::Result, mail::Mail};

pub use schedule::fall_due;
pub use worker::{run_due, start};

/// Everything that can be done later. Payloads hold ids, so that nothing personal waits in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Task {
    /// Reads a roster into a cohort.
    ImportRoster { import: Id<RosterImport> },
    /// Finds the best plan for a cohort.
    RunMatching { run: Id<Run> },
    /// Sends one mail.
    SendMail { mail: Mail },
    /// Sends a mail about an account.
    AccountMail { mail: String, account: Id<Account>, link: Option<Uuid> },
    /// Does what has fallen due by now, in every organization.
    Tick,
    /// Compares the figures that matches carry with the rows they count.
    VerifyFigures,
}

/// Calls the workers of this instance.
#[derive(Debug, Default)]
pub struct Bell(std::sync::Arc<tokio::sync::Notify>);

impl Bell {
    pub fn ring(&self) {
        self.0.notify_waiters();
    }
}

/// Why a job did not succeed.
#[derive(Debug)]
pub enum Failed {
    /// May succeed later.
    Later(String),
    /// Will never succeed.
    Never(String),
}

impl From<crate::error::Failure> for Failed {
    fn from(failure: crate::error::Failure) -> Self {
        Self::Later(format!("{failure:?}"))
    }
}

impl From<persistence::Error> for Failed {
    fn from(error: persistence::Error) -> Self {
        Self::Later(format!("{error:?}"))
    }
}

/// How long to wait before the next try, after this many.
const PAUSES: [TimeDelta; 7] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(30),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
];

impl Task {
    /// Reads what a row of the queue asks for.
    fn read(kind: &str, mut payload: serde_json::Value) -> Result<Self, serde_json::Error> {
        if let Some(fields) = payload.as_object_mut() {
            fields.insert("kind".to_owned(), kind.into());
        }
        serde_json::from_value(payload)
    }

    /// The row of this task, to be done at `run_at`.
    pub fn row(
        &self,
        id: Uuid,
        organization: Option<Id<Organization>>,
        dedupe_key: Option<String>,
        run_at: DateTime<Utc>,
    ) -> Result<NewJob> {
        let payload = serde_json::to_value(self).map_err(crate::error::Failure::internal)?;
        let kind = payload.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
        Ok(NewJob { id, organization: organization.map(Id::uuid), kind, payload, dedupe_key, run_at })
    }
}

/// Does one task.
async fn perform(
    app: &std::sync::Arc<App>,
    job: Uuid,
    organization: Option<Uuid>,
    task: Task,
) -> Result<(), Failed> {
    let organization = organization.map(Id::<Organization>::new);
    let tenant = || organization.ok_or_else(|| Failed::Never("the job names no organization".to_owned()));
    match task {
        Task::ImportRoster { import } => Ok(crate::import::run(app, tenant()?, import).await?),
        Task::RunMatching { run } => {
            crate::matching::run(app, tenant()?, run).await?;
            Ok(())
        }
        Task::SendMail { mail } => crate::mail::send(app, job, organization, mail).await,
        Task::AccountMail { mail, account, link } => {
            crate::mail::send(app, job, organization, Mail::Account { name: mail, account, link }).await
        }
        Task::Tick => schedule::tick(app).await,
        Task::VerifyFigures => schedule::verify_figures(app).await,
    }
}

/// What must be put right when a task will not be tried again.
async fn give_up(app: &std::sync::Arc<App>, organization: Option<Uuid>, task: Task) -> Result<()> {
    let Some(organization) = organization.map(Id::<Organization>::new) else { return Ok(()) };
    match task {
        Task::ImportRoster { import } => crate::import::give_up(app, organization, import).await,
        Task::RunMatching { run } => {
            crate::matching::give_up(app, organization, run).await?;
            Ok(())
        }
        Task::SendMail { .. } | Task::AccountMail { .. } | Task::Tick | Task::VerifyFigures => Ok(()),
    }
}
