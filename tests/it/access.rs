//! Who gets what? Every field of the served schema, for every role, at one's own place, at another one of the
//! organization and at one of another organization: as the access table says, and as the golden file shows it.
//!
//! The expectation is read from the access table alone ([`expectation`]), by the action that stands behind each field
//! ([`query`], [`object`], [`mutation`]). A field without such an action fails here, and so does one that nobody
//! gets, or everybody.
mod expectation;
mod file;
mod foreign;
mod golden;
mod house;
mod kept;
mod mutation;
mod object;
mod page;
mod persona;
mod place;
mod query;
mod read;
mod row;
mod served;
mod subscription;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use domain::{access::Action, text::TextEnum};

use crate::schema::assert_golden;
use golden::{Row, differences};
use house::House;
use served::{Served, schema};

#[tokio::test]
async fn the_golden_table_says_of_every_field_what_the_access_table_says() {
    let served = Served::read(&schema()).await;
    let rows = row::all(&served);
    let mut names = BTreeSet::new();
    for row in &rows {
        assert!(names.insert(row.name.as_str()), "{} has two rows", row.name);
    }
    let dull: Vec<&str> = rows
        .iter()
        .filter(|row| !row.tells_apart() && !row.is_for_everybody())
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(dull, Vec::<&str>::new(), "nobody is allowed, or nobody is denied");
    assert_golden("tests/golden/access.txt", &golden::write(&rows));
}

#[tokio::test]
async fn every_field_has_an_action_and_every_action_a_field() {
    let served = Served::read(&schema()).await;
    assert_eq!(row::gaps(&served), Vec::<String>::new());
    let used: BTreeSet<Action> = row::actions().collect();
    let unused: Vec<&Action> = Action::ALL.iter().filter(|action| !used.contains(action)).collect();
    assert_eq!(unused, Vec::<&Action>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_reads_what_the_access_table_says() {
    let house = House::set().await;
    let mut wrong = read::queries(&house).await;
    wrong.extend(read::objects(&house).await);
    wrong.extend(subscription::all(&house).await);
    wrong.extend(file::all(&house).await);
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_changes_what_the_access_table_says() {
    let house = House::set().await;
    let wrong = write::all(&house).await;
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// The differences between the rows of the table and what the server gave.
fn compare(rows: &[Row], got: &BTreeMap<String, Vec<[golden::Mark; 3]>>) -> Vec<String> {
    let compared = rows.iter().filter_map(|row| Some(differences(row, got.get(&row.name)?)));
    compared.flatten().collect()
}
