//! Are settings read in the right order, and all faults named at once?
use std::{ffi::OsString, net::IpAddr};

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Result<Given, Faults> {
    let pairs = pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Given::collect(Given::default(), pairs)
}

fn faults(pairs: &[(&str, &str)]) -> String {
    environment(pairs).and_then(|given| Config::resolve(&given)).expect_err("has faults").to_string()
}

#[test]
fn defaults_make_a_demo_on_a_private_database() {
    let config = Config::resolve(&Given::default()).unwrap();
    assert!(config.demo_mode() && config.private_database());
    assert_eq!(config.page("/graphiql"), "http://127.0.0.1:8080/graphiql");
    assert_eq!((config.limits.body, config.limits.pool_wait), (Bytes(131_072), Duration::from_millis(500)));
}

#[test]
fn an_own_database_turns_the_demo_off() {
    let given = environment(&[("DATABASE_URL", "postgres://localhost/cairn")]).unwrap();
    assert!(!Config::resolve(&given).unwrap().demo_mode());
}

#[test]
fn flags_win_over_environment_and_environment_over_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "log = 'file'\nmail_from = 'file'\nlog_format = 'json'\npool_size = 7\n").unwrap();
    let mut flags = Given::default();
    flags.set("log", "flag", Source::Flag);
    let pairs = [
        ("CAIRN_CONFIG", file.to_str().unwrap()),
        ("CAIRN_LOG", "environment"),
        ("CAIRN_MAIL_FROM", "environment"),
        ("CAIRN_POOL_SIZE", ""),
    ];
    let pairs = pairs.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let config = Config::resolve(&Given::collect(flags, pairs.into_iter()).unwrap()).unwrap();
    assert_eq!((config.log.as_str(), config.mail_from.as_str()), ("flag", "environment"));
    assert_eq!((config.log_format, config.pool_size), (LogFormat::Json, 7));
}

#[test]
fn every_fault_is_named_at_once_and_no_secret_is_told() {
    let text = faults(&[
        ("CAIRN_LISTEN", "8080"),
        ("CAIRN_LISTN", "x"),
        ("CAIRN_LIMIT_BODY", "many"),
        ("CAIRN_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("DATABASE_URL", "postgres://cairn:hunter2@localhost/cairn"),
    ]);
    assert!(text.starts_with("4 settings cannot be used:"), "{text}");
    assert!(
        text.contains("CAIRN_LISTN from the environment is no setting; did you mean CAIRN_LISTEN?"),
        "{text}"
    );
    assert!(text.contains("CAIRN_LISTEN \"8080\" from the environment is no address with a port"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn an_unknown_key_in_the_file_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "lissten = '127.0.0.1:1'\n").unwrap();
    let text = faults(&[("CAIRN_CONFIG", file.to_str().unwrap())]);
    assert!(
        text.contains("lissten from the configuration file is no setting; did you mean listen?"),
        "{text}"
    );
}

#[test]
fn a_named_file_must_exist() {
    assert!(
        faults(&[("CAIRN_CONFIG", "/nowhere/cairn.toml")]).contains("/nowhere/cairn.toml cannot be read")
    );
}

#[test]
fn demo_people_are_not_offered_to_strangers_by_accident() {
    assert!(faults(&[("CAIRN_LISTEN", "0.0.0.0:8080")]).contains("CAIRN_DEMO_PUBLIC=yes"));
    assert!(faults(&[("CAIRN_PUBLIC_URL", "https://cairn.example")]).contains("CAIRN_DEMO=no"));
    for allowed in [("CAIRN_DEMO_PUBLIC", "yes"), ("CAIRN_DEMO", "no")] {
        let given = environment(&[("CAIRN_LISTEN", "0.0.0.0:8080"), allowed]).unwrap();
        assert!(Config::resolve(&given).is_ok(), "{allowed:?}");
    }
}

#[test]
fn passwords_go_to_mail_servers_encrypted_or_not_at_all() {
    for url in [
        "smtp://cairn:hunter2@mail.example",
        "smtp://cairn:hunter2@mail.example:587?tls=opportunistic",
        "mail.example",
        "https://mail.example",
    ] {
        let text = faults(&[("CAIRN_SMTP_URL", url)]);
        assert!(text.contains("CAIRN_SMTP_URL") && !text.contains("hunter2"), "{url}: {text}");
    }
    for url in [
        "smtps://cairn:hunter2@mail.example",
        "smtp://cairn:hunter2@mail.example:587?tls=required",
        "smtp://mail.example",
        "smtp://cairn:hunter2@127.0.0.1:1025",
        "file:///var/mail/cairn",
    ] {
        assert!(Config::resolve(&environment(&[("CAIRN_SMTP_URL", url)]).unwrap()).is_ok(), "{url}");
    }
}

#[test]
fn debug_output_and_show_hide_secrets() {
    let given = environment(&[
        ("DATABASE_URL", "postgres://cairn:hunter2@localhost/cairn"),
        ("CAIRN_SMTP_URL", "smtps://cairn:hunter3@mail.example"),
        ("CAIRN_DEMO_PASSWORD", "hunter4"),
    ])
    .unwrap();
    let shown: Vec<Shown> = Config::rows().map(|row| row.shown(&given)).collect();
    for text in [format!("{:?}", Config::resolve(&given).unwrap()), format!("{shown:?}")] {
        assert!(!text.contains("hunter"), "{text}");
    }
}

#[test]
fn networks_hold_their_addresses() {
    let holds = |network: &str, address: &str| {
        network.parse::<Network>().unwrap().contains(address.parse::<IpAddr>().unwrap())
    };
    assert!(holds("10.0.0.0/8", "10.200.1.1") && !holds("10.0.0.0/8", "11.0.0.1"));
    assert!(holds("0.0.0.0/0", "203.0.113.9") && holds("192.0.2.7", "192.0.2.7"));
    assert!(!holds("192.0.2.7", "192.0.2.8") && holds("192.0.2.7", "::ffff:192.0.2.7"));
    assert!(holds("2001:db8::/32", "2001:db8:1::1") && !holds("2001:db8::/32", "2001:db9::1"));
}

#[test]
fn a_base_path_and_a_public_url_lead_every_link() {
    let given = environment(&[("CAIRN_BASE_PATH", "/cairn/")]).unwrap();
    assert_eq!(Config::resolve(&given).unwrap().page("/graphiql"), "http://127.0.0.1:8080/cairn/graphiql");
    let given = environment(&[("CAIRN_PUBLIC_URL", "http://localhost:9/x/")]).unwrap();
    assert_eq!(Config::resolve(&given).unwrap().page("/graphiql"), "http://localhost:9/x/graphiql");
    assert!(faults(&[("CAIRN_BASE_PATH", "cairn/../x")]).contains("is no path such as /cairn"));
}

#[test]
fn the_configuration_page_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == reference(), "run `cargo run -- config reference > docs/configuration.md`");
}
