//! Cohorts: do they mind their program, and what happens to their people at the end?
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::Stage;

const CREATE: &str = "mutation($input: CreateCohortInput!) { createCohort(input: $input) {
    cohort { id name status startsOn endsOn program { id } } userErrors { code path } } }";
const UPDATE: &str = "mutation($input: UpdateCohortInput!) { updateCohort(input: $input) {
    cohort { name endsOn version } userErrors { code path } } }";

fn step(name: &str) -> String {
    format!(
        "mutation($id: ID!) {{ {name}(input: {{ id: $id }}) {{ cohort {{ status }} userErrors {{ code path }} }} }}"
    )
}

fn draft(program: &Value, name: &str) -> Value {
    json!({ "input": { "programId": program, "name": name, "startsOn": "2027-02-01", "endsOn": "2027-07-31" } })
}

/// A cohort of a published program that these steps were taken with.
async fn after(stage: &Stage, program: &Value, steps: &[&str]) -> Value {
    let name = format!("Cohort {}", stage.test.app.clock.uuid());
    let cohort = stage.owner.done(CREATE, draft(program, &name)).await["cohort"]["id"].clone();
    for name in steps {
        stage.owner.done(&step(name), json!({ "id": cohort })).await;
    }
    cohort
}

#[tokio::test]
async fn a_cohort_is_a_round_of_its_program() {
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let cohort = stage.owner.done(CREATE, draft(&program, "Spring")).await["cohort"].clone();
    assert_eq!((&cohort["status"], &cohort["endsOn"]), (&json!("DRAFT"), &json!("2027-07-31")));
    assert_eq!(cohort["program"]["id"], program);
    assert_eq!(stage.owner.refused(CREATE, draft(&program, "Spring")).await, "TAKEN input.name");
    let input = json!({ "input": { "id": cohort["id"], "endsOn": "2027-01-01" } });
    assert_eq!(stage.owner.refused(UPDATE, input).await, "OUT_OF_RANGE input.endsOn");
    let input = json!({ "input": { "id": cohort["id"], "name": "Spring 2027", "expectedVersion": 1 } });
    let edited = stage.owner.done(UPDATE, input).await["cohort"].clone();
    assert_eq!(edited, json!({ "name": "Spring 2027", "endsOn": "2027-07-31", "version": 2 }));
}

#[tokio::test]
async fn a_cohort_opens_only_while_its_program_is_active() {
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let cohort = after(&stage, &program, &[]).await;
    let pause = "mutation($id: ID!) { pauseProgram(input: { id: $id }) { userErrors { code } } }";
    stage.owner.done(pause, json!({ "id": program })).await;
    assert_eq!(stage.owner.refused(&step("openCohort"), json!({ "id": cohort })).await, "WRONG_STATE");
    let query = "query($id: ID!) { cohort(id: $id) { allowedActions { action allowed } } }";
    let data = stage.owner.data(query, json!({ "id": cohort })).await;
    assert_eq!(data["cohort"]["allowedActions"][0], json!({ "action": "openCohort", "allowed": false }));
}

#[tokio::test]
async fn everybody_leaves_with_the_cohort() {
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let profile = stage.profile("Ana").await;
    for (steps, expected) in [
        (&["startCohort", "closeCohort", "completeCohort"][..], "COMPLETED"),
        (&["cancelCohort"], "WITHDRAWN"),
    ] {
        let cohort = after(&stage, &program, &["openCohort"]).await;
        let enrollment = stage.enroll(&cohort, &profile, "MENTEE").await;
        for name in steps {
            stage.owner.done(&step(name), json!({ "id": cohort })).await;
        }
        let query = "query($id: ID!) { enrollment(id: $id) { status } }";
        let data = stage.owner.data(query, json!({ "id": enrollment })).await;
        assert_eq!(data["enrollment"]["status"], expected);
    }
}

#[tokio::test]
async fn who_sees_a_cohort_and_who_changes_it() {
    let stage = Stage::new().await;
    let (program, other) = (stage.program("Reading friends").await, stage.program("Robotics").await);
    let cohort = stage.cohort(&program).await;
    let profile = stage.profile("Ana").await;
    stage.enroll(&cohort, &profile, "MENTEE").await;
    let query = "query($id: ID!, $program: ID!) { cohort(id: $id) { name } node(id: $id) { id }
        program(id: $program) { cohorts { nodes { id } } } }";
    let rename = json!({ "input": { "id": cohort, "name": "Renamed" } });
    for (who, person, sees, change) in [
        ("coordinator of its program", stage.staff(Role::Coordinator, Some(&program)).await, true, None),
        (
            "coordinator of another",
            stage.staff(Role::Coordinator, Some(&other)).await,
            false,
            Some("NOT_FOUND input.id"),
        ),
        ("safeguarding lead", stage.staff(Role::SafeguardingLead, None).await, true, Some("NOT_ALLOWED")),
        ("somebody in it", stage.person(&profile).await, true, Some("NOT_ALLOWED")),
        ("outsider", stage.outsider().await, false, Some("NOT_FOUND input.id")),
    ] {
        let data = person.data(query, json!({ "id": cohort, "program": program })).await;
        assert_eq!(data["cohort"].is_object(), sees, "{who}");
        assert_eq!(data["node"].is_object(), sees, "{who}");
        assert_eq!(data["program"]["cohorts"]["nodes"][0]["id"] == cohort, sees, "{who}");
        match change {
            None => assert_eq!(person.done(UPDATE, rename.clone()).await["cohort"]["name"], "Renamed"),
            Some(code) => assert_eq!(person.refused(UPDATE, rename.clone()).await, code, "{who}"),
        }
    }
}
