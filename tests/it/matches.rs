//! Does a place go to one pair only, and does a pair live from offer to close?
use serde_json::{Value, json};

use crate::{
    harness::{Person, Stage as House},
    matching::stage::{self, Stage, nodes, text},
};

const ACCEPT: &str =
    "mutation($id: ID!) { acceptMatch(input: { id: $id }) { match { id status } userErrors { code } } }";
const PROPOSE: &str = "mutation($id: ID!) { proposeObjective(input: { matchId: $id, title: \"Read a book\" }) { objective { id status } userErrors { code } } }";

/// A pair whose match is accepted or active.
pub struct Pair {
    pub stage: Stage,
    pub id: Value,
    pub mentor: Person,
    pub mentee: Person,
}

/// The offers of a published run.
pub async fn offers(stage: &Stage) -> Vec<Value> {
    let run = stage.propose().await;
    let publish = "mutation($id: ID!) { publishMatchingRun(input: { id: $id }) { run { status } userErrors { code } } }";
    stage.owner.0.done(publish, json!({ "id": run["id"] })).await;
    nodes(&stage.read(&text(&run["id"])).await["proposals"]).to_vec()
}

async fn person(stage: &Stage, offer: &Value, side: &str) -> Person {
    let stage::Person(person) = stage.as_participant(&text(&offer[side]["id"])).await;
    person
}

impl Pair {
    /// Both have accepted.
    pub async fn accepted() -> Self {
        let stage = Stage::set(2).await;
        let offer = offers(&stage).await.remove(0);
        let mentor = person(&stage, &offer, "mentor").await;
        let mentee = person(&stage, &offer, "mentee").await;
        let id = offer["id"].clone();
        let half = mentor.done(ACCEPT, json!({ "id": id })).await;
        assert_eq!(half["match"]["status"], "OFFERED");
        let whole = mentee.done(ACCEPT, json!({ "id": id })).await;
        assert_eq!(whole["match"]["status"], "ACCEPTED");
        Self { stage, id, mentor, mentee }
    }

    /// The figures of the match are those of its rows.
    pub async fn figures_hold(&self) {
        let organization = self.stage.house.organization;
        let wrong = self
            .stage
            .house
            .inside(async move |conn| persistence::matches::counter::verify(conn, organization).await);
        assert_eq!(wrong.await, []);
    }

