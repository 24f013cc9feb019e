//! Do `allowedActions` say what the mutations do, for every object, state and role, and do they name them all?
mod state;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Contract, Person};
use state::World;

/// Every object with a life of its own, and the states that it can be in.
const STATES: [(&str, &[&str]); 13] = [
    ("Program", &["DRAFT", "ACTIVE", "ACTIVE with a cohort", "PAUSED", "COMPLETED", "ARCHIVED"]),
    (
        "Cohort",
        &[
            "DRAFT",
            "OPEN",
            "OPEN in a paused program",
            "OPEN with a pair",
            "RUNNING",
            "CLOSING",
            "COMPLETED",
            "CANCELLED",
        ],
    ),
    ("Enrollment", &["APPROVED", "APPROVED with a match", "ON_HOLD", "WITHDRAWN", "COMPLETED"]),
    ("Invitation", &["PENDING", "PENDING for staff", "ACCEPTED", "DECLINED", "EXPIRED", "REVOKED"]),
    (
        "Match",
        &[
            "SUGGESTED",
            "DISCARDED",
            "OFFERED",
            "OFFERED and accepted by one",
            "OFFERED for too long",
            "DECLINED",
            "WITHDRAWN",
            "EXPIRED",
            "SUPERSEDED",
            "ACCEPTED",
            "ACTIVE",
            "CLOSED",
        ],
    ),
    (
        "Objective",
        &[
            "PROPOSED",
            "PROPOSED in a closed match",
            "AGREED",
            "IN_PROGRESS",
            "SUBMITTED_FOR_REVIEW",
            "RATED",
            "DROPPED",
        ],
    ),
    (
        "CheckIn",
        &[
            "SCHEDULED",
            "SCHEDULED and past",
            "HELD",
            "HELD in a closed match",
            "MISSED",
            "CANCELLED",
            "RESCHEDULED",
        ],
    ),
    ("Message", &["VISIBLE", "VISIBLE in a closed match", "RETRACTED"]),
    ("Resource", &["of a match", "of a closed match", "of a program", "archived"]),
    ("Consent", &["GRANTED", "WITHDRAWN"]),
    ("MatchingRun", &["QUEUED", "RUNNING", "COMPLETED", "PUBLISHED", "DISCARDED", "CANCELLED"]),
    ("Survey", &["DRAFT", "PUBLISHED", "PUBLISHED and asked", "RETIRED"]),
    ("SurveyWave", &["SCHEDULED", "OPEN", "CLOSED", "CANCELLED"]),
];

/// The mutations that change an object of this kind: those that answer with it and take its id and no other.
fn mutations_of(contract: &Contract, kind: &str) -> BTreeSet<String> {
    let takes = |field: &&crate::harness::contract::Field| {
        let payload = contract.fields(&field.kind).first().expect("a payload");
        if payload.kind != kind {
            return false;
        }
        let Some(input) = field.arguments.first() else { return false };
        let ids = contract.inputs(input.kind.trim_end_matches('!')).iter().filter(|it| it.kind == "ID!");
        let names: Vec<&str> = ids.map(|it| it.name.as_str()).collect();
        // A check-in that nobody had planned is recorded without its id.
        let own = format!("{}Id", payload.name);
        names == ["id"] || names == [own.as_str()] || field.name == "recordCheckIn"
    };
    contract.fields("Mutation").iter().filter(takes).map(|field| field.name.clone()).collect()
}

fn input(world: &World, action: &str, id: &Value, state: &str) -> Value {
    let now = world.stage.test.clock().now();
    let field = match action {
        "changeProgramPolicy" => "programId",
        "discardSuggestion" => "matchId",
        _ if action.ends_with("SurveyWave") => "waveId",
        _ if action.ends_with("Survey") => "surveyId",
        _ => "id",
    };
    let more = match action {
        "updateProgram" | "updateCohort" => json!({ "name": format!("Renamed {id}") }),
        "changeProgramPolicy" => json!({ "policy": { "cadenceDays": 9 } }),
        "updateEnrollment" => json!({ "capacity": 1 }),
        "closeMatch" if state == "ACTIVE" => json!({ "outcome": "ENDED_EARLY" }),
        "closeMatch" => json!({ "outcome": "NEVER_STARTED" }),
        "rateObjective" => json!({ "rating": 1 }),
        "rateCheckIn" => json!({ "rating": 4 }),
        "recordCheckIn" => json!({ "startsAt": now }),
        "rescheduleCheckIn" => json!({ "mode": "PHONE", "startsAt": now + TimeDelta::days(3) }),
        "updateSurvey" => json!({ "title": "Mood", "questions": [{ "kind": "TEXT", "text": "Why?" }] }),
        "extendSurveyWave" => json!({ "closesAt": now + TimeDelta::days(20) }),
        _ => json!({}),
    };
    let mut input = json!({ field: id });
    input.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    input
}

