//! Do cohorts live as their table says, and do they mind their program and their pairs?
use super::*;
use crate::{machine::assert_machine, text::TextEnum};
use chrono_tz::Tz;
use uuid::Uuid;

const IDLE: Surroundings = Surroundings { program: program::Status::Active, live_matches: 0 };

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn program() -> Program {
    let draft = program::Draft { name: "Reading friends".into(), description: None, time_zone: Tz::UTC };
    Program::create(Id::new(Uuid::from_u128(1)), &draft, DateTime::UNIX_EPOCH).expect("valid")
}

fn create(starts_on: &str, ends_on: &str) -> Result<Cohort, Refusal> {
    let draft = Draft { name: "Spring".into(), starts_on: day(starts_on), ends_on: day(ends_on) };
    Cohort::create(Id::new(Uuid::from_u128(2)), &program(), &draft, DateTime::UNIX_EPOCH)
}

fn cohort(status: Status) -> Cohort {
    Cohort { status, ..create("2026-02-01", "2026-07-31").expect("valid") }
}

#[test]
fn a_cohort_lives_as_the_table_says() {
    assert_machine(
        MACHINE,
        &[
            "DRAFT: openCohort OPEN, cancelCohort CANCELLED",
            "OPEN: startCohort RUNNING, cancelCohort CANCELLED",
            "RUNNING: closeCohort CLOSING, cancelCohort CANCELLED",
            "CLOSING: extendCohort RUNNING, completeCohort COMPLETED",
        ],
    );
    assert!(MACHINE.is_terminal(Status::Completed) && MACHINE.is_terminal(Status::Cancelled));
}

#[test]
fn a_cohort_opens_only_in_an_active_program() {
    for &status in program::Status::ALL {
        let around = Surroundings { program: status, live_matches: 0 };
        let opened = cohort(Status::Draft).apply(Event::Open, around, None, DateTime::UNIX_EPOCH);
        if status == program::Status::Active {
            assert_eq!(opened.map(|cohort| cohort.status), Ok(Status::Open));
        } else {
            assert_eq!(opened, Err(Refusal::ProgramNotActive { status }));
        }
    }
}

#[test]
fn a_cohort_with_pairs_at_work_is_neither_cancelled_nor_completed() {
    let busy = Surroundings { live_matches: 3, ..IDLE };
    for (status, event) in [(Status::Running, Event::Cancel), (Status::Closing, Event::Complete)] {
        assert_eq!(cohort(status).next(event, busy), Err(Refusal::MatchesLive { count: 3 }));
        assert!(cohort(status).next(event, IDLE).is_ok());
    }
}

#[test]
fn people_join_while_it_is_open_or_running() {
    for &status in Status::ALL {
        let joinable = matches!(status, Status::Open | Status::Running);
        assert_eq!(cohort(status).joinable().is_ok(), joinable, "{status}");
    }
}

#[test]
fn it_ends_after_it_starts_and_within_five_years() {
    assert!(create("2026-02-01", "2026-02-02").is_ok());
    for (starts_on, ends_on) in
        [("2026-02-01", "2026-02-01"), ("2026-02-02", "2026-02-01"), ("2026-02-01", "2032-02-01")]
    {
        assert_eq!(create(starts_on, ends_on), Err(Refusal::Dates), "{starts_on} {ends_on}");
    }
    let edit = Edit { ends_on: Some(day("2026-01-01")), ..Edit::default() };
    assert_eq!(cohort(Status::Open).edit(&edit, None, DateTime::UNIX_EPOCH), Err(Refusal::Dates));
    let ended = cohort(Status::Cancelled).edit(&Edit::default(), None, DateTime::UNIX_EPOCH);
    assert_eq!(ended, Err(Refusal::Ended { status: Status::Cancelled }));
}
