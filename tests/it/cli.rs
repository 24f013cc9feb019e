//! The program itself: its first run, its exit codes, and what it leaves behind.
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::harness::folder::Folder;

/// A fresh folder to start Cairn in, with nothing set.
struct Newcomer(Folder);

impl Newcomer {
    fn new() -> Self {
        Self(Folder::new())
    }

    fn cairn(&self, arguments: &str, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).envs(variables.iter().copied());
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &str, variables: &[(&str, &str)]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.cairn(arguments, variables).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    fn serve(&self, variables: &[(&str, &str)]) -> Serving {
        let all: Vec<_> = [("CAIRN_LISTEN", "127.0.0.1:0")].iter().chain(variables).copied().collect();
        let mut command = self.cairn("", &all);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut banner = String::new();
        while !banner.contains("Ctrl-C") {
            let Some(line) = lines.next() else {
                let mut problem = String::new();
                child.stderr.take().unwrap().read_to_string(&mut problem).unwrap();
                panic!("no banner: {banner}{problem}");
            };
            banner += &(line + "\n");
        }
        let (_, rest) = banner.split_once("http://").unwrap();
        let address = rest.split_once('/').unwrap().0.parse().unwrap();
        Serving { child, banner, address }
    }

    /// Process id of the private PostgreSQL of this folder.
    fn postgres(&self) -> Option<u32> {
        let text = fs::read_to_string(self.0.path().join("data/pg/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }
}

struct Serving {
    child: Child,
    banner: String,
    address: SocketAddr,
}

impl Serving {
    /// Status line and body of a page; `None` if nobody answers.
    fn get(&self, path: &str) -> Option<(String, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.lines().next()?.to_owned(), body.to_owned()))
    }

    fn ready(&self) -> bool {
        self.get("/health/ready").is_some_and(|(status, _)| status.contains("200"))
    }

    fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    fn ended(&mut self) -> ExitStatus {
        assert!(soon(|| self.child.try_wait().unwrap().is_some()), "cairn does not end");
        self.child.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
}

fn soon(mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

fn gone(process: u32) -> bool {
    soon(|| !Path::new(&format!("/proc/{process}")).exists())
}

#[test]
fn the_first_run_needs_nothing_and_leaves_no_server_behind() {
    let newcomer = Newcomer::new();
    let mut serving = newcomer.serve(&[]);
    assert!(serving.banner.contains("private PostgreSQL"), "{}", serving.banner);
    assert!(
        serving.banner.contains("data in ./data/pg; set DATABASE_URL for your own"),
        "{}",
        serving.banner
    );
    assert!(serving.ready());
    let postgres = newcomer.postgres().unwrap();
    serving.signal("-TERM");
    assert!(serving.ended().success());
    assert!(gone(postgres), "PostgreSQL still runs");
}

#[test]
fn a_second_run_adopts_the_database_that_is_there() {
    let newcomer = Newcomer::new();
    let mut first = newcomer.serve(&[]);
    let postgres = newcomer.postgres().unwrap();
    let mut second = newcomer.serve(&[]);
    assert!(second.banner.contains("running already"), "{}", second.banner);
    second.signal("-INT");
    assert!(second.ended().success());
    assert!(first.ready(), "the first goes on");
    first.signal("-INT");
    assert!(first.ended().success());
    assert!(gone(postgres));
}

#[test]
fn a_taken_port_is_named_and_no_database_is_left_running() {
    let newcomer = Newcomer::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, problem) = newcomer.run("serve", &[("CAIRN_LISTEN", &address)]);
    assert_eq!(code, 1);
    assert!(problem.contains(&format!("cannot listen on {address}")), "{problem}");
    assert_eq!(newcomer.postgres(), None);
}

#[test]
fn a_killed_cairn_takes_its_server_along_and_starts_again() {
    let newcomer = Newcomer::new();
    let mut serving = newcomer.serve(&[]);
    let postgres = newcomer.postgres().unwrap();
    serving.signal("-KILL");
    serving.ended();
    let mut again = newcomer.serve(&[]);
    assert!(soon(|| again.ready()));
    assert!(gone(postgres));
    again.signal("-TERM");
    assert!(again.ended().success());
}

#[test]
fn a_killed_database_comes_back_under_a_running_cairn() {
    let newcomer = Newcomer::new();
    let mut serving = newcomer.serve(&[]);
    for _ in 0..3 {
        let postgres = newcomer.postgres().unwrap();
        signal(postgres, "-KILL");
        assert!(gone(postgres));
        assert!(soon(|| newcomer.postgres().is_some_and(|process| process != postgres)), "not started again");
        assert!(soon(|| serving.ready()), "not ready again");
    }
    serving.signal("-TERM");
    assert!(serving.ended().success());
}

#[test]
fn without_postgresql_there_is_one_screen_of_help() {
    let newcomer = Newcomer::new();
    let (code, _, help) = newcomer.run("", &[("PG_BIN_DIR", "/nowhere")]);
    assert_eq!(code, 78);
    assert!(help.contains("apt install postgresql") && help.contains("DATABASE_URL=postgres://"), "{help}");
    assert!(help.lines().count() <= 24, "{help}");
    assert_eq!(fs::read_dir(newcomer.0.path()).unwrap().count(), 0, "no folder is made");
}

#[test]
fn exit_codes_tell_a_wrong_setting_from_a_failure() {
    let newcomer = Newcomer::new();
    type Variables = &'static [(&'static str, &'static str)];
    let cases: [(&str, Variables, i32, &str); 6] = [
        ("", &[("CAIRN_LISTEN", "here"), ("CAIRN_LIMIT_DEPTH", "deep")], 78, "2 settings cannot be used"),
        ("", &[("CAIRN_LISTN", "127.0.0.1:0")], 78, "did you mean CAIRN_LISTEN?"),
        ("", &[("CAIRN_LISTEN", "0.0.0.0:8080")], 78, "CAIRN_DEMO_PUBLIC=yes"),
        ("", &[("DATABASE_URL", "mysql://localhost/cairn")], 78, "must begin with postgres://"),
        ("", &[("DATABASE_URL", "postgres://cairn@127.0.0.1:1/cairn")], 1, "Connection refused"),
        ("dance", &[], 2, "unrecognized subcommand 'dance'"),
    ];
    for (arguments, variables, code, message) in cases {
        let (actual, _, problem) = newcomer.run(arguments, variables);
        assert!(problem.contains(message), "{variables:?}: {problem}");
        assert_eq!(actual, code, "{variables:?}: {problem}");
    }
}

#[test]
fn settings_are_shown_with_their_source_and_without_secrets() {
    let newcomer = Newcomer::new();
    fs::write(newcomer.0.path().join("cairn.toml"), "pool_size = 5\n").unwrap();
    let variables = [("DATABASE_URL", "postgres://cairn:hunter2@localhost/cairn"), ("CAIRN_LOG", "warn")];
    let (code, shown, _) = newcomer.run("config show --json", &variables);
    assert_eq!(code, 0);
    assert!(!shown.contains("hunter2"), "{shown}");
    let settings: Vec<serde_json::Value> = serde_json::from_str(&shown).unwrap();
    let of = |key: &str| {
        let setting = settings.iter().find(|setting| setting["key"] == key).unwrap();
        (setting["value"].as_str().unwrap().to_owned(), setting["source"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("pool_size"), ("5".into(), "file".into()));
    assert_eq!(of("log"), ("warn".into(), "environment".into()));
    assert_eq!(of("database_url"), ("(hidden)".into(), "environment".into()));
}

#[test]
fn operators_can_look_and_migrate_without_a_server() {
    let newcomer = Newcomer::new();
    let (code, applied, problem) = newcomer.run("migrate --json", &[]);
    assert_eq!(code, 0, "{problem}");
    let applied: serde_json::Value = serde_json::from_str(&applied).unwrap();
    assert!(applied["applied"].as_array().unwrap().len() >= 15);
    let (code, reverted, _) = newcomer.run("migrate down", &[]);
    assert!(code == 0 && reverted.starts_with("reverted "), "{reverted}");
    let (code, report, _) = newcomer.run("doctor", &[]);
    assert!(code == 0 && report.contains("warn  migrations   1 pending"), "{report}");
    assert_eq!(newcomer.postgres(), None, "each command stops what it started");
}
