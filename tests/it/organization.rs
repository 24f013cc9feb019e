//! Organizations: who changes one, and who gives and takes which role?
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Stage, TestApp};

const GRANT: &str = "mutation($input: GrantRoleInput!) { grantRole(input: $input) {
    grant { id role programId } userErrors { code path } } }";
const REVOKE: &str =
    "mutation($id: ID!) { revokeRole(input: { grantId: $id }) { revokedId userErrors { code path } } }";
const UPDATE: &str = "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) {
    organization { name timeZone digitalConsentAge version } userErrors { code path } } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id name } userErrors { code path } } }";

#[tokio::test]
async fn an_organization_is_changed_by_its_owners_and_admins() {
    let stage = Stage::new().await;
    let input = json!({ "name": "Brighter Futures", "digitalConsentAge": 14, "expectedVersion": 1 });
    let changed = stage.owner.done(UPDATE, json!({ "input": input })).await["organization"].clone();
    assert_eq!((&changed["name"], &changed["digitalConsentAge"]), (&json!("Brighter Futures"), &json!(14)));
    assert!(stage.owner.refused(UPDATE, json!({ "input": input })).await.starts_with("STALE_VERSION"));
    for (field, value, refusal) in [
        ("name", json!(" "), "REQUIRED input.name"),
        ("timeZone", json!("Mars/Olympus"), "INVALID input.timeZone"),
        ("digitalConsentAge", json!(12), "OUT_OF_RANGE input.digitalConsentAge"),
    ] {
        assert_eq!(stage.owner.refused(UPDATE, json!({ "input": { field: value } })).await, refusal);
    }
    let coordinator = stage.staff(Role::Coordinator, None).await;
    let rename = json!({ "input": { "name": "Mine" } });
    assert!(coordinator.refused(UPDATE, rename).await.starts_with("NOT_ALLOWED"));
}

#[tokio::test]
async fn who_is_in_two_organizations_says_in_which_they_act() {
    let app = TestApp::start().await;
    let ana = app.person("Ana").await;
    let mut ids = Vec::new();
    for name in ["First", "Second"] {
        let input = json!({ "input": { "name": name, "timeZone": "Europe/Lisbon" } });
        ids.push(ana.done(CREATE, input).await["organization"]["id"].clone());
    }
    let unsaid = ana.send("{ organization { name } }", json!({})).await;
    assert_eq!(unsaid.body["errors"][0]["extensions"]["code"], "ORGANIZATION_REQUIRED");
    for (id, name) in ids.iter().zip(["First", "Second"]) {
        let there = ana.in_organization(id.as_str().expect("an id"));
        assert_eq!(there.data("{ organization { name } }", json!({})).await["organization"]["name"], name);
    }
    let twice = json!({ "input": { "id": ids[0], "name": "Third", "timeZone": "Europe/Lisbon" } });
    assert_eq!(ana.refused(CREATE, twice).await, "TAKEN input.id");
}

#[tokio::test]
async fn roles_are_given_by_those_above_and_the_last_owner_stays() {
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let admin = stage.staff(Role::Admin, None).await;
    let member = stage.person(&stage.profile("Eva").await).await;
    let wish = |role: &str, program: Value| json!({ "input": { "accountId": member.account.to_string(), "role": role, "programId": program } });
    assert!(admin.refused(GRANT, wish("ADMIN", Value::Null)).await.starts_with("NOT_ALLOWED"));
    assert_eq!(stage.owner.refused(GRANT, wish("MENTOR", Value::Null)).await, "INVALID input.role");
    assert_eq!(stage.owner.refused(GRANT, wish("ANALYST", program.clone())).await, "INVALID input.programId");
    let given = admin.done(GRANT, wish("COORDINATOR", program.clone())).await["grant"].clone();
    assert_eq!(given["programId"], program);
    let read = "query($id: ID!) { program(id: $id) { allowedActions { action allowed } } }";
    let pause = |data: Value| {
        let actions = data["program"]["allowedActions"].as_array().expect("actions").clone();
        actions.iter().any(|action| action["action"] == "pauseProgram" && action["allowed"] == true)
    };
    assert!(pause(member.data(read, json!({ "id": program })).await));

    let outsider = stage.outsider().await;
    assert!(outsider.refused(REVOKE, json!({ "id": given["id"] })).await.starts_with("NOT_FOUND"));
    admin.done(REVOKE, json!({ "id": given["id"] })).await;
    assert_eq!(member.data(read, json!({ "id": program })).await["program"], Value::Null);

    let staff = "{ roleGrants { nodes { id role } } }";
    let grants = stage.owner.data(staff, json!({})).await["roleGrants"]["nodes"].clone();
    let owner =
        grants.as_array().expect("grants").iter().find(|grant| grant["role"] == "OWNER").expect("one");
    assert!(stage.owner.refused(REVOKE, json!({ "id": owner["id"] })).await.starts_with("LAST_OWNER"));
    assert!(member.answer(staff, json!({})).await.is_err(), "who has which role is for owners and admins");
}
