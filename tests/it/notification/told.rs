//! Who is told what? Everything that can be told happens here once, to a pair, to others and to staff.
use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{
    file::{File, Kind as FileKind},
    notification::Kind,
    text::TextEnum,
};
use serde_json::{Value, json};

use crate::{
    harness::Person,
    matching::stage::{Stage, nodes, text},
};

/// Somebody, and how much of what they were told they know already.
struct Ears {
    person: Person,
    heard: Vec<String>,
}

impl Ears {
    async fn of(stage: &Stage, profile: &str) -> Self {
        Self { person: stage.as_participant(profile).await.0, heard: Vec::new() }
    }

    /// The kinds of what was told since the last time, oldest first.
    async fn news(&mut self) -> Vec<String> {
        let told = self.person.data("{ notifications(first: 100) { nodes { kind } } }", json!({})).await;
        let all = nodes(&told["notifications"]).iter().rev().map(|told| text(&told["kind"]));
        let new: Vec<String> = all.skip(self.heard.len()).collect();
        self.heard.extend(new.clone());
        new
    }
}

/// The stage with everybody signed in before anything happens.
struct House {
    stage: Stage,
    mentors: Vec<(String, Ears)>,
    mentees: Vec<(String, Ears)>,
    owner: Ears,
}

impl House {
    async fn of(mentees: usize) -> Self {
        let stage = Stage::set(mentees).await;
        let (mut guides, mut seekers) = (Vec::new(), Vec::new());
        for mentor in &stage.mentors {
            guides.push((mentor.profile.clone(), Ears::of(&stage, &mentor.profile).await));
        }
        for mentee in &stage.mentees {
            seekers.push((mentee.profile.clone(), Ears::of(&stage, &mentee.profile).await));
        }
        let owner = Ears { person: stage.owner.0.clone(), heard: Vec::new() };
        Self { stage, mentors: guides, mentees: seekers, owner }
    }

    /// What falls due by itself.
    async fn tick(&self) {
        self.stage.house.test.tick().await;
    }

    async fn offers(&self) -> Vec<Value> {
        let run = self.stage.propose().await;
        self.stage.owner.done("publishMatchingRun", json!({ "id": run["id"] }), "").await;
        nodes(&run["proposals"]).to_vec()
    }

    fn side(&mut self, offer: &Value, side: &str) -> &mut Ears {
        let people = if side == "mentor" { &mut self.mentors } else { &mut self.mentees };
        let found = people.iter_mut().find(|(profile, _)| offer[side]["id"] == **profile);
        &mut found.expect("somebody of the cohort").1
    }

    async fn both(&mut self, offer: &Value, expected: &[&str]) {
        assert_eq!(self.side(offer, "mentor").news().await, expected, "the mentor");
        assert_eq!(self.side(offer, "mentee").news().await, expected, "the mentee");
    }

    /// What one side does, and what each side is told of it.
    async fn does(
        &mut self,
        offer: &Value,
        side: &str,
        document: &str,
        variables: Value,
        mentor: &[&str],
        mentee: &[&str],
    ) -> Value {
        let person = self.side(offer, side).person.clone();
        let payload = person.done(document, variables).await;
        assert_eq!(self.side(offer, "mentor").news().await, mentor, "the mentor after {document}");
        assert_eq!(self.side(offer, "mentee").news().await, mentee, "the mentee after {document}");
        payload
    }

    async fn upload(&self, content: &str) -> Value {
        let (app, organization) = (&self.stage.house.test.app, self.stage.house.organization);
        let file = File {
            id: app.clock.id(),
            uploaded_by: self.owner.person.account,
            name: "roster.csv".into(),
            kind: FileKind::Csv,
            size: i32::try_from(content.len()).expect("small"),
            sha256: vec![0; 32],
            created_at: app.clock.now(),
        };
        self.stage
            .house
            .inside(async |conn| {
                persistence::file::insert(conn, organization, &file).await?;
                persistence::file::insert_piece(conn, organization, file.id, 0, content.into()).await
            })
            .await;
        json!(file.id.to_string())
    }
}

const ACCEPT: &str = "mutation($id: ID!) { acceptMatch(input: { id: $id }) { userErrors { code } } }";
const DECLINE: &str = "mutation($id: ID!) { declineMatch(input: { id: $id }) { userErrors { code } } }";
const PROPOSE: &str = "mutation($id: ID!) { proposeObjective(input: { matchId: $id, title: \"Read\" }) { objective { id } userErrors { code } } }";
const RATE: &str =
    "mutation($id: ID!) { rateObjective(input: { id: $id, rating: 1 }) { userErrors { code } } }";
