//! Who keeps the private server running, and who stops it?
use std::{
    fs::File,
    process::{Child, ExitStatus},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc::SyncSender},
    time::{Duration, Instant},
};

use super::{
    EmbeddedError,
    cluster::Cluster,
    unix::{self, Process, Stop},
};

/// How long a server may take to become ready; recovery after a crash reads the log again.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often an adopted server, which is nobody's child here, is looked at.
const WATCH: Duration = Duration::from_millis(150);
/// Pause before a server that could not be started is tried again.
const RETRY: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(15);

/// What the supervisor and the rest of the process tell each other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopping: bool,
    /// Our own child, as long as its number cannot belong to another process.
    child: Option<Process>,
}

impl Shared {
    /// Ends the supervision, and our child if there is one.
    pub fn stop(&self, how: Stop) {
        let mut state = self.lock();
        state.stopping = true;
        if let Some(child) = state.child {
            unix::stop(child, how);
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the supervision ended, at once or within this time.
    fn stopping_within(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), time, |state| !state.stopping);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }
}

/// A server that accepts connections.
enum Server {
    Own(Child),
    Adopted(Process),
}

/// The one thread that starts servers.
pub(super) struct Supervisor {
    cluster: Arc<Cluster>,
    shared: Arc<Shared>,
    users: File,
}

impl Supervisor {
    pub fn new(cluster: Arc<Cluster>, shared: Arc<Shared>) -> Result<Self, EmbeddedError> {
        let users = cluster.users_lock()?;
        Ok(Self { cluster, shared, users })
    }

    /// Reports the first start, true for an adopted server, then replaces each server that dies.
    pub fn run(self, report: &SyncSender<Result<bool, EmbeddedError>>) {
        let mut server = match self.acquire() {
            Ok(server) => server,
            Err(error) => return drop(report.send(Err(error))),
        };
        drop(report.send(Ok(matches!(server, Server::Adopted(_)))));
        loop {
            self.attend(server);
            if self.shared.stopping_within(Duration::ZERO) {
                return;
            }
            tracing::warn!("the private PostgreSQL is gone; starting it again");
            server = loop {
                match self.acquire() {
                    Ok(server) => break server,
                    Err(error) => tracing::error!(%error, "the private PostgreSQL cannot be started"),
                }
                if self.shared.stopping_within(RETRY) {
                    return;
                }
            };
            tracing::info!("the private PostgreSQL runs again");
        }
    }

    /// Returns when the server has ended or is no longer our business.
    fn attend(&self, server: Server) {
        match server {
            Server::Own(child) => self.collect(child),
            Server::Adopted(process) => {
                while unix::alive(process) {
                    if self.shared.stopping_within(WATCH) {
                        return self.leave_adopted(process);
                    }
                }
            }
        }
    }

    /// Waits for our own child. Its number is withdrawn before the system may give it to another process.
    fn collect(&self, mut child: Child) {
        if let Err(error) = unix::await_end(&child) {
            tracing::error!(%error, "cannot wait for the private PostgreSQL");
        }
        self.shared.lock().child = None;
        match child.wait() {
            Ok(status) => tracing::debug!(%status, "the private PostgreSQL ended"),
            Err(error) => tracing::error!(%error, "cannot collect the private PostgreSQL"),
        }
    }

    /// The last user stops a server whose starter is gone; anybody else leaves it to the others.
    fn leave_adopted(&self, process: Process) {
        // Letting go first: a lock cannot be converted while two users try it at the same time.
        let alone = self.users.unlock().is_ok() && self.users.try_lock().is_ok();
        if !alone {
            return;
        }
        unix::stop(process, Stop::Fast);
        let deadline = Instant::now() + Duration::from_secs(10);
        while unix::alive(process) && Instant::now() < deadline {
            std::thread::sleep(POLL);
        }
    }

    /// Adopts the running server or starts one; waits for one that is starting or stopping.
    fn acquire(&self) -> Result<Server, EmbeddedError> {
        let _one_at_a_time = self.cluster.start_lock()?;
        self.cluster.initialize()?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.cluster.postmaster() {
                Some(postmaster) if postmaster.ready => return Ok(Server::Adopted(postmaster.process)),
                Some(_) => {}
                None => {
                    if let Some(server) = self.launch(deadline)? {
                        return Ok(server);
                    }
                }
            }
            if Instant::now() > deadline {
                return Err(self.too_slow(0));
            }
            std::thread::sleep(POLL);
        }
    }

    /// Starts a server; `None` if what a killed one left behind is still in the way, which passes by itself.
    fn launch(&self, deadline: Instant) -> Result<Option<Server>, EmbeddedError> {
        self.cluster.clear_stale_files();
        let mut command = self.cluster.server()?;
        let log_start = self.cluster.log_length();
        let mut child = {
            let mut state = self.shared.lock();
            let child = command.spawn().map_err(|error| {
                EmbeddedError::folder("run", self.cluster.programs.path("postgres"), error)
            })?;
            state.child = i32::try_from(child.id()).ok().and_then(Process::new);
            if let (true, Some(process)) = (state.stopping, state.child) {
                unix::stop(process, Stop::Fast);
            }
            child
        };
        loop {
            if let Some(status) = self.ended(&mut child)? {
                let output = self.cluster.log_tail(log_start);
                if ["shared memory block", "lock file"].iter().any(|obstacle| output.contains(obstacle))
                    && Instant::now() < deadline
                {
                    std::thread::sleep(Duration::from_millis(100));
                    return Ok(None);
                }
                let status = status.to_string();
                return Err(EmbeddedError::Failed { program: "postgres", status, output });
            }
            if self.cluster.postmaster().is_some_and(|postmaster| postmaster.ready) {
                return Ok(Some(Server::Own(child)));
            }
            if Instant::now() > deadline {
                if let Some(process) = self.shared.lock().child {
                    unix::stop(process, Stop::Immediate);
                }
                self.collect(child);
                return Err(self.too_slow(log_start));
            }
            std::thread::sleep(POLL);
        }
    }

    /// Looks whether the child has ended; the lock keeps others from signalling a number that is free again.
    fn ended(&self, child: &mut Child) -> Result<Option<ExitStatus>, EmbeddedError> {
        let mut state = self.shared.lock();
        let status =
            child.try_wait().map_err(|error| EmbeddedError::folder("watch", &self.cluster.data, error))?;
        if status.is_some() {
            state.child = None;
        }
        Ok(status)
    }

    fn too_slow(&self, log_start: u64) -> EmbeddedError {
        EmbeddedError::TooSlow { seconds: PATIENCE.as_secs(), output: self.cluster.log_tail(log_start) }
    }
}
