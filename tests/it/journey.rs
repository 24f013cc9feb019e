//! The whole story of one program through the public interfaces alone, from the first account to the impact report:
//! over HTTP and WebSocket, with mail read from the mailbox, while months pass.
mod pair;
mod person;
pub mod socket;
mod start;

use api::config::Config;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::TestApp;
use pair::Pair;
use person::Person;

/// What the story knows by now.
struct Journey {
    test: TestApp,
    owner: Person,
    coordinator: Person,
    program: Value,
    cohort: Value,
    survey: Value,
}

impl Journey {
    async fn ask(&self, document: &str, variables: Value) -> Value {
        self.coordinator.client(&self.test).await.data(document, variables).await
    }

    async fn done(&self, document: &str, variables: Value) -> Value {
        self.coordinator.client(&self.test).await.done(document, variables).await
    }

    /// Lets days pass, each with what falls due on it.
    async fn days(&self, days: i64) {
        for _ in 0..days {
            self.test.advance(TimeDelta::days(1));
            self.test.tick().await;
        }
    }

    async fn cohort_status(&self) -> Value {
        let document = "query($id: ID!) { cohort(id: $id) { status } }";
        self.ask(document, json!({ "id": self.cohort })).await["cohort"]["status"].clone()
    }

    async fn impact(&self) -> Value {
        let document = "query($id: ID!) { impact(programId: $id) { mentorsEnrolled menteesEnrolled menteesMatched
            matchesActive matchesClosed checkInsHeld checkInsMissed attendanceRate minutesHeld objectivesAgreed
            objectivesReached objectiveRate } }";
        self.ask(document, json!({ "id": self.program })).await["impact"].clone()
    }
}

fn nodes(connection: &Value) -> &[Value] {
    connection["nodes"].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_program_lives_from_the_first_account_to_the_impact_report() {
    let mut config = Config::for_tests();
    config.demo = Some(true);
    let journey = Journey::begin(TestApp::configured(config).await).await;
    journey.import().await;
    let consented = journey.consents().await;
    journey.invite().await;

    let run = journey.propose(&consented).await;
    let pairs = Pair::choose(&journey, &run, 3).await;
    journey.publish(&run).await;
    for pair in &pairs {
        pair.accept(&journey).await;
    }
    assert_eq!(journey.cohort_status().await, "RUNNING", "its first day has come");
    for pair in &pairs {
        pair.agree_objective(&journey).await;
    }
    pairs[0].meet(&journey).await;
    pairs[0].write(&journey).await;
    pairs[0].share(&journey).await;
    journey.survey(&pairs).await;
    pairs[0].reach_objective(&journey).await;

    let impact = journey.impact().await;
    let expected = json!({
        "mentorsEnrolled": 25, "menteesEnrolled": 60, "menteesMatched": 3, "matchesActive": 3, "matchesClosed": 0,
        "checkInsHeld": 2, "checkInsMissed": 1, "attendanceRate": 2.0 / 3.0, "minutesHeld": 90,
        "objectivesAgreed": 3, "objectivesReached": 1, "objectiveRate": 1.0 / 3.0,
    });
    assert_eq!(impact, expected);
    journey.end(&pairs).await;
}

const ANSWER: &str = "mutation($wave: ID!, $answers: [SurveyAnswerInput!]!) {
    submitSurveyResponse(input: { waveId: $wave, answers: $answers }) { response { status } userErrors { code } } }";
const RESULTS: &str = "query($id: ID!) { surveyWave(id: $id) { status invitedCount submittedCount results {
    text all { n hidden mean } mentors { n hidden mean } mentees { n hidden mean } } } }";

