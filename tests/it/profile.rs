//! People: who sees what of whom, and is what is private kept so?
use chrono::TimeDelta;
use domain::access::Role;
use serde_json::{Value, json};

use crate::harness::Stage;

const CREATE: &str = "mutation($input: CreateProfileInput!) { createProfile(input: $input) {
    profile { id name email externalId birthDate guardianContact minor languages capacity
        availability { weekday start end timeZone } } userErrors { code path } } }";
const UPDATE: &str = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
    profile { name email birthDate guardianContact minor version } userErrors { code path } } }";
const OWN: &str = "mutation($input: UpdateMyProfileInput!) { updateMyProfile(input: $input) {
    profile { about interests availability { timeZone } } userErrors { code path } } }";
const LINK: &str = "mutation($input: GuardianInput!) { linkGuardian(input: $input) {
    ward { guardians { name } } userErrors { code path } } }";
const UNLINK: &str = "mutation($input: GuardianInput!) { unlinkGuardian(input: $input) {
    ward { guardians { name } } userErrors { code path } } }";
const READ: &str =
    "query($id: ID!) { profile(id: $id) { name minor email externalId birthDate guardianContact } }";

fn ana() -> Value {
    json!({ "input": {
        "name": "Ana Müller", "email": "Ana@school.example", "externalId": "P-7", "birthDate": "2014-05-30",
        "guardianContact": "Rita Müller +351 555 0199", "languages": ["pt", "en"], "timeZone": "Asia/Kathmandu",
        "availability": [{ "weekday": "MONDAY", "start": "16:00", "end": "24:00" }],
    } })
}

async fn create(stage: &Stage) -> Value {
    stage.owner.done(CREATE, ana()).await["profile"]["id"].clone()
}

#[tokio::test]
async fn a_person_is_kept_as_typed() {
    let stage = Stage::new().await;
    let profile = stage.owner.done(CREATE, ana()).await["profile"].clone();
    assert_eq!(
        (&profile["email"], &profile["birthDate"]),
        (&json!("Ana@school.example"), &json!("2014-05-30"))
    );
    assert_eq!((&profile["minor"], &profile["capacity"]), (&json!(true), &json!(1)));
    let window =
        json!({ "weekday": "MONDAY", "start": "16:00", "end": "24:00", "timeZone": "Asia/Kathmandu" });
    assert_eq!(profile["availability"], json!([window]));
}

#[tokio::test]
async fn what_is_wrong_with_a_person_is_said_by_field() {
    let stage = Stage::new().await;
    create(&stage).await;
    let window = |start, end| json!([{ "weekday": "MONDAY", "start": start, "end": end }]);
    for (input, expected) in [
        (json!({ "name": "" }), "REQUIRED input.name"),
        (json!({ "name": "Eva", "email": "ana@SCHOOL.example" }), "TAKEN input.email"),
        (json!({ "name": "Eva", "email": "nowhere" }), "INVALID input.email"),
        (json!({ "name": "Eva", "externalId": "P-7" }), "TAKEN input.externalId"),
        (json!({ "name": "Eva", "birthDate": "2199-01-01" }), "OUT_OF_RANGE input.birthDate"),
        (json!({ "name": "Eva", "capacity": 51 }), "OUT_OF_RANGE input.capacity"),
        (
            json!({ "name": "Eva", "availability": window("16:00", "15:00") }),
            "INVALID input.availability.0.end",
        ),
        (
            json!({ "name": "Eva", "availability": window("soon", "15:00") }),
            "OUT_OF_RANGE input.availability.0.start",
        ),
    ] {
        assert_eq!(stage.owner.refused(CREATE, json!({ "input": input })).await, expected);
    }
}

#[tokio::test]
async fn a_guardian_reads_of_the_ward_until_the_ward_comes_of_age() {
    let stage = Stage::new().await;
    let (ward, guardian) = (create(&stage).await, stage.profile("Rita").await);
    stage.owner.done(LINK, json!({ "input": { "wardId": ward, "guardianId": guardian } })).await;
    let rita = stage.person(&guardian).await;
    let read = async || rita.data(READ, json!({ "id": ward })).await["profile"].clone();
    assert_eq!(read().await["email"], "Ana@school.example");
    stage.test.advance(TimeDelta::days(5 * 365));
    assert_eq!(read().await, Value::Null);
}

#[tokio::test]
async fn birth_date_and_guardian_are_unreadable_in_the_database() {
    let stage = Stage::new().await;
    create(&stage).await;
    let rows: Vec<String> = stage
        .inside(async |mut conn| {
            use diesel_async::RunQueryDsl;
            let text = persistence::sql::Sql::<diesel::sql_types::Text>::new(
                "select p::text || encode(birth_date_sealed, 'escape') || encode(guardian_contact_sealed, 'escape')
                 from profile p",
            );
            Ok(text.load::<String>(&mut conn).await?)
        })
        .await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains("Ana Müller"));
    assert!(
        !rows[0].contains("2014-05-30") && !rows[0].contains("+351 555 0199") && !rows[0].contains("Rita")
    );
}

