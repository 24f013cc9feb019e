//! How does a matching run come to its proposals? Read the cohort, find the best plan off the runtime, check its
//! proof, and store it in one transaction; every step may be repeated by another worker.
mod input;

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::digest;
use domain::{
    access::Scope,
    id::{Entity, Id},
    matching::{
        self, Fault, Findings, MatchInput, MatchReport, Progress, Unsolved,
        run::{Event, Failure as RunFailure, Outcome, Run, transition},
    },
    notification::{Kind, Notice},
    organization::Organization,
};
use persistence::{
    Connection,
    history::{self, Change, Who},
    request::RequestConnection,
};
use tokio::time::MissedTickBehavior;

use crate::{
    App,
    error::{Failure, Result},
    notify,
};

/// How often progress is shown, and a wish to stop is seen.
const BEAT: Duration = Duration::from_millis(500);

/// Takes a run to its end. Answers the run when this worker ended it, and nothing when it was cancelled or another
/// worker was faster. An error leaves it as it is, for a later try.
pub async fn run(app: &Arc<App>, organization: Id<Organization>, id: Id<Run>) -> Result<Option<Run>> {
    Work::new(app, organization, id).run().await
}

/// Ends a run that no worker will take up again.
pub async fn give_up(app: &Arc<App>, organization: Id<Organization>, id: Id<Run>) -> Result<Option<Run>> {
    Work::new(app, organization, id).fail(RunFailure::Interrupted).await
}

/// One run of one organization, in the hands of a worker.
struct Work {
    app: Arc<App>,
    organization: Id<Organization>,
    id: Id<Run>,
    connection: RequestConnection,
}

impl Work {
    fn new(app: &Arc<App>, organization: Id<Organization>, id: Id<Run>) -> Self {
        let connection = RequestConnection::new(app.pool.clone(), Some(organization.uuid()));
        Self { app: Arc::clone(app), organization, id, connection }
    }

    async fn run(&self) -> Result<Option<Run>> {
        let Some(run) = self.begin().await? else { return Ok(None) };
        let input = self.read(&run).await?;
        match self.solve(input).await? {
            Ok(report) => self.complete(report).await,
            Err(Unsolved::Cancelled) => Ok(None),
            Err(Unsolved::Refused(faults)) => {
                tracing::warn!(run = %self.id, ?faults, "a matching run was refused");
                let too_large = faults.iter().any(|fault| matches!(fault, Fault::TooLarge { .. }));
                self.fail(if too_large { RunFailure::TooLarge } else { RunFailure::Unsound }).await
            }
            Err(Unsolved::Unproven(flaw)) => {
                tracing::error!(run = %self.id, %flaw, "a matching run failed its proof");
                self.fail(RunFailure::Unproven).await
            }
        }
    }

    async fn begin(&self) -> Result<Option<Run>> {
        let now = self.app.clock.now();
        self.change(Event::Begin, async move |_, run: Run| Ok(run.begin(now)?)).await
    }

    /// What the run asks, from one snapshot.
    async fn read(&self, run: &Run) -> Result<MatchInput> {
        let (organization, program, cohort, number) =
            (self.organization, run.program, run.cohort, run.policy_number);
        let (market, policy, tenant) = self
            .connection
            .load(async move |conn| {
                futures_util::try_join!(
                    persistence::matching::market::load(conn, organization, cohort),
                    persistence::program::policy::get(conn, organization, program, number),
                    persistence::organization::find(conn, organization),
                )
            })
            .await?;
        self.connection.finish().await;
        let tenant = tenant.ok_or(Failure::NotFound { path: None })?;
        input::from(&self.app, market, &policy.rules, &tenant, self.app.clock.now())
    }

