//! Does importing twice change nothing, and does nobody become somebody else?
use super::*;
use crate::{
    cohort,
    import::{column::Header, row},
};
use uuid::Uuid;

const COLUMNS: [&str; 6] = ["name", "role", "email", "external_id", "interests", "availability"];

fn cohort() -> Cohort {
    Cohort {
        id: Id::new(Uuid::from_u128(2)),
        program: Id::new(Uuid::from_u128(1)),
        name: "Spring".into(),
        status: cohort::Status::Open,
        starts_on: "2026-02-01".parse().expect("a date"),
        ends_on: "2026-07-31".parse().expect("a date"),
        version: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

fn rows(lines: &[[&str; 6]]) -> Vec<Row> {
    let header = Header::read(COLUMNS).expect("a header");
    let today = "2026-03-01".parse().expect("a date");
    (2..)
        .zip(lines)
        .map(|(line, cells)| row::read(&header, line, cells, today).expect("a good row"))
        .collect()
}

fn run(lines: &[[&str; 6]], known: &[Known]) -> Result<Plan, Vec<(i32, Option<Column>)>> {
    let cohort = cohort();
    let setting = Setting { cohort: &cohort, time_zone: Tz::Europe__Lisbon, now: DateTime::UNIX_EPOCH };
    let mut next = 100;
    let ids = || {
        next += 1;
        Uuid::from_u128(next)
    };
    let outcome = plan(&rows(lines), known, setting, ids);
    outcome.map_err(|problems| problems.into_iter().map(|it| (it.line, it.column)).collect())
}

/// Everybody after a plan was stored.
fn stored(plan: &Plan) -> Vec<Known> {
    let role = |id| plan.enrollments.iter().find(|it| it.profile == id).map(|it| it.role);
    let known = |(profile, private): &(Profile, Private)| Known {
        profile: profile.clone(),
        private: private.clone(),
        role: role(profile.id),
    };
    plan.new.iter().map(known).collect()
}

const ANA: [&str; 6] = ["Ana", "mentor", "ana@example.org", "P-1", "chess; tea", "Mon 16:00-18:00"];
const BEN: [&str; 6] = ["Ben", "mentee", "", "P-2", "chess", ""];
const EVA: [&str; 6] = ["Eva", "mentee", "eva@example.org", "", "", ""];

#[test]
fn importing_twice_changes_nothing() {
    let first = run(&[ANA, BEN, EVA], &[]).expect("good");
    assert_eq!((first.counts.rows, first.counts.created, first.enrollments.len()), (3, 3, 3));
    let second = run(&[ANA, BEN, EVA], &stored(&first)).expect("good");
    assert_eq!(second.counts, Counts { rows: 3, unchanged: 3, ..Counts::default() });
    assert!(second.new.is_empty() && second.changed.is_empty() && second.enrollments.is_empty());
}

#[test]
fn a_change_is_stored_and_an_empty_cell_leaves_what_was_there() {
    let known = stored(&run(&[ANA], &[]).expect("good"));
    let moved = ["Ana Maria", "mentor", "ANA@example.org", "P-1", "", ""];
    let second = run(&[moved], &known).expect("good");
    assert_eq!(second.counts, Counts { rows: 1, updated: 1, ..Counts::default() });
    let (profile, _) = &second.changed[0];
    assert_eq!((profile.name.as_str(), profile.interests.len()), ("Ana Maria", 2));
    assert_eq!(profile.email, known[0].profile.email, "the same address in other letters");
    assert_eq!(profile.availability, known[0].profile.availability);
}

#[test]
fn an_email_gets_its_external_id_and_keeps_it() {
    let known = stored(&run(&[EVA], &[]).expect("good"));
    let named = ["Eva", "mentee", "eva@example.org", "P-9", "", ""];
    let second = run(&[named], &known).expect("good");
    assert_eq!(second.changed[0].0.external_id.as_deref(), Some("P-9"));
    let known = vec![Known { profile: second.changed[0].0.clone(), ..known[0].clone() }];
    let other = ["Eva", "mentee", "eva@example.org", "P-10", "", ""];
    assert_eq!(run(&[other], &known).err(), Some(vec![(2, Some(Column::ExternalId))]));
}

#[test]
fn two_people_are_not_made_one() {
    let known = stored(&run(&[ANA, EVA], &[]).expect("good"));
    let mixed = ["Ana", "mentor", "eva@example.org", "P-1", "", ""];
    assert_eq!(run(&[mixed], &known).err(), Some(vec![(2, Some(Column::Email))]));
}

#[test]
fn a_line_that_repeats_a_person_is_refused() {
    let again = ["Ana", "mentor", "Ana@Example.org", "P-1", "", ""];
    let problems = run(&[ANA, again], &[]).err();
    assert_eq!(problems, Some(vec![(3, Some(Column::ExternalId)), (3, Some(Column::Email))]));
}

#[test]
fn nobody_changes_sides() {
    let known = stored(&run(&[ANA], &[]).expect("good"));
    let mentee = ["Ana", "mentee", "ana@example.org", "P-1", "", ""];
    assert_eq!(run(&[mentee], &known).err(), Some(vec![(2, Some(Column::Role))]));
}

#[test]
fn windows_are_in_the_zone_of_the_person() {
    let plan = run(&[ANA], &[]).expect("good");
    assert_eq!(plan.new[0].0.availability.windows()[0].zone(), Tz::Europe__Lisbon);
}
