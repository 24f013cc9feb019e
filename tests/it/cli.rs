//! The program itself: its first run, its exit codes, and what it leaves behind.
use std::{fs, net::TcpListener};

use serde_json::json;

use crate::harness::{
    Client,
    newcomer::{Newcomer, Serving, free_address, gone, signal, soon},
    person::sign_in,
};

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
    assert_eq!(fs::read_dir(newcomer.path()).unwrap().count(), 0, "no folder is made");
}

/// The demo person signs in with the password of the banner.
async fn mentor(serving: &Serving) -> Client {
    let password = serving.banner.rsplit_once("password: ").unwrap().1.lines().next().unwrap();
    let anonymous = Client::new(&serving.base());
    let answer = sign_in(&anonymous, "mentor@demo.example", password).await;
    anonymous.with_token(answer["tokens"]["accessToken"].as_str().unwrap_or_else(|| panic!("{answer}")))
}

const VIEWER: &str = "{ viewer { account { name } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_is_switched_off_leaves_nobody_who_can_sign_in() {
    let newcomer = Newcomer::new();
    let address = free_address();
    let listen = ("CAIRN_LISTEN", address.as_str());
    let mut demo = newcomer.serve(&[listen]);
    let person = mentor(&demo).await;
    let before = json!({ "viewer": { "account": { "name": "Maria Mentor" } } });
    assert_eq!(person.data(VIEWER, json!({})).await, before);
    demo.signal("-TERM");
    assert!(demo.ended().success());

    let mut plain = newcomer.serve(&[listen, ("CAIRN_DEMO", "no")]);
    assert!(!plain.banner.contains("password"), "{}", plain.banner);
    assert_eq!(person.error(VIEWER, json!({})).await, "UNAUTHENTICATED");
    let anonymous = Client::new(&plain.base());
    let password = demo.banner.rsplit_once("password: ").unwrap().1.lines().next().unwrap();
    for who in ["owner", "admin", "coordinator", "mentor", "mentee", "guardian"] {
        let refused = sign_in(&anonymous, &format!("{who}@demo.example"), password).await;
        assert_eq!(refused["userErrors"][0]["code"], "INVALID_CREDENTIALS", "{who}");
    }
    plain.signal("-TERM");
    assert!(plain.ended().success());

    let again = newcomer.serve(&[listen]);
    mentor(&again).await;
    assert_eq!(person.error(VIEWER, json!({})).await, "UNAUTHENTICATED", "the old token stays dead");
}

#[test]
fn exit_codes_tell_a_wrong_setting_from_a_failure() {
    let newcomer = Newcomer::new();
    type Variables = &'static [(&'static str, &'static str)];
    let cases: [(&str, Variables, i32, &str); 7] = [
        ("", &[("CAIRN_LISTEN", "here"), ("CAIRN_LIMIT_DEPTH", "deep")], 78, "2 settings cannot be used"),
        ("", &[("CAIRN_LISTN", "127.0.0.1:0")], 78, "did you mean CAIRN_LISTEN?"),
        ("", &[("CAIRN_LISTEN", "0.0.0.0:8080")], 78, "CAIRN_DEMO_PUBLIC=yes"),
        ("", &[("CAIRN_PUBLIC_URL", "https://mentors.example")], 78, "CAIRN_DEMO_PUBLIC=yes"),
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
    fs::write(newcomer.path().join("cairn.toml"), "pool_size = 5\n").unwrap();
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

#[test]
fn operators_see_what_waits_and_try_the_mail_settings() {
    let newcomer = Newcomer::new();
    assert_eq!(newcomer.run("migrate", &[]).0, 0);
    let (code, waiting, problem) = newcomer.run("jobs list --json", &[]);
    assert_eq!((code, waiting.trim()), (0, "[]"), "{problem}");
    let (code, retried, _) = newcomer.run("jobs retry", &[]);
    assert_eq!((code, retried.trim()), (0, "0 jobs are tried again"));

    let (code, _, problem) = newcomer.run("mail test ana@school.example", &[]);
    assert!(code == 1 && problem.contains("set CAIRN_SMTP_URL"), "{problem}");
    let folder = newcomer.path().join("mail");
    let url = format!("file://{}", folder.display());
    let (code, sent, problem) = newcomer.run("mail test ana@school.example", &[("CAIRN_SMTP_URL", &url)]);
    assert!(code == 0 && sent.starts_with("sent to ana@school.example as "), "{problem}");
    let letter = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    assert!(fs::read_to_string(letter).unwrap().contains("Subject: Cairn: mail works"));
    let nobody = [("CAIRN_SMTP_URL", "smtp://127.0.0.1:1")];
    let (code, _, problem) = newcomer.run("mail test ana@school.example", &nobody);
    assert!(code == 1 && problem.contains("the mail server cannot be used"), "{problem}");
    let (code, _, problem) = newcomer.run("mail test nobody", &[("CAIRN_SMTP_URL", &url)]);
    assert!(code == 1 && problem.contains("not sent"), "{problem}");
}
