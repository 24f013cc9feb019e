//! An organization with people in every role, each of whom asks through the same schema, policy and row-level
//! security as over HTTP, without the cost of signing in.
use std::sync::Arc;

use api::{
    App, Setup,
    graphql::{
        self, CairnSchema,
        context::{Envelope, Request},
    },
    identity::SignedIn,
};
use async_graphql::Variables;
use chrono::TimeDelta;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use domain::{
    access::{Grant, Role},
    account::{Account, Email},
    file::{File, Kind},
    id::Id,
    organization::{Draft, Organization, staff::RoleGrant},
    profile::Profile,
    program::Program,
};
use futures_util::{Stream, StreamExt};
use persistence::{Connection, request::RequestConnection, sql::Sql};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Statements, TestApp};

pub struct Stage {
    pub test: Arc<TestApp>,
    pub organization: Id<Organization>,
    pub owner: Person,
    schema: CairnSchema,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    app: Arc<App>,
    schema: CairnSchema,
    pub account: Id<Account>,
    organization: Id<Organization>,
}

impl Stage {
    /// Without workers: what is to be done later is done by [`Stage::work`].
    pub async fn new() -> Self {
        Self::on(TestApp::with(Setup { workers: false, ..Setup::default() }).await).await
    }

    pub async fn on(test: TestApp) -> Self {
        Self::of(Arc::new(test), "Bright Futures").await
    }

    /// Another organization in the same Cairn.
    pub async fn elsewhere(&self) -> Self {
        Self::of(Arc::clone(&self.test), "Elsewhere").await
    }

    async fn of(test: Arc<TestApp>, name: &str) -> Self {
        let schema = graphql::schema(&test.app.config.limits);
        let organization = organization(&test.app, name).await;
        let owner = somebody(&test.app, &schema, organization, None).await;
        let stage = Self { test, organization, owner, schema };
        stage.grant(&stage.owner, Role::Owner, None).await;
        stage
    }

    /// The owner of another organization.
    pub async fn outsider(&self) -> Person {
        let elsewhere = organization(&self.test.app, "Elsewhere").await;
        let owner = somebody(&self.test.app, &self.schema, elsewhere, None).await;
        grant(&self.test.app, elsewhere, owner.account, Role::Owner, None).await;
        owner
    }

    /// A new member of the staff, bound to a program when one is named.
    pub async fn staff(&self, role: Role, program: Option<&Value>) -> Person {
        let person = somebody(&self.test.app, &self.schema, self.organization, None).await;
        self.grant(&person, role, program.map(id::<Program>)).await;
        person
    }

    /// The person of a profile, signed in.
    pub async fn person(&self, profile: &Value) -> Person {
        somebody(&self.test.app, &self.schema, self.organization, Some(id(profile))).await
    }

    async fn grant(&self, person: &Person, role: Role, program: Option<Id<Program>>) {
        grant(&self.test.app, self.organization, person.account, role, program).await;
    }

    /// Does what workers do, until nothing is left to do.
    pub async fn work(&self) {
        self.test.work().await;
    }

    /// Works on the database as a job of the organization would.
    pub async fn inside<T>(&self, work: impl AsyncFnOnce(&Connection) -> persistence::Result<T> + Send) -> T {
        inside(&self.test.app, self.organization, work).await
    }

    /// A program with one objective, published.
    pub async fn program(&self, name: &str) -> Value {
        let create = "mutation($name: String!) { createProgram(input: { name: $name, objectives: [{ title: \"Confidence\" }] }) { program { id } userErrors { code } } }";
        let program = self.owner.done(create, json!({ "name": name })).await["program"]["id"].clone();
        let publish = "mutation($id: ID!) { publishProgram(input: { id: $id }) { userErrors { code } } }";
        self.owner.done(publish, json!({ "id": program })).await;
        program
    }

    /// An open cohort.
    pub async fn cohort(&self, program: &Value) -> Value {
        let today = self.test.app.clock.now().date_naive();
        let dates = json!({ "program": program, "from": today, "to": today + TimeDelta::days(180) });
        let create = "mutation($program: ID!, $from: Date!, $to: Date!) { createCohort(input: { programId: $program, name: \"Spring\", startsOn: $from, endsOn: $to }) { cohort { id } userErrors { code } } }";
        let cohort = self.owner.done(create, dates).await["cohort"]["id"].clone();
        let open = "mutation($id: ID!) { openCohort(input: { id: $id }) { userErrors { code } } }";
        self.owner.done(open, json!({ "id": cohort })).await;
        cohort
    }

    /// A person who is known by name only.
    pub async fn profile(&self, name: &str) -> Value {
        let email = format!("{}@people.example", name.to_lowercase().replace(' ', "."));
        let create = "mutation($name: String!, $email: String!) { createProfile(input: { name: $name, email: $email }) { profile { id } userErrors { code } } }";
        self.owner.done(create, json!({ "name": name, "email": email })).await["profile"]["id"].clone()
    }

