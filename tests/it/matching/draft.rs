//! What happens to a draft: hidden, published in part, judged again, and excluded from.
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    publish,
    stage::{Person, Stage, nodes, text},
};

/// Everything by which a participant could come upon a match, its run or the other person.
async fn sees(person: &Person, stage: &Stage, run: &Value, pair: &Value) -> Value {
    let document = "query ($run: ID!, $match: ID!, $mentor: ID!, $mentee: ID!, $cohort: ID!) {
        byId: match(id: $match) { id } byNode: node(id: $match) { id }
        run: matchingRun(id: $run) { id } runNode: node(id: $run) { id }
        mentor: profile(id: $mentor) { id } mentee: profile(id: $mentee) { id }
        cohort(id: $cohort) { matchingRuns { nodes { proposals { nodes { id } } } } }
    }";
    let variables = json!({
        "run": run["id"], "match": pair["id"], "mentor": pair["mentor"]["id"], "mentee": pair["mentee"]["id"],
        "cohort": stage.cohort,
    });
    person.data(document, variables).await
}

#[tokio::test]
async fn a_draft_is_hidden_until_it_is_published() {
    let stage = Stage::set(4).await;
    let run = stage.propose().await;
    let pair = &nodes(&run["proposals"])[0];
    let mentor = stage.as_participant(&text(&pair["mentor"]["id"])).await;
    let mentee = stage.as_participant(&text(&pair["mentee"]["id"])).await;
    let other = nodes(&run["proposals"]).iter().find(|it| it["mentor"] != pair["mentor"]).expect("a pair");
    let outsider = stage.as_participant(&text(&other["mentee"]["id"])).await;
    for (person, hidden) in [(&mentor, "mentee"), (&mentee, "mentor")] {
        let seen = sees(person, &stage, &run, pair).await;
        for name in ["byId", "byNode", "run", "runNode", hidden] {
            assert_eq!(seen[name], Value::Null, "{name}");
        }
        assert_eq!(seen["cohort"]["matchingRuns"]["nodes"], json!([]));
        let input = json!({ "matchId": pair["id"] });
        assert_eq!(person.refused("discardSuggestion", input).await, "NOT_FOUND input.matchId");
    }
    publish(&stage, &run, json!({})).await;
    for (person, shown) in [(&mentor, "mentee"), (&mentee, "mentor")] {
        let seen = sees(person, &stage, &run, pair).await;
        assert_eq!(seen["byId"]["id"], pair["id"]);
        assert_eq!(seen[shown]["id"], pair[shown]["id"]);
        assert_eq!((&seen["run"], &seen["runNode"]), (&Value::Null, &Value::Null));
        let input = json!({ "matchId": pair["id"] });
        assert_eq!(person.refused("discardSuggestion", input).await, "NOT_ALLOWED");
    }
    assert_eq!(sees(&outsider, &stage, &run, pair).await["byId"], Value::Null);
}

#[tokio::test]
async fn offers_end_after_the_days_of_the_policy() {
    let stage = Stage::set(2).await;
    let run = stage.propose().await;
    let before = stage.house.test.clock().now();
    let published = publish(&stage, &run, json!({ "expectedVersion": run["version"] })).await;
    assert_eq!(published["run"]["status"], "PUBLISHED");
    assert_eq!((&published["offeredCount"], &published["discarded"]), (&json!(2), &json!([])));
    let run = stage.read(&text(&run["id"])).await;
    for pair in nodes(&run["proposals"]) {
        assert_eq!(pair["status"], "OFFERED");
        let expires: DateTime<Utc> = text(&pair["offerExpiresAt"]).parse().expect("a moment");
        assert!((expires - before - TimeDelta::days(3)).num_seconds().abs() < 60, "{expires}");
    }
    let again = stage.owner.refused("publishMatchingRun", json!({ "id": run["id"] })).await;
    assert_eq!(again, "WRONG_STATE");
    let empty = stage.propose().await;
    assert_eq!(empty["menteeCount"], 0, "those with an offer are not looked at");
}

