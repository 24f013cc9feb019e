//! Do programs live as their table says, and do they refuse what is not whole?
use super::*;
use crate::machine::assert_machine;
use uuid::Uuid;

fn program() -> Program {
    let draft = Draft { name: "Reading friends".into(), description: None, time_zone: Tz::UTC };
    Program::create(Id::new(Uuid::from_u128(1)), &draft, DateTime::UNIX_EPOCH).expect("valid")
}

#[test]
fn a_program_lives_as_the_table_says() {
    assert_machine(
        MACHINE,
        &[
            "DRAFT: publishProgram ACTIVE, archiveProgram ARCHIVED",
            "ACTIVE: pauseProgram PAUSED, completeProgram COMPLETED",
            "PAUSED: resumeProgram ACTIVE, completeProgram COMPLETED",
            "COMPLETED: archiveProgram ARCHIVED",
        ],
    );
    assert!(MACHINE.is_terminal(Status::Archived));
}

#[test]
fn a_wrong_step_names_the_state_and_what_is_possible() {
    let refusal = program().apply(Event::Pause, 0, None, DateTime::UNIX_EPOCH).expect_err("a draft");
    assert_eq!(refusal.code(), Code::WrongState);
    let params = refusal.params();
    assert_eq!(params, [("state", "DRAFT".into()), ("allowed", "publishProgram, archiveProgram".into())]);
}

#[test]
fn a_program_ends_only_after_its_cohorts() {
    let active = Program { status: Status::Active, ..program() };
    let refused = active.clone().apply(Event::Complete, 2, None, DateTime::UNIX_EPOCH);
    assert_eq!(refused, Err(Refusal::CohortsLive { count: 2 }));
    let ended = active.apply(Event::Complete, 0, None, DateTime::UNIX_EPOCH).expect("no cohort is live");
    let edit = ended.edit(&Edit::default(), None, DateTime::UNIX_EPOCH);
    assert_eq!(edit, Err(Refusal::Ended { state: Status::Completed }));
}

#[test]
fn an_edit_keeps_what_it_does_not_name_and_blank_text_removes_a_description() {
    let described = Program { description: Some("Weekly".into()), ..program() };
    let zone = Edit { time_zone: Some("Asia/Kathmandu".into()), ..Edit::default() };
    let edited = described.clone().edit(&zone, Some(1), DateTime::UNIX_EPOCH).expect("valid");
    assert_eq!((edited.description.as_deref(), edited.time_zone.name()), (Some("Weekly"), "Asia/Kathmandu"));
    let blank = Edit { description: Some(" ".into()), ..Edit::default() };
    let edited = described.clone().edit(&blank, None, DateTime::UNIX_EPOCH).expect("valid");
    assert_eq!(edited.description, None);
    let stale = described.clone().edit(&blank, Some(9), DateTime::UNIX_EPOCH);
    assert_eq!(stale, Err(Refusal::Stale(StaleVersion { actual: 1 })));
    let unknown = Edit { time_zone: Some("Mars/North".into()), ..Edit::default() };
    assert_eq!(described.edit(&unknown, None, DateTime::UNIX_EPOCH), Err(Refusal::UnknownTimeZone));
}

#[test]
fn objectives_are_numbered_and_a_fault_names_its_place() {
    let ids = || (1..).map(|n| Id::new(Uuid::from_u128(n)));
    let draft = |title: &str| ObjectiveDraft { title: title.into(), measure: None };
    let program = program().id;
    let two = objectives(program, &[draft("Confidence"), draft("Grades")], ids()).expect("valid");
    assert_eq!(two.iter().map(|objective| objective.position).collect::<Vec<_>>(), [0, 1]);
    let refusal = objectives(program, &[draft("Confidence"), draft(" ")], ids()).expect_err("blank");
    assert_eq!((refusal.code(), refusal.path().as_deref()), (Code::Required, Some("objectives.1.title")));
    assert_eq!(objectives(program, &[], ids()), Err(Refusal::ObjectiveCount));
    assert_eq!(objectives(program, &vec![draft("x"); 21], ids()), Err(Refusal::ObjectiveCount));
}
