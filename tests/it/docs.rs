//! Does what the documentation shows work?
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{harness::Stage, matching};

/// The blocks of one language in a page, in their order.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[tokio::test]
async fn the_way_from_a_program_to_its_people_works_as_written() {
    let page = include_str!("../../docs/joining.md");
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let cohort = stage.cohort(&program).await;
    stage.enroll(&cohort, &stage.profile("Ana").await, "MENTEE").await;
    let names = BTreeMap::from([
        ("{{demo.program}}", program),
        ("{{demo.cohort}}", cohort),
        ("{{demo.newcomer}}", stage.profile("Eva").await),
    ]);
    let blocks = blocks(page, "graphql");
    assert!(blocks.len() >= 8);
    for block in blocks {
        answer(&stage, block, &names).await;
    }
}

#[tokio::test]
async fn the_way_from_a_run_to_offers_works_as_written() {
    let page = include_str!("../../docs/matching.md");
    let stage = matching::stage::Stage::set(4).await;
    let person = |person: &matching::stage::Enrolled| json!(person.profile);
    let mut names = BTreeMap::from([
        ("{{demo.cohort}}", json!(stage.cohort)),
        ("{{demo.mentor}}", person(&stage.mentors[0])),
        ("{{demo.mentee}}", person(&stage.mentees[0])),
    ]);
    let blocks = blocks(page, "graphql");
    assert!(blocks.len() >= 4);
    for block in blocks {
        let data = answer(&stage.house, block, &names).await;
        if let Some(run) = data.pointer("/startMatchingRun/run/id") {
            names.insert("{{demo.run}}", run.clone());
            stage.house.work().await;
        }
    }
}

/// What the owner gets for a block, with the names of the demo filled in.
async fn answer(stage: &Stage, block: &str, names: &BTreeMap<&str, Value>) -> Value {
    let named = |text: String, (name, id): (&&str, &Value)| text.replace(name, id.as_str().expect("an id"));
    let document = names.iter().fold(block.to_owned(), named);
    assert!(!document.contains("{{"), "{document}");
    let data = stage.owner.data(&document, json!({})).await;
    for (field, answer) in data.as_object().expect("fields") {
        assert!(answer.is_object(), "{field} of {document} is empty");
        if document.starts_with("mutation") {
            assert_eq!(answer["userErrors"], json!([]), "{document}");
        }
    }
    data
}
