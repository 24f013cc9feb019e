//! A world that grows: each round adds one of everything that lists show.
use std::collections::BTreeMap;

use api::{Setup, config::Config};
use chrono::TimeDelta;
use domain::{access::Role, file::Kind};
use serde_json::{Value, json};

use crate::harness::{Contract, Person, Stage, Statements, TestApp};

pub struct World {
    pub stage: Stage,
    pub contract: Contract,
    pub statements: Statements,
    /// Who is the mentor in each cohort.
    pub mentor: Person,
    pub mentor_profile: Value,
    /// Sees the first program only.
    pub coordinator: Option<Person>,
    pub rounds: usize,
    /// Ids of each type, in the order of their making.
    pub ids: BTreeMap<&'static str, Vec<Value>>,
}

impl World {
    pub async fn new() -> Self {
        let statements = Statements::default();
        let mut config = Config::for_tests();
        // What is measured is what a list costs, not what may be asked for at once.
        (config.limits.complexity, config.limits.depth) = (usize::MAX, 100);
        let setup = Setup { observer: Some(statements.observer()), ..Setup::default() };
        let stage = Stage::on(TestApp::set_up(setup, config).await).await;
        let mentor_profile = stage.profile("Mentor of all").await;
        let mentor = stage.person(&mentor_profile).await;
        let contract = Contract::read().await;
        let input = json!({ "languages": ["en"], "interests": ["chess"] });
        mentor.done(&contract.mutation("updateMyProfile", ""), json!({ "input": input })).await;
        let (coordinator, ids) = (None, BTreeMap::new());
        let mut world =
            Self { stage, contract, statements, mentor, mentor_profile, coordinator, rounds: 0, ids };
        world.keep("Profile", &world.mentor_profile.clone());
        world
    }

    /// Adds rounds until there are so many.
    pub async fn grow(&mut self, rounds: usize) {
        while self.rounds < rounds {
            self.rounds += 1;
            self.add().await;
        }
    }

    fn keep(&mut self, kind: &'static str, id: &Value) {
        assert!(id.is_string(), "{kind} has no id");
        self.ids.entry(kind).or_default().push(id.clone());
    }

    async fn run(&self, who: &Person, name: &str, input: Value, selection: &str) -> Value {
        who.done(&self.contract.mutation(name, selection), json!({ "input": input })).await
    }

    /// Creates something and keeps its id.
    async fn make(
        &mut self,
        who: &Person,
        name: &str,
        input: Value,
        field: &str,
        kind: &'static str,
    ) -> Value {
        let payload = self.run(who, name, input, &format!("{field} {{ id }}")).await;
        let id = payload[field]["id"].clone();
        self.keep(kind, &id);
        id
    }

    async fn add(&mut self) {
        let (owner, mentor, number) = (self.stage.owner.clone(), self.mentor.clone(), self.rounds);
        let program = self.program(&owner, number).await;
        let cohort = self.stage.cohort(&program).await;
        self.keep("Cohort", &cohort);
        let (mentee, rival) = self.people(&owner, number, &cohort).await;
        let pair = self.pair(&owner, &mentor, &mentee, &cohort).await;
        self.meet(&mentor, &mentee, &pair).await;
        self.ask(&owner, &mentor, number, &program, &cohort).await;
        let input = json!({ "programId": program, "title": "For all", "url": "https://example.org/all" });
        self.make(&owner, "shareResource", input, "resource", "Resource").await;
        let input = json!({ "email": format!("staff.{number}@people.example"), "role": "COORDINATOR", "programId": program });
        self.make(&owner, "inviteStaff", input, "invitation", "Invitation").await;
        self.make(&owner, "invitePerson", json!({ "profileId": rival }), "invitation", "Invitation").await;
        let input = json!({ "mentorId": mentee, "menteeId": rival, "reason": "They are cousins" });
        self.make(&owner, "addExclusion", input, "exclusion", "Exclusion").await;
        let coordinator = self.stage.staff(Role::Coordinator, Some(&program)).await;
        self.coordinator.get_or_insert(coordinator);
        let roster = format!("name,email,role\n{}", ",,\n".repeat(number));
        let file = self.stage.upload(&owner, "roster.csv", Kind::Csv, &roster).await;
        self.keep("File", &file);
        let input = json!({ "cohortId": cohort, "fileId": file, "dryRun": true });
        self.make(&owner, "importRoster", input, "import", "RosterImport").await;
        self.stage.work().await;
    }

    async fn program(&mut self, owner: &Person, number: usize) -> Value {
        let input = json!({
            "name": format!("Program {number}"), "objectives": [{ "title": "Confidence" }, { "title": "Reading" }],
            "policy": { "minimumScore": 0, "minimumOverlapMinutes": 0 },
        });
        let program = self.make(owner, "createProgram", input, "program", "Program").await;
        self.run(owner, "publishProgram", json!({ "id": program }), "").await;
        let change = json!({ "programId": program, "policy": { "cadenceDays": 7 } });
        self.run(owner, "changeProgramPolicy", change, "").await;
        program
    }

