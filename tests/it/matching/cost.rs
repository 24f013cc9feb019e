//! Does a screen of matching cost as many statements for few pairs as for many?
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use api::Setup;
use serde_json::json;

use super::stage::{Stage, text};
use crate::harness::{self, TestApp};

const SCREEN: &str = "query ($cohort: ID!) {
    cohort(id: $cohort) { matchingRuns(first: 10) { nodes {
        cohort { name } allowedActions { action }
        proposals(first: 20) { nodes {
            mentor { name email } mentee { name minor } cohort { name } criteria { sentence }
        } }
        unmatched(first: 10) { nodes {
            mentee { profile { name } } alternates { mentor { profile { name } } }
        } }
    } } }
    exclusions(first: 10) { nodes { mentor { name } mentee { name } } }
}";

#[tokio::test]
async fn a_screen_costs_as_many_statements_for_few_pairs_as_for_many() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let observer: persistence::pool::Observer = Arc::new(move |_: &str| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let app = TestApp::with(Setup { observer: Some(observer), ..Setup::default() }).await;
    let mut stage = Stage::on(harness::Stage::on(app).await, 7).await;
    let mut costs = Vec::new();
    for number in 0..3 {
        let run = stage.propose().await;
        count.store(0, Ordering::Relaxed);
        stage.owner.data(SCREEN, json!({ "cohort": stage.cohort })).await;
        costs.push(count.load(Ordering::Relaxed));
        stage.owner.done("discardMatchingRun", json!({ "id": text(&run["id"]) }), "").await;
        for more in 0..3 {
            let mentee = stage.enroll("MENTEE", 10 + 3 * number + more, json!({})).await;
            let input = json!({ "mentorId": stage.mentors[more].profile, "menteeId": mentee.profile });
            stage.owner.done("addExclusion", input, "").await;
            stage.mentees.push(mentee);
        }
    }
    // The first screen has no exclusion, and so nobody to load for the list of them.
    assert!(costs[1] == costs[2] && costs[0] <= costs[1], "{costs:?}");
}
