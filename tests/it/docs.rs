//! Does what the documentation shows work?
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    demo::{People, house, is_empty},
    harness::Stage,
    journey::socket::Socket,
    matching,
};

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

/// The pages whose blocks run against the demo, each by whom its first line names, else the coordinator.
const PAGES: [(&str, &str, usize); 7] = [
    ("README.md", include_str!("../../README.md"), 0),
    ("console.md", include_str!("../../docs/console.md"), 0),
    ("errors.md", include_str!("../../docs/errors.md"), 0),
    ("quick-start.md", include_str!("../../docs/quick-start.md"), 3),
    ("requests.md", include_str!("../../docs/requests.md"), 1),
    ("pairs.md", include_str!("../../docs/pairs.md"), 8),
    ("surveys.md", include_str!("../../docs/surveys.md"), 4),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_other_block_of_the_pages_runs_on_the_demo() {
    let (test, anonymous, password) = house().await;
    let mut people = People::new(&anonymous, &password);
    for (name, page, least) in PAGES {
        let blocks = blocks(page, "graphql");
        assert!(blocks.len() >= least, "{name}");
        for block in blocks {
            let first = block.lines().next().unwrap_or_default();
            let person = first.strip_prefix("# as: ").unwrap_or("coordinator@demo.example");
            let (client, organization) = match person {
                "nobody" => (anonymous.clone(), String::new()),
                email => people.get(email).await,
            };
            let document = api::console::filled(&test.app, &block.replace("{{demo.password}}", &password));
            assert!(!document.contains("{{"), "{name}: {document}");
            if document.contains("subscription ") {
                Socket::open(&test.base, client.token(), &organization, &document, json!({})).await;
                continue;
            }
            let data = client.data(&document, json!({})).await;
            for (field, answer) in data.as_object().expect("fields") {
                let refused = answer["userErrors"].as_array().is_some_and(|errors| !errors.is_empty());
                assert!(!refused, "{name}: {answer}");
                assert!(!is_empty(answer), "{name}: {field} is empty: {data}");
            }
        }
    }
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = include_str!("../../docs/SUMMARY.md");
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for folder in ["", "adr/"] {
        for entry in std::fs::read_dir(docs.join(folder)).expect("docs") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            if name.ends_with(".md") && name != "SUMMARY.md" {
                assert!(
                    summary.contains(&format!("({folder}{name})")),
                    "{folder}{name} is not in SUMMARY.md"
                );
            }
        }
    }
    for link in summary.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(docs.join(link).exists(), "{link} is not there");
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
