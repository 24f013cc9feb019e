//! Do people join, rest and leave as the table says, and never lose a place that is taken?
use super::*;
use crate::{machine::assert_machine, profile, text::TextEnum};
use uuid::Uuid;

fn cohort(status: cohort::Status) -> Cohort {
    Cohort {
        id: Id::new(Uuid::from_u128(2)),
        program: Id::new(Uuid::from_u128(1)),
        name: "Spring".into(),
        status,
        starts_on: "2026-02-01".parse().expect("a date"),
        ends_on: "2026-07-31".parse().expect("a date"),
        version: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

fn person(capacity: i32) -> Profile {
    let draft = profile::Draft {
        name: "Ana".into(),
        time_zone: "UTC".into(),
        capacity: Some(capacity),
        ..profile::Draft::default()
    };
    let today = "2026-03-01".parse().expect("a date");
    Profile::create(Id::new(Uuid::from_u128(3)), &draft, today, DateTime::UNIX_EPOCH).expect("valid").0
}

fn enroll(role: Role, capacity: Option<i32>) -> Result<Enrollment, Refusal> {
    let (cohort, person) = (cohort(cohort::Status::Open), person(3));
    Enrollment::enroll(Id::new(Uuid::from_u128(4)), &cohort, &person, role, capacity, DateTime::UNIX_EPOCH)
}

#[test]
fn an_enrollment_lives_as_the_table_says() {
    assert_machine(
        MACHINE,
        &[
            "APPROVED: holdEnrollment ON_HOLD, withdrawEnrollment WITHDRAWN, completeCohort COMPLETED",
            "ON_HOLD: resumeEnrollment APPROVED, withdrawEnrollment WITHDRAWN, completeCohort COMPLETED",
            "WITHDRAWN: enroll APPROVED",
        ],
    );
    assert!(MACHINE.is_terminal(Status::Completed));
}

#[test]
fn a_mentor_brings_their_capacity_and_a_mentee_has_one_place() {
    assert_eq!(enroll(Role::Mentor, None).map(|enrollment| enrollment.capacity), Ok(3));
    assert_eq!(enroll(Role::Mentor, Some(0)).map(|enrollment| enrollment.capacity), Ok(0));
    assert_eq!(enroll(Role::Mentor, Some(51)), Err(Refusal::Capacity { least: 0 }));
    assert_eq!(enroll(Role::Mentee, None).map(|enrollment| enrollment.capacity), Ok(1));
    assert_eq!(enroll(Role::Mentee, Some(2)), Err(Refusal::MenteeCapacity));
}

#[test]
fn nobody_joins_a_cohort_that_is_not_open() {
    for &status in cohort::Status::ALL {
        let id = Id::new(Uuid::from_u128(4));
        let joined =
            Enrollment::enroll(id, &cohort(status), &person(1), Role::Mentee, None, DateTime::UNIX_EPOCH);
        let open = matches!(status, cohort::Status::Open | cohort::Status::Running);
        assert_eq!(joined.is_ok(), open, "{status}");
    }
}

#[test]
fn places_that_are_taken_stay() {
    let busy = Enrollment { load: 2, ..enroll(Role::Mentor, None).expect("valid") };
    let left = busy.clone().apply(Event::Withdraw, None, DateTime::UNIX_EPOCH);
    assert_eq!(left, Err(Refusal::MatchesLive { load: 2 }));
    assert_eq!(busy.clone().resize(1, None, DateTime::UNIX_EPOCH), Err(Refusal::Capacity { least: 2 }));
    assert_eq!(busy.clone().resize(2, None, DateTime::UNIX_EPOCH).map(|it| it.capacity), Ok(2));
    assert!(busy.apply(Event::Hold, None, DateTime::UNIX_EPOCH).is_ok());
}

#[test]
fn only_who_has_left_comes_again() {
    let here = enroll(Role::Mentor, None).expect("valid");
    let open = cohort(cohort::Status::Running);
    let again = here.clone().again(&open, Role::Mentee, None, DateTime::UNIX_EPOCH);
    assert_eq!(again, Err(Refusal::AlreadyEnrolled { role: Role::Mentor }));
    let left = here.apply(Event::Withdraw, None, DateTime::UNIX_EPOCH).expect("no matches");
    let back = left.again(&open, Role::Mentee, None, DateTime::UNIX_EPOCH).expect("left before");
    assert_eq!((back.status, back.role, back.capacity), (Status::Approved, Role::Mentee, 1));
}
