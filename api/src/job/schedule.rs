//! What falls due by itself? Every minute one instance looks, whichever is first.
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, SubsecRound, Utc};
use domain::{
    access::Scope,
    cohort::Cohort,
    id::{Entity, Id},
    matches::Match,
    notification::{Kind, Notice},
    organization::Organization,
};
use persistence::{
    Connection,
    history::{self, Change, Who},
    job,
    matches::counter,
    request::RequestConnection,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Failed, Task};
use crate::{
    App,
    error::{Failure, Result},
    notify,
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
    let nightly = Task::VerifyFigures.row(
        app.clock.uuid(),
        None,
        Some(format!("figures {}", now.date_naive())),
        now,
    )?;
    let organizations = connection
        .write(async |conn| {
            platform(conn, now).await?;
            job::enqueue(conn, &[nightly], now).await?;
            Ok::<_, Failure>(job::organizations(conn).await?)
        })
        .await?;
    drop(connection);
    app.identity.mind_keys().await?;
    let mut failed = None;
    for organization in organizations {
        if let Err(failure) = fall_due(app, organization.into(), now).await {
            tracing::error!(%organization, ?failure, "what is due in an organization was not done");
            failed = Some(failure);
        }
    }
    failed.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Once a day: figures that differ from their rows are counted anew, and the log says so, since only somebody who
/// wrote past this program can have made them differ.
pub async fn verify_figures(app: &Arc<App>) -> Result<(), Failed> {
    let platform = RequestConnection::new(app.pool.clone(), None);
    let organizations = platform.load(async |conn| job::organizations(conn).await).await;
    platform.finish().await;
    for organization in organizations? {
        let tenant = RequestConnection::new(app.pool.clone(), Some(organization));
        let organization = Id::<Organization>::new(organization);
        let wrong = tenant
            .write(async |conn| {
                let wrong = counter::verify(conn, organization).await?;
                for &of in &wrong {
                    counter::refresh(conn, organization, of).await?;
                }
                Ok::<_, Failure>(wrong)
            })
            .await?;
        for of in wrong {
            tracing::error!(%organization, %of, "the figures of a match were not those of its rows");
        }
    }
    Ok(())
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

/// Does what is due in one organization.
pub async fn fall_due(app: &Arc<App>, organization: Id<Organization>, now: DateTime<Utc>) -> Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), Some(organization.uuid()));
    connection
        .write(async |conn| {
            persistence::invitation::expire_due(conn, organization, now).await?;
            pairs(app, conn, organization, now).await?;
            cohorts(app, conn, organization, now).await?;
            crate::survey::turn_due(app, conn, organization, now).await
        })
        .await
}

/// Ends offers that nobody answered, calls missed what nobody recorded, and reminds of what is near.
async fn pairs(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<()> {
    let expired = persistence::matches::expire_due(conn, organization, now).await?;
    let expired: Vec<_> = expired.into_iter().map(|id| (id, id)).collect();
    tell(app, conn, organization, Kind::MatchExpired, &expired).await?;
    let changes = expired.iter().map(|(id, of)| change(*id, *of)).collect();
    record(app, conn, organization, "expireOffer", changes).await?;
    let missed = persistence::check_in::mark_missed_due(conn, organization, now).await?;
    let pairs: BTreeSet<Id<Match>> = missed.iter().map(|(_, of)| *of).collect();
    for pair in pairs {
        counter::refresh(conn, organization, pair).await?;
    }
    tell(app, conn, organization, Kind::CheckInMissed, &missed).await?;
    let changes = missed.iter().map(|(id, of)| change(*id, *of)).collect();
    record(app, conn, organization, "markCheckInMissed", changes).await?;
    let near = persistence::check_in::remind_due(conn, organization, now).await?;
    tell(app, conn, organization, Kind::CheckInReminder, &near).await
}

/// Starts the cohorts whose first day or first active pair has come, and closes those whose last day is over.
async fn cohorts(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<()> {
    let change =
        |id: Id<Cohort>| Change { kind: Cohort::PREFIX, object: id.uuid(), context: Some(id.uuid()) };
    let started = persistence::cohort::start_due(conn, organization, now).await?;
    record(app, conn, organization, "startCohort", started.into_iter().map(change).collect()).await?;
    let closed = persistence::cohort::close_due(conn, organization, now).await?;
    record(app, conn, organization, "closeCohort", closed.into_iter().map(change).collect()).await
}

/// Tells both sides of each match about the thing beside it.
async fn tell<T: Entity>(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    kind: Kind,
    things: &[(Id<T>, Id<Match>)],
) -> Result<()> {
    if things.is_empty() {
        return Ok(());
    }
    let ids: Vec<Id<Match>> = things.iter().map(|(_, of)| *of).collect();
    let found = persistence::matches::by_ids(conn, &Scope::organization(), organization, &ids).await?;
    let pairs: HashMap<Id<Match>, Match> = found.into_iter().map(|of| (of.id, of)).collect();
    let told = things.iter().filter_map(|(id, of)| Some((*id, pairs.get(of)?))).flat_map(|(id, of)| {
        let notice = Notice::about(kind, id, "due");
        [(of.mentor, notice.clone()), (of.mentee, notice)]
    });
    let told: Vec<_> = told.collect();
    notify::tell_each(app, conn, organization, &told, app.clock.now()).await
}

fn change<T: Entity>(id: Id<T>, of: Id<Match>) -> Change {
    Change { kind: T::PREFIX, object: id.uuid(), context: Some(of.uuid()) }
}

/// Writes the history of what the server did by itself, and wakes subscribers.
async fn record(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    action: &str,
    changes: Vec<Change>,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let who = Who { account: None, action: action.to_owned(), request_id: "schedule".to_owned() };
    let ids: Vec<_> = changes.iter().map(|_| app.clock.uuid()).collect();
    Ok(history::record(conn, organization, &who, &changes, &ids, app.clock.now()).await?)
}
