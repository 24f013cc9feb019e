//! How does the built program behave as a process: started in a fresh folder, signalled, killed, started again?
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::folder::Folder;

/// A fresh folder to start Cairn in, with nothing set.
pub struct Newcomer(Folder);

impl Newcomer {
    pub fn new() -> Self {
        Self(Folder::new())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn cairn(&self, arguments: &str, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
        command.args(arguments.split_whitespace()).current_dir(self.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).envs(variables.iter().copied());
        command.stdin(Stdio::null());
        command
    }

    /// Exit code, output and errors of a command that ends by itself.
    pub fn run(&self, arguments: &str, variables: &[(&str, &str)]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.cairn(arguments, variables).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    /// Starts the server, on any free port unless `variables` name one, and waits for its banner.
    pub fn serve(&self, variables: &[(&str, &str)]) -> Serving {
        let mut command = self.cairn("", &[("CAIRN_LISTEN", "127.0.0.1:0")]);
        // A file, as a pipe that nobody reads would hold the server up once it is full.
        let log = self.path().join("log");
        let errors = File::options().create(true).append(true).open(&log).unwrap();
        let mut child =
            command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut banner = String::new();
        while !banner.contains("Ctrl-C") {
            let Some(line) = lines.next() else {
                panic!("no banner: {banner}{}", fs::read_to_string(log).unwrap());
            };
            banner += &(line + "\n");
        }
        let (_, rest) = banner.split_once("http://").unwrap();
        let address = rest.split_once('/').unwrap().0.parse().unwrap();
        Serving { child, banner, address, log }
    }

    /// Process id of the private PostgreSQL of this folder.
    pub fn postgres(&self) -> Option<u32> {
        self.postmaster_line(0)?.parse().ok()
    }

    /// Where to look into the private database while it runs.
    pub fn database_url(&self) -> Option<String> {
        let socket = self.postmaster_line(4)?;
        Some(format!("postgres:///cairn?user=cairn&port=5432&host={socket}"))
    }

    fn postmaster_line(&self, number: usize) -> Option<String> {
        let text = fs::read_to_string(self.path().join("data/pg/postmaster.pid")).ok()?;
        Some(text.lines().nth(number)?.trim().to_owned())
    }
}

/// A server that runs; killed when dropped.
pub struct Serving {
    child: Child,
    pub banner: String,
    pub address: SocketAddr,
    log: PathBuf,
}

impl Serving {
    /// Status line and body of a page; `None` if nobody answers.
    pub fn get(&self, path: &str) -> Option<(String, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.lines().next()?.to_owned(), body.to_owned()))
    }

    pub fn ready(&self) -> bool {
        self.get("/health/ready").is_some_and(|(status, _)| status.contains("200"))
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    pub fn ended(&mut self) -> ExitStatus {
        assert!(soon(|| self.child.try_wait().unwrap().is_some()), "cairn does not end");
        self.child.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        if thread::panicking() {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            let last = log.lines().rev().take(30).collect::<Vec<_>>();
            eprintln!("the last lines of its log, newest first:\n{}", last.join("\n"));
        }
    }
}

pub fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
}

pub fn soon(mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

pub fn gone(process: u32) -> bool {
    soon(|| !Path::new(&format!("/proc/{process}")).exists())
}

/// An address on which nobody listens, for servers that must come back under the same one.
pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
