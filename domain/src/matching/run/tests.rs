//! Does a run live as its table says, and does it begin only where people can be matched?
use super::*;
use crate::machine::assert_machine;
use chrono_tz::Tz;
use uuid::Uuid;

fn surroundings(cohort: cohort::Status, status: program::Status) -> (Cohort, Program) {
    let draft = program::Draft { name: "Reading friends".into(), description: None, time_zone: Tz::UTC };
    let program = Program::create(Id::new(Uuid::from_u128(1)), &draft, DateTime::UNIX_EPOCH).expect("valid");
    let draft = cohort::Draft {
        name: "Spring".into(),
        starts_on: "2026-02-01".parse().expect("a date"),
        ends_on: "2026-07-31".parse().expect("a date"),
    };
    let of =
        Cohort::create(Id::new(Uuid::from_u128(2)), &program, &draft, DateTime::UNIX_EPOCH).expect("valid");
    (Cohort { status: cohort, ..of }, Program { status, policy_number: 3, ..program })
}

fn start(cohort: cohort::Status, program: program::Status) -> Result<Run, Refusal> {
    let (cohort, program) = surroundings(cohort, program);
    let (id, by) = (Id::new(Uuid::from_u128(3)), Id::new(Uuid::from_u128(4)));
    Run::start(id, &cohort, &program, by, DateTime::UNIX_EPOCH)
}

fn run(status: Status) -> Run {
    Run { status, ..start(cohort::Status::Open, program::Status::Active).expect("valid") }
}

fn outcome() -> Outcome {
    Outcome {
        engine_version: "1".into(),
        input_hash: vec![7; 32],
        mentees: 2,
        mentors: 1,
        matched: 1,
        total_score: 5_000,
    }
}

#[test]
fn a_run_lives_as_the_table_says() {
    assert_machine(
        MACHINE,
        &[
            "QUEUED: begin RUNNING, cancelMatchingRun CANCELLED, fail FAILED",
            "RUNNING: begin RUNNING, complete COMPLETED, cancelMatchingRun CANCELLED, fail FAILED",
            "COMPLETED: publishMatchingRun PUBLISHED, discardMatchingRun DISCARDED",
        ],
    );
    for end in [Status::Published, Status::Discarded, Status::Cancelled, Status::Failed] {
        assert!(MACHINE.is_terminal(end), "{end}");
    }
}

#[test]
fn a_refusal_names_what_people_can_do() {
    let refused = run(Status::Running).apply(Event::Publish, None, DateTime::UNIX_EPOCH);
    let allowed = "cancelMatchingRun".to_owned();
    assert_eq!(refused, Err(Refusal::State(WrongState { state: "RUNNING", allowed })));
}

#[test]
fn it_starts_in_an_open_cohort_of_an_active_program_under_the_policy_in_force() {
    assert_eq!(run(Status::Queued).policy_number, 3);
    for &status in cohort::Status::ALL {
        let open = matches!(status, cohort::Status::Open | cohort::Status::Running);
        assert_eq!(start(status, program::Status::Active).is_ok(), open, "{status}");
    }
    for &status in program::Status::ALL {
        let started = start(cohort::Status::Open, status);
        assert_eq!(started.is_ok(), status == program::Status::Active, "{status}");
    }
}

#[test]
fn proposals_that_come_after_the_cancel_are_refused() {
    let now = DateTime::UNIX_EPOCH;
    let cancelled = run(Status::Running).apply(Event::Cancel, None, now).expect("running");
    assert!(cancelled.finished_at.is_some());
    let late = cancelled.complete(outcome(), now).expect_err("nobody wants it");
    assert_eq!(late.code(), Code::WrongState);
}

#[test]
fn a_draft_is_published_once_and_only_as_it_was_read() {
    let now = DateTime::UNIX_EPOCH;
    let draft = run(Status::Running).complete(outcome(), now).expect("running");
    assert_eq!((draft.progress, draft.status), (100, Status::Completed));
    let stale = draft.clone().apply(Event::Publish, Some(2), now);
    assert_eq!(stale, Err(Refusal::Stale(StaleVersion { actual: 1 })));
    let published = draft.apply(Event::Publish, Some(1), now).expect("fresh");
    assert!(published.apply(Event::Publish, None, now).is_err());
}

#[test]
fn a_worker_that_takes_over_begins_anew() {
    let half = Run { progress: 60, ..run(Status::Running) };
    let begun = half.begin(DateTime::UNIX_EPOCH).expect("taken over");
    assert_eq!((begun.status, begun.progress), (Status::Running, 0));
}