    /// A mentee who is a minor, and another who will find no place; both are in the cohort, as is the mentor.
    async fn people(&mut self, owner: &Person, number: usize, cohort: &Value) -> (Value, Value) {
        let guardian =
            json!({ "name": format!("Guardian {number}"), "email": format!("g{number}@people.example") });
        let guardian = self.make(owner, "createProfile", guardian, "profile", "Profile").await;
        let mentee = json!({
            "name": format!("Mentee {number}"), "email": format!("m{number}@people.example"),
            "birthDate": "2013-05-01", "guardianContact": "+351 555 0100", "languages": ["en"],
            "interests": ["chess"], "externalId": format!("pupil-{number}"),
            "availability": [{ "weekday": "MONDAY", "start": "16:00", "end": "19:00" }],
        });
        let mentee = self.make(owner, "createProfile", mentee, "profile", "Profile").await;
        self.run(owner, "linkGuardian", json!({ "wardId": mentee, "guardianId": guardian }), "").await;
        let consent = json!({
            "profileId": mentee, "purpose": "PARTICIPATION", "method": "PAPER", "textVersion": "1",
            "givenBy": "A parent", "grantedOn": "2026-01-01",
        });
        self.make(owner, "recordConsent", consent, "consent", "Consent").await;
        let rival = json!({ "name": format!("Rival {number}"), "email": format!("r{number}@people.example"), "languages": ["en"] });
        let rival = self.make(owner, "createProfile", rival, "profile", "Profile").await;
        let guide = self.mentor_profile.clone();
        for (profile, role) in [(&guide, "MENTOR"), (&mentee, "MENTEE"), (&rival, "MENTEE")] {
            let input = json!({ "cohortId": cohort, "profileId": profile, "role": role, "capacity": 1 });
            self.make(owner, "enroll", input, "enrollment", "Enrollment").await;
        }
        (mentee, rival)
    }

    /// The match of the mentor and a mentee, accepted; another run finds no mentor for the other mentee.
    async fn pair(&mut self, owner: &Person, mentor: &Person, mentee: &Value, cohort: &Value) -> Value {
        let input = json!({ "cohortId": cohort });
        let run = self.make(owner, "startMatchingRun", input.clone(), "run", "MatchingRun").await;
        self.stage.work().await;
        self.run(owner, "publishMatchingRun", json!({ "id": run }), "").await;
        let read = "query($id: ID!) { matchingRun(id: $id) { proposals { nodes { id mentee { id } } } } }";
        let found = owner.data(read, json!({ "id": run })).await;
        let proposal = found["matchingRun"]["proposals"]["nodes"][0].clone();
        assert_eq!(proposal["mentee"]["id"], *mentee);
        let pair = proposal["id"].clone();
        self.keep("Match", &pair);
        self.run(mentor, "acceptMatch", json!({ "id": pair }), "").await;
        let seeker = self.stage.person(mentee).await;
        self.run(&seeker, "acceptMatch", json!({ "id": pair }), "").await;
        self.make(owner, "startMatchingRun", input, "run", "MatchingRun").await;
        self.stage.work().await;
        pair
    }

    /// What pairs do.
    async fn meet(&mut self, mentor: &Person, mentee: &Value, pair: &Value) {
        let (now, seeker) = (self.stage.test.clock().now(), self.stage.person(mentee).await);
        let title = |title: &str| json!({ "matchId": pair, "title": title });
        let objective =
            self.make(mentor, "proposeObjective", title("Read a book"), "objective", "Objective").await;
        self.run(&seeker, "agreeObjective", json!({ "id": objective }), "").await;
        self.make(&seeker, "proposeObjective", title("Write one"), "objective", "Objective").await;
        let held = json!({ "matchId": pair, "mode": "PHONE", "startsAt": now, "minutes": 30, "rating": 5, "summary": "Good" });
        self.make(mentor, "recordCheckIn", held, "checkIn", "CheckIn").await;
        let planned =
            json!({ "matchId": pair, "mode": "PHONE", "startsAt": now + TimeDelta::days(7), "minutes": 30 });
        self.make(mentor, "scheduleCheckIn", planned, "checkIn", "CheckIn").await;
        for (who, body) in [(mentor, "Welcome"), (&seeker, "Thank you")] {
            let input = json!({ "matchId": pair, "body": body });
            self.make(who, "sendMessage", input, "message", "Message").await;
        }
        let file = self.stage.upload(mentor, "plan.txt", Kind::Text, "Read, write").await;
        for content in [("fileId", file), ("url", json!("https://example.org/book"))] {
            let mut input = title("A plan");
            input[content.0] = content.1;
            self.make(mentor, "shareResource", input, "resource", "Resource").await;
        }
    }

    /// A survey that the mentor has answered and that is closed, and one that is open.
    async fn ask(&mut self, owner: &Person, mentor: &Person, number: usize, program: &Value, cohort: &Value) {
        let questions = json!([{ "kind": "SCALE", "text": "How is it?", "minimum": 1, "maximum": 5 }]);
        let input =
            json!({ "programId": program, "title": format!("Survey {number}"), "questions": questions });
        let survey = self.make(owner, "createSurvey", input, "survey", "Survey").await;
        self.run(owner, "publishSurvey", json!({ "surveyId": survey }), "").await;
        let question = "query($id: ID!) { survey(id: $id) { questions { id } } }";
        let question =
            owner.data(question, json!({ "id": survey })).await["survey"]["questions"][0]["id"].clone();
        let closes = self.stage.test.clock().now() + TimeDelta::days(14);
        let input = json!({ "surveyId": survey, "cohortId": cohort, "closesAt": closes });
        let wave = self.make(owner, "scheduleSurveyWave", input.clone(), "wave", "SurveyWave").await;
        self.stage.work().await;
        let answer = json!({ "waveId": wave, "answers": [{ "questionId": question, "number": 4 }] });
        self.make(mentor, "submitSurveyResponse", answer, "response", "SurveyResponse").await;
        self.run(owner, "closeSurveyWave", json!({ "waveId": wave }), "").await;
        self.make(owner, "scheduleSurveyWave", input, "wave", "SurveyWave").await;
        self.stage.work().await;
    }
}