const SCHEDULE: &str = "mutation($id: ID!, $at: DateTime!) { scheduleCheckIn(input: { matchId: $id, mode: PHONE, startsAt: $at }) { checkIn { id } userErrors { code } } }";
const MOVE: &str = "mutation($id: ID!, $at: DateTime!) { rescheduleCheckIn(input: { id: $id, mode: PHONE, startsAt: $at }) { checkIn { id } userErrors { code } } }";
const CANCEL: &str = "mutation($id: ID!) { cancelCheckIn(input: { id: $id }) { userErrors { code } } }";
const SEND: &str = "mutation($id: ID!) { sendMessage(input: { matchId: $id, body: \"Hello\" }) { message { id } userErrors { code } } }";
const READ: &str = "mutation($id: ID!, $message: ID!) { markConversationRead(input: { matchId: $id, messageId: $message }) { userErrors { code } } }";
const SHARE: &str = "mutation($id: ID!) { shareResource(input: { matchId: $id, title: \"Guide\", url: \"https://a.example\" }) { userErrors { code } } }";

fn step(name: &str) -> String {
    format!("mutation($id: ID!) {{ {name}(input: {{ id: $id }}) {{ userErrors {{ code }} }} }}")
}

#[tokio::test]
async fn everybody_is_told_what_they_expect_to_be_told() {
    let mut house = House::of(3).await;
    let offers = house.offers().await;
    let [first, second, third] = &offers[..] else { panic!("three offers: {offers:?}") };
    assert_eq!(house.owner.news().await, ["MATCHING_FINISHED"], "who asked for the run");
    for offer in &offers {
        assert_eq!(house.side(offer, "mentee").news().await, ["MATCH_OFFERED"]);
        house.side(offer, "mentor").news().await;
    }
    let offered: usize = house.mentors.iter().map(|(_, ears)| ears.heard.len()).sum();
    assert_eq!(offered, 3, "each mentor of each offer");

    for offer in [first, second] {
        house.does(offer, "mentor", ACCEPT, json!({ "id": offer["id"] }), &[], &[]).await;
    }
    let id = json!({ "id": first["id"] });
    house.does(first, "mentee", ACCEPT, id.clone(), &["MATCH_ACCEPTED"], &["MATCH_ACCEPTED"]).await;
    house.does(second, "mentee", DECLINE, json!({ "id": second["id"] }), &["MATCH_DECLINED"], &[]).await;
    house.stage.owner.0.done(&step("withdrawOffer"), json!({ "id": third["id"] })).await;
    house.both(third, &["MATCH_WITHDRAWN"]).await;

    objectives(&mut house, first).await;
    check_ins(&mut house, first).await;
    messages(&mut house, first).await;

    house.does(first, "mentor", SHARE, id.clone(), &[], &["RESOURCE_SHARED"]).await;
    let share = json!({ "programId": house.stage.program, "title": "Rules", "url": "https://b.example" });
    house.stage.owner.done("shareResource", share, "").await;
    house.both(first, &["RESOURCE_SHARED"]).await;
    assert_eq!(house.side(third, "mentee").news().await, ["RESOURCE_SHARED"], "everybody in the program");

    survey(&mut house).await;
    house.both(first, &["SURVEY_OPENED"]).await;

    let at = house.stage.house.test.clock().now() + TimeDelta::days(3);
    let plan = json!({ "id": first["id"], "at": at.to_rfc3339() });
    let planned = ["CHECK_IN_SCHEDULED"];
    house.does(first, "mentor", SCHEDULE, plan, &planned, &planned).await;
    house.stage.owner.done("closeMatch", json!({ "id": first["id"], "outcome": "COMPLETED" }), "").await;
    house.both(first, &["CHECK_IN_CANCELLED", "MATCH_CLOSED"]).await;

    let roster = house.upload("name,role\nEva,mentee\n").await;
    let import = json!({ "cohortId": house.stage.cohort, "fileId": roster, "dryRun": false });
    house.stage.owner.done("importRoster", import, "").await;
    house.stage.house.work().await;
    assert_eq!(house.owner.news().await, ["IMPORT_FINISHED"], "who asked for the import");

    for (_, ears) in house.mentors.iter_mut().chain(&mut house.mentees) {
        ears.news().await;
    }
    let again = house.offers().await;
    let offer = again.iter().find(|offer| offer["mentee"]["id"] == third["mentee"]["id"]).expect("an offer");
    house.both(offer, &["MATCH_OFFERED"]).await;
    assert_eq!(house.owner.news().await, ["MATCHING_FINISHED"]);
    house.stage.house.test.advance(TimeDelta::days(4));
    house.tick().await;
    house.both(offer, &["MATCH_EXPIRED"]).await;

    let everybody = house.mentors.iter().chain(&house.mentees).flat_map(|(_, ears)| ears.heard.clone());
    let told: BTreeSet<String> = everybody.chain(house.owner.heard.clone()).collect();
    let kinds: BTreeSet<String> = Kind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    assert_eq!(told, kinds, "no kind without somebody who is told");
}

