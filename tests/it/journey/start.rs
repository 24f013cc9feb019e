//! How a program comes to its first offers: account, organization, program, roster, consents, invitations, run.
use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Journey, nodes, person::Person, text};
use crate::{harness::TestApp, import::sample};

const IMPORTED: &str =
    "query($id: ID!) { rosterImport(id: $id) { status progress rowCount createdCount unchangedCount
    errorCount errors(first: 100) { nodes { line column code message } } } }";
pub const RUN: &str =
    "query($id: ID!) { matchingRun(id: $id) { id status progress policyNumber menteeCount mentorCount
    matchedCount proposals(first: 100) { nodes { id score policyNumber mentor { id email } mentee { id email }
    criteria { points maximum sentence } } }
    unmatched(first: 100) { nodes { mentee { profile { id } } reason sentence rules { rule mentors } } } } }";

impl Journey {
    /// From nothing to an open cohort with a survey, in the hands of a coordinator.
    pub async fn begin(test: TestApp) -> Self {
        let owner = Person::signed_up(&test, "Olga Owner", "olga@owners.example").await;
        let client = owner.client(&test).await;
        let create = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
            organization { id } userErrors { code } } }";
        let input = json!({ "input": { "name": "Bright Futures", "timeZone": "Europe/Lisbon" } });
        let organization = client.done(create, input).await["organization"]["id"].clone();
        owner.act_in(text(&organization)).await;
        let client = owner.client(&test).await;

        let create = "mutation($input: CreateProgramInput!) { createProgram(input: $input) {
            program { id status policy { number cadenceDays } objectives { title } } userErrors { code path } } }";
        let input = json!({
            "name": "First steps", "timeZone": "Europe/Lisbon",
            "objectives": [{ "title": "Every pupil knows what comes after school", "measure": "Survey" }],
            "policy": { "cadenceDays": 14, "checkInMinutes": 45, "offerDays": 7, "minimumScore": 1000 },
        });
        let program = client.done(create, json!({ "input": input })).await["program"].clone();
        assert_eq!(program["policy"], json!({ "number": 1, "cadenceDays": 14 }));
        let program = program["id"].clone();
        let publish = "mutation($id: ID!) { publishProgram(input: { id: $id }) { program { status } userErrors { code } } }";
        client.done(publish, json!({ "id": program })).await;
        let survey = survey(&client, &program).await;

        let invite = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { invitation { id } userErrors { code } } }";
        let email = "carla@staff.example";
        let input = json!({ "email": email, "role": "COORDINATOR", "programId": program });
        client.done(invite, json!({ "input": input })).await;
        test.work().await;
        let coordinator = Person::invited(&test, email).await;

        let client = coordinator.client(&test).await;
        let create = "mutation($input: CreateCohortInput!) { createCohort(input: $input) { cohort { id status } userErrors { code } } }";
        let today = test.clock().now().date_naive();
        let dates = json!({
            "programId": program, "name": "This year", "startsOn": today, "endsOn": today + TimeDelta::days(180),
        });
        let cohort = client.done(create, json!({ "input": dates })).await["cohort"]["id"].clone();
        let open =
            "mutation($id: ID!) { openCohort(input: { id: $id }) { cohort { status } userErrors { code } } }";
        client.done(open, json!({ "id": cohort })).await;
        Self { test, owner, coordinator, program, cohort, survey }
    }

    /// Uploads a roster and has it read; answers what became of it.
    async fn roster(&self, csv: String, dry_run: bool) -> Value {
        let client = self.coordinator.client(&self.test).await;
        let request = client.request(reqwest::Method::POST, "/files?name=roster.csv");
        let stored = request.header("content-type", "text/csv").body(csv).send().await.expect("an answer");
        assert_eq!(stored.status(), 201);
        let stored: Value = stored.json().await.expect("JSON");
        let import = "mutation($input: ImportRosterInput!) { importRoster(input: $input) { import { id status } userErrors { code path } } }";
        let input = json!({ "cohortId": self.cohort, "fileId": stored["file"]["id"], "dryRun": dry_run });
        let import = client.done(import, json!({ "input": input })).await["import"].clone();
        assert_eq!(import["status"], "QUEUED");
        self.test.work().await;
        client.data(IMPORTED, json!({ "id": import["id"] })).await["rosterImport"].clone()
    }

    /// A trial names every wrong cell; then 85 people come in; a second time changes nothing.
    pub async fn import(&self) {
        let csv = sample::roster(60, 25);
        let wrong = csv
            .replacen(",mentee,", ",pupil,", 1)
            .replacen("Europe/Berlin", "Middle/Earth", 1)
            .replacen("Mon 16:00-18:30", "Someday", 1);
        let trial = self.roster(wrong, true).await;
        assert_eq!((&trial["status"], &trial["errorCount"]), (&json!("REJECTED"), &json!(3)), "{trial}");
        let mut columns: Vec<&str> =
            nodes(&trial["errors"]).iter().map(|error| text(&error["column"])).collect();
        columns.sort_unstable();
        assert_eq!(columns, ["availability", "role", "time_zone"]);
        assert!(nodes(&trial["errors"]).iter().all(|error| error["line"].as_i64() >= Some(2)));
        let counts = |import: &Value| {
            ["rowCount", "createdCount", "unchangedCount", "errorCount"].map(|name| import[name].as_i64())
        };
        let trial = self.roster(csv.clone(), true).await;
        assert_eq!(counts(&trial), [Some(85), Some(85), Some(0), Some(0)]);
        assert_eq!(self.people().await.len(), 0, "a trial stores nobody");
        let first = self.roster(csv.clone(), false).await;
        assert_eq!(counts(&first), [Some(85), Some(85), Some(0), Some(0)]);
        let second = self.roster(csv, false).await;
        assert_eq!(counts(&second), [Some(85), Some(0), Some(85), Some(0)]);
        assert_eq!(self.people().await.len(), 60);
    }

    /// The mentees of the cohort.
    async fn people(&self) -> Vec<Value> {
        let list = "query($id: ID!) { cohort(id: $id) { enrollments(role: MENTEE, first: 100) { nodes {
            profile { id name minor } } } } }";
        let cohort = self.ask(list, json!({ "id": self.cohort })).await["cohort"].clone();
        nodes(&cohort["enrollments"]).iter().map(|enrollment| enrollment["profile"].clone()).collect()
    }

    /// The guardians of every second minor consent. Answers the ids of minors without and with consent.
    pub async fn consents(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let record = "mutation($input: RecordConsentInput!) { recordConsent(input: $input) { consent { status } userErrors { code } } }";
        let minors: Vec<Value> =
            self.people().await.into_iter().filter(|person| person["minor"] == true).collect();
        assert_eq!(minors.len(), 12, "every fifth mentee is a minor");
        let (mut without, mut with) = (BTreeSet::new(), BTreeSet::new());
        for (number, minor) in minors.iter().enumerate() {
            let id = text(&minor["id"]).to_owned();
            if number.is_multiple_of(2) {
                without.insert(id);
                continue;
            }
            let input = json!({
                "profileId": id, "purpose": "PARTICIPATION", "method": "PAPER", "textVersion": "2026-1",
                "givenBy": "A parent", "grantedOn": self.test.clock().now().date_naive(),
            });
            self.done(record, json!({ "input": input })).await;
            with.insert(id);
        }
        (without, with)
    }

    pub async fn invite(&self) {
        let invite = "mutation($id: ID!) { inviteEnrolled(input: { cohortId: $id }) {
            counts { invited alreadyInvited } userErrors { code } } }";
        let counts = self.done(invite, json!({ "id": self.cohort })).await["counts"].clone();
        assert_eq!(counts, json!({ "invited": 85, "alreadyInvited": 0 }));
        let counts = self.done(invite, json!({ "id": self.cohort })).await["counts"].clone();
        assert_eq!(counts, json!({ "invited": 0, "alreadyInvited": 85 }));
        self.test.work().await;
    }

    /// A run proposes pairs, explains each, and leaves out minors without consent.
    pub async fn propose(&self, (without, with): &(BTreeSet<String>, BTreeSet<String>)) -> Value {
        let start = "mutation($id: ID!) { startMatchingRun(input: { cohortId: $id }) { run { id status progress } userErrors { code } } }";
        let run = self.done(start, json!({ "id": self.cohort })).await["run"].clone();
        assert_eq!((&run["status"], &run["progress"]), (&json!("QUEUED"), &json!(0)));
        self.test.work().await;
        let run = self.ask(RUN, json!({ "id": run["id"] })).await["matchingRun"].clone();
        assert_eq!((&run["status"], &run["progress"]), (&json!("COMPLETED"), &json!(100)));
        assert_eq!(run["policyNumber"], 1);
        let proposals = nodes(&run["proposals"]);
        assert!(proposals.len() >= 30, "{} pairs", proposals.len());
        assert_eq!(run["matchedCount"], proposals.len());
        for pair in proposals {
            let criteria = pair["criteria"].as_array().expect("criteria");
            let points: i64 = criteria.iter().map(|part| part["points"].as_i64().expect("points")).sum();
            assert_eq!(pair["score"], points, "the points add up");
            assert!(criteria.iter().all(|part| !text(&part["sentence"]).is_empty()));
        }
        let matched: BTreeSet<&str> = proposals.iter().map(|pair| text(&pair["mentee"]["id"])).collect();
        assert!(without.iter().all(|id| !matched.contains(id.as_str())), "no minor without consent");
        assert!(with.iter().any(|id| matched.contains(id.as_str())), "minors with consent take part");
        let unmatched = nodes(&run["unmatched"]);
        assert_eq!(proposals.len() + unmatched.len(), 60);
        for id in without {
            let left =
                unmatched.iter().find(|left| left["mentee"]["profile"]["id"] == **id).expect("a reason");
            assert_eq!(left["rules"][0]["rule"], "CONSENT_MISSING", "{left}");
        }
        run
    }

    /// The coordinator, who was told that the run has ended, offers what it proposes.
    pub async fn publish(&self, run: &Value) {
        let told = self.ask("{ notifications { nodes { kind subjectId } } }", json!({})).await;
        let told = nodes(&told["notifications"]).to_vec();
        assert!(told.contains(&json!({ "kind": "MATCHING_FINISHED", "subjectId": run["id"] })), "{told:?}");
        assert_eq!(told.iter().filter(|told| told["kind"] == "IMPORT_FINISHED").count(), 4);
        let publish = "mutation($id: ID!) { publishMatchingRun(input: { id: $id }) { run { status } offeredCount userErrors { code } } }";
        let published = self.done(publish, json!({ "id": run["id"] })).await;
        assert_eq!(published["offeredCount"], nodes(&run["proposals"]).len());
        self.test.tick().await;
    }
}

async fn survey(client: &crate::harness::Client, program: &Value) -> Value {
    let create = "mutation($input: CreateSurveyInput!) { createSurvey(input: $input) { survey { id } userErrors { code path } } }";
    let input = json!({
        "programId": program, "title": "How is it going?",
        "questions": [
            { "kind": "SCALE", "text": "I look forward to our meetings.", "minimum": 1, "maximum": 5 },
            { "kind": "NUMBER", "text": "How many hours did you meet?", "required": false,
              "minimum": 0, "maximum": 100 },
        ],
    });
    let survey = client.done(create, json!({ "input": input })).await["survey"]["id"].clone();
    let publish = "mutation($id: ID!) { publishSurvey(input: { surveyId: $id }) { survey { status } userErrors { code } } }";
    client.done(publish, json!({ "id": survey })).await;
    survey
}
