//! Does a list cost as many statements for many items as for one, whoever asks and whatever is selected below it?
mod walk;
mod world;

use std::collections::BTreeMap;

use domain::access::Role;
use serde_json::json;

use crate::harness::Person;
use walk::{Walker, lists, longest, sample};
use world::World;

const SIZES: [usize; 3] = [1, 7, 40];
/// Lists that stay empty here: figures of fewer than five answers are hidden, and nobody here has signed in by the API.
/// Nothing can be selected below them that would have to be loaded.
const EMPTY: [&str; 2] = ["SurveyFigures.counts", "Viewer.sessions"];

#[tokio::test(flavor = "multi_thread")]
async fn lists_cost_as_many_statements_for_one_item_as_for_forty() {
    let mut world = World::new().await;
    world.grow(1).await;
    let walker = Walker::new(&world.contract, &world.ids);
    let missing: Vec<_> = lists(&world.contract).difference(&walker.covered).cloned().collect();
    let walks = walker.walks.clone();
    let people: Vec<(&str, Person)> = vec![
        ("owner", world.stage.owner.clone()),
        ("mentor", world.mentor.clone()),
        ("coordinator", world.coordinator.clone().expect("grown")),
        ("safeguarding lead", world.stage.staff(Role::SafeguardingLead, None).await),
        ("analyst", world.stage.staff(Role::Analyst, None).await),
    ];
    let mut costs: BTreeMap<(&str, &str), Vec<Vec<String>>> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for size in SIZES {
        let begun = std::time::Instant::now();
        world.grow(size).await;
        println!("grown to {size}: {:?}", begun.elapsed());
        let ids = sample(&world.ids, size + 2);
        for walk in &walks {
            // What others may not see is missing in the same way in a list of seven and of forty.
            let readers = if walk.lists < 3 && size < 40 { people.len() } else { 1 };
            for (role, person) in people.iter().take(readers) {
                let variables = json!({ "first": size + 2, "ids": ids });
                let (answer, statements) = person.cost(&world.statements, &walk.document, variables).await;
                let selected = walk.document.matches('{').count();
                assert!(
                    statements.len() <= selected,
                    "more than one for each selected object: {}",
                    walk.path
                );
                costs.entry((&walk.path, role)).or_default().push(statements);
                // Not everybody may read every list; the owner may.
                assert!(answer.is_ok() || *role != "owner", "{}: {answer:?}", walk.document);
                longest(&world.contract, "Query", &answer.unwrap_or_default(), &mut found);
            }
        }
    }
    let mut faults = Vec::new();
    for ((path, role), sizes) in &costs {
        let counts: Vec<usize> = sizes.iter().map(Vec::len).collect();
        if *role == "owner" {
            println!("{counts:?} {path}");
        }
        if counts.iter().any(|count| *count != counts[0]) {
            faults.push(format!("{counts:?} {path} for the {role}: {}", repeated(&sizes[sizes.len() - 1])));
        }
    }
    assert_eq!(missing, [""; 0], "no document reads these lists");
    assert!(faults.is_empty(), "{} of {} grow:\n{}", faults.len(), costs.len(), faults.join("\n"));
    let empty: Vec<_> = lists(&world.contract)
        .into_iter()
        .filter(|list| found.get(list).is_none_or(|&most| most == 0) && !EMPTY.contains(&list.as_str()))
        .collect();
    assert_eq!(empty, [""; 0], "these lists were always empty");
}

/// What an app shows first, with the most statements that it may cost.
const SCREENS: [(&str, &str, usize); 4] = [
    ("programs", "{ programs { nodes { name status cohorts(first: 3) { nodes { name status } } } } }", 2),
    (
        "my matches",
        "{ matches { nodes { status mentor { name } mentee { name } checkInsHeld checkInsMissed
            lastCheckIn { startsAt status } nextCheckIn { startsAt mode } allowedActions { action allowed } } } }",
        3,
    ),
    (
        "a cohort",
        "query ($cohort: ID!) { cohort(id: $cohort) { name enrollments { nodes { role status load profile { name } } } } }",
        3,
    ),
    ("notifications", "{ unreadNotificationCount notifications { nodes { kind subjectId createdAt } } }", 2),
];

#[tokio::test]
async fn a_screen_costs_at_most_three_statements() {
    let mut world = World::new().await;
    world.grow(2).await;
    for (name, document, most) in SCREENS {
        let variables = json!({ "cohort": world.ids["Cohort"][0] });
        let (answer, statements) = world.mentor.cost(&world.statements, document, variables).await;
        assert!(answer.is_ok(), "{name}: {answer:?}");
        println!("{name}: {}", statements.len());
        assert!(statements.len() <= most, "{name}: {statements:#?}");
    }
}

/// The statement that comes most often.
fn repeated(statements: &[String]) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for statement in statements {
        *counts.entry(statement.split(" -- binds").next().unwrap_or_default()).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(_, count)| **count);
    most.map_or_else(String::new, |(text, count)| {
        format!("{count} x {}", text.chars().take(400).collect::<String>())
    })
}