#[tokio::test]
async fn a_stale_or_foreign_choice_publishes_nothing() {
    let stage = Stage::set(3).await;
    let run = stage.propose().await;
    let id = &run["id"];
    let stale = json!({ "id": id, "expectedVersion": 1 });
    assert_eq!(stage.owner.refused("publishMatchingRun", stale).await, "STALE_VERSION input.expectedVersion");
    let pair = &nodes(&run["proposals"])[0]["id"];
    let foreign = json!({ "id": id, "matchIds": [pair, "match_00000000000000000000000001"] });
    assert_eq!(stage.owner.refused("publishMatchingRun", foreign).await, "NOT_FOUND input.matchIds.1");
    let now = stage.read(&text(id)).await;
    assert_eq!(now["status"], "COMPLETED");
    assert!(nodes(&now["proposals"]).iter().all(|pair| pair["status"] == "SUGGESTED"));
    let published = publish(&stage, &run, json!({ "matchIds": [pair] })).await;
    assert_eq!(published["offeredCount"], 1);
    assert_eq!(published["discarded"][0]["reason"], "NOT_CHOSEN");
    assert_eq!(published["discarded"][0]["count"], 2);
}

#[tokio::test]
async fn who_rests_since_the_run_is_not_offered() {
    let stage = Stage::set(2).await;
    let run = stage.propose().await;
    stage.owner.done("holdEnrollment", json!({ "id": stage.mentees[0].enrollment }), "").await;
    let published = publish(&stage, &run, json!({})).await;
    assert_eq!(published["offeredCount"], 1);
    assert_eq!(published["discarded"][0]["reason"], "NOT_TAKING_PART");
}

#[tokio::test]
async fn a_suggestion_is_discarded_alone() {
    let stage = Stage::set(2).await;
    let run = stage.propose().await;
    let input = json!({ "matchId": nodes(&run["proposals"])[0]["id"] });
    let discarded = stage.owner.done("discardSuggestion", input.clone(), "match { status }").await;
    assert_eq!(discarded["match"]["status"], "DISCARDED");
    assert_eq!(stage.owner.refused("discardSuggestion", input).await, "WRONG_STATE");
    assert_eq!(publish(&stage, &run, json!({})).await["offeredCount"], 1);
}

#[tokio::test]
async fn excluded_people_are_parted_on_every_path() {
    let stage = Stage::set(2).await;
    let (mentor, mentee) = (&stage.mentors[0].profile, &stage.mentees[0].profile);
    // Whoever of the two is named as the mentor.
    let input = json!({ "mentorId": mentee, "menteeId": mentor, "reason": "sisters" });
    let selection = "exclusion { id reason mentor { id } }";
    let excluded = stage.owner.done("addExclusion", input.clone(), selection).await;
    assert_eq!(excluded["exclusion"]["reason"], "sisters");
    assert_eq!(stage.owner.refused("addExclusion", input).await, "TAKEN input.menteeId");
    let run = stage.propose().await;
    let together = |pair: &&Value| pair["mentor"]["id"] == *mentor && pair["mentee"]["id"] == *mentee;
    assert!(!nodes(&run["proposals"]).iter().any(|pair| together(&pair)), "never proposed");

    let draft = &nodes(&run["proposals"])[0];
    let input = json!({ "mentorId": draft["mentor"]["id"], "menteeId": draft["mentee"]["id"] });
    stage.owner.done("addExclusion", input, "").await;
    let now = stage.read(&text(&run["id"])).await;
    let status = |id: &Value| {
        let found = nodes(&now["proposals"]).iter().find(|pair| pair["id"] == *id).expect("the pair").clone();
        text(&found["status"])
    };
    assert_eq!(status(&draft["id"]), "DISCARDED", "a suggestion is discarded");
    assert_eq!(publish(&stage, &run, json!({})).await["offeredCount"], 1);

    let offered = &nodes(&run["proposals"])[1];
    let input = json!({ "mentorId": offered["mentor"]["id"], "menteeId": offered["mentee"]["id"] });
    stage.set_match(&text(&offered["id"]), "ACTIVE").await;
    assert_eq!(stage.owner.refused("addExclusion", input.clone()).await, "WRONG_STATE");
    stage.set_match(&text(&offered["id"]), "OFFERED").await;
    stage.owner.done("addExclusion", input, "").await;
    let now = stage.read(&text(&run["id"])).await;
    assert_eq!(nodes(&now["proposals"])[1]["status"], "WITHDRAWN", "an offer is taken back");
}