    /// A file that was uploaded, and its id.
    pub async fn upload(&self, by: &Person, name: &str, kind: Kind, content: &str) -> Value {
        let (clock, organization) = (self.test.clock(), self.organization);
        let file = File {
            id: clock.id(),
            uploaded_by: by.account,
            name: name.to_owned(),
            kind,
            size: i32::try_from(content.len()).expect("small"),
            sha256: vec![0; 32],
            created_at: clock.now(),
        };
        self.inside(async |conn| {
            persistence::file::insert(conn, organization, &file).await?;
            for (position, piece) in (0..).zip(content.as_bytes().chunks(persistence::file::PIECE)) {
                persistence::file::insert_piece(conn, organization, file.id, position, piece.to_vec())
                    .await?;
            }
            Ok(())
        })
        .await;
        json!(file.id.to_string())
    }

    /// Offers a mentor to a mentee, whatever a run would propose; both are enrollments.
    pub async fn offer(&self, mentor: &Value, mentee: &Value) -> Value {
        let (id, now) = (self.test.clock().uuid(), self.test.clock().now());
        let (mentor, mentee) = (uuid(mentor), uuid(mentee));
        let offered = self.inside(async move |conn| {
            use diesel_async::RunQueryDsl;
            let mut conn = conn;
            let sql = Sql::<()>::new(
                "insert into matches (organization_id, id, program_id, cohort_id, policy_number,
                     mentor_enrollment_id, mentee_enrollment_id, mentor_id, mentee_id, status, score, criteria,
                     offered_at, offer_expires_at, created_at, updated_at)
                 select a.organization_id, $1, a.program_id, a.cohort_id, 1, a.id, b.id, a.profile_id,
                     b.profile_id, 'OFFERED', 5000, '[]', $4, $4 + interval '3 days', $4, $4
                 from enrollment a, enrollment b where a.id = $2 and b.id = $3",
            );
            let sql = sql.bind::<SqlUuid, _>(id).bind::<SqlUuid, _>(mentor).bind::<SqlUuid, _>(mentee);
            Ok(sql.bind::<Timestamptz, _>(now).execute(&mut conn).await?)
        });
        assert_eq!(offered.await, 1);
        json!(domain::id::encode("match", id))
    }

    /// Puts a row into a state without what would lead there.
    pub async fn set_status(&self, table: &str, id: &Value, status: &str) {
        let set = format!("update {table} set status = '{status}' where id = '{}'", uuid(id));
        self.change(set).await;
    }

    /// Moves a time of a row, so that it is so long from now.
    pub async fn set_time(&self, table: &str, column: &str, id: &Value, from_now: TimeDelta) {
        let time = (self.test.clock().now() + from_now).to_rfc3339();
        self.change(format!("update {table} set {column} = '{time}' where id = '{}'", uuid(id))).await;
    }

    async fn change(&self, statement: String) {
        let changed = self.inside(async move |conn| {
            use diesel_async::RunQueryDsl;
            let mut conn = conn;
            Ok(diesel::sql_query(statement).execute(&mut conn).await?)
        });
        assert_eq!(changed.await, 1);
    }

    pub async fn enroll(&self, cohort: &Value, profile: &Value, role: &str) -> Value {
        let enroll = "mutation($cohort: ID!, $profile: ID!, $role: EnrollmentRole!) { enroll(input: { cohortId: $cohort, profileId: $profile, role: $role }) { enrollment { id } userErrors { code } } }";
        let variables = json!({ "cohort": cohort, "profile": profile, "role": role });
        self.owner.done(enroll, variables).await["enrollment"]["id"].clone()
    }
}

impl Person {
    async fn request(&self) -> Arc<Request> {
        let signed_in = self.signed_in().await;
        let request = Request::new(Arc::clone(&self.app), Some(signed_in), Envelope::default());
        Arc::new(request.unwrap_or_else(|failure| panic!("{failure:?}")))
    }

    /// What a subscription tells, as it comes.
    pub async fn listen(&self, document: &str, variables: Value) -> impl Stream<Item = Value> + use<> {
        let request = self.request().await;
        let document = async_graphql::Request::new(document).variables(Variables::from_json(variables));
        let told = self.schema.execute_stream(document.data(Arc::clone(&request)));
        told.then(move |response| {
            let request = Arc::clone(&request);
            async move {
                request.prefetched.clear();
                request.finish().await;
                assert!(response.errors.is_empty(), "{:?}", response.errors);
                response.data.into_json().expect("JSON")
            }
        })
    }

    /// The data of a document, or the code of the first error of the request.
    pub async fn answer(&self, document: &str, variables: Value) -> Result<Value, String> {
        self.execute(self.request().await, document, variables).await
    }

    /// The data of a document or its error, and the statements that it took, without those that tell who asks.
    pub async fn cost(
        &self,
        statements: &Statements,
        document: &str,
        variables: Value,
    ) -> (Result<Value, String>, Vec<String>) {
        let request = self.request().await;
        statements.take();
        let answer = self.execute(request, document, variables).await;
        (answer, statements.take())
    }