/// The code of the refusal of a mutation; null when it is accepted.
async fn refusal(world: &World, who: &Person, action: &str, (id, state): (&Value, &str)) -> Value {
    let document = world.contract.mutation(action, "");
    let payload = who.payload(&document, json!({ "input": input(world, action, id, state) })).await;
    payload["userErrors"][0]["code"].clone()
}

async fn agrees(kind: &str) {
    let mut world = World::new().await;
    let named = mutations_of(&world.contract, kind);
    let states = STATES.iter().find(|(of, _)| *of == kind).expect("the states").1;
    let document = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ allowedActions {{ action allowed reason {{ code }} }} }} }} }}"
    );
    let mut faults = Vec::new();
    let mut tried = 0;
    for state in states {
        let case = world.case(kind, state).await;
        for (index, (role, person)) in case.people.iter().enumerate() {
            let seen = person.answer(&document, json!({ "id": case.id })).await;
            let seen = seen.unwrap_or_else(|error| panic!("{kind} {state} for {role}: {error}"));
            let Some(actions) = seen["node"]["allowedActions"].as_array() else {
                for action in &named {
                    tried += 1;
                    let code = refusal(&world, person, action, (&case.id, state)).await;
                    if code != "NOT_FOUND" {
                        faults.push(format!("{action}, {state}, unseen by the {role}: {code}"));
                    }
                }
                continue;
            };
            let names: BTreeSet<String> =
                actions.iter().filter_map(|it| it["action"].as_str()).map(str::to_owned).collect();
            if names != named {
                faults.push(format!("{state} for the {role} names {names:?} and not {named:?}"));
            }
            for action in actions {
                tried += 1;
                let name = action["action"].as_str().expect("a name");
                // What succeeds changes the object, so it is tried on another one like it.
                let allowed = action["allowed"] == true;
                let fresh = if allowed { Some(world.case(kind, state).await) } else { None };
                let (person, id) = match &fresh {
                    Some(case) => (&case.people[index].1, &case.id),
                    None => (person, &case.id),
                };
                let code = refusal(&world, person, name, (id, state)).await;
                if code.is_null() != allowed || code != action["reason"]["code"] {
                    faults.push(format!("{name}, {state}, {role}: said {action}, answered {code}"));
                }
            }
        }
    }
    eprintln!("{kind}: {tried} tries");
    assert!(faults.is_empty(), "{} faults of {kind}:\n{}", faults.len(), faults.join("\n"));
}

macro_rules! agreement {
    ($($test:ident $kind:literal),* $(,)?) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            agrees($kind).await;
        }
    )* };
}

agreement! {
    programs_do_what_they_say "Program",
    cohorts_do_what_they_say "Cohort",
    enrollments_do_what_they_say "Enrollment",
    invitations_do_what_they_say "Invitation",
    matches_do_what_they_say "Match",
    objectives_do_what_they_say "Objective",
    check_ins_do_what_they_say "CheckIn",
    messages_do_what_they_say "Message",
    resources_do_what_they_say "Resource",
    consents_do_what_they_say "Consent",
    matching_runs_do_what_they_say "MatchingRun",
    surveys_do_what_they_say "Survey",
    survey_waves_do_what_they_say "SurveyWave",
}

#[tokio::test]
async fn every_object_that_says_what_can_be_done_is_tried() {
    let contract = Contract::read().await;
    let says = |kind: &&str| contract.fields(kind).iter().any(|field| field.name == "allowedActions");
    let kinds: Vec<&str> = contract.types().filter(says).collect();
    let mut tried: Vec<&str> = STATES.iter().map(|(kind, _)| *kind).collect();
    tried.sort_unstable();
    assert_eq!(kinds, tried);
}
