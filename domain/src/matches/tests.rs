//! Do matches live as their table says, and does a place go to one pair only?
use super::*;
use crate::{
    machine::assert_machine,
    refusal::{Code, Refuse},
    text::TextEnum,
};
use chrono::TimeDelta;
use uuid::Uuid;

fn id<T>(n: u128) -> Id<T> {
    Id::new(Uuid::from_u128(n))
}

/// A pair in this state, for the tests of what pairs do.
pub fn sample(status: Status) -> Match {
    Match {
        id: id(1),
        program: id(2),
        cohort: id(3),
        run: None,
        policy_number: 1,
        mentor_enrollment: id(4),
        mentee_enrollment: id(5),
        mentor: id(6),
        mentee: id(7),
        status,
        score: 5_000,
        criteria: Vec::new(),
        mentor_answer: Answer::None,
        mentee_answer: Answer::None,
        decline_reason: None,
        offered_at: Some(DateTime::UNIX_EPOCH),
        offer_expires_at: Some(DateTime::UNIX_EPOCH + TimeDelta::days(7)),
        accepted_at: None,
        activated_at: None,
        closed_at: None,
        outcome: None,
        counters: Counters::default(),
        version: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn a_match_lives_as_the_table_says() {
    assert_machine(
        MACHINE,
        &[
            "SUGGESTED: publishMatchingRun OFFERED, discardSuggestion DISCARDED",
            "OFFERED: acceptMatch ACCEPTED, declineMatch DECLINED, withdrawOffer WITHDRAWN, addExclusion WITHDRAWN",
            "OFFERED: expireOffer EXPIRED, supersedeOffer SUPERSEDED",
            "ACCEPTED: agreeObjective ACTIVE, closeMatch CLOSED",
            "ACTIVE: closeMatch CLOSED",
        ],
    );
}

#[test]
fn each_event_has_its_parties_and_no_others() {
    let mut allowed = Vec::new();
    for &event in Event::ALL {
        for &party in Party::ALL {
            if event.parties().contains(&party) {
                allowed.push(format!("{event} {party}"));
            }
        }
    }
    allowed.sort_unstable();
    assert_eq!(
        allowed,
        [
            "acceptMatch PAIR",
            "addExclusion STAFF",
            "agreeObjective PAIR",
            "closeMatch PAIR",
            "closeMatch STAFF",
            "declineMatch PAIR",
            "discardSuggestion STAFF",
            "expireOffer SERVER",
            "publishMatchingRun STAFF",
            "supersedeOffer SERVER",
            "withdrawOffer STAFF",
        ]
    );
}

#[test]
fn both_sides_must_accept_and_nobody_twice() {
    let now = DateTime::UNIX_EPOCH;
    let half = sample(Status::Offered).accept(Side::Mentor, Places::OPEN, Some(1), now).expect("open");
    assert_eq!(half.status, Status::Offered);
    assert_eq!(half.clone().accept(Side::Mentor, Places::OPEN, None, now), Err(Refusal::Answered));
    let whole = half.accept(Side::Mentee, Places::OPEN, None, now).expect("open");
    assert_eq!((whole.status, whole.accepted_at), (Status::Accepted, Some(now)));
}

#[test]
fn an_offer_is_refused_for_the_reason_that_a_person_would_give() {
    let now = DateTime::UNIX_EPOCH;
    let late = now + TimeDelta::days(7);
    for (status, places, at, code) in [
        (Status::Offered, Places { mentor_free: false, ..Places::OPEN }, now, Code::CapacityReached),
        (Status::Superseded, Places { mentor_free: false, ..Places::OPEN }, now, Code::CapacityReached),
        (Status::Superseded, Places { mentee_free: false, ..Places::OPEN }, now, Code::AlreadyMatched),
        (Status::Superseded, Places::OPEN, now, Code::WrongState),
        (Status::Offered, Places { taking_part: false, ..Places::OPEN }, now, Code::NotEligible),
        (Status::Offered, Places { consent: false, ..Places::OPEN }, now, Code::ConsentRequired),
        (Status::Offered, Places::OPEN, late, Code::Expired),
        (Status::Active, Places { mentee_free: false, ..Places::OPEN }, now, Code::WrongState),
    ] {
        let refused = sample(status).accept(Side::Mentee, places, None, at).expect_err("refused");
        assert_eq!(refused.code(), code, "{status} {places:?}");
    }
}

#[test]
fn the_outcome_fits_what_the_pair_did() {
    for &status in &[Status::Accepted, Status::Active] {
        for &outcome in Outcome::ALL {
            let fits = (status == Status::Accepted) == (outcome == Outcome::NeverStarted);
            let closed = sample(status).close(outcome, None, DateTime::UNIX_EPOCH);
            assert_eq!(closed.is_ok(), fits, "{status} {outcome}");
        }
    }
}

#[test]
fn the_first_objective_makes_it_active_and_the_second_changes_nothing() {
    let active = sample(Status::Accepted).activate(DateTime::UNIX_EPOCH);
    assert_eq!(active.status, Status::Active);
    assert_eq!(active.clone().activate(DateTime::UNIX_EPOCH + TimeDelta::days(1)), active);
}

#[test]
fn a_person_is_one_of_the_two_or_neither() {
    let pair = sample(Status::Active);
    assert_eq!(pair.side(Some(id(6))), Some(Side::Mentor));
    assert_eq!(pair.side(Some(id(7))), Some(Side::Mentee));
    assert_eq!((pair.side(Some(id(8))), pair.side(None)), (None, None));
}
