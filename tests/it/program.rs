//! Programs: do they live as promised, and who may see and change them?
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Person, Stage};

const CREATE: &str = "mutation($input: CreateProgramInput!) { createProgram(input: $input) {
    program { id status version timeZone policyNumber objectives { title measure }
        policy { number cadenceDays offerDays anonymityMinimum weights { goals interests availability language timeZone } } }
    userErrors { code path } } }";
const UPDATE: &str = "mutation($input: UpdateProgramInput!) { updateProgram(input: $input) {
    program { name version objectives { title } } userErrors { code path } } }";
const POLICY: &str = "mutation($input: ChangeProgramPolicyInput!) { changeProgramPolicy(input: $input) {
    program { policyNumber version now: policy { number cadenceDays offerDays } first: policy(number: 1) { cadenceDays }
        never: policy(number: 9) { number } } userErrors { code path } } }";

fn step(name: &str) -> String {
    format!(
        "mutation($id: ID!) {{ {name}(input: {{ id: $id }}) {{ program {{ status }} userErrors {{ code path }} }} }}"
    )
}

async fn create(person: &Person, name: &str) -> Value {
    let input = json!({ "name": name, "objectives": [{ "title": "Confidence" }] });
    person.done(CREATE, json!({ "input": input })).await["program"]["id"].clone()
}

#[tokio::test]
async fn a_program_begins_in_preparation_with_objectives_and_the_first_policy() {
    let stage = Stage::new().await;
    let objectives = json!([{ "title": "Confidence" }, { "title": "Grades", "measure": "Grade average" }]);
    let input =
        json!({ "name": "Reading friends", "objectives": objectives, "policy": { "cadenceDays": 7 } });
    let program = stage.owner.done(CREATE, json!({ "input": input })).await["program"].clone();
    assert_eq!(program["status"], "DRAFT");
    assert_eq!(program["timeZone"], "Europe/Lisbon", "the organization's");
    assert_eq!(program["objectives"][1], json!({ "title": "Grades", "measure": "Grade average" }));
    let policy = &program["policy"];
    assert_eq!(
        (&policy["number"], &policy["cadenceDays"], &policy["offerDays"]),
        (&json!(1), &json!(7), &json!(7))
    );
    let weights: i64 =
        policy["weights"].as_object().expect("weights").values().filter_map(Value::as_i64).sum();
    assert_eq!(weights, 10_000);
}

#[tokio::test]
async fn what_is_wrong_with_a_program_is_said_by_field() {
    let stage = Stage::new().await;
    create(&stage.owner, "Reading friends").await;
    let objectives = json!([{ "title": "Confidence" }]);
    for (input, expected) in [
        (json!({ "name": " ", "objectives": objectives }), "REQUIRED input.name"),
        (json!({ "name": "Reading friends", "objectives": objectives }), "TAKEN input.name"),
        (json!({ "name": "A", "objectives": [] }), "OUT_OF_RANGE input.objectives"),
        (json!({ "name": "A", "objectives": [{ "title": "" }] }), "REQUIRED input.objectives.0.title"),
        (
            json!({ "name": "A", "objectives": objectives, "timeZone": "Mars/North" }),
            "INVALID input.timeZone",
        ),
        (
            json!({ "name": "A", "objectives": objectives, "policy": { "anonymityMinimum": 4 } }),
            "OUT_OF_RANGE input.policy.anonymityMinimum",
        ),
    ] {
        assert_eq!(stage.owner.refused(CREATE, json!({ "input": input })).await, expected);
    }
}

#[tokio::test]
async fn an_id_made_by_the_client_creates_one_program() {
    let stage = Stage::new().await;
    let program = create(&stage.owner, "Reading friends").await;
    let again = json!({ "id": program, "name": "Another", "objectives": [{ "title": "Confidence" }] });
    assert_eq!(stage.owner.refused(CREATE, json!({ "input": again })).await, "TAKEN input.id");
}

#[tokio::test]
async fn an_edit_replaces_objectives_and_minds_the_version() {
    let stage = Stage::new().await;
    let program = create(&stage.owner, "Reading friends").await;
    let input =
        json!({ "id": program, "expectedVersion": 1, "objectives": [{ "title": "B" }, { "title": "A" }] });
    let edited = stage.owner.done(UPDATE, json!({ "input": input })).await["program"].clone();
    assert_eq!((&edited["name"], &edited["version"]), (&json!("Reading friends"), &json!(2)));
    assert_eq!(edited["objectives"], json!([{ "title": "B" }, { "title": "A" }]));
    let stale = stage.owner.refused(UPDATE, json!({ "input": input })).await;
    assert_eq!(stale, "STALE_VERSION input.expectedVersion");
}

