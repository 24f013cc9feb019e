//! An open cohort with mentors and mentees, and the people who look at it.
use std::sync::Arc;

use api::{
    App, Setup,
    graphql::{
        CairnSchema,
        context::{Envelope, Request},
    },
    identity::SignedIn,
};
use async_graphql::Variables;
use chrono::TimeDelta;
use domain::{
    access::{Grant, Role},
    account::{Account, Status},
    id::{self, Id},
    organization::{Membership, Organization},
};
use persistence::request::RequestConnection;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::TestApp;

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    app: Arc<App>,
    schema: CairnSchema,
    account: Id<Account>,
    membership: Option<Membership>,
}

impl Person {
    async fn new(app: &Arc<App>) -> Self {
        let now = app.clock.now();
        let account = Account {
            id: app.clock.id(),
            name: "Somebody".into(),
            email: None,
            email_verified_at: None,
            locale: "en".into(),
            status: Status::Active,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let connection = RequestConnection::new(app.pool.clone(), None);
        let stored = connection.write(async |conn| persistence::account::insert(conn, &account).await).await;
        assert!(stored.expect("stored"));
        let schema = api::graphql::schema(&app.config.limits);
        Self { app: Arc::clone(app), schema, account: account.id, membership: None }
    }

    fn request(&self, document: &str, variables: Value) -> (Arc<Request>, async_graphql::Request) {
        let now = self.app.clock.now();
        let signed_in = SignedIn {
            session: self.app.clock.id(),
            account: self.account,
            generation: 1,
            authenticated_at: now,
            expires_at: now + TimeDelta::hours(1),
            memberships: self.membership.iter().cloned().collect(),
        };
        let app = Arc::clone(&self.app);
        let request = Request::new(app, Some(signed_in), Envelope::default()).expect("a request");
        let request = Arc::new(request);
        let asked = async_graphql::Request::new(document).variables(Variables::from_json(variables));
        (Arc::clone(&request), asked.data(request))
    }

    /// The data of a document that must succeed as a whole.
    pub async fn data(&self, document: &str, variables: Value) -> Value {
        let (context, request) = self.request(document, variables);
        let response = self.schema.execute(request).await;
        context.finish().await;
        assert!(response.errors.is_empty(), "{document}\nanswered {:?}", response.errors);
        response.data.into_json().expect("JSON")
    }

    /// What a subscription tells, as it comes.
    pub fn listen(
        &self,
        document: &str,
        variables: Value,
    ) -> impl futures_util::Stream<Item = Value> + use<> {
        use futures_util::StreamExt;
        let (context, request) = self.request(document, variables);
        self.schema.execute_stream(request).then(move |response| {
            let context = Arc::clone(&context);
            async move {
                context.prefetched.clear();
                context.finish().await;
                assert!(response.errors.is_empty(), "{:?}", response.errors);
                response.data.into_json().expect("JSON")
            }
        })
    }

    /// The payload of one mutation; `selection` is what is wanted of it beside the errors.
    pub async fn mutate(&self, name: &str, input: Value, selection: &str) -> Value {
        let kind = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let kind = ["cancelMatchingRun", "discardMatchingRun"]
            .contains(&name)
            .then(|| "MatchingRunTransition".to_owned())
            .or_else(|| (name == "holdEnrollment").then(|| "EnrollmentTransition".to_owned()))
            .or_else(|| name.ends_with("Cohort").then(|| cohort_input(name)))
            .or_else(|| (name == "publishProgram").then(|| "ProgramTransition".to_owned()))
            .unwrap_or(kind);
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

fn cohort_input(name: &str) -> String {
    if name == "createCohort" { "CreateCohort".into() } else { "CohortTransition".into() }
}

/// A person enrolled in the cohort.
#[derive(Debug, Clone)]
pub struct Enrolled {
    pub profile: String,
    pub enrollment: String,
}

pub struct Stage {
    pub app: TestApp,
    pub owner: Person,
    pub organization: Id<Organization>,
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
        Self::on(TestApp::with(Setup { workers: false, ..Setup::default() }).await, mentees).await
    }

    /// The same on a server of any kind.
    pub async fn on(app: TestApp, mentees: usize) -> Self {
        let mut owner = Person::new(&app.app).await;
        let input = json!({ "name": "Bright Futures", "timeZone": "UTC" });
        let created = owner.done("createOrganization", input, "organization { id }").await;
        let organization: Id<Organization> = text(&created["organization"]["id"]).parse().expect("an id");
        let grant = Grant { role: Role::Owner, program: None };
        owner.membership =
            Some(Membership { organization, profile: None, grants: vec![grant], wards: Vec::new() });
        let mut stage = Self {
            app,
            owner,
            organization,
            program: String::new(),
            cohort: String::new(),
            mentors: Vec::new(),
            mentees: Vec::new(),
        };
        stage.program = stage.open_program("Reading friends").await;
        stage.cohort = stage.open_cohort().await;
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

    async fn open_cohort(&self) -> String {
        let input = json!({
            "programId": self.program, "name": "Spring", "startsOn": "2026-01-01", "endsOn": "2028-01-01",
        });
        let created = self.owner.done("createCohort", input, "cohort { id }").await;
        let cohort = text(&created["cohort"]["id"]);
        self.owner.done("openCohort", json!({ "id": cohort }), "").await;
        cohort
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
        let profile = id::decode(profile).expect("an id").1.into();
        self.member(Some(profile), Vec::new()).await
    }

    /// A coordinator of one program only.
    pub async fn as_coordinator(&self, program: &str) -> Person {
        let program = program.parse().expect("an id");
        self.member(None, vec![Grant { role: Role::Coordinator, program: Some(program) }]).await
    }

    async fn member(&self, profile: Option<Id<domain::profile::Profile>>, grants: Vec<Grant>) -> Person {
        let mut person = Person::new(&self.app.app).await;
        person.membership =
            Some(Membership { organization: self.organization, profile, grants, wards: Vec::new() });
        person
    }

    pub async fn start(&self) -> String {
        let input = json!({ "cohortId": self.cohort });
        text(&self.owner.done("startMatchingRun", input, "run { id }").await["run"]["id"])
    }

    /// Does what a worker does, until nothing is left to do.
    pub async fn work(&self) {
        api::job::run_due(&self.app.app).await.expect("the jobs are done");
    }

    /// Starts a run and has it done.
    pub async fn propose(&self) -> Value {
        let run = self.start().await;
        self.work().await;
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
        let organization = self.organization.uuid();
        let connection = RequestConnection::new(self.app.app.pool.clone(), Some(organization));
        let changed = connection
            .write(async move |conn| {
                use diesel_async::RunQueryDsl;
                let mut conn = &*conn;
                let sql = persistence::sql::Sql::<()>::new("update matches set status = $2 where id = $1")
                    .bind::<diesel::sql_types::Uuid, _>(uuid)
                    .bind::<diesel::sql_types::Text, _>(status);
                Ok::<_, persistence::Error>(sql.execute(&mut conn).await?)
            })
            .await;
        assert_eq!(changed.expect("changed"), 1);
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

pub fn nodes(connection: &Value) -> &[Value] {
    connection["nodes"].as_array().map_or(&[], Vec::as_slice)
}
