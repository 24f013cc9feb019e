//! Do check-ins live as their table says, and is what is planned or told believable?
use chrono::TimeDelta;

use super::*;
use crate::{
    machine::assert_machine,
    matches::{self, Side, sample},
    refusal::{Code, Refuse},
    text::TextEnum,
};

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(100)
}

fn pair() -> Match {
    sample(matches::Status::Active)
}

fn plan(mode: Mode, hours: i64) -> Plan {
    Plan {
        mode,
        starts_at: now() + TimeDelta::hours(hours),
        minutes: None,
        place: Some("Library".into()),
        video_url: Some("https://meet.example/abc".into()),
        agenda: None,
    }
}

fn schedule(plan: &Plan) -> Result<CheckIn, Refusal> {
    CheckIn::schedule(Id::new(uuid::Uuid::from_u128(9)), &pair(), plan, 60, pair().mentor, now())
}

#[test]
fn a_check_in_lives_as_the_table_says() {
    assert_machine(
        MACHINE,
        &[
            "SCHEDULED: rescheduleCheckIn RESCHEDULED, cancelCheckIn CANCELLED, recordCheckIn HELD, markCheckInMissed MISSED",
        ],
    );
    for &status in Status::ALL {
        assert_eq!(MACHINE.is_terminal(status), status != Status::Scheduled, "{status}");
    }
}

#[test]
fn each_mode_needs_what_it_takes_to_meet() {
    let without = |mode| Plan { place: None, video_url: None, ..plan(mode, 1) };
    assert_eq!(schedule(&without(Mode::InPerson)), Err(Refusal::PlaceMissing));
    assert_eq!(schedule(&without(Mode::Online)), Err(Refusal::VideoMissing));
    assert!(schedule(&without(Mode::Phone)).is_ok());
    let unsafe_link = Plan { video_url: Some("http://meet.example".into()), ..plan(Mode::Online, 1) };
    assert_eq!(schedule(&unsafe_link), Err(Refusal::VideoAddress));
    let online = schedule(&plan(Mode::Online, 1)).expect("valid");
    assert_eq!((online.place, online.minutes), (None, 60));
}

#[test]
fn plans_lie_ahead_and_records_do_not() {
    assert_eq!(schedule(&plan(Mode::Phone, -1)), Err(Refusal::NotAhead));
    assert_eq!(schedule(&plan(Mode::Phone, 24 * 400)), Err(Refusal::NotAhead));
    let planned = schedule(&plan(Mode::Phone, 1)).expect("valid");
    let by = (Side::Mentee, pair().mentee);
    let early = planned.clone().record(&pair(), &Record::default(), by, None, now());
    assert_eq!(early, Err(Refusal::InTheFuture));
    assert_eq!(planned.clone().miss(&pair(), None, now()), Err(Refusal::InTheFuture));
    let later = now() + TimeDelta::hours(2);
    let record = Record { rating: Some(5), feedback: Some("Good".into()), ..Record::default() };
    let held = planned.record(&pair(), &record, by, Some(1), later).expect("it took place");
    assert_eq!((held.status, held.mentee.rating, held.mentor.rating), (Status::Held, Some(5), None));
    let again = held.clone().record(&pair(), &record, by, None, later).expect_err("recorded");
    assert_eq!(again.code(), Code::WrongState);
    let rated = held.rate(Side::Mentor, 6, None, None, later);
    assert_eq!(rated, Err(Refusal::Rating));
}

#[test]
fn a_moved_check_in_names_the_one_that_took_its_place() {
    let planned = schedule(&plan(Mode::Phone, 1)).expect("valid");
    let later = Id::new(uuid::Uuid::from_u128(10));
    let (old, new) = planned
        .reschedule(&pair(), later, &plan(Mode::InPerson, 48), pair().mentee, None, now())
        .expect("valid");
    assert_eq!((old.status, old.replaced_by), (Status::Rescheduled, Some(later)));
    assert_eq!((new.status, new.mode, new.scheduled_by), (Status::Scheduled, Mode::InPerson, pair().mentee));
}

#[test]
fn pairs_that_are_over_plan_nothing() {
    for &status in matches::Status::ALL {
        let of = sample(status);
        let planned = CheckIn::schedule(
            Id::new(uuid::Uuid::from_u128(9)),
            &of,
            &plan(Mode::Phone, 1),
            60,
            of.mentor,
            now(),
        );
        assert_eq!(planned.is_ok(), of.holds_place(), "{status}");
    }
}

#[test]
fn the_next_date_follows_the_cadence_and_is_never_past() {
    let last = now() - TimeDelta::days(3);
    assert_eq!(suggest_next(last, 14, now()), last + TimeDelta::days(14));
    let long_ago = now() - TimeDelta::days(50);
    let next = suggest_next(long_ago, 14, now());
    assert!(next >= now() && next - now() <= TimeDelta::days(14));
}
