//! Enrollments: do people join, rest and leave, and who may let them?
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use api::Setup;
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::{Stage, TestApp};

const ENROLL: &str = "mutation($input: EnrollInput!) { enroll(input: $input) {
    enrollment { id role status capacity load profile { name } cohort { name } } userErrors { code path } } }";
const UPDATE: &str = "mutation($input: UpdateEnrollmentInput!) { updateEnrollment(input: $input) {
    enrollment { capacity version } userErrors { code path } } }";

fn step(name: &str) -> String {
    format!(
        "mutation($id: ID!) {{ {name}(input: {{ id: $id }}) {{ enrollment {{ status }} userErrors {{ code path }} }} }}"
    )
}

fn input(cohort: &Value, profile: &Value, role: &str, capacity: Option<i32>) -> Value {
    json!({ "input": { "cohortId": cohort, "profileId": profile, "role": role, "capacity": capacity } })
}

#[tokio::test]
async fn people_join_a_cohort_once_and_come_back_after_leaving() {
    let stage = Stage::new().await;
    let cohort = stage.cohort(&stage.program("Reading friends").await).await;
    let profile = stage.profile("Ana").await;
    let joined =
        stage.owner.done(ENROLL, input(&cohort, &profile, "MENTOR", Some(3))).await["enrollment"].clone();
    assert_eq!(
        (&joined["status"], &joined["capacity"], &joined["load"]),
        (&json!("APPROVED"), &json!(3), &json!(0))
    );
    assert_eq!((&joined["profile"]["name"], &joined["cohort"]["name"]), (&json!("Ana"), &json!("Spring")));
    let twice = stage.owner.refused(ENROLL, input(&cohort, &profile, "MENTOR", None)).await;
    assert_eq!(twice, "TAKEN input.profileId");
    stage.owner.done(&step("withdrawEnrollment"), json!({ "id": joined["id"] })).await;
    let again =
        stage.owner.done(ENROLL, input(&cohort, &profile, "MENTEE", None)).await["enrollment"].clone();
    assert_eq!(
        (&again["id"], &again["role"], &again["capacity"]),
        (&joined["id"], &json!("MENTEE"), &json!(1))
    );
}

#[tokio::test]
async fn what_cannot_be_enrolled_is_said_by_field() {
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let cohort = stage.cohort(&program).await;
    let profile = stage.profile("Ana").await;
    for (role, capacity, expected) in [
        ("MENTOR", 51, "OUT_OF_RANGE input.capacity"),
        ("MENTOR", -1, "OUT_OF_RANGE input.capacity"),
        ("MENTEE", 2, "INVALID input.capacity"),
    ] {
        let refused = stage.owner.refused(ENROLL, input(&cohort, &profile, role, Some(capacity))).await;
        assert_eq!(refused, expected);
    }
    let missing = json!("profile_00000000000000000000000001");
    let refused = stage.owner.refused(ENROLL, input(&cohort, &missing, "MENTOR", None)).await;
    assert_eq!(refused, "NOT_FOUND input.profileId");
    let cancel = "mutation($id: ID!) { cancelCohort(input: { id: $id }) { userErrors { code } } }";
    stage.owner.done(cancel, json!({ "id": cohort })).await;
    let refused = stage.owner.refused(ENROLL, input(&cohort, &profile, "MENTOR", None)).await;
    assert_eq!(refused, "WRONG_STATE input.cohortId");
}

#[tokio::test]
async fn a_mentor_gets_more_or_fewer_places() {
    let stage = Stage::new().await;
    let cohort = stage.cohort(&stage.program("Reading friends").await).await;
    let enrollment = stage.enroll(&cohort, &stage.profile("Ana").await, "MENTOR").await;
    let update = |capacity: i32| json!({ "input": { "id": enrollment, "capacity": capacity } });
    let updated = stage.owner.done(UPDATE, update(5)).await["enrollment"].clone();
    assert_eq!(updated, json!({ "capacity": 5, "version": 2 }));
    assert_eq!(stage.owner.refused(UPDATE, update(51)).await, "OUT_OF_RANGE input.capacity");
}