#[tokio::test]
async fn contact_data_is_for_staff_and_the_person() {
    let stage = Stage::new().await;
    let profile = create(&stage).await;
    let program = stage.program("Reading friends").await;
    let cohort = stage.cohort(&program).await;
    stage.enroll(&cohort, &profile, "MENTEE").await;
    let other = stage.program("Robotics").await;
    let stranger = stage.profile("Eva").await;
    for (who, person, sees, contact) in [
        ("owner", stage.owner.clone(), true, true),
        ("coordinator of the program", stage.staff(Role::Coordinator, Some(&program)).await, true, true),
        ("coordinator of another", stage.staff(Role::Coordinator, Some(&other)).await, false, false),
        ("safeguarding lead", stage.staff(Role::SafeguardingLead, None).await, true, true),
        ("analyst", stage.staff(Role::Analyst, None).await, false, false),
        ("the person", stage.person(&profile).await, true, true),
        ("another person", stage.person(&stranger).await, false, false),
        ("outsider", stage.outsider().await, false, false),
    ] {
        let found = person.data(READ, json!({ "id": profile })).await["profile"].clone();
        assert_eq!(found.is_object(), sees, "{who}");
        for field in ["email", "externalId", "birthDate", "guardianContact"] {
            assert_eq!(found[field].is_string(), contact, "{who} {field}");
        }
    }
}

#[tokio::test]
async fn staff_changes_what_is_known_and_removes_it() {
    let stage = Stage::new().await;
    let profile = create(&stage).await;
    let input = json!({ "id": profile, "name": "Ana M.", "expectedVersion": 1 });
    let edited = stage.owner.done(UPDATE, json!({ "input": input })).await["profile"].clone();
    assert_eq!((&edited["birthDate"], &edited["version"]), (&json!("2014-05-30"), &json!(2)));
    let input = json!({ "id": profile, "birthDate": null, "guardianContact": "", "email": "" });
    let edited = stage.owner.done(UPDATE, json!({ "input": input })).await["profile"].clone();
    let nothing = json!({ "name": "Ana M.", "email": null, "birthDate": null, "guardianContact": null, "minor": null, "version": 3 });
    assert_eq!(edited, nothing);
    let stale = json!({ "input": { "id": profile, "expectedVersion": 1, "name": "X" } });
    assert_eq!(stage.owner.refused(UPDATE, stale).await, "STALE_VERSION input.expectedVersion");
}

#[tokio::test]
async fn people_change_their_own_profile_and_no_other() {
    let stage = Stage::new().await;
    let profile = create(&stage).await;
    let person = stage.person(&profile).await;
    let window = json!({ "weekday": "SUNDAY", "start": "10:00", "end": "12:00" });
    let input = json!({ "about": "I like chess", "interests": ["chess"], "timeZone": "Europe/Berlin", "availability": [window] });
    let own = person.done(OWN, json!({ "input": input })).await["profile"].clone();
    assert_eq!((&own["about"], &own["interests"]), (&json!("I like chess"), &json!(["chess"])));
    assert_eq!(own["availability"][0]["timeZone"], "Europe/Berlin");
    let other = json!({ "input": { "id": profile, "name": "Queen Ana" } });
    assert_eq!(person.refused(UPDATE, other).await, "NOT_ALLOWED");
    let data = person.data("{ myProfile { name } }", json!({})).await;
    assert_eq!(data["myProfile"]["name"], "Ana Müller");
    assert_eq!(stage.owner.data("{ myProfile { name } }", json!({})).await["myProfile"], Value::Null);
    let no_profile = stage.owner.refused(OWN, json!({ "input": { "about": "x" } })).await;
    assert_eq!(no_profile, "NOT_ALLOWED");
}

#[tokio::test]
async fn a_guardian_sees_the_ward_as_long_as_they_are_linked() {
    let stage = Stage::new().await;
    let (ward, guardian) = (create(&stage).await, stage.profile("Rita").await);
    let rita = stage.person(&guardian).await;
    assert_eq!(rita.data(READ, json!({ "id": ward })).await["profile"], Value::Null);
    let pair = json!({ "input": { "wardId": ward, "guardianId": guardian } });
    for _twice in 0..2 {
        let linked = stage.owner.done(LINK, pair.clone()).await["ward"]["guardians"].clone();
        assert_eq!(linked, json!([{ "name": "Rita" }]));
    }
    let seen = rita.data(READ, json!({ "id": ward })).await["profile"].clone();
    assert_eq!((&seen["birthDate"], &seen["minor"]), (&json!("2014-05-30"), &json!(true)));
    let edit = json!({ "input": { "id": ward, "name": "X" } });
    assert_eq!(rita.refused(UPDATE, edit).await, "NOT_ALLOWED");
    assert_eq!(stage.owner.done(UNLINK, pair.clone()).await["ward"]["guardians"], json!([]));
    assert_eq!(rita.data(READ, json!({ "id": ward })).await["profile"], Value::Null);
    assert_eq!(stage.owner.refused(UNLINK, pair).await, "NOT_FOUND input.guardianId");
    let minor = json!({ "input": { "wardId": guardian, "guardianId": ward } });
    assert_eq!(stage.owner.refused(LINK, minor).await, "NOT_ELIGIBLE input.guardianId");
}

#[tokio::test]
async fn a_person_is_found_by_the_id_of_another_system() {
    let stage = Stage::new().await;
    let profile = create(&stage).await;
    stage.profile("Eva").await;
    let query = "query($external: String) { profiles(externalId: $external) { nodes { id } } }";
    let found = stage.owner.data(query, json!({ "external": "P-7" })).await["profiles"]["nodes"].clone();
    assert_eq!(found, json!([{ "id": profile }]));
    let all = stage.owner.data(query, json!({})).await["profiles"]["nodes"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    let analyst = stage.staff(Role::Analyst, None).await;
    assert_eq!(analyst.data(query, json!({})).await["profiles"]["nodes"], json!([]));
}
