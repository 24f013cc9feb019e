//! What has happened in the program of the demo? Ten weeks, told in the mutations of its people.
mod end;
mod pair;

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use domain::{
    account::Account,
    cohort::Cohort,
    file::{File, Kind},
    id::Id,
    import::RosterImport,
    matching::run::Run,
    profile::Profile,
    program::Program,
    survey::{Survey, wave::Wave},
};
use persistence::request::RequestConnection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ORGANIZATION, people, roster,
    world::{Person, World},
};
use crate::error::{Failure, Result};

/// How long ago the story begins.
pub const DAYS: i64 = 70;

const fn fixed<T>(number: u128) -> Id<T> {
    Id::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0100 + number))
}

pub const PROGRAM: Id<Program> = fixed(1);
pub const COHORT: Id<Cohort> = fixed(2);
pub const SURVEY: Id<Survey> = fixed(3);
const FIRST_WAVE: Id<Wave> = fixed(4);
pub const OPEN_WAVE: Id<Wave> = fixed(5);
const SECOND_PROGRAM: Id<Program> = fixed(6);
const NEXT_COHORT: Id<Cohort> = fixed(7);
/// A draft of proposals for the next cohort.
pub const DRAFT: Id<Run> = fixed(8);
/// Somebody who takes part in nothing yet.
pub const NEWCOMER: Id<Profile> = fixed(9);
/// The last thing that the story makes.
pub const ROSTER: Id<File> = fixed(10);

/// One side of a pair.
pub struct Participant {
    pub account: Id<Account>,
    pub profile: String,
}

/// What is known while it is told.
pub struct Story<'a> {
    pub world: &'a World,
    pub coordinator: Person<'a>,
    /// By external id.
    pub people: BTreeMap<String, Participant>,
}

fn text(value: Option<&Value>) -> Result<String> {
    let text = value.and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Failure::internal("demo: something has no id"))
}

fn nodes<'a>(data: &'a Value, list: &str) -> &'a [Value] {
    data.pointer(&format!("/{list}/nodes")).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Tells it all.
pub async fn tell(world: &World) -> Result<()> {
    let missing = || Failure::internal("demo: the coordinator is missing");
    let account = people::account(&world.app, "coordinator").await?.ok_or_else(missing)?;
    let mut story = Story { world, coordinator: world.person(account).await?, people: BTreeMap::new() };
    story.program().await?;
    story.roster().await?;
    story.guardian().await?;
    let offers = story.offers(COHORT, None).await?;
    story.pairs(&offers).await?;
    story.present().await
}

