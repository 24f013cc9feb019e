//! Do objectives live as their table says, with the right side at each step?
use super::*;
use crate::{machine::assert_machine, text::TextEnum};

#[test]
fn an_objective_lives_as_the_table_says() {
    assert_machine(
        MACHINE,
        &[
            "PROPOSED: agreeObjective AGREED, dropObjective DROPPED",
            "AGREED: startObjective IN_PROGRESS, dropObjective DROPPED",
            "IN_PROGRESS: submitObjective SUBMITTED_FOR_REVIEW, dropObjective DROPPED",
            "SUBMITTED_FOR_REVIEW: returnObjective IN_PROGRESS, rateObjective RATED",
        ],
    );
}

#[test]
fn nobody_agrees_returns_or_rates_what_they_said_themselves() {
    for &status in Status::ALL {
        for &event in Event::ALL {
            let by_other = transition(status, event, Part::Other);
            let by_author = transition(status, event, Part::Author);
            let reserved = matches!(event, Event::Agree | Event::Return | Event::Rate);
            assert_eq!(by_other.ok(), MACHINE.transition(status, event).ok(), "{status} {event}");
            if reserved && MACHINE.transition(status, event).is_ok() {
                assert_eq!(by_author, Err(Refusal::OtherSide), "{status} {event}");
            } else {
                assert_eq!(by_author.ok(), MACHINE.transition(status, event).ok(), "{status} {event}");
            }
        }
    }
}

#[test]
fn goal_attainment_scores_are_those_of_the_literature() {
    for (ratings, expected) in [
        (&[(0, 1.0), (0, 1.0), (0, 1.0)][..], 50.0),
        (&[(1, 1.0), (1, 1.0), (1, 1.0)], 63.693_064),
        (&[(2, 1.0), (1, 1.0), (-1, 1.0)], 59.128_709),
        (&[(1, 3.0), (0, 2.0), (-1, 1.0)], 54.406_526),
        (&[(1, 1.0)], 60.0),
        (&[(-2, 1.0), (-2, 1.0), (-2, 1.0), (-2, 1.0)], 20.980_950),
    ] {
        let score = t_score(ratings).expect("some ratings");
        assert!((score - expected).abs() < 1e-6, "{ratings:?}: {score}");
    }
    assert_eq!(t_score(&[]), None);
}
