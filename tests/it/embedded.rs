//! The private PostgreSQL: started, shared, killed, stopped, refused.
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use diesel_async::SimpleAsyncConnection;
use persistence::{
    connect::connect,
    embedded::{Embedded, EmbeddedError, Options},
};

use crate::harness::folder::{Folder, forget_sockets};

fn options(folder: &Path) -> Options {
    Options { data_dir: folder.join("pg"), throwaway: false }
}

async fn start(folder: &Path) -> Result<Embedded, EmbeddedError> {
    let options = options(folder);
    tokio::task::spawn_blocking(move || Embedded::start(&options)).await.unwrap()
}

async fn stop(embedded: Embedded) {
    tokio::task::spawn_blocking(move || embedded.stop()).await.unwrap();
}

async fn run(embedded: &Embedded, statement: &str) -> Result<(), String> {
    let mut connection = connect(&embedded.url("postgres")).await.map_err(|error| error.to_string())?;
    connection.batch_execute(statement).await.map_err(|error| error.to_string())
}

/// Tries until it works, as an app with retries does.
async fn run_soon(embedded: &Embedded, statement: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while let Err(problem) = run(embedded, statement).await {
        assert!(Instant::now() < deadline, "{problem}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn kill(process: u32) {
    assert!(Command::new("kill").args(["-9", &process.to_string()]).status().unwrap().success());
}

fn gone_soon(process: u32) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Path::new(&format!("/proc/{process}")).exists() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

#[tokio::test]
async fn a_stopped_server_leaves_nothing_running_and_keeps_its_data() {
    let folder = Folder::new();
    let embedded = start(folder.path()).await.unwrap();
    assert!(!embedded.adopted() && embedded.moved().is_none());
    run(&embedded, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)").await.unwrap();
    let process = embedded.process_id().unwrap();
    stop(embedded).await;
    assert!(gone_soon(process), "the server still runs");
    assert!(!folder.path().join("pg/postmaster.pid").exists());

    let again = start(folder.path()).await.unwrap();
    run(&again, "SELECT 1 / count(*) FROM kept").await.unwrap();
    stop(again).await;
}

#[tokio::test]
async fn a_second_user_adopts_the_server_and_goes_on_when_the_first_leaves() {
    let folder = Folder::new();
    let first = start(folder.path()).await.unwrap();
    let process = first.process_id();
    let second = start(folder.path()).await.unwrap();
    let third = start(folder.path()).await.unwrap();
    assert!(second.adopted() && third.adopted());
    stop(third).await;
    assert_eq!(first.process_id(), process, "an adopter's leaving stops nothing");
    run(&first, "CREATE TABLE kept (id int)").await.unwrap();

    stop(first).await;
    run_soon(&second, "SELECT count(*) FROM kept").await;
    assert_ne!(second.process_id(), process, "a server of its own");
    let process = second.process_id().unwrap();
    stop(second).await;
    assert!(gone_soon(process), "the last one stops it");
}

#[tokio::test]
async fn a_killed_server_comes_back_with_every_acknowledged_row() {
    let folder = Folder::new();
    let embedded = start(folder.path()).await.unwrap();
    run(&embedded, "CREATE TABLE kept (id int)").await.unwrap();
    for round in 1..=3 {
        run_soon(&embedded, "INSERT INTO kept VALUES (1)").await;
        kill(embedded.process_id().unwrap());
        let all_there = format!("SELECT 1 / (count(*) - {round} + 1) FROM kept");
        run_soon(&embedded, &all_there).await;
    }
    stop(embedded).await;
}

#[tokio::test]
async fn an_adopted_server_that_is_killed_comes_back_too() {
    let folder = Folder::new();
    let first = start(folder.path()).await.unwrap();
    let second = start(folder.path()).await.unwrap();
    kill(first.process_id().unwrap());
    run_soon(&first, "SELECT 1").await;
    run_soon(&second, "SELECT 1").await;
    assert_eq!(first.process_id(), second.process_id(), "one server for both");
    stop(second).await;
    stop(first).await;
}

/// Runs the test below in a process of its own, which has a server and can be killed.
fn holder(program: &mut Command, folder: &Path) -> (Child, u32) {
    let mut child = program
        .args(["--exact", "embedded::holds_a_server", "--ignored", "--nocapture"])
        .env("HOLDER_FOLDER", folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let server =
        lines.filter_map(|line| line.split_once("server=").and_then(|found| found.1.trim().parse().ok()));
    let process = { server }.next().expect("the holder names its server");
    (child, process)
}

/// Not a test: see [`holder`]. It does nothing when a person runs it.
#[test]
#[ignore = "started by other tests"]
fn holds_a_server() {
    let Some(folder) = std::env::var_os("HOLDER_FOLDER") else { return };
    let embedded = Embedded::start(&options(Path::new(&folder))).unwrap_or_else(|error| panic!("{error}"));
    println!("server={}", embedded.process_id().unwrap());
    thread::sleep(Duration::from_secs(60));
}

#[tokio::test]
async fn after_a_kill_of_us_the_server_stops_by_itself_and_the_next_start_works() {
    let folder = Folder::new();
    let (mut child, server) = holder(&mut Command::new(std::env::current_exe().unwrap()), folder.path());
    kill(child.id());
    // The next start does not wait for the old server's end: it adopts, waits or replaces as needed.
    let embedded = start(folder.path()).await.unwrap();
    run_soon(&embedded, "SELECT 1").await;
    child.wait().unwrap();
    if cfg!(target_os = "linux") {
        assert!(gone_soon(server), "the server outlived the process that started it");
    }
    run_soon(&embedded, "SELECT 1").await;
    stop(embedded).await;
}

#[tokio::test]
async fn files_of_a_dead_server_do_not_stand_in_the_way() {
    let folder = Folder::new();
    stop(start(folder.path()).await.unwrap()).await;
    // The number in the file now belongs to somebody else: to this test.
    let stale = format!("{}\n/elsewhere\n1\n5432\n/tmp\n\n  1 1\nready   \n", std::process::id());
    fs::write(folder.path().join("pg/postmaster.pid"), stale).unwrap();
    let embedded = start(folder.path()).await.unwrap();
    assert!(!embedded.adopted());
    run(&embedded, "SELECT 1").await.unwrap();
    stop(embedded).await;
}

#[tokio::test]
async fn a_folder_of_another_major_version_is_refused_with_a_recipe() {
    let folder = Folder::new();
    let data = folder.path().join("pg");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("PG_VERSION"), "12\n").unwrap();
    let error = start(folder.path()).await.unwrap_err();
    assert!(error.is_configuration());
    let text = error.to_string();
    assert!(text.contains("was made by PostgreSQL 12, but only"), "{text}");
    assert!(text.contains("pg_dump") && text.contains("pg_restore"), "{text}");
    assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "nothing was changed");
}

#[tokio::test]
async fn a_folder_with_other_files_is_left_alone() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("pg")).unwrap();
    fs::write(folder.path().join("pg/letters.txt"), "dear all").unwrap();
    let error = start(folder.path()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NotEmpty { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let folder = Folder::new();
    stop(start(folder.path()).await.unwrap()).await;
    fs::write(folder.path().join("pg/postgresql.conf"), "max_connections = lots\n").unwrap();
    let text = start(folder.path()).await.unwrap_err().to_string();
    assert!(text.contains("invalid value for parameter \"max_connections\""), "{text}");
}

/// Only root meets folders that its server's account may not enter.
#[tokio::test]
async fn root_in_a_private_folder_gets_a_database_elsewhere_and_is_told() {
    if !am_root() {
        return eprintln!("skipped: needs root");
    }
    let private = Folder::new();
    fs::set_permissions(private.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let embedded = start(private.path()).await.unwrap();
    assert!(embedded.moved().unwrap().contains("that only root may enter, so the database is in"));
    run(&embedded, "SELECT 1").await.unwrap();
    let data = embedded.data_dir().to_path_buf();
    stop(embedded).await;
    forget_sockets(&data);
    fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn a_plain_user_needs_no_other_account() {
    if !am_root() {
        return eprintln!("skipped: every other test shows it already");
    }
    if Command::new("setpriv").arg("--version").output().is_err() {
        return eprintln!("skipped: needs setpriv");
    }
    let folder = Folder::new();
    let program = folder.path().join("it");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let home = folder.path().join("home");
    fs::create_dir(&home).unwrap();
    std::os::unix::fs::chown(&home, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut command = Command::new("setpriv");
    let user = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--clear-groups".to_owned()];
    command.args(user).arg(&program);
    let (mut child, server) = holder(&mut command, &home);
    assert_eq!(owner(&home.join("pg")), NOBODY);
    // Root then runs the server as the owner of the data.
    kill(child.id());
    child.wait().unwrap();
    assert!(gone_soon(server));
    let embedded = start(&home).await.unwrap();
    run_soon(&embedded, "SELECT 1").await;
    assert_eq!(owner(&PathBuf::from(format!("/proc/{}", embedded.process_id().unwrap()))), NOBODY);
    stop(embedded).await;
}

/// On Linux everywhere.
const NOBODY: u32 = 65_534;

fn am_root() -> bool {
    owner(Path::new("/proc/self")) == 0
}

fn owner(path: &Path) -> u32 {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).unwrap())
}