#[tokio::test]
async fn a_cohort_lists_its_people_by_role_with_their_number() {
    let stage = Stage::new().await;
    let cohort = stage.cohort(&stage.program("Reading friends").await).await;
    for (name, role) in [("Ana", "MENTEE"), ("Ben", "MENTOR"), ("Eva", "MENTEE")] {
        stage.enroll(&cohort, &stage.profile(name).await, role).await;
    }
    let query = "query($id: ID!, $after: String) { cohort(id: $id) {
        enrollments(role: MENTEE, first: 1, after: $after) { totalCount nodes { profile { name } } pageInfo { endCursor hasNextPage } }
        everybody: enrollments { totalCount } } }";
    let data = stage.owner.data(query, json!({ "id": cohort })).await["cohort"].clone();
    assert_eq!(
        (&data["everybody"]["totalCount"], &data["enrollments"]["totalCount"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(data["enrollments"]["nodes"], json!([{ "profile": { "name": "Ana" } }]));
    let after = &data["enrollments"]["pageInfo"]["endCursor"];
    let next = stage.owner.data(query, json!({ "id": cohort, "after": after })).await["cohort"].clone();
    assert_eq!(next["enrollments"]["nodes"], json!([{ "profile": { "name": "Eva" } }]));
    assert_eq!(next["enrollments"]["pageInfo"]["hasNextPage"], false);
}

#[tokio::test]
async fn who_sees_an_enrollment_and_who_changes_it() {
    let stage = Stage::new().await;
    let (program, other) = (stage.program("Reading friends").await, stage.program("Robotics").await);
    let cohort = stage.cohort(&program).await;
    let (profile, peer) = (stage.profile("Ana").await, stage.profile("Eva").await);
    let enrollment = stage.enroll(&cohort, &profile, "MENTEE").await;
    stage.enroll(&cohort, &peer, "MENTOR").await;
    let query = "query($id: ID!) { enrollment(id: $id) { role } node(id: $id) { id } }";
    let update = json!({ "input": { "id": enrollment, "capacity": 1 } });
    for (who, person, sees, change) in [
        ("coordinator of its program", stage.staff(Role::Coordinator, Some(&program)).await, true, None),
        (
            "coordinator of another",
            stage.staff(Role::Coordinator, Some(&other)).await,
            false,
            Some("NOT_FOUND input.id"),
        ),
        ("safeguarding lead", stage.staff(Role::SafeguardingLead, None).await, true, Some("NOT_ALLOWED")),
        ("analyst", stage.staff(Role::Analyst, None).await, false, Some("NOT_FOUND input.id")),
        ("the person", stage.person(&profile).await, true, Some("NOT_ALLOWED")),
        ("a peer of the cohort", stage.person(&peer).await, false, Some("NOT_FOUND input.id")),
        ("outsider", stage.outsider().await, false, Some("NOT_FOUND input.id")),
    ] {
        let data = person.data(query, json!({ "id": enrollment })).await;
        assert_eq!((data["enrollment"].is_object(), data["node"].is_object()), (sees, sees), "{who}");
        match change {
            None => _ = person.done(UPDATE, update.clone()).await,
            Some(code) => assert_eq!(person.refused(UPDATE, update.clone()).await, code, "{who}"),
        }
    }
}

#[tokio::test]
async fn a_screen_costs_as_many_statements_for_one_person_as_for_many() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let observer: persistence::pool::Observer = Arc::new(move |_: &str| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let stage = Stage::on(TestApp::with(Setup { observer: Some(observer), ..Setup::default() }).await).await;
    let screen = "{ programs(first: 3) { nodes { objectives { title } policy { number } allowedActions { action }
        cohorts(first: 3) { nodes { program { name } allowedActions { action }
            mentees: enrollments(role: MENTEE, first: 10) { totalCount nodes { ...Person } }
            mentors: enrollments(role: MENTOR, first: 10) { nodes { ...Person } } } } } } }
        fragment Person on Enrollment { allowedActions { action } cohort { name } profile { name email minor
            guardians { name } consents(first: 1) { nodes { status } } enrollments(first: 1) { nodes { role } } } }";
    let mut costs = Vec::new();
    let mut number = 0;
    for _more in 0..3 {
        let cohort = stage.cohort(&stage.program(&format!("Program {number}")).await).await;
        for role in ["MENTEE", "MENTEE", "MENTOR", "MENTOR"] {
            number += 1;
            stage.enroll(&cohort, &stage.profile(&format!("Person {number}")).await, role).await;
        }
        count.store(0, Ordering::Relaxed);
        stage.owner.data(screen, json!({})).await;
        costs.push(count.load(Ordering::Relaxed));
    }
    assert!(costs[0] == costs[1] && costs[1] == costs[2], "{costs:?}");
}
