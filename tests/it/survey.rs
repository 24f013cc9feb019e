//! Surveys: who is asked, who answers, and what is said of the answers without naming anybody?
use chrono::TimeDelta;
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Person, Stage};

const ANSWER: &str = "mutation($input: SubmitSurveyResponseInput!) { submitSurveyResponse(input: $input) {
    response { id status answers { number text } } userErrors { code path } } }";
const RESULTS: &str = "query($id: ID!) { surveyWave(id: $id) { status invitedCount submittedCount results {
    text all { n hidden mean standardDeviation counts { value count } } mentors { n hidden mean } mentees { n hidden mean }
} } }";
const MINE: &str = "{ mySurveyResponses { nodes { status wave { id } answers { number text } } } }";

struct Asked {
    stage: Stage,
    program: Value,
    survey: Value,
    wave: Value,
    questions: Vec<Value>,
    mentors: Vec<Person>,
    mentees: Vec<Person>,
}

impl Asked {
    /// A wave that is open for a week, in a cohort of so many people.
    async fn cohort_of(mentors: usize, mentees: usize) -> Self {
        let stage = Stage::new().await;
        let program = stage.program("Reading friends").await;
        let cohort = stage.cohort(&program).await;
        let mut people = [Vec::new(), Vec::new()];
        for (side, (role, count)) in [("MENTOR", mentors), ("MENTEE", mentees)].into_iter().enumerate() {
            for number in 0..count {
                let profile = stage.profile(&format!("{role} {number}")).await;
                stage.enroll(&cohort, &profile, role).await;
                people[side].push(stage.person(&profile).await);
            }
        }
        let input = json!({ "programId": program, "title": "How is it going?", "questions": [
            { "kind": "SCALE", "text": "I feel able to study", "minimum": 1, "maximum": 5 },
            { "kind": "TEXT", "text": "What helps you?", "required": false },
        ] });
        let create = "mutation($input: CreateSurveyInput!) { createSurvey(input: $input) {
            survey { id questions { id } } userErrors { code path } } }";
        let survey = stage.owner.done(create, json!({ "input": input })).await["survey"].clone();
        let publish = "mutation($id: ID!) { publishSurvey(input: { surveyId: $id }) { survey { status } userErrors { code } } }";
        stage.owner.done(publish, json!({ "id": survey["id"] })).await;
        let closes = stage.test.clock().now() + TimeDelta::days(7);
        let schedule = "mutation($input: ScheduleSurveyWaveInput!) { scheduleSurveyWave(input: $input) {
            wave { id status invitedCount } userErrors { code path } } }";
        let input = json!({ "surveyId": survey["id"], "cohortId": cohort, "closesAt": closes.to_rfc3339() });
        let wave = stage.owner.done(schedule, json!({ "input": input })).await["wave"].clone();
        assert_eq!(wave["status"], "OPEN");
        let ids =
            survey["questions"].as_array().expect("questions").iter().map(|question| question["id"].clone());
        let [mentors, mentees] = people;
        Self {
            program,
            survey: survey["id"].clone(),
            wave: wave["id"].clone(),
            questions: ids.collect(),
            stage,
            mentors,
            mentees,
        }
    }

    fn answers(&self, number: i64) -> Value {
        let answers = json!([{ "questionId": self.questions[0], "number": number }]);
        json!({ "input": { "waveId": self.wave, "answers": answers } })
    }

    async fn close(&self) {
        let close = "mutation($id: ID!) { closeSurveyWave(input: { waveId: $id }) { wave { status } userErrors { code } } }";
        self.stage.owner.done(close, json!({ "id": self.wave })).await;
    }

    async fn results(&self, reader: &Person) -> Value {
        reader.data(RESULTS, json!({ "id": self.wave })).await["surveyWave"].clone()
    }
}

