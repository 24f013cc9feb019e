//! Rosters: does a file become people in a cohort, all or nothing, and twice the same?
pub mod sample;

use domain::{access::Role, file::Kind, id::Id, import::RosterImport};
use serde_json::{Value, json};

use crate::harness::{Person, Stage};

const IMPORT: &str = "mutation($input: ImportRosterInput!) { importRoster(input: $input) {
    import { id status dryRun } userErrors { code path } } }";
const READ: &str = "query($id: ID!) { rosterImport(id: $id) { id status progress rowCount createdCount updatedCount
    unchangedCount errorCount errors(first: 100) { nodes { line column code } }
    cohort { mentees: enrollments(role: MENTEE) { totalCount } mentors: enrollments(role: MENTOR) { totalCount } } } }";

struct Roster {
    stage: Stage,
    program: Value,
    cohort: Value,
}

impl Roster {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let program = stage.program("Reading friends").await;
        let cohort = stage.cohort(&program).await;
        Self { stage, program, cohort }
    }

    async fn upload(&self, by: &Person, kind: Kind, content: &str) -> Value {
        self.stage.upload(by, "roster.csv", kind, content).await
    }

    fn input(&self, file: &Value, dry_run: bool) -> Value {
        json!({ "input": { "cohortId": self.cohort, "fileId": file, "dryRun": dry_run } })
    }

    /// Imports, and answers what became of it.
    async fn import(&self, content: &str, dry_run: bool) -> Value {
        let file = self.upload(&self.stage.owner, Kind::Csv, content).await;
        let import = self.stage.owner.done(IMPORT, self.input(&file, dry_run)).await["import"].clone();
        assert_eq!(import["status"], "QUEUED");
        let id: Id<RosterImport> = import["id"].as_str().expect("an id").parse().expect("an id");
        self.stage.work().await;
        // A second worker finds nothing to do.
        let done = api::import::run(&self.stage.test.app, self.stage.organization, id).await;
        done.unwrap_or_else(|failure| panic!("{failure:?}"));
        self.stage.owner.data(READ, json!({ "id": import["id"] })).await["rosterImport"].clone()
    }
}

fn counts(import: &Value) -> [i64; 5] {
    ["rowCount", "createdCount", "updatedCount", "unchangedCount", "errorCount"]
        .map(|name| import[name].as_i64().expect("a number"))
}

fn people(import: &Value) -> (i64, i64) {
    let count = |role: &str| import["cohort"][role]["totalCount"].as_i64().expect("a number");
    (count("mentees"), count("mentors"))
}

#[tokio::test]
async fn a_roster_is_tried_then_imported_and_twice_changes_nothing() {
    let roster = Roster::new().await;
    let csv = sample::roster(60, 25);
    let trial = roster.import(&csv, true).await;
    assert_eq!(
        (&trial["status"], counts(&trial), people(&trial)),
        (&json!("COMPLETED"), [85, 85, 0, 0, 0], (0, 0))
    );
    let first = roster.import(&csv, false).await;
    assert_eq!((counts(&first), people(&first)), ([85, 85, 0, 0, 0], (60, 25)));
    assert_eq!(first["progress"], 100);
    let second = roster.import(&csv, false).await;
    assert_eq!((counts(&second), people(&second)), ([85, 0, 0, 85, 0], (60, 25)));
}

#[tokio::test]
async fn people_are_as_the_roster_says() {
    let roster = Roster::new().await;
    roster.import(&sample::roster(1, 1), false).await;
    let query = "query($id: String) { profiles(externalId: $id) { nodes { name email birthDate minor guardianContact
        timeZone languages interests goals availability { weekday start end timeZone } enrollments { nodes { role } } } } }";
    let data =
        roster.stage.owner.data(query, json!({ "id": "P-0000" })).await["profiles"]["nodes"][0].clone();
    assert_eq!(
        data,
        json!({
            "name": "Amara Almeida", "email": "amara.almeida.0@pupils.example", "birthDate": "2012-01-01",
            "minor": true, "guardianContact": "Family Almeida +351 555 0000", "timeZone": "Europe/Lisbon",
            "languages": ["pt", "en"], "interests": ["robotics", "photography", "coding"],
            "goals": ["apply to university", "speak in public"],
            "availability": [
                { "weekday": "MONDAY", "start": "16:00", "end": "18:30", "timeZone": "Europe/Lisbon" },
                { "weekday": "WEDNESDAY", "start": "15:30", "end": "18:00", "timeZone": "Europe/Lisbon" },
            ],
            "enrollments": { "nodes": [{ "role": "MENTEE" }] },
        })
    );
}