    async fn execute(
        &self,
        request: Arc<Request>,
        document: &str,
        variables: Value,
    ) -> Result<Value, String> {
        let document = async_graphql::Request::new(document).variables(Variables::from_json(variables));
        let response = self.schema.execute(document.data(Arc::clone(&request))).await;
        request.finish().await;
        match response.errors.first() {
            None => Ok(response.data.into_json().expect("JSON")),
            Some(error) => {
                let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
                Err(code.map_or_else(|| error.message.clone(), ToString::to_string))
            }
        }
    }

    /// The data of a query or mutation that must succeed as a whole.
    pub async fn data(&self, document: &str, variables: Value) -> Value {
        let answer = self.answer(document, variables).await;
        answer.unwrap_or_else(|error| panic!("{document}\nanswered {error}"))
    }

    /// The payload of one mutation that must not be refused.
    pub async fn done(&self, document: &str, variables: Value) -> Value {
        let payload = self.payload(document, variables).await;
        assert_eq!(payload["userErrors"], json!([]), "{document}");
        payload
    }

    /// The code and path of the only user error of one mutation, such as `REQUIRED input.name`.
    pub async fn refused(&self, document: &str, variables: Value) -> String {
        let payload = self.payload(document, variables).await;
        let errors = payload["userErrors"].as_array().expect("userErrors");
        assert_eq!(errors.len(), 1, "{document}\nanswered {payload}");
        let path = errors[0]["path"].as_array().into_iter().flatten();
        let path: Vec<&str> = path.filter_map(Value::as_str).collect();
        format!("{} {}", errors[0]["code"].as_str().expect("a code"), path.join(".")).trim().to_owned()
    }

    /// The payload of the only mutation in a document.
    pub async fn payload(&self, document: &str, variables: Value) -> Value {
        let data = self.data(document, variables).await;
        data.as_object().and_then(|fields| fields.values().next()).expect("a payload").clone()
    }

    /// What the person is now, read anew for each request.
    pub async fn signed_in(&self) -> SignedIn {
        let account = self.account;
        let memberships = inside(&self.app, self.organization, async |conn| {
            persistence::account::memberships(conn, account).await
        });
        let mut memberships = memberships.await;
        for membership in &mut memberships {
            let wards = self.app.identity.wards(membership).await;
            membership.wards = wards.unwrap_or_else(|failure| panic!("{failure:?}"));
        }
        let now = self.app.clock.now();
        SignedIn {
            session: self.app.clock.id(),
            account,
            generation: 1,
            authenticated_at: now,
            expires_at: now + TimeDelta::minutes(10),
            memberships,
        }
    }
}

fn uuid(id: &Value) -> Uuid {
    id.as_str().and_then(domain::id::decode).expect("an id").1
}

fn id<T: domain::id::Entity>(value: &Value) -> Id<T> {
    value.as_str().and_then(|text| text.parse().ok()).expect("an id")
}

async fn inside<T>(
    app: &App,
    organization: Id<Organization>,
    work: impl AsyncFnOnce(&Connection) -> persistence::Result<T> + Send,
) -> T {
    let connection = RequestConnection::new(app.pool.clone(), Some(organization.uuid()));
    let outcome: persistence::Result<T> = connection.write(async |conn| work(conn).await).await;
    connection.finish().await;
    outcome.unwrap_or_else(|error| panic!("{error:?}"))
}

async fn organization(app: &App, name: &str) -> Id<Organization> {
    let draft = Draft { name: name.into(), time_zone: "Europe/Lisbon".into(), locale: "en".into() };
    let value = Organization::create(app.clock.id(), &draft, app.clock.now()).expect("valid");
    inside(app, value.id, async |conn| persistence::organization::insert(conn, &value).await).await;
    value.id
}

async fn somebody(
    app: &Arc<App>,
    schema: &CairnSchema,
    organization: Id<Organization>,
    profile: Option<Id<Profile>>,
) -> Person {
    let (id, now) = (app.clock.id::<Account>(), app.clock.now());
    let email = Email::parse("email", &format!("{}@people.example", id.uuid())).expect("valid");
    let account = Account::create(id, "Somebody", email, "en", now).expect("valid").verified(now);
    inside(app, organization, async |conn| {
        persistence::account::insert(conn, &account).await?;
        persistence::organization::join(conn, organization, id, profile, now).await
    })
    .await;
    Person { app: Arc::clone(app), schema: schema.clone(), account: id, organization }
}

async fn grant(
    app: &App,
    organization: Id<Organization>,
    account: Id<Account>,
    role: Role,
    program: Option<Id<Program>>,
) {
    let value = RoleGrant { id: app.clock.id(), account, grant: Grant { role, program } };
    let now = app.clock.now();
    inside(app, organization, async |conn| {
        persistence::organization::staff::grant(conn, organization, &value, None, now).await
    })
    .await;
}
