//! What stands behind the names that recipes use, such as `{{demo.match}}`?
use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{people, story, world::World};
use crate::{App, error::Result};

const STAFF: &str = "query($survey: ID!) { survey(id: $survey) { questions { id } }
    mentor: profiles(externalId: \"M-2\") { nodes { id } } mentee: profiles(externalId: \"P-3\") { nodes { id } } }";
const MENTOR: &str = "{ matches(first: 20) { nodes { id status mentee { name } conversation { id }
    objectives(first: 1) { nodes { id } } nextCheckIn { id } } } }";

/// The names with the ids behind them. What somebody has ended or taken away since has none.
pub async fn find(app: &Arc<App>) -> Result<BTreeMap<String, String>> {
    let mut named: BTreeMap<String, String> = BTreeMap::from([
        ("demo.program".to_owned(), story::PROGRAM.to_string()),
        ("demo.cohort".to_owned(), story::COHORT.to_string()),
        ("demo.survey".to_owned(), story::SURVEY.to_string()),
        ("demo.wave".to_owned(), story::OPEN_WAVE.to_string()),
        ("demo.run".to_owned(), story::DRAFT.to_string()),
        ("demo.newcomer".to_owned(), story::NEWCOMER.to_string()),
        ("demo.roster".to_owned(), story::ROSTER.to_string()),
    ]);
    let world = World::before(app, 0).await?;
    let mut name = |name: &str, found: Option<&Value>| {
        if let Some(id) = found.and_then(Value::as_str) {
            named.insert(format!("demo.{name}"), id.to_owned());
        }
    };
    if let Some(account) = people::account(app, "coordinator").await? {
        let survey = json!({ "survey": story::SURVEY.to_string() });
        let seen = world.person(account).await?.ask(STAFF, survey).await?;
        name("question", seen.pointer("/survey/questions/0/id"));
        name("mentor", seen.pointer("/mentor/nodes/0/id"));
        name("mentee", seen.pointer("/mentee/nodes/0/id"));
    }
    if let Some(account) = people::account(app, "mentor").await? {
        let seen = world.person(account).await?.ask(MENTOR, json!({})).await?;
        let matches = seen.pointer("/matches/nodes").and_then(Value::as_array);
        let with = |status: &str| matches.and_then(|all| all.iter().find(|of| of["status"] == *status));
        name("offer", with("OFFERED").and_then(|of| of.get("id")));
        let active = with("ACTIVE");
        let below = |path: &str| active.and_then(|of| of.pointer(path));
        name("match", below("/id"));
        name("conversation", below("/conversation/id"));
        name("objective", below("/objectives/nodes/0/id"));
        name("checkIn", below("/nextCheckIn/id"));
    }
    Ok(named)
}
