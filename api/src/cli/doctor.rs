//! `cairn doctor`: would this Cairn work well?
use anyhow::bail;
use persistence::{
    connect,
    diagnosis::{Diagnosis, diagnose},
    migration::{self, State},
};
use serde::Serialize;

use super::Output;
use crate::{clock::Clock, config::Config, database::Database};

/// Clocks further apart than this confuse tokens and reminders.
const SKEW: chrono::TimeDelta = chrono::TimeDelta::seconds(2);
/// Share of a server's connections that one instance may claim: other instances and operators need some.
const SHARE: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

#[derive(Debug, Serialize)]
struct Finding {
    verdict: Verdict,
    subject: &'static str,
    detail: String,
}

impl Finding {
    fn new(verdict: Verdict, subject: &'static str, detail: impl Into<String>) -> Self {
        Self { verdict, subject, detail: detail.into() }
    }
}

/// Prints what was found, and fails if anything keeps Cairn from working.
pub(super) async fn run(config: &Config, output: &Output) -> anyhow::Result<()> {
    let database = Database::open(config).await?;
    let mut findings =
        vec![Finding::new(Verdict::Ok, "config", format!("{} settings", Config::rows().count()))];
    if let Some(notice) = database.notice() {
        findings.push(Finding::new(Verdict::Warn, "data folder", notice));
    }
    examine(config, &database, &mut findings).await;
    let description = database.description();
    database.close().await?;

    let lines = findings.iter().map(|finding| {
        let verdict = format!("{:?}", finding.verdict).to_lowercase();
        format!("{verdict:5} {:12} {}", finding.subject, finding.detail)
    });
    let text = format!("{description}\n{}", lines.collect::<Vec<_>>().join("\n"));
    output.show(&findings, text)?;
    let failures = findings.iter().filter(|finding| finding.verdict == Verdict::Fail).count();
    if failures > 0 {
        bail!("{failures} of {} checks failed", findings.len());
    }
    Ok(())
}

async fn examine(config: &Config, database: &Database, findings: &mut Vec<Finding>) {
    let mut connection = match connect::connect(&database.url).await {
        Ok(connection) => connection,
        Err(error) => return findings.push(Finding::new(Verdict::Fail, "database", error.to_string())),
    };
    // Before the migrations are asked for, which would make a missing role.
    match diagnose(&mut connection).await {
        Ok(diagnosis) => findings.extend(judge(config, &diagnosis)),
        Err(error) => findings.push(Finding::new(Verdict::Fail, "database", format!("{error:?}"))),
    }
    findings.push(match migration::status(&database.direct_url).await {
        Ok(entries) => {
            let count = |state| entries.iter().filter(|entry| entry.state == state).count();
            match (count(State::Pending), count(State::Unknown)) {
                (0, 0) => Finding::new(Verdict::Ok, "migrations", format!("{} applied", entries.len())),
                (0, newer) => Finding::new(
                    Verdict::Warn,
                    "migrations",
                    format!("{newer} of a newer release than this one"),
                ),
                (pending, _) => {
                    let advice = "`cairn migrate up` or the next `cairn serve` applies them";
                    Finding::new(Verdict::Warn, "migrations", format!("{pending} pending; {advice}"))
                }
            }
        }
        Err(error) => Finding::new(Verdict::Fail, "migrations", error.to_string()),
    });
}

/// The rules between what the server says and what the settings want.
fn judge(config: &Config, diagnosis: &Diagnosis) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut check = |good: bool, otherwise: Verdict, subject, detail: String| {
        findings.push(Finding::new(if good { Verdict::Ok } else { otherwise }, subject, detail));
    };
    let oldest = i32::try_from(persistence::embedded::OLDEST).unwrap_or(i32::MAX).saturating_mul(10_000);
    let version = format!("PostgreSQL {}, and 15 is the oldest that works", diagnosis.version);
    check(diagnosis.version_number >= oldest, Verdict::Fail, "database", version);

    let skew = (Clock::default().now() - diagnosis.clock).abs();
    check(skew < SKEW, Verdict::Warn, "clock", format!("{} ms apart from ours", skew.num_milliseconds()));

    let connections = usize::try_from(diagnosis.max_connections).unwrap_or_default();
    let enough = connections >= config.pool_size.saturating_mul(SHARE);
    let detail = format!("{connections} allowed, {} wanted by each instance", config.pool_size);
    check(enough, Verdict::Warn, "connections", detail);

    let utf8 = diagnosis.encoding == "UTF8";
    check(
        utf8,
        Verdict::Fail,
        "encoding",
        format!("{}; names in every script need UTF8", diagnosis.encoding),
    );

    let english = ["C", "POSIX", "en"].iter().any(|prefix| diagnosis.messages.starts_with(prefix));
    let detail =
        format!("lc_messages is {}; it must be English, as some messages are read", diagnosis.messages);
    check(english, Verdict::Fail, "messages", detail);

    let durable = diagnosis.durability == "on/on";
    let detail = format!(
        "fsync/synchronous_commit {}; both must be on to keep what was acknowledged",
        diagnosis.durability
    );
    check(durable, Verdict::Fail, "durability", detail);

    let detail = "requests act as cairn_app, so that row-level security binds them";
    check(diagnosis.application_role, Verdict::Warn, "role", detail.to_owned());

    let encrypted = diagnosis.encrypted || config.private_database() || is_local(config);
    let detail = "connections that leave this machine are encrypted";
    check(encrypted, Verdict::Warn, "encryption", detail.to_owned());
    findings
}

/// Whether the database URL stays on this machine.
fn is_local(config: &Config) -> bool {
    use secrecy::ExposeSecret;
    config.database_url.as_ref().is_some_and(|url| {
        let url = url.expose_secret();
        ["@localhost", "@127.0.0.1", "@[::1]", "host=/", "@%2F"].iter().any(|local| url.contains(local))
    })
}