#[tokio::test]
async fn a_new_policy_leaves_the_old_ones_as_they_were() {
    let stage = Stage::new().await;
    let program = create(&stage.owner, "Reading friends").await;
    let input = json!({ "programId": program, "policy": { "cadenceDays": 7 } });
    let changed = stage.owner.done(POLICY, json!({ "input": input })).await["program"].clone();
    assert_eq!(changed["now"], json!({ "number": 2, "cadenceDays": 7, "offerDays": 7 }));
    assert_eq!((&changed["first"]["cadenceDays"], &changed["never"]), (&json!(14), &Value::Null));
    assert_eq!(stage.owner.refused(POLICY, json!({ "input": input })).await, "INVALID input.policy");
}

#[tokio::test]
async fn a_program_ends_after_its_cohorts() {
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let cohort = stage.cohort(&program).await;
    let complete = step("completeProgram");
    assert_eq!(stage.owner.refused(&complete, json!({ "id": program })).await, "WRONG_STATE");
    let cancel = "mutation($id: ID!) { cancelCohort(input: { id: $id }) { userErrors { code } } }";
    stage.owner.done(cancel, json!({ "id": cohort })).await;
    stage.owner.done(&complete, json!({ "id": program })).await;
}

#[tokio::test]
async fn who_sees_a_program_and_who_changes_it() {
    let stage = Stage::new().await;
    let (program, other) = (stage.program("Reading friends").await, stage.program("Robotics").await);
    let (profile, stranger) = (stage.profile("Ana").await, stage.profile("Eva").await);
    let cohort = stage.cohort(&program).await;
    stage.enroll(&cohort, &profile, "MENTEE").await;
    let query =
        "query($id: ID!) { program(id: $id) { name } node(id: $id) { id } programs { nodes { id } } }";
    let rename = json!({ "input": { "id": program, "name": "Renamed" } });
    for (who, person, sees, change) in [
        ("owner", stage.owner.clone(), true, None),
        ("coordinator of it", stage.staff(Role::Coordinator, Some(&program)).await, true, None),
        (
            "coordinator of another",
            stage.staff(Role::Coordinator, Some(&other)).await,
            false,
            Some("NOT_FOUND input.id"),
        ),
        ("analyst", stage.staff(Role::Analyst, None).await, true, Some("NOT_ALLOWED")),
        ("somebody in it", stage.person(&profile).await, true, Some("NOT_ALLOWED")),
        ("somebody not in it", stage.person(&stranger).await, false, Some("NOT_FOUND input.id")),
        ("outsider", stage.outsider().await, false, Some("NOT_FOUND input.id")),
    ] {
        let data = person.data(query, json!({ "id": program })).await;
        assert_eq!(data["program"].is_object(), sees, "{who}");
        assert_eq!(data["node"].is_object(), sees, "{who}");
        let listed = data["programs"]["nodes"].as_array().expect("a list");
        assert_eq!(listed.iter().any(|node| node["id"] == program), sees, "{who}");
        match change {
            None => assert_eq!(person.done(UPDATE, rename.clone()).await["program"]["name"], "Renamed"),
            Some(code) => assert_eq!(person.refused(UPDATE, rename.clone()).await, code, "{who}"),
        }
    }
}

#[tokio::test]
async fn a_list_is_read_page_by_page_and_filtered_by_state() {
    let stage = Stage::new().await;
    for number in 0..5 {
        create(&stage.owner, &format!("Program {number}")).await;
    }
    stage.program("Published").await;
    let query = "query($after: String) { programs(first: 2, after: $after, status: DRAFT) { nodes { name } pageInfo { hasNextPage endCursor } } }";
    let mut names = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = stage.owner.data(query, json!({ "after": after })).await["programs"].clone();
        names.extend(page["nodes"].as_array().expect("a list").iter().map(|node| node["name"].clone()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(names, ["Program 4", "Program 3", "Program 2", "Program 1", "Program 0"]);
    let other_list = "query($after: String) { programs(after: $after) { nodes { id } } }";
    let refused = stage.owner.answer(other_list, json!({ "after": after })).await;
    assert_eq!(refused, Err("\"INVALID_CURSOR\"".to_owned()));
}
