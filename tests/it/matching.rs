//! Do runs propose the right pairs, does the draft stay hidden, and does publication judge every pair again?
mod cost;
mod draft;
pub mod stage;

use std::{collections::BTreeSet, time::Duration};

use api::Setup;
use futures_util::StreamExt;
use persistence::{job, request::RequestConnection};
use serde_json::{Value, json};

use crate::harness::{self, TestApp};
use stage::{Stage, nodes, text};

fn pairs(run: &Value) -> BTreeSet<(String, String)> {
    let proposals = nodes(&run["proposals"]).iter();
    proposals.map(|pair| (text(&pair["mentor"]["id"]), text(&pair["mentee"]["id"]))).collect()
}

fn allowed(run: &Value) -> Vec<&str> {
    let actions = run["allowedActions"].as_array().expect("actions").iter();
    actions.filter(|it| it["allowed"] == true).filter_map(|it| it["action"].as_str()).collect()
}

#[tokio::test]
async fn everybody_who_can_be_is_matched_and_points_add_up() {
    let stage = Stage::set(5).await;
    let run = stage.propose().await;
    assert_eq!((&run["status"], &run["progress"]), (&json!("COMPLETED"), &json!(100)));
    let counts = ["menteeCount", "mentorCount", "matchedCount"].map(|name| run[name].as_i64());
    assert_eq!(counts, [Some(5), Some(3), Some(5)]);
    assert_eq!(text(&run["inputHash"]).len(), 64);
    assert_eq!(run["unmatched"], json!({ "totalCount": 0, "nodes": [] }));
    assert_eq!(allowed(&run), ["publishMatchingRun", "discardMatchingRun"]);
    let proposals = nodes(&run["proposals"]);
    let scores: Vec<i64> = proposals.iter().filter_map(|pair| pair["score"].as_i64()).collect();
    assert!(scores.is_sorted_by(|one, next| one >= next), "best first: {scores:?}");
    assert_eq!(run["totalScore"].as_i64(), Some(scores.iter().sum()));
    for pair in proposals {
        let points = pair["criteria"].as_array().expect("criteria").iter().map(|it| it["points"].as_i64());
        assert_eq!(points.map(Option::unwrap).sum::<i64>(), pair["score"].as_i64().unwrap());
        assert_eq!(pair["status"], "SUGGESTED");
    }
}

#[tokio::test]
async fn the_same_question_has_the_same_answer() {
    let stage = Stage::set(6).await;
    let first = stage.propose().await;
    let discarded =
        stage.owner.done("discardMatchingRun", json!({ "id": first["id"] }), "run { status }").await;
    assert_eq!(discarded["run"]["status"], "DISCARDED");
    let again = stage.read(&text(&first["id"])).await;
    assert!(nodes(&again["proposals"]).iter().all(|pair| pair["status"] == "DISCARDED"));
    let second = stage.propose().await;
    assert_eq!((&first["inputHash"], pairs(&first)), (&second["inputHash"], pairs(&second)));
    assert_eq!(first["engineVersion"], second["engineVersion"]);
}

