//! Consents: is what a guardian agreed to recorded once, and who reads it?
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Person, Stage};

const RECORD: &str = "mutation($input: RecordConsentInput!) { recordConsent(input: $input) {
    consent { id profileId status method givenBy grantedOn withdrawnAt version allowedActions { action allowed } }
    userErrors { code path } } }";
const WITHDRAW: &str = "mutation($input: WithdrawConsentInput!) { withdrawConsent(input: $input) {
    consent { status withdrawnAt allowedActions { action allowed } } userErrors { code path } } }";

fn consent(profile: &Value) -> Value {
    json!({ "profileId": profile, "purpose": "PARTICIPATION", "method": "PAPER", "textVersion": "2026-1",
        "givenBy": "Rita Müller", "grantedOn": "2026-01-10" })
}

async fn record(person: &Person, profile: &Value) -> Value {
    person.done(RECORD, json!({ "input": consent(profile) })).await["consent"].clone()
}

#[tokio::test]
async fn a_consent_is_recorded_withdrawn_and_recorded_anew() {
    let stage = Stage::new().await;
    let profile = stage.profile("Ana").await;
    let first = record(&stage.owner, &profile).await;
    assert_eq!((&first["status"], &first["withdrawnAt"]), (&json!("GRANTED"), &Value::Null));
    assert_eq!(first["allowedActions"], json!([{ "action": "withdrawConsent", "allowed": true }]));
    let twice = stage.owner.refused(RECORD, json!({ "input": consent(&profile) })).await;
    assert_eq!(twice, "TAKEN input.purpose");
    let which = json!({ "input": { "id": first["id"], "expectedVersion": 1 } });
    let withdrawn = stage.owner.done(WITHDRAW, which.clone()).await["consent"].clone();
    assert_eq!((&withdrawn["status"], withdrawn["withdrawnAt"].is_string()), (&json!("WITHDRAWN"), true));
    assert_eq!(withdrawn["allowedActions"], json!([{ "action": "withdrawConsent", "allowed": false }]));
    let again = json!({ "input": { "id": first["id"] } });
    assert_eq!(stage.owner.refused(WITHDRAW, again).await, "WRONG_STATE");
    record(&stage.owner, &profile).await;
    let query = "query($id: ID!) { profile(id: $id) { consents { nodes { status } } } }";
    let data = stage.owner.data(query, json!({ "id": profile })).await;
    let history = json!([{ "status": "GRANTED" }, { "status": "WITHDRAWN" }]);
    assert_eq!(data["profile"]["consents"]["nodes"], history);
}

#[tokio::test]
async fn what_is_wrong_with_a_consent_is_said_by_field() {
    let stage = Stage::new().await;
    let profile = stage.profile("Ana").await;
    for (field, value, expected) in [
        ("givenBy", json!(" "), "REQUIRED input.givenBy"),
        ("grantedOn", json!("2199-01-01"), "OUT_OF_RANGE input.grantedOn"),
        ("textVersion", json!("x".repeat(61)), "TOO_LONG input.textVersion"),
        ("profileId", json!("profile_00000000000000000000000001"), "NOT_FOUND input.profileId"),
    ] {
        let mut input = consent(&profile);
        input[field] = value;
        assert_eq!(stage.owner.refused(RECORD, json!({ "input": input })).await, expected);
    }
}

#[tokio::test]
async fn who_reads_a_consent_and_who_records_one() {
    let stage = Stage::new().await;
    let (program, other) = (stage.program("Reading friends").await, stage.program("Robotics").await);
    let (ward, guardian, peer) =
        (stage.profile("Ana").await, stage.profile("Rita").await, stage.profile("Eva").await);
    let cohort = stage.cohort(&program).await;
    stage.enroll(&cohort, &ward, "MENTEE").await;
    let link = "mutation($input: GuardianInput!) { linkGuardian(input: $input) { userErrors { code } } }";
    stage.owner.done(link, json!({ "input": { "wardId": ward, "guardianId": guardian } })).await;
    let id = record(&stage.owner, &ward).await["id"].clone();
    let query = "query($id: ID!) { node(id: $id) { id } }";
    for (who, person, sees, change) in [
        ("safeguarding lead", stage.staff(Role::SafeguardingLead, None).await, true, "TAKEN input.purpose"),
        ("coordinator", stage.staff(Role::Coordinator, Some(&program)).await, true, "TAKEN input.purpose"),
        (
            "coordinator of another",
            stage.staff(Role::Coordinator, Some(&other)).await,
            false,
            "NOT_FOUND input.profileId",
        ),
        ("the minor", stage.person(&ward).await, true, "NOT_ALLOWED"),
        ("the guardian", stage.person(&guardian).await, true, "NOT_ALLOWED"),
        ("somebody else", stage.person(&peer).await, false, "NOT_FOUND input.profileId"),
        ("outsider", stage.outsider().await, false, "NOT_FOUND input.profileId"),
    ] {
        assert_eq!(person.data(query, json!({ "id": id })).await["node"].is_object(), sees, "{who}");
        let refused = person.refused(RECORD, json!({ "input": consent(&ward) })).await;
        assert_eq!(refused, change, "{who}");
    }
}