async fn objectives(house: &mut House, offer: &Value) {
    let id = json!({ "id": offer["id"] });
    let proposed = house.does(offer, "mentor", PROPOSE, id, &[], &["OBJECTIVE_PROPOSED"]).await;
    let id = json!({ "id": proposed["objective"]["id"] });
    house.does(offer, "mentee", &step("agreeObjective"), id.clone(), &["OBJECTIVE_AGREED"], &[]).await;
    house.does(offer, "mentee", &step("startObjective"), id.clone(), &[], &[]).await;
    let submit = step("submitObjective");
    house.does(offer, "mentee", &submit, id.clone(), &["OBJECTIVE_SUBMITTED"], &[]).await;
    house.does(offer, "mentor", &step("returnObjective"), id.clone(), &[], &[]).await;
    house.does(offer, "mentee", &submit, id.clone(), &["OBJECTIVE_SUBMITTED"], &[]).await;
    house.does(offer, "mentor", RATE, id, &[], &["OBJECTIVE_RATED"]).await;
}

async fn check_ins(house: &mut House, offer: &Value) {
    let after = |house: &House, hours| {
        let at = house.stage.house.test.clock().now() + TimeDelta::hours(hours);
        json!(at.to_rfc3339())
    };
    let (planned, called_off) = (["CHECK_IN_SCHEDULED"], ["CHECK_IN_CANCELLED"]);
    let plan = json!({ "id": offer["id"], "at": after(house, 50) });
    let first = house.does(offer, "mentor", SCHEDULE, plan, &planned, &planned).await;
    let moved = json!({ "id": first["checkIn"]["id"], "at": after(house, 72) });
    let second = house.does(offer, "mentee", MOVE, moved, &planned, &planned).await;
    house.tick().await;
    house.both(offer, &[]).await;
    house.stage.house.test.advance(TimeDelta::hours(49));
    house.tick().await;
    house.tick().await;
    house.both(offer, &["CHECK_IN_REMINDER"]).await;
    let soon = json!({ "id": offer["id"], "at": after(house, 20) });
    let third = house.does(offer, "mentor", SCHEDULE, soon, &planned, &planned).await;
    house.tick().await;
    house.both(offer, &[]).await;
    let id = json!({ "id": third["checkIn"]["id"] });
    house.does(offer, "mentee", CANCEL, id, &called_off, &called_off).await;
    house.stage.house.test.advance(TimeDelta::hours(24 + 48));
    house.tick().await;
    house.both(offer, &["CHECK_IN_MISSED"]).await;
    let seen = "query($id: ID!) { checkIn(id: $id) { status } }";
    let person = house.side(offer, "mentor").person.clone();
    let missed = person.data(seen, json!({ "id": second["checkIn"]["id"] })).await;
    assert_eq!(missed["checkIn"]["status"], "MISSED");
}

/// One notice for all messages until the conversation is read, or the day is over.
async fn messages(house: &mut House, offer: &Value) {
    let id = json!({ "id": offer["id"] });
    let first = house.does(offer, "mentor", SEND, id.clone(), &[], &["MESSAGE_RECEIVED"]).await;
    let last = house.does(offer, "mentor", SEND, id.clone(), &[], &[]).await;
    assert_ne!(first["message"]["id"], last["message"]["id"]);
    let read = json!({ "id": offer["id"], "message": last["message"]["id"] });
    house.does(offer, "mentee", READ, read, &[], &[]).await;
    house.does(offer, "mentor", SEND, id.clone(), &[], &["MESSAGE_RECEIVED"]).await;
    house.stage.house.test.advance(TimeDelta::days(1));
    house.does(offer, "mentor", SEND, id, &[], &["MESSAGE_RECEIVED"]).await;
}

async fn survey(house: &mut House) {
    let input = json!({
        "programId": house.stage.program, "title": "How is it?",
        "questions": [{ "kind": "SCALE", "text": "Do you feel heard?", "minimum": 1, "maximum": 5 }],
    });
    let owner = &house.stage.owner;
    let survey = owner.done("createSurvey", input, "survey { id }").await["survey"]["id"].clone();
    let publish = "mutation($id: ID!) { publishSurvey(input: { surveyId: $id }) { userErrors { code } } }";
    owner.0.done(publish, json!({ "id": survey })).await;
    let closes = house.stage.house.test.clock().now() + TimeDelta::days(14);
    let wave = json!({ "surveyId": survey, "cohortId": house.stage.cohort, "closesAt": closes.to_rfc3339() });
    let wave = owner.done("scheduleSurveyWave", wave, "wave { id status }").await["wave"].clone();
    if wave["status"] == "SCHEDULED" {
        house.tick().await;
    }
}
