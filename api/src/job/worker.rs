//! Who takes jobs, how many at once, and what happens when one fails?
use std::{sync::Arc, time::Duration};

use persistence::{
    job::{self, Claimed},
    request::RequestConnection,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Failed, PAUSES, Task, give_up, perform, schedule};
use crate::{
    App,
    error::{Failure, Result},
};

/// Jobs that one instance does at the same time.
const WORKERS: usize = 4;
/// A worker looks by itself this often, in case it missed a call.
const POLL: Duration = Duration::from_secs(1);
/// Between two signs of life of a job that runs.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Starts the workers and the clock of this instance; they end with `stop`, after what they are doing.
pub fn start(app: &Arc<App>, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    let worker = |_| {
        let (app, stop, wake) = (Arc::clone(app), stop.clone(), Arc::clone(&app.bell.0));
        tokio::spawn(async move {
            while !stop.is_cancelled() {
                match run_one(&app, stop.cancelled()).await {
                    Ok(true) => {}
                    outcome => {
                        if let Err(failure) = outcome {
                            tracing::warn!(?failure, "jobs cannot be taken");
                        }
                        tokio::select! {
                            () = stop.cancelled() => {}
                            () = wake.notified() => {}
                            () = tokio::time::sleep(POLL) => {}
                        }
                    }
                }
            }
        })
    };
    let mut tasks: Vec<JoinHandle<()>> = (0..WORKERS).map(worker).collect();
    tasks.push(schedule::start(app, stop));
    tasks
}

/// Does everything that is due, in this task: for tests, in which months pass in a moment.
pub async fn run_due(app: &Arc<App>) -> Result<usize> {
    schedule::enqueue(app, schedule::Beat::Now).await?;
    let mut done = 0;
    while run_one(app, std::future::pending()).await? {
        done += 1;
    }
    Ok(done)
}

/// Takes one job and does it. `false` when there is none.
async fn run_one(app: &Arc<App>, stopped: impl Future<Output = ()>) -> Result<bool> {
    let connection = RequestConnection::new(app.pool.clone(), None);
    let (token, now) = (app.clock.uuid(), app.clock.now());
    let claimed = connection
        .write(async |conn| Ok::<_, Failure>(job::claim(conn, token, job::LEASE, now).await?))
        .await?;
    drop(connection);
    let Some(claimed) = claimed else { return Ok(false) };
    let outcome = match Task::read(&claimed.kind, claimed.payload.clone()) {
        Ok(task) => {
            let outcome = tokio::select! {
                outcome = with_heartbeat(app, &claimed, task.clone()) => outcome,
                () = stopped => return release(app, &claimed).await.map(|()| false),
            };
            if matches!(outcome, Err(Failed::Never(_))) || (outcome.is_err() && pause(&claimed).is_none()) {
                give_up(app, claimed.organization, task).await?;
            }
            outcome
        }
        Err(error) => Err(Failed::Never(format!("unknown job: {error}"))),
    };
    end(app, &claimed, outcome).await?;
    Ok(true)
}

/// Gives a job back that this instance will not end.
async fn release(app: &App, claimed: &Claimed) -> Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), None);
    connection.write(async |conn| Ok::<_, Failure>(job::release(conn, claimed).await?)).await
}

async fn with_heartbeat(app: &Arc<App>, claimed: &Claimed, task: Task) -> Result<(), Failed> {
    let mut work = std::pin::pin!(perform(app, claimed.id, claimed.organization, task));
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            () = tokio::time::sleep(HEARTBEAT) => {
                let connection = RequestConnection::new(app.pool.clone(), None);
                let kept = connection.write(async |conn| Ok::<_, Failure>(job::heartbeat(conn, claimed).await?)).await;
                if matches!(kept, Ok(false)) {
                    return Err(Failed::Later("lost to another worker".to_owned()));
                }
            }
        }
    }
}

/// Until the next try; `None` when there is none.
fn pause(claimed: &Claimed) -> Option<chrono::TimeDelta> {
    let pause = usize::try_from(claimed.attempts).ok().and_then(|tries| PAUSES.get(tries)).copied()?;
    // Jobs that failed together shall not come back together: ±25 %, from the random part of the id.
    let percent = i32::try_from(claimed.id.as_u128() % 51).unwrap_or_default();
    Some(pause * (75 + percent) / 100)
}

async fn end(app: &App, claimed: &Claimed, outcome: Result<(), Failed>) -> Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), None);
    let now = app.clock.now();
    let kind = claimed.kind.as_str();
    metrics::counter!("cairn_jobs_total", "kind" => claimed.kind.clone(), "done" => outcome.is_ok().to_string()).increment(1);
    connection
        .write(async |conn| {
            match outcome {
                Ok(()) => job::complete(conn, claimed, now).await?,
                Err(Failed::Never(error)) => {
                    tracing::error!(job = %claimed.id, kind, error, "a job failed for good");
                    job::fail(conn, claimed, None, &error, now).await?
                }
                Err(Failed::Later(error)) => {
                    let retry_at = pause(claimed).map(|pause| now + pause);
                    tracing::warn!(job = %claimed.id, kind, error, again = retry_at.is_some(), "a job failed");
                    job::fail(conn, claimed, retry_at, &error, now).await?
                }
            };
            Ok::<_, Failure>(())
        })
        .await
}