#[tokio::test]
async fn an_exclusion_and_a_publication_at_once_never_leave_an_offer() {
    let stage = Stage::set(6).await;
    for _again in 0..4 {
        let run = stage.propose().await;
        let proposals = nodes(&run["proposals"]);
        let exclude = async |pair: &Value| {
            let input = json!({ "mentorId": pair["mentor"]["id"], "menteeId": pair["mentee"]["id"] });
            stage.owner.done("addExclusion", input, "exclusion { id }").await
        };
        let excluding = futures_util::future::join_all(proposals.iter().take(3).map(exclude));
        let (_, excluded) = futures_util::join!(publish(&stage, &run, json!({})), excluding);
        let now = stage.read(&text(&run["id"])).await;
        for pair in nodes(&now["proposals"]).iter().take(3) {
            assert!(pair["status"] == "DISCARDED" || pair["status"] == "WITHDRAWN", "{pair}");
        }
        for pair in nodes(&now["proposals"]).iter().skip(3) {
            stage.set_match(&text(&pair["id"]), "EXPIRED").await;
        }
        for exclusion in excluded {
            let id = &exclusion["exclusion"]["id"];
            stage.owner.done("removeExclusion", json!({ "id": id }), "removedId").await;
        }
    }
}

#[tokio::test]
async fn exclusions_are_for_staff_and_can_be_removed() {
    let stage = Stage::set(1).await;
    let (mentor, mentee) = (&stage.mentors[0].profile, &stage.mentees[0].profile);
    let input = json!({ "mentorId": mentor, "menteeId": mentee, "reason": "cousins" });
    let excluded = stage.owner.done("addExclusion", input.clone(), "exclusion { id }").await;
    let id = &excluded["exclusion"]["id"];
    let list = "{ exclusions { nodes { id reason mentor { id name } mentee { id name } } } }";
    let listed = stage.owner.data(list, json!({})).await;
    assert_eq!(nodes(&listed["exclusions"])[0]["reason"], "cousins");
    let same_program = stage.as_coordinator(&stage.program).await;
    assert_eq!(nodes(&same_program.data(list, json!({})).await["exclusions"]).len(), 1);
    let other = stage.open_program("Chess friends").await;
    let stranger = stage.as_coordinator(&other).await;
    assert!(nodes(&stranger.data(list, json!({})).await["exclusions"]).is_empty());
    let person = stage.as_participant(mentor).await;
    let node = "query ($id: ID!) { node(id: $id) { id } }";
    assert_eq!(person.data(node, json!({ "id": id })).await["node"], Value::Null);
    assert_eq!(person.refused("addExclusion", input.clone()).await, "NOT_FOUND input.menteeId");
    assert_eq!(person.refused("removeExclusion", json!({ "id": id })).await, "NOT_FOUND input.id");
    stage.owner.done("removeExclusion", json!({ "id": id }), "removedId").await;
    let same = json!({ "mentorId": mentor, "menteeId": mentor });
    assert_eq!(stage.owner.refused("addExclusion", same).await, "INVALID input.menteeId");
    stage.owner.done("addExclusion", input, "").await;
}