#[tokio::test]
async fn a_minor_without_consent_is_never_proposed() {
    let stage = Stage::set(1).await;
    let minor = json!({ "birthDate": "2013-05-01" });
    let without = stage.enroll("MENTEE", 7, minor.clone()).await;
    let with = stage.enroll("MENTEE", 8, minor).await;
    let consent = stage.consent(&with.profile).await;
    let run = stage.propose().await;
    let matched: BTreeSet<String> = pairs(&run).into_iter().map(|(_, mentee)| mentee).collect();
    assert!(matched.contains(&with.profile) && !matched.contains(&without.profile));
    let unmatched = &nodes(&run["unmatched"])[0];
    assert_eq!(unmatched["mentee"]["id"], without.enrollment.as_str());
    assert_eq!(unmatched["reason"], "NO_FEASIBLE_MENTOR");
    assert_eq!(unmatched["rules"], json!([{ "rule": "CONSENT_MISSING", "mentors": 3 }]));
    assert_eq!(unmatched["sentence"], "No mentor is possible: 3 need the consent of a guardian.");
    stage.owner.done("withdrawConsent", json!({ "id": consent }), "").await;
    let published = publish(&stage, &run, json!({})).await;
    assert_eq!(published["discarded"][0]["reason"], "CONSENT_MISSING", "withdrawn since the run");
    assert_eq!((&published["offeredCount"], &published["discardedCount"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn those_without_a_place_learn_who_competes() {
    let stage = Stage::set(8).await;
    let run = stage.propose().await;
    assert_eq!(run["matchedCount"], 6, "three mentors with two places");
    let unmatched = nodes(&run["unmatched"]);
    assert_eq!(unmatched.len(), 2);
    assert_eq!(unmatched[0]["reason"], "CAPACITY_EXHAUSTED");
    assert_eq!(unmatched[0]["alternates"].as_array().map(Vec::len), Some(3));
    assert_eq!(unmatched[0]["alternates"][0]["hasRoom"], false);
}

#[tokio::test]
async fn one_of_ten_parallel_starts_succeeds() {
    let stage = Stage::set(1).await;
    let start = async |_| {
        let input = json!({ "cohortId": stage.cohort });
        let payload = stage.owner.mutate("startMatchingRun", input, "run { id }").await;
        payload["userErrors"][0].clone()
    };
    let answers: Vec<Value> = futures_util::future::join_all((0..10).map(start)).await;
    let refused: Vec<&Value> = answers.iter().filter(|error| !error.is_null()).collect();
    assert_eq!(refused.len(), 9);
    for error in refused {
        assert_eq!(*error, json!({ "code": "WRONG_STATE", "path": ["input", "cohortId"] }));
    }
}

#[tokio::test]
async fn a_cancelled_run_leaves_nothing_behind() {
    let stage = Stage::set(3).await;
    let run = stage.start().await;
    assert_eq!(allowed(&stage.read(&run).await), ["cancelMatchingRun"]);
    stage.owner.done("cancelMatchingRun", json!({ "id": run }), "").await;
    stage.house.work().await;
    let run = stage.read(&run).await;
    assert_eq!((&run["status"], &run["matchedCount"]), (&json!("CANCELLED"), &Value::Null));
    assert!(nodes(&run["proposals"]).is_empty());
    assert_eq!(stage.owner.refused("cancelMatchingRun", json!({ "id": run["id"] })).await, "WRONG_STATE");
    assert_eq!(stage.propose().await["status"], "COMPLETED", "another one can start");
}

#[tokio::test]
async fn a_server_does_the_run_by_itself_and_takes_over_from_a_dead_worker() {
    let stage = Stage::on(harness::Stage::on(TestApp::with(Setup::default()).await).await, 2).await;
    let ended = async |run: &str| {
        for _ in 0..200 {
            let now = stage.read(run).await;
            if now["status"] == "COMPLETED" {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the run does not end");
    };
    let run = ended(&stage.start().await).await;
    assert_eq!(run["matchedCount"], 2);
    publish(&stage, &run, json!({ "matchIds": [] })).await;

    let alone = Stage::set(2).await;
    let run = alone.start().await;
    let desk = RequestConnection::new(alone.house.test.app.pool.clone(), None);
    let now = alone.house.test.clock().now();
    let claim = async |seconds| {
        let token = alone.house.test.clock().uuid();
        desk.write(async move |conn| job::claim(conn, token, Duration::from_secs_f64(seconds), now).await)
            .await
            .expect("claimed")
    };
    assert_eq!(claim(0.3).await.expect("due").kind, "RUN_MATCHING");
    alone.house.work().await;
    assert_eq!(alone.read(&run).await["status"], "QUEUED", "another worker holds it");
    tokio::time::sleep(Duration::from_millis(400)).await;
    alone.house.work().await;
    assert_eq!(alone.read(&run).await["status"], "COMPLETED", "its lease is over");
    assert!(claim(60.0).await.is_none(), "nothing is left to do");
}

#[tokio::test]
async fn listeners_hear_how_a_run_goes() {
    let stage = Stage::set(2).await;
    let run = stage.start().await;
    let document = "subscription ($id: ID!) { matchingRunChanged(runId: $id) { status matchedCount } }";
    let heard = stage.owner.0.listen(document, json!({ "id": run })).await;
    let mut heard = std::pin::pin!(heard.map(|data| text(&data["matchingRunChanged"]["status"])));
    assert_eq!(heard.next().await.as_deref(), Some("QUEUED"));
    stage.house.work().await;
    let ended = async {
        while let Some(status) = heard.next().await {
            if status == "COMPLETED" {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), ended).await.expect("it was told");
}

#[tokio::test]
async fn only_those_who_manage_the_program_reach_its_runs() {
    let stage = Stage::set(2).await;
    let other = stage.open_program("Chess friends").await;
    let stranger = stage.as_coordinator(&other).await;
    let own = stage.as_coordinator(&stage.program).await;
    let run = text(&stage.propose().await["id"]);
    let read = "query ($id: ID!) { matchingRun(id: $id) { id } node(id: $id) { id } }";
    let nothing = json!({ "matchingRun": null, "node": null });
    assert_eq!(stranger.data(read, json!({ "id": run })).await, nothing);
    assert_eq!(own.data(read, json!({ "id": run })).await["matchingRun"]["id"], run.as_str());
    for mutation in ["discardMatchingRun", "publishMatchingRun"] {
        assert_eq!(stranger.refused(mutation, json!({ "id": run })).await, "NOT_FOUND input.id");
    }
    let input = json!({ "cohortId": stage.cohort });
    assert_eq!(stranger.refused("startMatchingRun", input.clone()).await, "NOT_FOUND input.cohortId");
    let mentor = stage.as_participant(&stage.mentors[0].profile).await;
    assert_eq!(mentor.refused("startMatchingRun", input).await, "NOT_ALLOWED");
    own.done("publishMatchingRun", json!({ "id": run }), "").await;
}

/// Publishes a run; `more` is added to the input.
async fn publish(stage: &Stage, run: &Value, more: Value) -> Value {
    let mut input = json!({ "id": run["id"] });
    input.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let selection = "run { status } offeredCount discardedCount discarded { reason count matchIds }";
    stage.owner.done("publishMatchingRun", input, selection).await
}