impl Story<'_> {
    fn today(&self) -> NaiveDate {
        self.world.app.clock.now().date_naive()
    }

    pub fn at(&self, days: i64, hour: i64) -> String {
        let day = self.world.app.clock.now() + TimeDelta::days(days);
        let midnight = day.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        (midnight + TimeDelta::hours(hour)).to_rfc3339()
    }

    pub async fn person(&self, external: &str) -> Result<Person<'_>> {
        let unknown = || Failure::internal(format!("demo: nobody is {external}"));
        self.world.person(self.people.get(external).ok_or_else(unknown)?.account).await
    }

    /// Two programs, one with an open cohort and a survey.
    async fn program(&self) -> Result<()> {
        let carla = &self.coordinator;
        let today = self.today();
        let program = json!({
            "id": PROGRAM.to_string(), "name": "First steps", "timeZone": "Europe/Berlin",
            "description": "Pupils learn with people who have done it before.",
            "objectives": [
                { "title": "Every pupil knows what comes after school", "measure": "Survey, question 1" },
                { "title": "Every pair meets twice a month", "measure": "Check-ins" },
            ],
            "policy": { "cadenceDays": 14, "checkInMinutes": 45, "offerDays": 5, "minimumScore": 500 },
        });
        carla.done("createProgram", "CreateProgram", program, "").await?;
        carla.done("publishProgram", "ProgramTransition", json!({ "id": PROGRAM.to_string() }), "").await?;
        let other = json!({
            "id": SECOND_PROGRAM.to_string(), "name": "Chess after school",
            "objectives": [{ "title": "Everybody knows an opening" }],
        });
        carla.done("createProgram", "CreateProgram", other, "").await?;
        self.cohort(COHORT, "This term", today, today + TimeDelta::days(180)).await?;
        let survey = json!({
            "id": SURVEY.to_string(), "programId": PROGRAM.to_string(), "title": "How is it going?",
            "description": "Three questions, two minutes. Answers are counted, never shown with a name.",
            "questions": [
                { "kind": "SCALE", "text": "I look forward to our meetings.", "minimum": 1, "maximum": 5,
                  "minimumLabel": "not at all", "maximumLabel": "very much" },
                { "kind": "SINGLE_CHOICE", "text": "How do you like to meet?", "required": false,
                  "options": ["In person", "Online", "Both"] },
                { "kind": "TEXT", "text": "What should be different?", "required": false },
            ],
        });
        carla.done("createSurvey", "CreateSurvey", survey, "").await?;
        carla.done("publishSurvey", "Survey", json!({ "surveyId": SURVEY.to_string() }), "").await?;
        Ok(())
    }

    async fn cohort(&self, id: Id<Cohort>, name: &str, from: NaiveDate, to: NaiveDate) -> Result<()> {
        let input = json!({
            "id": id.to_string(), "programId": PROGRAM.to_string(), "name": name, "startsOn": from, "endsOn": to,
        });
        self.coordinator.done("createCohort", "CreateCohort", input, "").await?;
        self.coordinator.done("openCohort", "CohortTransition", json!({ "id": id.to_string() }), "").await?;
        Ok(())
    }

    /// Everybody comes in by a roster, and answers the invitation.
    async fn roster(&mut self) -> Result<()> {
        let file = self.world.app.clock.id();
        self.upload(file, "roster.csv", roster::csv(self.today())).await?;
        let id: Id<RosterImport> = self.world.app.clock.id();
        let input = json!({
            "id": id.to_string(), "cohortId": COHORT.to_string(), "fileId": file.to_string(), "dryRun": false,
        });
        self.coordinator.done("importRoster", "ImportRoster", input, "").await?;
        crate::import::run(&self.world.app, ORGANIZATION, id).await?;
        let list = "{ profiles(first: 100) { nodes { id name externalId } } }";
        let found = self.coordinator.ask(list, json!({})).await?;
        for person in nodes(&found, "profiles") {
            let profile = text(person.get("id"))?;
            let (name, external) = (text(person.get("name"))?, text(person.get("externalId"))?);
            let id = profile.parse().map_err(Failure::internal)?;
            let account = people::belong(&self.world.app, id, &name, &roster::address(&name)).await?;
            self.people.insert(external, Participant { account, profile });
        }
        Ok(())
    }

    pub async fn upload(&self, id: Id<File>, name: &str, content: String) -> Result<()> {
        let app = &self.world.app;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content.as_bytes());
        let file = File {
            id,
            uploaded_by: self.coordinator.account,
            name: name.to_owned(),
            kind: Kind::Csv,
            size: i32::try_from(content.len()).map_err(Failure::internal)?,
            sha256: digest.as_ref().to_vec(),
            created_at: app.clock.now(),
        };
        let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
        connection
            .write(async |conn| {
                persistence::file::insert(conn, ORGANIZATION, &file).await?;
                persistence::file::insert_piece(conn, ORGANIZATION, file.id, 0, content.into_bytes()).await?;
                Ok::<_, Failure>(())
            })
            .await
    }

    /// One of the two minors has a guardian who uses the app and has consented.
    async fn guardian(&self) -> Result<()> {
        let carla = &self.coordinator;
        let input = json!({ "name": "Gita Guardian", "email": people::address("guardian") });
        let guardian = carla.done("createProfile", "CreateProfile", input, "profile { id }").await?;
        let guardian = text(guardian.pointer("/profile/id"))?;
        let profile = guardian.parse().map_err(Failure::internal)?;
        people::belong(&self.world.app, profile, "Gita Guardian", &people::address("guardian")).await?;
        let unknown = || Failure::internal("demo: the minor is missing");
        let ward = &self.people.get("P-2").ok_or_else(unknown)?.profile;
        carla.done("linkGuardian", "Guardian", json!({ "wardId": ward, "guardianId": guardian }), "").await?;
        let consent = json!({
            "profileId": ward, "purpose": "PARTICIPATION", "method": "PAPER", "textVersion": "2026-1",
            "givenBy": "Gita Guardian", "grantedOn": self.today(),
        });
        carla.done("recordConsent", "RecordConsent", consent, "").await?;
        Ok(())
    }

    /// A matching run, done; the id it got.
    pub async fn run(&self, cohort: Id<Cohort>, id: Option<Id<Run>>) -> Result<Id<Run>> {
        let id = id.unwrap_or_else(|| self.world.app.clock.id());
        let input = json!({ "id": id.to_string(), "cohortId": cohort.to_string() });
        self.coordinator.done("startMatchingRun", "StartMatchingRun", input, "").await?;
        crate::matching::run(&self.world.app, ORGANIZATION, id).await?;
        Ok(id)
    }

    /// A run, published. Answers its offers.
    pub async fn offers(&self, cohort: Id<Cohort>, id: Option<Id<Run>>) -> Result<Vec<Value>> {
        let run = self.run(cohort, id).await?.to_string();
        let publish = json!({ "id": run });
        self.coordinator.done("publishMatchingRun", "PublishMatchingRun", publish, "").await?;
        let list = "query($id: ID!) { matchingRun(id: $id) { proposals(first: 50) { nodes {
            id mentor { externalId } mentee { externalId } } } } }";
        let found = self.coordinator.ask(list, json!({ "id": run })).await?;
        Ok(nodes(found.get("matchingRun").unwrap_or(&Value::Null), "proposals").to_vec())
    }
}
