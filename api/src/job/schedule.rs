//! What falls due by itself? Every minute one instance looks, whichever is first.
use std::{sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound, Utc};
use domain::{id::Id, organization::Organization};
use persistence::{Connection, job, request::RequestConnection};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Failed, Task};
use crate::{
    App,
    error::{Failure, Result},
};

const EVERY: Duration = Duration::from_secs(60);

/// Which beat a tick belongs to: all instances make the same job for the same minute, so it is done once.
#[derive(Debug, Clone, Copy)]
pub enum Beat {
    Minute,
    Now,
}

pub fn start(app: &Arc<App>, stop: &CancellationToken) -> JoinHandle<()> {
    let (app, stop) = (Arc::clone(app), stop.clone());
    tokio::spawn(async move {
        loop {
            if let Err(failure) = enqueue(&app, Beat::Minute).await {
                tracing::warn!(?failure, "the schedule cannot be kept");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}

pub async fn enqueue(app: &App, beat: Beat) -> Result<()> {
    let now = app.clock.now();
    let moment: DateTime<Utc> = match beat {
        Beat::Minute => DateTime::from_timestamp(now.timestamp() / 60 * 60, 0).unwrap_or(now),
        Beat::Now => now.trunc_subsecs(6),
    };
    let row = Task::Tick.row(app.clock.uuid(), None, Some(format!("tick {}", moment.to_rfc3339())), now)?;
    let connection = RequestConnection::new(app.pool.clone(), None);
    connection.write(async |conn| Ok::<_, Failure>(job::enqueue(conn, &[row], now).await?)).await
}

/// Does what is due: for the platform, then in each organization by itself, so that one that fails holds up no other.
pub async fn tick(app: &Arc<App>) -> Result<(), Failed> {
    let now = app.clock.now();
    let connection = RequestConnection::new(app.pool.clone(), None);
    let organizations = connection
        .write(async |conn| {
            platform(conn, now).await?;
            Ok::<_, Failure>(job::organizations(conn).await?)
        })
        .await?;
    drop(connection);
    app.identity.mind_keys().await?;
    let mut failed = None;
    for organization in organizations {
        if let Err(failure) = tenant(app, organization.into(), now).await {
            tracing::error!(%organization, ?failure, "what is due in an organization was not done");
            failed = Some(failure);
        }
    }
    failed.map_or(Ok(()), |failure| Err(failure.into()))
}

async fn platform(conn: &Connection, now: DateTime<Utc>) -> Result<()> {
    persistence::idempotency::purge(conn, now, 1000).await?;
    persistence::rate::purge(conn, now).await?;
    persistence::account::link::purge(conn, now).await?;
    persistence::account::event::purge(conn, now).await?;
    persistence::session::purge(conn, now).await?;
    job::purge(conn, now).await?;
    Ok(())
}

async fn tenant(app: &Arc<App>, organization: Id<Organization>, now: DateTime<Utc>) -> Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), Some(organization.uuid()));
    connection
        .write(async |conn| {
            persistence::invitation::expire_due(conn, organization, now).await?;
            crate::survey::turn_due(app, conn, organization, now).await
        })
        .await
}
