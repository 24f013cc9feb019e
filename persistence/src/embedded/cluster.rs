//! How is one cluster made and started, and what do its files say about it?
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom},
    os::unix::{fs::OpenOptionsExt, net::UnixStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    EmbeddedError, OWNER, Options, Programs,
    folder::Home,
    programs::{self, Installed},
    unix::{self, Account, Process},
};

/// Part of the socket's name; nothing listens on it.
const PORT: u16 = 5432;
/// A log beyond this is begun anew at the next start.
const LOG_LIMIT: u64 = 10 << 20;
/// How much of the log an error quotes.
const LOG_TAIL: u64 = 2_000;

/// Settings of every private server. Its log must not hold what people wrote: no statements, no row values.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_timezone=UTC",
    "timezone=UTC",
];
/// After a crash PostgreSQL first makes sure that every file is on the disk. File by file that takes seconds; Linux can
/// do it in one call.
const RECOVERY: &[&str] = if cfg!(target_os = "linux") { &["recovery_init_sync_method=syncfs"] } else { &[] };
/// A throwaway server holds a database per running test and need not survive anything.
const THROWAWAY_SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=300",
    "shared_buffers=128MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
];

/// A cluster that may be running or not.
#[derive(Debug)]
pub(super) struct Cluster {
    pub programs: Programs,
    pub data: PathBuf,
    pub socket: PathBuf,
    pub throwaway: bool,
    pub moved: Option<String>,
    account: Option<Account>,
}

/// A server process as its `postmaster.pid` describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub process: Process,
    /// It says so, and its socket accepts.
    pub ready: bool,
}

impl Cluster {
    /// Finds programs and folders that go together.
    pub fn prepare(options: &Options) -> Result<Self, EmbeddedError> {
        // Looks for programs first: on a machine without them no folder is made.
        let installed = Installed::look()?;
        let newest = installed.newest().ok_or(EmbeddedError::NotFound { too_old: None })?;
        let home = Home::prepare(&options.data_dir)?;
        let programs = match home.data_version()? {
            None => newest.clone(),
            Some(has) => match programs::major(&has).and_then(|major| installed.of_major(major)) {
                Some(same) => same.clone(),
                None => {
                    let Home { data: folder, socket, .. } = home;
                    return Err(EmbeddedError::OtherMajor { folder, socket, has, installed: newest.major });
                }
            },
        };
        let Home { data, socket, account, moved } = home;
        Ok(Self { programs, data, socket, throwaway: options.throwaway, moved, account })
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?user={OWNER}&port={PORT}&host={}", self.socket.display())
    }