    pub async fn read(&self, who: &Person, selection: &str) -> Value {
        let document = format!("query($id: ID!) {{ match(id: $id) {{ {selection} }} }}");
        who.data(&document, json!({ "id": self.id })).await["match"].clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_parallel_accepts_on_one_place_one_succeeds() {
    let mut stage = Stage::set(0).await;
    let mentor = stage.enroll("MENTOR", 9, json!({ "capacity": 1 })).await;
    for number in 0..50 {
        let mentee = stage.enroll("MENTEE", number, json!({})).await;
        stage.mentees.push(mentee);
    }
    let ids = offer_to_all(&stage, &mentor).await;
    let guide = stage.as_participant(&mentor.profile).await.0;
    for id in &ids {
        guide.done(ACCEPT, json!({ "id": id })).await;
    }
    let mut tries = tokio::task::JoinSet::new();
    for (mentee, id) in stage.mentees.iter().zip(&ids) {
        let (person, id) = (stage.as_participant(&mentee.profile).await.0, id.clone());
        tries.spawn(async move { person.payload(ACCEPT, json!({ "id": id })).await });
    }
    let answers = tries.join_all().await;
    let won = answers.iter().filter(|answer| answer["match"]["status"] == "ACCEPTED").count();
    let lost = answers.iter().filter(|answer| answer["userErrors"][0]["code"] == "CAPACITY_REACHED").count();
    assert_eq!((won, lost), (1, 49));
    let left = guide.data("{ matches(first: 100) { nodes { status } } }", json!({})).await;
    let superseded = nodes(&left["matches"]).iter().filter(|it| it["status"] == "SUPERSEDED").count();
    assert_eq!(superseded, 49);
}

/// Offers the one mentor to all mentees at once, which no run would do.
async fn offer_to_all(stage: &Stage, mentor: &stage::Enrolled) -> Vec<String> {
    let mut ids = Vec::new();
    for mentee in &stage.mentees {
        let offer = stage.house.offer(&json!(mentor.enrollment), &json!(mentee.enrollment)).await;
        ids.push(text(&offer));
    }
    ids
}

#[tokio::test]
async fn a_pair_agrees_an_objective_becomes_active_and_closes() {
    let pair = Pair::accepted().await;
    let proposed = pair.mentor.done(PROPOSE, json!({ "id": pair.id })).await;
    let id = proposed["objective"]["id"].clone();
    let step = |name: &str| {
        format!(
            "mutation($id: ID!) {{ {name}(input: {{ id: $id }}) {{ objective {{ status }} userErrors {{ code }} }} }}"
        )
    };
    let own = pair.mentor.refused(&step("agreeObjective"), json!({ "id": id })).await;
    assert!(own.starts_with("NOT_ALLOWED"), "{own}");
    pair.mentee.done(&step("agreeObjective"), json!({ "id": id })).await;
    assert_eq!(pair.read(&pair.mentor, "status").await["status"], "ACTIVE");
    pair.mentee.done(&step("startObjective"), json!({ "id": id })).await;
    pair.mentee.done(&step("submitObjective"), json!({ "id": id })).await;
    let rate = "mutation($id: ID!, $rating: Int!) { rateObjective(input: { id: $id, rating: $rating }) { objective { status rating } userErrors { code } } }";
    let refused = pair.mentor.refused(rate, json!({ "id": id, "rating": 3 })).await;
    assert!(refused.starts_with("OUT_OF_RANGE"), "{refused}");
    pair.mentor.done(rate, json!({ "id": id, "rating": 1 })).await;
    let seen =
        pair.read(&pair.mentee, "objectivesAgreed objectivesReached objectives { nodes { rating } }").await;
    assert_eq!(seen["objectivesAgreed"], 1);
    assert_eq!(seen["objectivesReached"], 1);
    assert_eq!(seen["objectives"]["nodes"][0]["rating"], 1);
    pair.figures_hold().await;
    let close = "mutation($id: ID!) { closeMatch(input: { id: $id, outcome: COMPLETED }) { match { status outcome } userErrors { code } } }";
    let closed = pair.stage.owner.0.done(close, json!({ "id": pair.id })).await;
    assert_eq!(closed["match"]["status"], "CLOSED");
    let late = pair.mentor.refused(PROPOSE, json!({ "id": pair.id })).await;
    assert!(late.starts_with("WRONG_STATE"), "{late}");
}

#[tokio::test]
async fn strangers_see_neither_the_match_nor_that_it_exists() {
    let pair = Pair::accepted().await;
    let outsider = pair.stage.house.outsider().await;
    assert_eq!(pair.read(&outsider, "id").await, Value::Null);
    let refused = outsider.refused(ACCEPT, json!({ "id": pair.id })).await;
    assert!(refused.starts_with("NOT_FOUND"), "{refused}");
}

#[tokio::test]
async fn an_offer_that_nobody_answers_expires() {
    let stage = Stage::set(1).await;
    let offer = offers(&stage).await.remove(0);
    let mentee = person(&stage, &offer, "mentee").await;
    stage.house.test.advance(chrono::TimeDelta::days(4));
    let late = mentee.refused(ACCEPT, json!({ "id": offer["id"] })).await;
    assert!(late.starts_with("EXPIRED"), "{late}");
}

#[tokio::test]
async fn who_said_no_is_no_longer_seen_by_the_other() {
    let stage = Stage::set(1).await;
    let offer = offers(&stage).await.remove(0);
    let (mentor, mentee) = (person(&stage, &offer, "mentor").await, person(&stage, &offer, "mentee").await);
    let read = "query($id: ID!) { match(id: $id) { status mentee { name } } }";
    let id = json!({ "id": offer["id"] });
    assert!(mentor.data(read, id.clone()).await["match"]["mentee"]["name"].is_string());
    let decline =
        "mutation($id: ID!) { declineMatch(input: { id: $id }) { match { status } userErrors { code } } }";
    mentee.done(decline, id.clone()).await;
    let seen = mentor.data(read, id).await["match"].clone();
    assert_eq!(seen, json!({ "status": "DECLINED", "mentee": null }));
}

#[tokio::test]
async fn whether_an_offer_can_be_accepted_is_said_before_it_is_tried() {
    let stage = House::new().await;
    let program = stage.program("Reading friends").await;
    let cohort = stage.cohort(&program).await;
    let mentor = stage.profile("Mara").await;
    let guide = stage.enroll(&cohort, &mentor, "MENTOR").await;
    let create = "mutation($input: CreateProfileInput!) { createProfile(input: $input) { profile { id } userErrors { code } } }";
    let mut mentees = Vec::new();
    for (name, born) in [("Ana", "1990-05-30"), ("Eva", "1990-05-30"), ("Leo", "2016-05-30")] {
        let input = json!({ "input": { "name": name, "birthDate": born } });
        let profile = stage.owner.done(create, input).await["profile"]["id"].clone();
        let enrollment = stage.enroll(&cohort, &profile, "MENTEE").await;
        mentees.push((stage.person(&profile).await, enrollment));
    }
    let update = "mutation($input: UpdateEnrollmentInput!) { updateEnrollment(input: $input) { enrollment { id } userErrors { code } } }";
    let capacity = |places: i32| json!({ "input": { "id": guide, "capacity": places } });
    stage.owner.done(update, capacity(3)).await;
    let mara = stage.person(&mentor).await;
    let mut offers = Vec::new();
    for (_, enrollment) in &mentees {
        offers.push(stage.offer(&guide, enrollment).await);
    }
    // What is said, and what happens: the same, whatever stands in the way.
    let agrees = async |who: &Person, id: &Value| {
        let read = "query($id: ID!) { match(id: $id) { allowedActions { action allowed reason { code } } } }";
        let said = who.data(read, json!({ "id": id })).await["match"]["allowedActions"].clone();
        let said = said
            .as_array()
            .expect("actions")
            .iter()
            .find(|action| action["action"] == "acceptMatch")
            .cloned();
        let said = said.expect("accepting");
        let done = who.payload(ACCEPT, json!({ "id": id })).await["userErrors"].clone();
        let code = done.get(0).map_or(Value::Null, |error| error["code"].clone());
        assert_eq!((&said["reason"]["code"], &said["allowed"]), (&code, &json!(code.is_null())));
        code
    };
    assert_eq!(agrees(&mentees[2].0, &offers[2]).await, "CONSENT_REQUIRED");
    let hold = "mutation($id: ID!) { holdEnrollment(input: { id: $id }) { enrollment { status } userErrors { code } } }";
    stage.owner.done(hold, json!({ "id": mentees[1].1 })).await;
    let resting = agrees(&mentees[1].0, &offers[1]).await;
    assert!(resting.is_string(), "{resting}");
    assert_eq!(agrees(&mentees[0].0, &offers[0]).await, Value::Null);
    assert_eq!(agrees(&mara, &offers[0]).await, Value::Null);
    let taken = agrees(&mentees[0].0, &offers[0]).await;
    assert!(taken.is_string(), "{taken}");
    stage.owner.done(update, capacity(1)).await;
    assert_eq!(agrees(&mara, &offers[1]).await, "CAPACITY_REACHED");
}
