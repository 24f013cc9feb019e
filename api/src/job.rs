//! What is done later, by whom, and what if it fails? Workers take jobs one by one from the table; a job that fails
//! is tried again later and later, and given up in the end, with a word to the feature that wanted it.
use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{id::Id, import::RosterImport, matching::run::Run, organization::Organization};
use persistence::{
    job::{self, Leased, NewJob},
    request::RequestConnection,
};
use serde::{Deserialize, Serialize};
use tokio::{sync::Notify, task::JoinHandle, time::sleep};

use crate::{
    App,
    error::{Failure, Result},
    import, matching,
    transport::serve::Stop,
};

/// Something to do, with what it needs to know: ids only.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Task {
    /// Look for the best plan of a cohort.
    MatchingRun(Id<Run>),
    /// Read a roster file.
    RosterImport(Id<RosterImport>),
}

/// How many jobs one instance does at a time.
const WORKERS: usize = 2;
/// How long a job belongs to a worker that shows no sign of life.
const LEASE: f64 = 60.0;
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How often to look when nobody announces anything.
const POLL: Duration = Duration::from_secs(1);
/// Seconds after which a job is tried again: about a day in all, and then it is given up.
const PAUSES: [i64; 7] = [5, 30, 300, 1_800, 7_200, 18_000, 36_000];

impl Task {
    const fn kind(&self) -> &'static str {
        match self {
            Self::MatchingRun(_) => "MATCHING_RUN",
            Self::RosterImport(_) => "ROSTER_IMPORT",
        }
    }

    /// The row to store in the transaction that causes the job.
    pub fn row(&self, app: &App, organization: Id<Organization>) -> Result<NewJob> {
        let now = app.clock.now();
        let payload = serde_json::to_value(self).map_err(Failure::internal)?;
        let (id, dedupe_key) = (app.clock.uuid(), Some(payload.to_string()));
        let organization = Some(organization);
        Ok(NewJob { id, organization, kind: self.kind(), payload, dedupe_key, run_at: now, now })
    }

    async fn run(&self, app: &Arc<App>, organization: Id<Organization>) -> Result<()> {
        match *self {
            Self::MatchingRun(run) => matching::run(app, organization, run).await.map(|_ended| ()),
            Self::RosterImport(id) => import::run(app, organization, id).await,
        }
    }

    /// Tells the feature that nobody will try again.
    async fn give_up(&self, app: &Arc<App>, organization: Id<Organization>) -> Result<()> {
        match *self {
            Self::MatchingRun(run) => matching::give_up(app, organization, run).await.map(|_ended| ()),
            Self::RosterImport(id) => import::give_up(app, organization, id).await,
        }
    }
}

/// Wakes the workers of this instance.
#[derive(Debug, Default)]
pub struct Bell(Notify);

impl Bell {
    pub fn ring(&self) {
        self.0.notify_waiters();
    }
}

/// Works until `stop`. A job that is being done then goes back to the others.
pub fn start(app: &Arc<App>, stop: &Stop) -> Vec<JoinHandle<()>> {
    let worker = |_| {
        let (app, token) = (Arc::clone(app), stop.token().clone());
        tokio::spawn(async move {
            while !token.is_cancelled() {
                // Listens before it looks, so that no announcement falls between.
                let ring = app.bell.0.notified();
                let worked = work(&app, token.cancelled()).await.unwrap_or_else(|failure| {
                    tracing::warn!(?failure, "the jobs cannot be read");
                    false
                });
                if !worked {
                    tokio::select! {
                        () = ring => {}
                        () = sleep(POLL) => {}
                        () = token.cancelled() => {}
                    }
                }
            }
        })
    };
    (0..WORKERS).map(worker).collect()
}

/// Does everything that is due now. For tests, whose servers may have no workers.
pub async fn run_due(app: &Arc<App>) -> Result<()> {
    while work(app, std::future::pending()).await? {}
    Ok(())
}

/// Does one job; `false` when none is due.
async fn work(app: &Arc<App>, stopped: impl Future<Output = ()>) -> Result<bool> {
    let desk = RequestConnection::new(app.pool.clone(), None);
    let (token, now) = (app.clock.uuid(), app.clock.now());
    let claimed = desk.write(async move |conn| job::claim(conn, token, LEASE, now).await).await?;
    desk.finish().await;
    let Some(leased) = claimed else { return Ok(false) };
    let outcome = tokio::select! {
        outcome = perform(app, &leased) => Some(outcome),
        () = stopped => None,
    };
    match outcome {
        None => desk.write(async |conn| job::release(conn, &leased).await).await?,
        Some(Ok(())) => {
            let now = app.clock.now();
            desk.write(async |conn| job::complete(conn, &leased, now).await).await?;
        }
        Some(Err(failure)) => fail(app, &desk, &leased, &failure).await?,
    }
    desk.finish().await;
    Ok(true)
}

/// Does the job and shows signs of life until it is done.
async fn perform(app: &Arc<App>, leased: &Leased) -> Result<()> {
    let (task, organization) = read(leased)?;
    let life = async {
        loop {
            sleep(HEARTBEAT).await;
            let desk = RequestConnection::new(app.pool.clone(), None);
            let held = desk.write(async |conn| job::extend(conn, leased, LEASE).await).await?;
            desk.finish().await;
            if !held {
                return Err(Failure::internal("another worker has taken the job over"));
            }
        }
    };
    tokio::select! {
        done = task.run(app, organization) => done,
        lost = life => lost,
    }
}

fn read(leased: &Leased) -> Result<(Task, Id<Organization>)> {
    let task = serde_json::from_value(leased.payload.clone()).map_err(Failure::internal)?;
    let organization = leased.organization.ok_or_else(|| Failure::internal("a job without organization"))?;
    Ok((task, organization))
}

async fn fail(app: &Arc<App>, desk: &RequestConnection, leased: &Leased, failure: &Failure) -> Result<()> {
    tracing::warn!(job = %leased.id, kind = leased.kind, attempts = leased.attempts, ?failure, "a job failed");
    let now = app.clock.now();
    // The cause may name people; the log says more.
    let error = "failed; see the log of that time";
    let tried = usize::try_from(leased.attempts.saturating_sub(1)).unwrap_or_default();
    if let Some(&pause) = PAUSES.get(tried) {
        let run_at = now + TimeDelta::seconds(pause);
        desk.write(async |conn| job::retry(conn, leased, run_at, error).await).await?;
        return Ok(());
    }
    if let Ok((task, organization)) = read(leased) {
        task.give_up(app, organization).await?;
    }
    Ok(desk.write(async |conn| job::bury(conn, leased, now, error).await).await?)
}
