//! How does an object come into each of its states, and who looks at it then?
mod pair;

use chrono::TimeDelta;
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Contract, Person, Stage};

/// An object in some state, and people of every kind.
pub struct Case {
    pub id: Value,
    pub people: Vec<(&'static str, Person)>,
}

pub struct World {
    pub stage: Stage,
    pub contract: Contract,
    others: Vec<(&'static str, Person)>,
    number: usize,
}

/// A match and its two people.
struct Pair {
    id: Value,
    program: Value,
    mentor: Person,
    mentee: Person,
}

impl Pair {
    fn case(&self, id: Value) -> Case {
        Case { id, people: vec![("mentor", self.mentor.clone()), ("mentee", self.mentee.clone())] }
    }
}

impl World {
    pub async fn new() -> Self {
        let stage = Stage::new().await;
        let other = stage.program("Another program").await;
        let cohort = stage.cohort(&other).await;
        let peer = stage.profile("Peer").await;
        stage.enroll(&cohort, &peer, "MENTOR").await;
        let others = vec![
            ("owner", stage.owner.clone()),
            ("safeguarding lead", stage.staff(Role::SafeguardingLead, None).await),
            ("analyst", stage.staff(Role::Analyst, None).await),
            ("coordinator of another program", stage.staff(Role::Coordinator, Some(&other)).await),
            ("mentor of another program", stage.person(&peer).await),
            ("owner of another organization", stage.outsider().await),
        ];
        Self { stage, contract: Contract::read().await, others, number: 0 }
    }

    /// An object of this kind in this state, with everybody who may look at it.
    pub async fn case(&mut self, kind: &str, state: &str) -> Case {
        let (case, program) = match kind {
            "Program" => self.program_in(state).await,
            "Cohort" => self.cohort_in(state).await,
            "Enrollment" => self.enrollment_in(state).await,
            "Invitation" => self.invitation_in(state).await,
            "Match" => self.match_in(state).await,
            "Objective" => self.objective_in(state).await,
            "CheckIn" => self.check_in_in(state).await,
            "Message" => self.message_in(state).await,
            "Resource" => self.resource_in(state).await,
            "Consent" => self.consent_in(state).await,
            "MatchingRun" => self.run_in(state).await,
            "Survey" => self.survey_in(state).await,
            "SurveyWave" => self.wave_in(state).await,
            _ => panic!("no {kind} in any state"),
        };
        let coordinator = self.stage.staff(Role::Coordinator, Some(&program)).await;
        let mut people = case.people;
        people.push(("coordinator", coordinator));
        people.extend(self.others.iter().cloned());
        Case { id: case.id, people }
    }

    /// Runs a mutation that must not be refused.
    async fn run(&self, who: &Person, name: &str, input: Value, selection: &str) -> Value {
        who.done(&self.contract.mutation(name, selection), json!({ "input": input })).await
    }

    async fn by_owner(&self, steps: &[&str], field: &str, id: &Value) {
        for name in steps {
            self.run(&self.stage.owner, name, json!({ field: id }), "").await;
        }
    }

    async fn make(&self, who: &Person, name: &str, input: Value, field: &str) -> Value {
        self.run(who, name, input, &format!("{field} {{ id }}")).await[field]["id"].clone()
    }

    fn name(&mut self, what: &str) -> String {
        self.number += 1;
        format!("{what} {}", self.number)
    }

    async fn program(&mut self) -> Value {
        let name = self.name("Program");
        self.stage.program(&name).await
    }

    async fn person(&mut self, cohort: &Value, role: &str) -> (Value, Person) {
        let name = self.name("Person");
        let profile = self.stage.profile(&name).await;
        let enrollment = self.stage.enroll(cohort, &profile, role).await;
        (enrollment, self.stage.person(&profile).await)
    }

    async fn pair_in(&mut self, program: Value, cohort: &Value) -> Pair {
        let (guide, mentor) = self.person(cohort, "MENTOR").await;
        let (seeker, mentee) = self.person(cohort, "MENTEE").await;
        Pair { id: self.stage.offer(&guide, &seeker).await, program, mentor, mentee }
    }

    async fn offered(&mut self) -> Pair {
        let program = self.program().await;
        let cohort = self.stage.cohort(&program).await;
        self.pair_in(program, &cohort).await
    }

