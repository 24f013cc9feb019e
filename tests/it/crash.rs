//! Does a write that was acknowledged stay, once, whoever is killed while clients write and repeat?
mod client;
mod ledger;
mod stored;

use std::{
    fs,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use api::clock::Clock;
use domain::{cohort::Cohort, id::Id};
use serde_json::json;

use crate::harness::{
    Client,
    newcomer::{Newcomer, Serving, free_address, gone, signal, soon},
    person,
};
use client::Writer;
use ledger::Ledger;

const CLIENTS: usize = 8;
const KILLS_OF_CAIRN: usize = 20;
const KILLS_OF_POSTGRESQL: usize = 10;
const ACKNOWLEDGED: usize = 2_000;
/// Writes between one kill and the next, at least.
const BETWEEN: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_killed_no_acknowledged_write_is_lost_or_done_twice() {
    let begun = Instant::now();
    let newcomer = Newcomer::new();
    let address = free_address();
    let settings = [("CAIRN_LISTEN", address.as_str()), ("CAIRN_DEMO", "no"), ("CAIRN_LOG", "warn")];
    let mut serving = newcomer.serve(&settings);
    let (owner, cohort) = organization(&newcomer, &serving).await;

    let ledger = Arc::new(Ledger::default());
    let clock = Clock::default();
    let writers: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let writer = Writer::new(number, owner.clone(), cohort, clock.clone(), Arc::clone(&ledger));
            tokio::spawn(writer.write())
        })
        .collect();

    // A kill that always comes at the same point would find the same things.
    let mut chance = Chance(7);
    for _ in 0..KILLS_OF_CAIRN {
        wait_for(&ledger, BETWEEN);
        chance.pause();
        serving.signal("-KILL");
        serving.ended();
        serving = newcomer.serve(&settings);
    }
    for _ in 0..KILLS_OF_POSTGRESQL {
        wait_for(&ledger, BETWEEN);
        chance.pause();
        crash(newcomer.postgres().expect("it runs"));
    }
    // PostgreSQL ends all its processes and recovers when one of them dies.
    for _ in 0..3 {
        wait_for(&ledger, BETWEEN);
        chance.pause();
        let processes = children(newcomer.postgres().expect("it runs"));
        signal(processes[chance.below(processes.len())], "-KILL");
    }
    let missing = ACKNOWLEDGED.saturating_sub(ledger.acknowledged.load(Ordering::Relaxed));
    wait_for(&ledger, missing.max(BETWEEN));
    ledger.stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("a writer had an answer that no repeat would mend");
    }

    ledger.replay(&owner).await;
    let url = newcomer.database_url().expect("PostgreSQL runs");
    stored::compare(&ledger, &url).await;
    println!(
        "{} in {:.0?}: cairn killed {KILLS_OF_CAIRN} times, PostgreSQL {KILLS_OF_POSTGRESQL} times and one of its processes 3 times",
        ledger.summary(),
        begun.elapsed()
    );
    let postgres = newcomer.postgres().expect("it runs");
    serving.signal("-TERM");
    assert!(serving.ended().success());
    assert!(gone(postgres), "PostgreSQL still runs");
}

/// An owner of a new organization, and a cohort to enroll people in.
async fn organization(newcomer: &Newcomer, serving: &Serving) -> (Client, Id<Cohort>) {
    let owner = person::of(&serving.base(), "olga@school.example").await;
    let url = newcomer.database_url().expect("PostgreSQL runs");
    stored::confirm(&url).await;
    let create = "mutation { createOrganization(input: { name: \"Bright Futures\", timeZone: \"Europe/Lisbon\" }) { organization { id } userErrors { code } } }";
    owner.done(create, json!({})).await;
    let create = "mutation { createProgram(input: { name: \"First\", objectives: [{ title: \"Confidence\" }] }) { program { id } userErrors { code } } }";
    let program = owner.done(create, json!({})).await["program"]["id"].clone();
    let publish = "mutation($id: ID!) { publishProgram(input: { id: $id }) { userErrors { code } } }";
    owner.done(publish, json!({ "id": program })).await;
    let today = Clock::default().now().date_naive();
    let dates = json!({ "program": program, "from": today, "to": today + chrono::TimeDelta::days(180) });
    let create = "mutation($program: ID!, $from: Date!, $to: Date!) { createCohort(input: { programId: $program, name: \"Spring\", startsOn: $from, endsOn: $to }) { cohort { id } userErrors { code } } }";
    let cohort = owner.done(create, dates).await["cohort"]["id"].clone();
    let open = "mutation($id: ID!) { openCohort(input: { id: $id }) { userErrors { code } } }";
    owner.done(open, json!({ "id": cohort })).await;
    let cohort = cohort.as_str().and_then(|text| text.parse().ok()).expect("an id");
    (owner, cohort)
}

fn wait_for(ledger: &Ledger, more: usize) {
    let wanted = ledger.acknowledged.load(Ordering::Relaxed) + more;
    let enough = || ledger.acknowledged.load(Ordering::Relaxed) >= wanted;
    assert!(soon(|| enough() || ledger.failed()), "nothing is acknowledged any more");
    assert!(!ledger.failed(), "a writer gave up: see above");
}

/// Ends PostgreSQL as a failure of the machine would: all its processes at once, nothing written down.
fn crash(postmaster: u32) {
    let mut kill = std::process::Command::new("kill");
    kill.arg("-9").arg(postmaster.to_string());
    kill.args(children(postmaster).iter().map(ToString::to_string));
    // One of them may have ended by itself meanwhile.
    kill.stderr(std::process::Stdio::null()).status().unwrap();
    assert!(gone(postmaster));
}

fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let child = |entry: fs::DirEntry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let fields = stat.rsplit_once(')')?.1;
        let of: u32 = fields.split_whitespace().nth(1)?.parse().ok()?;
        (of == parent).then(|| entry.file_name().to_str()?.parse().ok())?
    };
    processes.filter_map(child).collect()
}

/// Numbers that look random and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pause(&mut self) {
        std::thread::sleep(Duration::from_millis(self.below(120).try_into().unwrap()));
    }
}