#[tokio::test]
async fn a_closed_wave_says_what_a_group_says_and_nothing_of_small_groups() {
    let asked = Asked::cohort_of(4, 6).await;
    for (people, numbers) in [(&asked.mentors, [5, 5, 4, 4, 0, 0]), (&asked.mentees, [1, 2, 3, 3, 4, 5])] {
        for (person, number) in people.iter().zip(numbers) {
            person.done(ANSWER, asked.answers(number)).await;
        }
    }
    let open = asked.results(&asked.stage.owner).await;
    assert_eq!((&open["submittedCount"], &open["results"]), (&json!(10), &Value::Null));
    asked.close().await;
    let closed = asked.results(&asked.stage.owner).await;
    let scale = &closed["results"][0];
    // NumPy: mean and std(ddof=1) of [5, 5, 4, 4, 1, 2, 3, 3, 4, 5].
    assert_eq!((&scale["all"]["n"], &scale["all"]["mean"]), (&json!(10), &json!(3.6)));
    let deviation = scale["all"]["standardDeviation"].as_f64().expect("a number");
    assert!((deviation - 1.349_897_115_421_1).abs() < 1e-12, "{deviation}");
    assert_eq!(scale["all"]["counts"][4], json!({ "value": 5, "count": 3 }));
    assert_eq!(scale["mentors"], json!({ "n": 4, "hidden": true, "mean": null }));
    assert_eq!(
        scale["mentees"],
        json!({ "n": 6, "hidden": true, "mean": null }),
        "it would tell the other half"
    );
    assert_eq!(closed["results"][1]["all"]["n"], 0);

    for reader in [&asked.mentors[0], &asked.mentees[0]] {
        assert_eq!(asked.results(reader).await["results"], Value::Null);
    }
    let analyst = asked.stage.staff(Role::Analyst, None).await;
    let impact =
        "query($id: ID!) { impact(programId: $id) { surveyWaves { nodes { results { all { n mean } } } } } }";
    let seen = analyst.data(impact, json!({ "id": asked.program })).await;
    let figures = &seen["impact"]["surveyWaves"]["nodes"][0]["results"][0]["all"];
    assert_eq!(figures, &json!({ "n": 10, "mean": 3.6 }));
}

#[tokio::test]
async fn fewer_than_five_answers_stay_hidden() {
    let asked = Asked::cohort_of(2, 2).await;
    for person in asked.mentors.iter().chain(&asked.mentees) {
        person.done(ANSWER, asked.answers(3)).await;
    }
    asked.close().await;
    let all = asked.results(&asked.stage.owner).await["results"][0]["all"].clone();
    assert_eq!((&all["n"], &all["hidden"], &all["mean"]), (&json!(4), &json!(true), &Value::Null));
    assert_eq!(all["counts"], json!([]));
}

#[tokio::test]
async fn who_was_asked_answers_once_and_in_time() {
    let asked = Asked::cohort_of(1, 1).await;
    let (mentor, mentee) = (&asked.mentors[0], &asked.mentees[0]);
    let stranger = asked.stage.person(&asked.stage.profile("Not enrolled").await).await;
    assert_eq!(stranger.refused(ANSWER, asked.answers(3)).await, "NOT_FOUND input.waveId");
    assert_eq!(asked.results(&stranger).await, Value::Null);
    assert_eq!(mentor.refused(ANSWER, asked.answers(6)).await, "OUT_OF_RANGE input.answers.0.number");
    let nothing = json!({ "input": { "waveId": asked.wave, "answers": [] } });
    assert!(mentor.refused(ANSWER, nothing).await.starts_with("REQUIRED"));

    let done = mentor.done(ANSWER, asked.answers(4)).await;
    assert_eq!(done["response"]["answers"], json!([{ "number": 4, "text": null }]));
    assert!(mentor.refused(ANSWER, asked.answers(5)).await.starts_with("TAKEN"), "a second time");
    let mine = mentor.data(MINE, json!({})).await["mySurveyResponses"]["nodes"].clone();
    assert_eq!(mine[0]["answers"][0]["number"], 4);

    asked.stage.test.advance(TimeDelta::days(8));
    asked.stage.work().await;
    assert!(mentee.refused(ANSWER, asked.answers(3)).await.starts_with("WINDOW_CLOSED"), "it is closed");
    let missed = mentee.data(MINE, json!({})).await["mySurveyResponses"]["nodes"][0]["status"].clone();
    assert_eq!(missed, "EXPIRED");
    assert_eq!(asked.results(&asked.stage.owner).await["status"], "CLOSED");
}

#[tokio::test]
async fn a_published_survey_is_asked_as_it_is() {
    let asked = Asked::cohort_of(1, 1).await;
    let update = "mutation($input: UpdateSurveyInput!) { updateSurvey(input: $input) { survey { id } userErrors { code path } } }";
    let input = json!({ "surveyId": asked.survey, "title": "Another", "questions": [{ "kind": "TEXT", "text": "Why?" }] });
    assert!(asked.stage.owner.refused(update, json!({ "input": input })).await.starts_with("WRONG_STATE"));
    let outsider = asked.stage.outsider().await;
    assert!(outsider.refused(update, json!({ "input": input })).await.starts_with("NOT_FOUND"));
}
