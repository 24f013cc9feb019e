//! The program of the demo, told in the mutations that its coordinator would send.
use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Request as Document, Variables};
use chrono::TimeDelta;
use domain::{id::Id, profile::Profile};
use persistence::request::RequestConnection;
use serde_json::{Value, json};

use super::{ORGANIZATION, people};
use crate::{
    App,
    error::{Failure, Result},
    graphql::{
        self, CairnSchema,
        context::{Envelope, Request},
    },
    identity::SignedIn,
};

const PROGRAM: &str = "mutation($name: String!) { createProgram(input: { name: $name, description: \"Pupils learn with people who have done it before.\", objectives: [{ title: \"Every pupil knows what comes after school\" }, { title: \"Every pair meets twice a month\" }] }) { program { id } userErrors { message } } }";
const PUBLISH: &str =
    "mutation($id: ID!) { publishProgram(input: { id: $id }) { program { id } userErrors { message } } }";
const COHORT: &str = "mutation($program: ID!, $from: Date!, $to: Date!) { createCohort(input: { programId: $program, name: \"This term\", startsOn: $from, endsOn: $to }) { cohort { id } userErrors { message } } }";
const OPEN: &str =
    "mutation($id: ID!) { openCohort(input: { id: $id }) { cohort { id } userErrors { message } } }";
const PERSON: &str = "mutation($input: CreateProfileInput!) { createProfile(input: $input) { profile { id } userErrors { message } } }";
const ENROLL: &str = "mutation($cohort: ID!, $profile: ID!, $role: EnrollmentRole!) { enroll(input: { cohortId: $cohort, profileId: $profile, role: $role }) { enrollment { id } userErrors { message } } }";
const THERE: &str = "{ programs(first: 1) { nodes { id cohorts(first: 1) { nodes { id } } } } }";

/// People of the demo besides those who sign in.
const OTHERS: [(&str, &str); 12] = [
    ("Amara Diallo", "MENTOR"),
    ("Ben Okafor", "MENTOR"),
    ("Chiara Rossi", "MENTOR"),
    ("Deniz Yilmaz", "MENTOR"),
    ("Elif Kaya", "MENTEE"),
    ("Finn Jansen", "MENTEE"),
    ("Grace Mensah", "MENTEE"),
    ("Hugo Lefevre", "MENTEE"),
    ("Ines Costa", "MENTEE"),
    ("Jonas Weber", "MENTEE"),
    ("Keiko Tanaka", "MENTEE"),
    ("Luca Moretti", "MENTEE"),
];

/// The coordinator at work.
struct Coordinator {
    app: Arc<App>,
    schema: CairnSchema,
    signed_in: SignedIn,
}

/// Makes the program unless it is there. Answers the names that recipes use, with the ids behind them.
pub async fn tell(app: &Arc<App>) -> Result<BTreeMap<String, String>> {
    let coordinator = Coordinator::at_work(app).await?;
    let there = coordinator.ask(THERE, json!({})).await?;
    let found = |path: &str| there.pointer(path).and_then(text);
    let (program, cohort) = match found("/programs/nodes/0/id") {
        Some(program) => (program, found("/programs/nodes/0/cohorts/nodes/0/id").unwrap_or_default()),
        None => coordinator.make().await?,
    };
    Ok(BTreeMap::from([("demo.program".to_owned(), program), ("demo.cohort".to_owned(), cohort)]))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

impl Coordinator {
    async fn at_work(app: &Arc<App>) -> Result<Self> {
        let missing = || Failure::internal("the demo coordinator is missing");
        let account = people::account(app, "coordinator").await?.ok_or_else(missing)?;
        let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
        let memberships =
            connection.load(async move |conn| persistence::account::memberships(conn, account).await).await?;
        connection.finish().await;
        let now = app.clock.now();
        let signed_in = SignedIn {
            session: app.clock.id(),
            account,
            generation: 0,
            authenticated_at: now,
            expires_at: now + TimeDelta::minutes(10),
            memberships,
        };
        Ok(Self { app: Arc::clone(app), schema: graphql::schema(&app.config.limits), signed_in })
    }

    async fn ask(&self, document: &str, variables: Value) -> Result<Value> {
        let request = Request::new(Arc::clone(&self.app), Some(self.signed_in.clone()), Envelope::default())?;
        let request = Arc::new(request);
        let document =
            Document::new(document).variables(Variables::from_json(variables)).data(Arc::clone(&request));
        let response = self.schema.execute(document).await;
        request.finish().await;
        if let Some(error) = response.errors.first() {
            return Err(Failure::internal(format!("demo: {}", error.message)));
        }
        response.data.into_json().map_err(Failure::internal)
    }

    /// The id of what a mutation made.
    async fn done(&self, document: &str, variables: Value) -> Result<String> {
        let data = self.ask(document, variables).await?;
        let payload = data.as_object().and_then(|fields| fields.values().next()).cloned().unwrap_or_default();
        let made = payload
            .as_object()
            .and_then(|fields| fields.values().find_map(|value| value.get("id").and_then(text)));
        made.ok_or_else(|| Failure::internal(format!("demo: {payload}")))
    }

    async fn make(&self) -> Result<(String, String)> {
        let program = self.done(PROGRAM, json!({ "name": "First steps" })).await?;
        self.done(PUBLISH, json!({ "id": program })).await?;
        let today = self.app.clock.now().date_naive();
        let dates = json!({ "program": program, "from": today, "to": today + TimeDelta::days(180) });
        let cohort = self.done(COHORT, dates).await?;
        self.done(OPEN, json!({ "id": cohort })).await?;
        for (person, name, role) in
            [("mentor", "Maria Mentor", "MENTOR"), ("mentee", "Milo Mentee", "MENTEE")]
        {
            let profile = self.person(name, &people::address(person), role).await?;
            self.enroll(&cohort, &profile, role).await?;
            self.belong(person, &profile).await?;
        }
        for (name, role) in OTHERS {
            let email = format!("{}@people.example", name.to_lowercase().replace(' ', "."));
            let profile = self.person(name, &email, role).await?;
            self.enroll(&cohort, &profile, role).await?;
        }
        Ok((program, cohort))
    }

    async fn person(&self, name: &str, email: &str, role: &str) -> Result<String> {
        let mut input = json!({ "name": name, "email": email, "languages": ["en"], "interests": ["music", "football", "coding"] });
        let topics = json!(["career choice", "mathematics"]);
        let field = if role == "MENTOR" { "expertise" } else { "goals" };
        if let Some(fields) = input.as_object_mut() {
            fields.insert(field.to_owned(), topics);
        }
        self.done(PERSON, json!({ "input": input })).await
    }

    async fn enroll(&self, cohort: &str, profile: &str, role: &str) -> Result<String> {
        self.done(ENROLL, json!({ "cohort": cohort, "profile": profile, "role": role })).await
    }

    /// Makes the demo account the person of the profile, as accepting an invitation would.
    async fn belong(&self, person: &str, profile: &str) -> Result<()> {
        let profile: Id<Profile> = profile.parse().map_err(Failure::internal)?;
        let Some(account) = people::account(&self.app, person).await? else { return Ok(()) };
        let connection = RequestConnection::new(self.app.pool.clone(), Some(ORGANIZATION.uuid()));
        let now = self.app.clock.now();
        connection
            .write(async |conn| {
                Ok::<_, Failure>(
                    persistence::organization::join(conn, ORGANIZATION, account, Some(profile), now).await?,
                )
            })
            .await
    }
}
