//! Which database does a test get?
//!
//! All test processes share one throwaway server, on the RAM disk when there is room. The first process that needs
//! it starts a *keeper*, a process of its own that stops the server and removes its folder ten seconds after the
//! last user has ended. A template database, named by the hash of the migrations, is made once; each test gets a
//! clone of it. `TEST_DATABASE_URL` names another server to do all this on.
use std::{
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, LazyLock},
    thread,
    time::{Duration, Instant},
};

mod clone;
mod keeper;

use clone::Cloner;

use crate::harness::folder::forget_sockets;

/// Free space that makes a RAM disk worth using.
const ROOM: u64 = 1 << 30;
const PATIENCE: Duration = Duration::from_secs(120);

/// A database of one test: empty of rows, with every migration applied.
pub struct TestDatabase {
    pub url: String,
    name: String,
    cloner: Arc<Cloner>,
}

impl TestDatabase {
    /// A fresh clone; dropped at the end of a test that passes, kept and named when it fails.
    pub async fn create() -> Self {
        let cloner = tokio::task::spawn_blocking(|| Arc::clone(&SHARED.cloner)).await.expect("server starts");
        Self::clone_of(cloner).await
    }

    async fn clone_of(cloner: Arc<Cloner>) -> Self {
        let name = cloner.create().await;
        Self { url: persistence::connect::with_database(&cloner.server, &name), name, cloner }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the database of this test is kept for some minutes: {}", self.url);
            self.cloner.keep();
        } else {
            self.cloner.remove(&self.name);
        }
    }
}

/// The server of all test processes.
static SHARED: LazyLock<Server> = LazyLock::new(Server::reach);

struct Server {
    cloner: Arc<Cloner>,
    /// Held shared as long as this process lives; tells the keeper that there are users.
    _user: Option<File>,
}

impl Server {
    fn reach() -> Self {
        if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
            return Self { cloner: Cloner::start(&url, None), _user: None };
        }
        let place = Place::choose();
        let user = place.lock_file("users");
        user.lock_shared().expect("the lock of the test server");
        let cloner = Cloner::start(&place.url(), Some(place.file("kept")));
        Self { cloner, _user: Some(user) }
    }
}

/// The folder of the shared server, and files beside it that outlive it.
#[derive(Clone)]
struct Place(PathBuf);

impl Place {
    fn choose() -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let memory = Path::new("/dev/shm");
        if free_space(memory) < ROOM {
            return Self(target.join("server"));
        }
        // Two checkouts, or two people on one machine, do not share a server.
        let mut hasher = DefaultHasher::new();
        (target, fs::metadata("/proc/self").map_or(0, |metadata| metadata.uid())).hash(&mut hasher);
        Self(memory.join(format!("cairn-tests-{:016x}", hasher.finish())))
    }

    /// A file beside the folder.
    fn file(&self, kind: &str) -> PathBuf {
        self.0.with_extension(kind)
    }

    fn lock_file(&self, kind: &str) -> File {
        let path = self.file(kind);
        File::options()
            .create(true)
            .append(true)
            .open(&path)
            .unwrap_or_else(|error| panic!("{path:?}: {error}"))
    }

    /// The server's URL, after starting a keeper if there is none.
    #[expect(clippy::zombie_processes, reason = "the keeper is meant to outlive this process")]
    fn url(&self) -> String {
        let starting = self.lock_file("start");
        starting.lock().expect("the lock of the start");
        let known = self.file("url");
        if let Ok(url) = fs::read_to_string(&known)
            && keeper::answers(&url)
        {
            return url;
        }
        fs::remove_file(&known).ok();
        let log = self.file("log");
        let output = File::create(&log).expect("log of the keeper");
        let mut keeper = Command::new(std::env::current_exe().expect("path of this program"))
            .args(["--exact", keeper::TEST, "--ignored", "--nocapture"])
            .env(keeper::PLACE, &self.0)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("log of the keeper"))
            .stderr(output)
            .process_group(0)
            .spawn()
            .expect("the keeper starts");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(url) = fs::read_to_string(&known) {
                return url;
            }
            let ended = keeper.try_wait().expect("the keeper can be watched");
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "no throwaway server; its keeper says:\n{}",
                fs::read_to_string(&log).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Bytes that can still be written below this folder; 0 where it does not exist.
fn free_space(folder: &Path) -> u64 {
    let output = Command::new("df").arg("-Pk").arg(folder).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let available = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3));
    available.and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// The price of isolation: what one database per test costs, on the real schema.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_per_test_costs_less_than_60_ms_of_processor_time() {
    const CLONES: u32 = 20;
    // A server of its own, as other tests use the shared one at the same time.
    let folder = if free_space(Path::new("/dev/shm")) < ROOM { "/tmp" } else { "/dev/shm" };
    let folder = tempfile::tempdir_in(folder).unwrap();
    let (embedded, cloner) = keeper::private_server(folder.path()).await;
    let postmaster = embedded.process_id().expect("it runs");
    drop(TestDatabase::clone_of(Arc::clone(&cloner)).await);
    let before = processor_time(postmaster);
    for _ in 0..CLONES {
        drop(TestDatabase::clone_of(Arc::clone(&cloner)).await);
    }
    let each = (processor_time(postmaster) - before) / CLONES;
    println!("one database per test: {each:?} of processor time, creation and drop included");
    assert!(each < Duration::from_millis(60), "{each:?}");
    let data = embedded.data_dir().to_path_buf();
    tokio::task::spawn_blocking(move || embedded.stop()).await.unwrap();
    forget_sockets(&data);
}

/// Processor time of a server and of its children, living and dead.
fn processor_time(postmaster: u32) -> Duration {
    let ticks: u64 = fs::read_dir("/proc")
        .expect("Linux")
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok())
        .filter_map(|stat| {
            let process: u32 = stat.split(' ').next()?.parse().ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            let parent: u32 = fields[1].parse().ok()?;
            let times = fields[11..15].iter().map(|field| field.parse::<u64>().unwrap());
            (process == postmaster || parent == postmaster).then(|| times.sum::<u64>())
        })
        .sum();
    Duration::from_millis(ticks * 10)
}