#[tokio::test]
async fn one_wrong_cell_stores_nobody_and_every_error_is_named() {
    let roster = Roster::new().await;
    let csv = "Name;Role;Email;Birth date\nAna;mentee;ana@example.org;2012-01-30\nEva;boss;nowhere;30.1.2012\nBen;mentor;ANA@example.org;\n";
    let rejected = roster.import(csv, false).await;
    assert_eq!((&rejected["status"], people(&rejected)), (&json!("REJECTED"), (0, 0)));
    let places: Vec<_> = rejected["errors"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|error| {
            (error["line"].as_i64().expect("a line"), error["column"].clone(), error["code"].clone())
        })
        .collect();
    for expected in [(3, "role", "INVALID"), (3, "email", "INVALID"), (3, "birth_date", "INVALID")] {
        assert!(
            places.contains(&(expected.0, json!(expected.1), json!(expected.2))),
            "{expected:?} in {places:?}"
        );
    }
    assert_eq!(rejected["errorCount"], 3);
    let all = roster.stage.owner.data("{ profiles { nodes { id } } }", json!({})).await;
    assert_eq!(all["profiles"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_later_roster_changes_and_adds_people() {
    let roster = Roster::new().await;
    roster.import(&sample::roster(3, 1), false).await;
    let changed = sample::roster(4, 1).replace("Daniel Quist", "Dan Quist");
    let second = roster.import(&changed, false).await;
    assert_eq!((counts(&second), people(&second)), ([5, 1, 1, 3, 0], (4, 1)));
}

#[tokio::test]
async fn ten_thousand_rows_are_imported() {
    let roster = Roster::new().await;
    let import = roster.import(&sample::roster(7_000, 3_000), false).await;
    assert_eq!((counts(&import), people(&import)), ([10_000, 10_000, 0, 0, 0], (7_000, 3_000)));
}

#[tokio::test]
async fn a_second_worker_finds_the_work_done() {
    let roster = Roster::new().await;
    let import = roster.import(&sample::roster(3, 1), false).await;
    let id: Id<RosterImport> = import["id"].as_str().expect("an id").parse().expect("an id");
    let (app, organization) = (&roster.stage.test.app, roster.stage.organization);
    let again = api::import::run(app, organization, id).await;
    again.unwrap_or_else(|failure| panic!("{failure:?}"));
    let given_up = api::import::give_up(app, organization, id).await;
    given_up.unwrap_or_else(|failure| panic!("{failure:?}"));
    let after = roster.stage.owner.data(READ, json!({ "id": import["id"] })).await["rosterImport"].clone();
    assert_eq!(after, import);
}

#[tokio::test]
async fn who_imports_what_is_checked_before_it_is_read() {
    let roster = Roster::new().await;
    let stage = &roster.stage;
    let coordinator = stage.staff(Role::Coordinator, Some(&roster.program)).await;
    let elsewhere = stage.staff(Role::Coordinator, Some(&stage.program("Robotics").await)).await;
    let lead = stage.staff(Role::SafeguardingLead, None).await;
    let csv = sample::roster(1, 1);
    let (own, foreign) = (
        roster.upload(&coordinator, Kind::Csv, &csv).await,
        roster.upload(&stage.owner, Kind::Csv, &csv).await,
    );
    let picture = roster.upload(&coordinator, Kind::Png, "x").await;
    for (person, file, expected) in [
        (&coordinator, &foreign, "NOT_FOUND input.fileId"),
        (&coordinator, &picture, "INVALID input.fileId"),
        (&elsewhere, &own, "NOT_FOUND input.cohortId"),
        (&lead, &own, "NOT_ALLOWED"),
    ] {
        assert_eq!(person.refused(IMPORT, roster.input(file, true)).await, expected);
    }
    let id = coordinator.done(IMPORT, roster.input(&own, true)).await["import"]["id"].clone();
    for (person, sees) in [(&coordinator, true), (&elsewhere, false), (&lead, false)] {
        let data =
            person.data("query($id: ID!) { rosterImport(id: $id) { status } }", json!({ "id": id })).await;
        assert_eq!(data["rosterImport"].is_object(), sees);
    }
}