    async fn accept(&self, pair: &Pair) {
        for person in [&pair.mentor, &pair.mentee] {
            self.run(person, "acceptMatch", json!({ "id": pair.id }), "").await;
        }
    }

    async fn accepted(&mut self) -> Pair {
        let pair = self.offered().await;
        self.accept(&pair).await;
        pair
    }

    async fn close(&self, pair: &Pair) {
        let input = json!({ "id": pair.id, "outcome": "NEVER_STARTED" });
        self.run(&self.stage.owner, "closeMatch", input, "").await;
    }

    async fn program_in(&mut self, state: &str) -> (Case, Value) {
        let owner = self.stage.owner.clone();
        let input = json!({ "name": self.name("Program"), "objectives": [{ "title": "Confidence" }] });
        let id = self.make(&owner, "createProgram", input, "program").await;
        let steps: &[&str] = match state {
            "DRAFT" => &[],
            "PAUSED" => &["publishProgram", "pauseProgram"],
            "COMPLETED" => &["publishProgram", "completeProgram"],
            "ARCHIVED" => &["archiveProgram"],
            _ => &["publishProgram"],
        };
        self.by_owner(steps, "id", &id).await;
        if state == "ACTIVE with a cohort" {
            self.stage.cohort(&id).await;
        }
        (Case { id: id.clone(), people: Vec::new() }, id)
    }

    async fn cohort_in(&mut self, state: &str) -> (Case, Value) {
        let program = self.program().await;
        let owner = self.stage.owner.clone();
        let input =
            json!({ "programId": program, "name": "Fall", "startsOn": "2030-01-01", "endsOn": "2030-06-30" });
        let id = self.make(&owner, "createCohort", input, "cohort").await;
        let steps: &[&str] = match state {
            "DRAFT" => &[],
            "RUNNING" => &["openCohort", "startCohort"],
            "CLOSING" => &["openCohort", "startCohort", "closeCohort"],
            "COMPLETED" => &["openCohort", "startCohort", "closeCohort", "completeCohort"],
            "CANCELLED" => &["cancelCohort"],
            _ => &["openCohort"],
        };
        self.by_owner(steps, "id", &id).await;
        if state == "OPEN in a paused program" {
            self.by_owner(&["pauseProgram"], "id", &program).await;
        }
        let mut people = Vec::new();
        if state == "OPEN with a pair" {
            let pair = self.pair_in(program.clone(), &id).await;
            self.accept(&pair).await;
            people = pair.case(id.clone()).people;
        }
        (Case { id, people }, program)
    }

    async fn enrollment_in(&mut self, state: &str) -> (Case, Value) {
        let program = self.program().await;
        let cohort = self.stage.cohort(&program).await;
        let (id, person) = self.person(&cohort, "MENTEE").await;
        match state {
            "ON_HOLD" => self.by_owner(&["holdEnrollment"], "id", &id).await,
            "WITHDRAWN" => self.by_owner(&["withdrawEnrollment"], "id", &id).await,
            "COMPLETED" => {
                self.by_owner(&["startCohort", "closeCohort", "completeCohort"], "id", &cohort).await;
            }
            "APPROVED with a match" => {
                let (guide, mentor) = self.person(&cohort, "MENTOR").await;
                let offer = self.stage.offer(&guide, &id).await;
                let pair = Pair { id: offer, program: program.clone(), mentor, mentee: person.clone() };
                self.accept(&pair).await;
            }
            _ => {}
        }
        (Case { id, people: vec![("mentee", person)] }, program)
    }

    async fn invitation_in(&mut self, state: &str) -> (Case, Value) {
        let program = self.program().await;
        let (owner, name) = (self.stage.owner.clone(), self.name("Guest"));
        let email = format!("{}@people.example", name.replace(' ', "."));
        let id = if state == "PENDING for staff" {
            let input = json!({ "email": email, "role": "ADMIN" });
            self.make(&owner, "inviteStaff", input, "invitation").await
        } else {
            let cohort = self.stage.cohort(&program).await;
            let profile = self.stage.profile(&name).await;
            self.stage.enroll(&cohort, &profile, "MENTOR").await;
            self.make(&owner, "invitePerson", json!({ "profileId": profile }), "invitation").await
        };
        match state {
            "REVOKED" => self.by_owner(&["revokeInvitation"], "id", &id).await,
            "ACCEPTED" | "DECLINED" | "EXPIRED" => self.stage.set_status("invitation", &id, state).await,
            _ => {}
        }
        (Case { id, people: Vec::new() }, program)
    }

