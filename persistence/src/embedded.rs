//! How does a newcomer get a database without installing a service?
//!
//! Installed PostgreSQL programs are found and run as a private cluster that listens on a unix socket only.
//! The cluster lives as long as the process that started it, and a killed one is started again:
//!
//! - a second process on the same folder *adopts* the running server. When it leaves it lets the server run,
//!   unless it is the last user;
//! - when the process that started the server leaves first, the server stops with it, and the others start it
//!   again within a fraction of a second;
//! - after a kill -9 of us the kernel tells the server to shut down (Linux), or it goes on until the next start
//!   adopts it (elsewhere).
use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

mod cluster;
mod error;
mod folder;
mod help;
mod programs;
mod supervisor;
mod unix;

use cluster::Cluster;
pub use error::EmbeddedError;
pub use programs::{OLDEST, Programs};
use supervisor::{Shared, Supervisor};

/// Name of the owner role of a private cluster.
pub const OWNER: &str = "cairn";

/// What to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the cluster; made when missing.
    pub data_dir: PathBuf,
    /// Trade durability for speed, as tests do: a crash of the machine may lose everything.
    pub throwaway: bool,
}

/// A running private PostgreSQL; dropping it is like [`Embedded::stop`].
#[derive(Debug)]
pub struct Embedded {
    cluster: Arc<Cluster>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    adopted: bool,
}

impl Embedded {
    /// Returns when the server accepts connections. Blocks: call it from a thread that may.
    pub fn start(options: &Options) -> Result<Self, EmbeddedError> {
        let cluster = Arc::new(Cluster::prepare(options)?);
        let shared = Arc::new(Shared::default());
        let (report, first) = mpsc::sync_channel(1);
        let supervisor = Supervisor::new(Arc::clone(&cluster), Arc::clone(&shared))?;
        // Not a thread of the runtime: the kernel ties the server's life to the thread that started it.
        let thread = std::thread::Builder::new()
            .name("private-postgresql".to_owned())
            .spawn(move || supervisor.run(&report))
            .map_err(|error| EmbeddedError::folder("start a thread for", &cluster.data, error))?;
        let adopted = first.recv().unwrap_or(Err(EmbeddedError::Vanished))?;
        Ok(Self { cluster, shared, thread: Some(thread), adopted })
    }

    /// Where to connect for a database of this cluster; names need no escaping when they are plain words.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.cluster.url(database)
    }

    /// Whether another process had started the server.
    #[must_use]
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// Version of the server, such as `15.18`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.cluster.programs.version
    }

    /// Where the data is.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.cluster.data
    }

    /// Why the data is in another folder than the one asked for, if it is.
    #[must_use]
    pub fn moved(&self) -> Option<&str> {
        self.cluster.moved.as_deref()
    }

    /// Process id of the server; changes when it had to be started again.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.cluster.postmaster().map(|postmaster| postmaster.process.get().unsigned_abs())
    }

    /// Stops the server if it is ours to stop, and waits until it is gone.
    pub fn stop(mut self) {
        self.leave();
    }

    fn leave(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.shared.stop(if self.cluster.throwaway { unix::Stop::Immediate } else { unix::Stop::Fast });
        let patience = 500;
        for _ in 0..patience {
            if thread.is_finished() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.shared.stop(unix::Stop::Immediate);
        if thread.join().is_err() {
            tracing::error!("the thread of the private PostgreSQL had panicked");
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.leave();
    }
}
