//! The audit log: does it say who did what, also what was denied, and who reads it?
use chrono::TimeDelta;
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Person, Stage};

const EVENTS: &str = "query($object: ID) { auditEvents(objectId: $object, first: 50) {
    nodes { action outcome accountId objectId requestId } } }";
const RENAME: &str = "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) {
    organization { name } userErrors { code } } }";

async fn events(reader: &Person, object: &Value) -> Vec<Value> {
    let data = reader.data(EVENTS, json!({ "object": object })).await;
    data["auditEvents"]["nodes"].as_array().expect("events").clone()
}

#[tokio::test]
async fn each_change_is_noted_with_who_did_it_and_nothing_of_what_they_wrote() {
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let told = events(&stage.owner, &program).await;
    let actions: Vec<&Value> = told.iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["publishProgram", "createProgram"], "newest first");
    for event in &told {
        assert_eq!(event["accountId"], stage.owner.account.to_string());
        assert_eq!((&event["outcome"], &event["objectId"]), (&json!("DONE"), &program));
    }
    assert!(!json!(told).to_string().contains("Reading friends"));
}

#[tokio::test]
async fn what_was_denied_is_noted_once_an_hour_and_what_was_refused_is_not() {
    let stage = Stage::new().await;
    let analyst = stage.staff(Role::Analyst, None).await;
    let rename = |name: &str| json!({ "input": { "name": name } });
    for _ in 0..3 {
        assert!(analyst.refused(RENAME, rename("Mine")).await.starts_with("NOT_ALLOWED"));
    }
    assert!(stage.owner.refused(RENAME, rename(" ")).await.starts_with("REQUIRED"));
    let denied = |events: Vec<Value>| {
        events.into_iter().filter(|event| event["outcome"] == "DENIED").collect::<Vec<_>>()
    };
    let noted = denied(events(&stage.owner, &Value::Null).await);
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0]["action"], "updateOrganization");
    assert_eq!(noted[0]["accountId"], analyst.account.to_string());
    assert_eq!(noted[0]["objectId"], stage.organization.to_string());
    stage.test.advance(TimeDelta::minutes(61));
    assert!(analyst.refused(RENAME, rename("Mine")).await.starts_with("NOT_ALLOWED"));
    assert_eq!(denied(events(&stage.owner, &Value::Null).await).len(), 2);
}

#[tokio::test]
async fn owners_and_admins_read_it_and_nobody_else() {
    let stage = Stage::new().await;
    stage.program("Reading friends").await;
    let admin = stage.staff(Role::Admin, None).await;
    assert!(!events(&admin, &Value::Null).await.is_empty());
    for role in [Role::Coordinator, Role::SafeguardingLead, Role::Analyst] {
        let person = stage.staff(role, None).await;
        let answer = person.answer(EVENTS, json!({})).await;
        assert_eq!(answer, Err("\"FORBIDDEN\"".to_owned()), "{role}");
    }
    assert_eq!(events(&stage.outsider().await, &Value::Null).await, Vec::<Value>::new());
}
