//! An open cohort with mentors and mentees, and the people who look at it.
use domain::{access::Role, id};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness;

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person(pub harness::Person);

impl Person {
    /// The data of a document that must succeed as a whole.
    pub async fn data(&self, document: &str, variables: Value) -> Value {
        self.0.data(document, variables).await
    }

    /// The payload of one mutation; `selection` is what is wanted of it beside the errors.
    pub async fn mutate(&self, name: &str, input: Value, selection: &str) -> Value {
        let kind = match name {
            "cancelMatchingRun" | "discardMatchingRun" => "MatchingRunTransition".to_owned(),
            "holdEnrollment" => "EnrollmentTransition".to_owned(),
            "publishProgram" => "ProgramTransition".to_owned(),
            _ => format!("{}{}", name[..1].to_uppercase(), &name[1..]),
        };
        let document = format!(
            "mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} userErrors {{ code path }} }} }}"
        );
        self.data(&document, json!({ "input": input })).await[name].clone()
    }

    /// The payload of a mutation that must not be refused.
    pub async fn done(&self, name: &str, input: Value, selection: &str) -> Value {
        let payload = self.mutate(name, input, selection).await;
        assert_eq!(payload["userErrors"], json!([]), "{name}");
        payload
    }

    /// The code and path of the only user error, such as `STALE_VERSION input.expectedVersion`.
    pub async fn refused(&self, name: &str, input: Value) -> String {
        let payload = self.mutate(name, input, "").await;
        let errors = payload["userErrors"].as_array().expect("userErrors");
        assert_eq!(errors.len(), 1, "{name}: {payload}");
        let path: Vec<&str> =
            errors[0]["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("{} {}", errors[0]["code"].as_str().expect("a code"), path.join(".")).trim().to_owned()
    }
}

/// A person enrolled in the cohort.
#[derive(Debug, Clone)]
pub struct Enrolled {
    pub profile: String,
    pub enrollment: String,
}

pub struct Stage {
    pub house: harness::Stage,
    pub owner: Person,
    pub program: String,
    pub cohort: String,
    pub mentors: Vec<Enrolled>,
    pub mentees: Vec<Enrolled>,
}

const INTERESTS: [&str; 6] = ["chess", "music", "football", "robots", "drawing", "cooking"];
const GOALS: [&str; 4] = ["public speaking", "mathematics", "applications", "reading"];

impl Stage {
    /// Three mentors with two places each, and `mentees` mentees who could each go to any of them.
    pub async fn set(mentees: usize) -> Self {
        Self::on(harness::Stage::new().await, mentees).await
    }

    /// The same in a house of any kind.
    pub async fn on(house: harness::Stage, mentees: usize) -> Self {
        let owner = Person(house.owner.clone());
        let (program, cohort) = (String::new(), String::new());
        let mut stage = Self { house, owner, program, cohort, mentors: Vec::new(), mentees: Vec::new() };
        stage.program = stage.open_program("Reading friends").await;
        stage.cohort = text(&stage.house.cohort(&json!(stage.program)).await);
        for number in 0..3 {
            let person = stage.enroll("MENTOR", number, json!({ "capacity": 2 })).await;
            stage.mentors.push(person);
        }
        for number in 0..mentees {
            let person = stage.enroll("MENTEE", number, json!({})).await;
            stage.mentees.push(person);
        }
        stage
    }

    pub async fn open_program(&self, name: &str) -> String {
        let input = json!({
            "name": name, "objectives": [{ "title": "Everybody reads a book" }],
            "policy": { "minimumScore": 0, "offerDays": 3 },
        });
        let created = self.owner.done("createProgram", input, "program { id }").await;
        let program = text(&created["program"]["id"]);
        self.owner.done("publishProgram", json!({ "id": program }), "").await;
        program
    }

    /// A new person in the cohort; `more` is added to the profile.
    pub async fn enroll(&self, role: &str, number: usize, more: Value) -> Enrolled {
        let mut input = json!({
            "name": format!("{role} {number}"),
            "interests": [INTERESTS[number % 6], INTERESTS[(number + 1) % 6]],
            "goals": [GOALS[number % 4]],
            "expertise": [GOALS[number % 4], GOALS[(number + 1) % 4]],
            "languages": ["en"],
            "availability": [{ "weekday": "MONDAY", "start": "16:00", "end": "19:00" }],
        });
        let fields = input.as_object_mut().expect("an object");
        fields.extend(more.as_object().cloned().unwrap_or_default());
        let created = self.owner.done("createProfile", input, "profile { id }").await;
        let profile = text(&created["profile"]["id"]);
        let input = json!({ "cohortId": self.cohort, "profileId": profile, "role": role });
        let enrolled = self.owner.done("enroll", input, "enrollment { id }").await;
        Enrolled { profile, enrollment: text(&enrolled["enrollment"]["id"]) }
    }

    /// A consent for a minor, and its id.
    pub async fn consent(&self, profile: &str) -> String {
        let input = json!({
            "profileId": profile, "purpose": "PARTICIPATION", "method": "PAPER", "textVersion": "2026-1",
            "givenBy": "A parent", "grantedOn": "2026-01-01",
        });
        text(&self.owner.done("recordConsent", input, "consent { id }").await["consent"]["id"])
    }

    /// The person of this profile, signed in.
    pub async fn as_participant(&self, profile: &str) -> Person {
        Person(self.house.person(&json!(profile)).await)
    }

    /// A coordinator of one program only.
    pub async fn as_coordinator(&self, program: &str) -> Person {
        Person(self.house.staff(Role::Coordinator, Some(&json!(program))).await)
    }

    pub async fn start(&self) -> String {
        let input = json!({ "cohortId": self.cohort });
        text(&self.owner.done("startMatchingRun", input, "run { id }").await["run"]["id"])
    }

    /// Starts a run and has it done.
    pub async fn propose(&self) -> Value {
        let run = self.start().await;
        self.house.work().await;
        self.read(&run).await
    }

    pub async fn read(&self, run: &str) -> Value {
        let document = "query ($id: ID!) { matchingRun(id: $id) {
            id status progress engineVersion inputHash menteeCount mentorCount matchedCount totalScore version failure
            proposals(first: 100) { nodes {
                id status score mentor { id } mentee { id } offerExpiresAt
                criteria { criterion points maximum evidence sentence }
            } }
            unmatched(first: 100) { totalCount nodes {
                mentee { id } reason sentence rules { rule mentors } alternates { mentor { id } score hasRoom }
            } }
            allowedActions { action allowed }
        } }";
        self.owner.data(document, json!({ "id": run })).await["matchingRun"].clone()
    }

    /// Sets the state of a match, as its own feature would.
    pub async fn set_match(&self, id: &str, status: &'static str) {
        let uuid: Uuid = id::decode(id).expect("an id").1;
        let changed = self.house.inside(async move |conn| {
            use diesel_async::RunQueryDsl;
            let mut conn = conn;
            let sql = persistence::sql::Sql::<()>::new("update matches set status = $2 where id = $1")
                .bind::<diesel::sql_types::Uuid, _>(uuid)
                .bind::<diesel::sql_types::Text, _>(status);
            Ok(sql.execute(&mut conn).await?)
        });
        assert_eq!(changed.await, 1);
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

pub fn nodes(connection: &Value) -> &[Value] {
    connection["nodes"].as_array().map_or(&[], Vec::as_slice)
}