impl Journey {
    /// Six people answer: enough for a mean of all, too few for a mean of either side, or of what four have answered.
    async fn survey(&self, pairs: &[Pair]) {
        let schedule = "mutation($input: ScheduleSurveyWaveInput!) { scheduleSurveyWave(input: $input) {
            wave { id status invitedCount } userErrors { code } } }";
        let closes = self.test.clock().now() + TimeDelta::days(14);
        let input =
            json!({ "surveyId": self.survey, "cohortId": self.cohort, "closesAt": closes.to_rfc3339() });
        let wave = self.done(schedule, json!({ "input": input })).await["wave"].clone();
        assert_eq!((&wave["status"], &wave["invitedCount"]), (&json!("OPEN"), &json!(85)));
        self.test.work().await;
        let questions = "query($id: ID!) { survey(id: $id) { questions { id } } }";
        let survey = self.ask(questions, json!({ "id": self.survey })).await["survey"].clone();
        let (scale, hours) = (&survey["questions"][0]["id"], &survey["questions"][1]["id"]);
        let people = pairs.iter().flat_map(|pair| [&pair.mentor, &pair.mentee]);
        for (number, person) in people.enumerate() {
            let subjects: Vec<String> = person::mails(&self.test, &person.email)
                .await
                .into_iter()
                .map(|(subject, _)| subject)
                .collect();
            assert!(subjects.iter().any(|subject| subject.starts_with("A few questions")), "{subjects:?}");
            let client = person.client(&self.test).await;
            let mine = "{ mySurveyResponses { nodes { status wave { id } } } }";
            let mine = client.data(mine, json!({})).await;
            assert_eq!(nodes(&mine["mySurveyResponses"])[0]["wave"]["id"], wave["id"]);
            let mut answers = vec![json!({ "questionId": scale, "number": 2 + number % 3 })];
            if number < 4 {
                answers.push(json!({ "questionId": hours, "number": 3 }));
            }
            client.done(ANSWER, json!({ "wave": wave["id"], "answers": answers })).await;
        }
        let open = self.ask(RESULTS, json!({ "id": wave["id"] })).await["surveyWave"].clone();
        assert_eq!(
            (&open["submittedCount"], &open["results"]),
            (&json!(6), &Value::Null),
            "not before it closes"
        );
        self.days(15).await;
        let closed = self.ask(RESULTS, json!({ "id": wave["id"] })).await["surveyWave"].clone();
        assert_eq!(closed["status"], "CLOSED");
        let hidden = |n: i32| json!({ "n": n, "hidden": true, "mean": null });
        let expected = json!([
            { "text": "I look forward to our meetings.",
              "all": { "n": 6, "hidden": false, "mean": 3.0 }, "mentors": hidden(3), "mentees": hidden(3) },
            { "text": "How many hours did you meet?",
              "all": hidden(4), "mentors": hidden(2), "mentees": hidden(2) },
        ]);
        assert_eq!(closed["results"], expected);
        let late = pairs[0].mentor.client(&self.test).await;
        let answers = json!([{ "questionId": scale, "number": 1 }]);
        let refused = late.refused(ANSWER, json!({ "wave": wave["id"], "answers": answers })).await;
        assert_eq!(refused, "TAKEN", "everybody answers once");
    }

    /// The last day passes, the pairs part, and the cohort is completed.
    async fn end(&self, pairs: &[Pair]) {
        self.days(170).await;
        assert_eq!(self.cohort_status().await, "CLOSING", "its last day is over");
        let complete = "mutation($id: ID!) { completeCohort(input: { id: $id }) { cohort { status } userErrors { code } } }";
        let early = self.coordinator.client(&self.test).await;
        assert_eq!(early.refused(complete, json!({ "id": self.cohort })).await, "WRONG_STATE");
        let close = "mutation($id: ID!) { closeMatch(input: { id: $id, outcome: COMPLETED }) { match { status } userErrors { code } } }";
        for pair in pairs {
            pair.mentor.client(&self.test).await.done(close, json!({ "id": pair.id })).await;
        }
        let completed = self.done(complete, json!({ "id": self.cohort })).await;
        assert_eq!(completed["cohort"]["status"], "COMPLETED");
        let impact = self.impact().await;
        assert_eq!((&impact["matchesActive"], &impact["matchesClosed"]), (&json!(0), &json!(3)));
        let audit = "query($id: ID) { auditEvents(objectId: $id) { nodes { action accountId } } }";
        let owner = self.owner.client(&self.test).await;
        let events = owner.data(audit, json!({ "id": self.cohort })).await["auditEvents"].clone();
        let actions: Vec<&str> = nodes(&events).iter().map(|event| text(&event["action"])).collect();
        assert_eq!(actions, ["completeCohort", "closeCohort", "startCohort", "openCohort", "createCohort"]);
        assert_eq!(nodes(&events)[1]["accountId"], Value::Null, "the server did it by itself");
    }
}