    /// Runs the engine on a thread of its own, shows how far it is, and stops it when nobody wants it any more.
    async fn solve(&self, input: MatchInput) -> Result<Result<MatchReport, Unsolved>> {
        let (percent, unwanted) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicBool::new(false)));
        let (shown, stopped) = (Arc::clone(&percent), Arc::clone(&unwanted));
        let mut engine = tokio::task::spawn_blocking(move || {
            let watch = |progress: Progress| {
                shown.store(progress.percent(), Ordering::Relaxed);
                if stopped.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let report = matching::propose(&input, &watch)?;
            matching::check(&input, &report, &|_| watch(PROVING))?;
            Ok(report)
        });
        // Whoever drops this future, as a worker that is told to stop, stops the thread too.
        let _stop = StopOnDrop(Arc::clone(&unwanted));
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                solved = &mut engine => return solved.map_err(Failure::internal),
                _ = beat.tick() => {
                    if !self.show(percent.load(Ordering::Relaxed)).await? {
                        unwanted.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
    }

    /// `false` when nobody wants the run any more.
    async fn show(&self, percent: u8) -> Result<bool> {
        let (organization, id, now) = (self.organization, self.id, self.app.clock.now());
        let wanted = self
            .connection
            .write(async move |conn| {
                persistence::matching::progress(conn, organization, id, percent.into(), now).await
            })
            .await?;
        self.connection.finish().await;
        Ok(wanted)
    }

    async fn complete(&self, report: MatchReport) -> Result<Option<Run>> {
        let (organization, now) = (self.organization, self.app.clock.now());
        let hash = digest::digest(&digest::SHA256, &report.canonical_input).as_ref().to_vec();
        let found = Outcome::new(report.engine_version.clone(), hash, &report.totals);
        let ids: Vec<_> = report.assignments.iter().map(|_| self.app.clock.uuid()).collect();
        self.change(Event::Complete, async move |conn, run: Run| {
            let pairs = &report.assignments;
            let scores =
                persistence::matching::proposal::insert(conn, organization, run.id, pairs, &ids, now).await?;
            let findings = Findings::from(&report);
            persistence::matching::keep_findings(conn, organization, run.id, &findings).await?;
            Ok(run.complete(found.with_pairs(&scores), now)?)
        })
        .await
    }

    async fn fail(&self, failure: RunFailure) -> Result<Option<Run>> {
        let now = self.app.clock.now();
        self.change(Event::Fail, async move |_, run: Run| Ok(run.fail(failure, now)?)).await
    }

    /// Changes the run in one transaction, if `event` can happen to it still, and tells who listens.
    async fn change(
        &self,
        event: Event,
        change: impl AsyncFnOnce(&Connection, Run) -> Result<Run>,
    ) -> Result<Option<Run>> {
        let (organization, id, now) = (self.organization, self.id, self.app.clock.now());
        let audit = self.app.clock.uuid();
        let changed = self
            .connection
            .write(async move |conn| {
                let everything = Scope::organization();
                let run = persistence::matching::lock(conn, &everything, organization, id).await?;
                if transition(run.status, event).is_err() {
                    return Ok(None);
                }
                let run = change(conn, run).await?;
                persistence::matching::update(conn, organization, &run).await?;
                if run.finished_at.is_some() {
                    let notice = Notice::about(Kind::MatchingFinished, run.id, "finished");
                    let asked = [run.requested_by];
                    notify::tell_accounts(&self.app, conn, organization, &asked, &notice, now).await?;
                }
                let who = Who {
                    account: None,
                    action: format!("{event}MatchingRun"),
                    request_id: run.id.to_string(),
                };
                let change =
                    Change { kind: Run::PREFIX, object: id.uuid(), context: Some(run.cohort.uuid()) };
                history::record(conn, organization, &who, &[change], &[audit], now).await?;
                Ok::<_, Failure>(Some(run))
            })
            .await?;
        self.connection.finish().await;
        Ok(changed)
    }
}

/// The second check of the proof adds nothing to the bar.
const PROVING: Progress = Progress { stage: matching::Stage::Proving, done: 1, total: 1 };

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