    async fn consent_in(&mut self, state: &str) -> (Case, Value) {
        let program = self.program().await;
        let cohort = self.stage.cohort(&program).await;
        let (name, owner) = (self.name("Minor"), self.stage.owner.clone());
        let profile = self.stage.profile(&name).await;
        self.stage.enroll(&cohort, &profile, "MENTEE").await;
        let input = json!({
            "profileId": profile, "purpose": "PARTICIPATION", "method": "PAPER", "textVersion": "1",
            "givenBy": "A parent", "grantedOn": "2026-01-01",
        });
        let id = self.make(&owner, "recordConsent", input, "consent").await;
        if state == "WITHDRAWN" {
            self.by_owner(&["withdrawConsent"], "id", &id).await;
        }
        (Case { id, people: vec![("mentee", self.stage.person(&profile).await)] }, program)
    }

    async fn run_in(&mut self, state: &str) -> (Case, Value) {
        let program = self.program().await;
        let cohort = self.stage.cohort(&program).await;
        let (_, mentor) = self.person(&cohort, "MENTOR").await;
        self.person(&cohort, "MENTEE").await;
        let owner = self.stage.owner.clone();
        let id = self.make(&owner, "startMatchingRun", json!({ "cohortId": cohort }), "run").await;
        match state {
            "CANCELLED" => self.by_owner(&["cancelMatchingRun"], "id", &id).await,
            "COMPLETED" | "PUBLISHED" | "DISCARDED" => self.stage.work().await,
            "RUNNING" => self.stage.set_status("matching_run", &id, state).await,
            _ => {}
        }
        match state {
            "PUBLISHED" => self.by_owner(&["publishMatchingRun"], "id", &id).await,
            "DISCARDED" => self.by_owner(&["discardMatchingRun"], "id", &id).await,
            _ => {}
        }
        (Case { id, people: vec![("mentor", mentor)] }, program)
    }

    async fn survey(&mut self, program: &Value) -> Value {
        let questions = json!([{ "kind": "TEXT", "text": "How is it?" }]);
        let input = json!({ "programId": program, "title": "Well-being", "questions": questions });
        self.make(&self.stage.owner, "createSurvey", input, "survey").await
    }

    async fn survey_in(&mut self, state: &str) -> (Case, Value) {
        let program = self.program().await;
        let id = self.survey(&program).await;
        let steps: &[&str] = match state {
            "PUBLISHED" | "PUBLISHED and asked" => &["publishSurvey"],
            "RETIRED" => &["publishSurvey", "retireSurvey"],
            _ => &[],
        };
        self.by_owner(steps, "surveyId", &id).await;
        let mut people = Vec::new();
        if state == "PUBLISHED and asked" {
            let cohort = self.stage.cohort(&program).await;
            people.push(("mentee", self.person(&cohort, "MENTEE").await.1));
            let closes = self.stage.test.clock().now() + TimeDelta::days(7);
            let input = json!({ "surveyId": id, "cohortId": cohort, "closesAt": closes });
            self.make(&self.stage.owner, "scheduleSurveyWave", input, "wave").await;
        }
        (Case { id, people }, program)
    }

    async fn wave_in(&mut self, state: &str) -> (Case, Value) {
        let program = self.program().await;
        let cohort = self.stage.cohort(&program).await;
        let (_, mentee) = self.person(&cohort, "MENTEE").await;
        let survey = self.survey(&program).await;
        self.by_owner(&["publishSurvey"], "surveyId", &survey).await;
        let opens = self.stage.test.clock().now() + TimeDelta::days(1);
        let input = json!({
            "surveyId": survey, "cohortId": cohort, "opensAt": opens, "closesAt": opens + TimeDelta::days(7),
        });
        let id = self.make(&self.stage.owner, "scheduleSurveyWave", input, "wave").await;
        let steps: &[&str] = match state {
            "OPEN" => &["openSurveyWave"],
            "CLOSED" => &["openSurveyWave", "closeSurveyWave"],
            "CANCELLED" => &["cancelSurveyWave"],
            _ => &[],
        };
        self.by_owner(steps, "waveId", &id).await;
        (Case { id, people: vec![("mentee", mentee)] }, program)
    }
}