    /// Makes the cluster's files if there are none. A half-made one is made again.
    pub fn initialize(&self) -> Result<(), EmbeddedError> {
        if self.data.join("PG_VERSION").exists() {
            return Ok(());
        }
        let mut entries =
            fs::read_dir(&self.data).map_err(|error| EmbeddedError::folder("read", &self.data, error))?;
        if entries.next().is_some() {
            return Err(EmbeddedError::NotEmpty { folder: self.data.clone() });
        }
        let mut command = self.command("initdb");
        command.arg("--pgdata").arg(&self.data).arg("--username").arg(OWNER);
        // Only the account of the server can enter the folder of its socket, so a password would guard nothing.
        command.args(["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-instructions"]);
        if self.throwaway {
            command.arg("--no-sync");
        }
        let output = command
            .stdin(Stdio::null())
            .output()
            .map_err(|error| EmbeddedError::folder("run", self.programs.path("initdb"), error))?;
        if output.status.success() {
            return Ok(());
        }
        Err(EmbeddedError::Failed {
            program: "initdb",
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// The command that runs the server, detached from our terminal and tied to the calling thread.
    pub fn server(&self) -> Result<Command, EmbeddedError> {
        let log = self.open_log().map_err(|error| EmbeddedError::folder("write", self.log_path(), error))?;
        let log_too =
            log.try_clone().map_err(|error| EmbeddedError::folder("write", self.log_path(), error))?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(&self.data).arg("-k").arg(&self.socket).arg("-p").arg(PORT.to_string());
        let more = if self.throwaway { THROWAWAY_SETTINGS } else { &[] };
        for setting in SETTINGS.iter().chain(RECOVERY).chain(more) {
            command.arg("-c").arg(setting);
        }
        command.stdin(Stdio::null()).stdout(log).stderr(log_too);
        Ok(command)
    }

    /// Our environment holds passwords and settings that PostgreSQL would obey: little of it is handed on.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.path(program));
        command.env_clear().current_dir("/").env("LC_ALL", "C").env("TZ", "UTC");
        for name in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LOCALE_ARCHIVE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        unix::detach(&mut command, self.account);
        command
    }

    /// The server that runs on this folder, whoever started it.
    pub fn postmaster(&self) -> Option<Postmaster> {
        let text = fs::read_to_string(self.data.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let process = lines.next()?.trim().parse::<i32>().ok().and_then(Process::new)?;
        if !unix::alive(process) || !self.may_be_ours(process) {
            return None;
        }
        let says_ready = lines.nth(6).is_some_and(|status| status.trim() == "ready");
        Some(Postmaster { process, ready: says_ready && UnixStream::connect(self.socket_path()).is_ok() })
    }

    /// A stale file may name a process that was given the same number later. A server stands in its data folder;
    /// where that cannot be seen, the number is believed.
    fn may_be_ours(&self, process: Process) -> bool {
        fs::read_link(format!("/proc/{process}/cwd"))
            .map_or(true, |folder| fs::canonicalize(&self.data).is_ok_and(|data| data == folder))
    }

    /// Removes what a killed server left behind. PostgreSQL itself does so only if the process number in the file
    /// is free, and it still looks for living children of the killed server before it starts.
    pub fn clear_stale_files(&self) {
        let lock = format!(".s.PGSQL.{PORT}.lock");
        for path in [self.data.join("postmaster.pid"), self.socket.join(lock), self.socket_path()] {
            if fs::remove_file(&path).is_ok() {
                tracing::debug!(path = %path.display(), "removed a stale file");
            }
        }
    }

    fn socket_path(&self) -> PathBuf {
        self.socket.join(format!(".s.PGSQL.{PORT}"))
    }

    /// Held while a server is looked for and started, so that two processes do not start two.
    pub fn start_lock(&self) -> Result<File, EmbeddedError> {
        let file = self.lock_file("start.lock")?;
        file.lock().map_err(|error| EmbeddedError::folder("lock", &self.socket, error))?;
        Ok(file)
    }

    /// Each user of the server holds it shared; who gets it alone is the last one.
    pub fn users_lock(&self) -> Result<File, EmbeddedError> {
        let file = self.lock_file("users.lock")?;
        file.lock_shared().map_err(|error| EmbeddedError::folder("lock", &self.socket, error))?;
        Ok(file)
    }

    fn lock_file(&self, name: &str) -> Result<File, EmbeddedError> {
        let path = self.socket.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600).custom_flags(libc::O_NOFOLLOW);
        options.open(&path).map_err(|error| EmbeddedError::folder("open", path, error))
    }

    pub fn log_path(&self) -> PathBuf {
        self.data.join("server.log")
    }

    fn open_log(&self) -> std::io::Result<File> {
        let path = self.log_path();
        let large = fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LOG_LIMIT);
        let mut options = OpenOptions::new();
        options.create(true).mode(0o600).custom_flags(libc::O_NOFOLLOW);
        if large {
            options.write(true).truncate(true)
        } else {
            options.append(true)
        };
        options.open(path)
    }

    /// How long the log is now, to quote only what comes later.
    pub fn log_length(&self) -> u64 {
        fs::metadata(self.log_path()).map_or(0, |metadata| metadata.len())
    }

    /// The end of the log, from this position on at the earliest.
    pub fn log_tail(&self, from: u64) -> String {
        tail(&self.log_path(), from).unwrap_or_else(|error| format!("(no log: {error})"))
    }
}

fn tail(path: &Path, from: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(from.min(length).max(length.saturating_sub(LOG_TAIL))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
