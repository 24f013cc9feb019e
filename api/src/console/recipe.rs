//! Which steps of a program's life does the console offer? Those of `console/recipes`, with this server's ids.
//!
//! A recipe is an operation whose leading comments say what it is, and a JSON file with its variables.
//! The variables name things of the demo data, such as `{{demo.program}}`, times such as `{{now+3d}}`, and ids
//! of things that the story itself makes, such as `{{new.program}}`.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use domain::id;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::asset::RECIPES;

/// A recipe's files, as they were embedded.
pub(super) struct Source {
    pub(super) name: &'static str,
    pub(super) operation: &'static str,
    pub(super) variables: &'static str,
}

/// One step, ready to run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recipe {
    /// Its place in the story.
    pub number: u32,
    pub title: String,
    pub description: String,
    /// The operation, without its leading comments.
    pub query: String,
    pub variables: Value,
    /// The demo person who takes this step; nobody in particular when absent.
    #[serde(rename = "as")]
    pub person: Option<String>,
}

/// What stands behind the placeholders of the variables.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// `demo.program` and the like, by name.
    pub named: &'a BTreeMap<String, String>,
    pub now: DateTime<Utc>,
    /// Behind `{{new.program}}`, `{{new.profile.2}}` and the like, so that later steps can go on with what earlier ones made.
    pub fresh: Uuid,
}

/// Why a recipe's files cannot be served.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Fault {
    #[error("recipe {0}: its name must begin with a number and a hyphen")]
    Number(&'static str),
    #[error("recipe {0}: its first comment line must be its title")]
    Title(&'static str),
    #[error("recipe {0}: its variables are not a JSON object")]
    Variables(&'static str),
}

/// The whole story, in order. A placeholder without a value stays as it is, for the reader to replace.
pub fn recipes(values: &Values<'_>) -> Result<Vec<Recipe>, Fault> {
    RECIPES.iter().map(|source| source.read(values)).collect()
}

impl Source {
    fn read(&self, values: &Values<'_>) -> Result<Recipe, Fault> {
        let number = self.name.split_once('-').and_then(|(number, _)| number.parse().ok());
        let mut variables: Value =
            serde_json::from_str(self.variables).map_err(|_| Fault::Variables(self.name))?;
        if !variables.is_object() {
            return Err(Fault::Variables(self.name));
        }
        values.fill(&mut variables);

        let comments: Vec<&str> =
            self.operation.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
        let query: Vec<&str> = self.operation.lines().skip(comments.len()).collect();
        let person = comments.iter().find_map(|line| line.strip_prefix("as:"));
        let mut prose = comments.iter().filter(|line| !line.is_empty() && !line.starts_with("as:"));
        Ok(Recipe {
            number: number.ok_or(Fault::Number(self.name))?,
            title: prose.next().ok_or(Fault::Title(self.name))?.to_string(),
            description: prose.copied().collect::<Vec<_>>().join(" "),
            query: format!("{}\n", query.join("\n").trim()),
            variables,
            person: person.map(|email| email.trim().to_owned()),
        })
    }
}

impl Values<'_> {
    fn fill(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.fill_text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.fill(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    pub(super) fn fill_text(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, remainder)) = after.split_once("}}") else { break };
            filled.push_str(before);
            match self.get(name.trim()) {
                Some(value) => filled.push_str(&value),
                None => filled.push_str(&format!("{{{{{name}}}}}")),
            }
            rest = remainder;
        }
        filled + rest
    }

    /// A named value, a new id, `now`, `today`, or one of these moved by whole days, hours or minutes: `now+90m`, `today-7d`.
    fn get(&self, name: &str) -> Option<String> {
        if let Some(value) = self.named.get(name) {
            return Some(value.clone());
        }
        if let Some(kind) = name.strip_prefix("new.") {
            let (prefix, number) = kind.split_once('.').unwrap_or((kind, "0"));
            let fresh = self.fresh.as_u128() ^ number.parse::<u128>().ok()?;
            return Some(id::encode(prefix, Uuid::from_u128(fresh)));
        }
        let split = name.find(['+', '-']).unwrap_or(name.len());
        let (base, shift) = name.split_at_checked(split)?;
        let at = self.now.checked_add_signed(duration(shift)?)?;
        match base {
            "now" => Some(at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            "today" => Some(at.date_naive().to_string()),
            _ => None,
        }
    }
}

fn duration(shift: &str) -> Option<Duration> {
    if shift.is_empty() {
        return Some(Duration::zero());
    }
    let (count, unit) = shift.split_at_checked(shift.len().checked_sub(1)?)?;
    let count: i64 = count.parse().ok()?;
    match unit {
        "d" => Duration::try_days(count),
        "h" => Duration::try_hours(count),
        "m" => Duration::try_minutes(count),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with_values<T>(test: impl FnOnce(&Values<'_>) -> T) -> T {
        let named = BTreeMap::from([("demo.program".to_owned(), "program_01".to_owned())]);
        test(&Values { named: &named, now: "2026-03-02T09:30:00Z".parse().unwrap(), fresh: Uuid::nil() })
    }

    const SOURCE: Source = Source {
        name: "07-open-a-cohort",
        operation: "# Open a cohort\n# One run of the program,\n# with its own dates.\n# as: coordinator@demo.example\n\nmutation OpenCohort {\n  x\n}\n",
        variables: r#"{"input": {"ids": ["{{new.cohort}}", "{{new.cohort.2}}"], "programId": "{{demo.program}}", "startsOn": "{{today+14d}}", "note": "{{unknown}} at {{now-90m}}"}}"#,
    };

    #[test]
    fn the_comments_say_what_a_recipe_is() {
        let recipe = with_values(|values| SOURCE.read(values)).unwrap();
        assert_eq!(recipe.number, 7);
        assert_eq!(recipe.title, "Open a cohort");
        assert_eq!(recipe.description, "One run of the program, with its own dates.");
        assert_eq!(recipe.person.as_deref(), Some("coordinator@demo.example"));
        assert_eq!(recipe.query, "mutation OpenCohort {\n  x\n}\n");
    }

    #[test]
    fn placeholders_become_ids_and_times_and_unknown_ones_stay() {
        let input = with_values(|values| SOURCE.read(values)).unwrap().variables["input"].clone();
        assert_eq!(input["programId"], "program_01");
        assert_eq!(input["startsOn"], "2026-03-16");
        assert_eq!(input["note"], "{{unknown}} at 2026-03-02T08:00:00Z");
        assert_eq!(
            input["ids"],
            json!(["cohort_00000000000000000000000000", "cohort_00000000000000000000000002"])
        );
    }

    #[test]
    fn a_recipe_without_a_title_is_refused() {
        let source = Source { operation: "query Q { x }", ..SOURCE };
        assert_eq!(with_values(|values| source.read(values)), Err(Fault::Title("07-open-a-cohort")));
    }

    #[test]
    fn every_recipe_can_be_served_and_has_a_number_of_its_own() {
        let all = with_values(recipes).unwrap();
        let numbers: Vec<u32> = all.iter().map(|recipe| recipe.number).collect();
        assert_eq!(numbers, (1..=u32::try_from(all.len()).unwrap()).collect::<Vec<_>>());
        assert!(all.iter().all(|recipe| !recipe.description.is_empty()));
    }
}
