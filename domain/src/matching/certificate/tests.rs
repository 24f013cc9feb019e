//! Does the check find a report that is not the best plan, or not a plan at all?
use std::ops::ControlFlow;

use super::{
    super::{
        progress::Progress,
        propose,
        sample::{Dice, cohort},
    },
    *,
};

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A cohort whose plan has some pairs, with the report on it.
fn solved() -> (MatchInput, MatchReport) {
    let mut input = cohort(&mut Dice(22), 30, 20);
    input.exclusions.clear();
    let first = propose(&input, &go_on).unwrap();
    let pair = &first.assignments[0];
    input.locks = vec![Pair { mentee: pair.mentee, mentor: pair.mentor }];
    let report = propose(&input, &go_on).unwrap();
    assert!(report.assignments.len() > 4);
    (input, report)
}

fn flaw(change: fn(&mut MatchReport)) -> Flaw {
    let (input, mut report) = solved();
    assert_eq!(check(&input, &report, &go_on), Ok(()));
    change(&mut report);
    match check(&input, &report, &go_on) {
        Err(Unsolved::Unproven(flaw)) => flaw,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_changed_report_fails() {
    assert!(matches!(flaw(|report| report.assignments[0].score += 1), Flaw::WrongScore { .. }));
    assert!(matches!(
        flaw(|report| report.assignments.push(report.assignments[0].clone())),
        Flaw::Stray { .. }
    ));
    assert!(matches!(
        flaw(|report| report.assignments[0].mentor = report.assignments[0].mentee),
        Flaw::Stray { .. }
    ));
    assert_eq!(flaw(|report| report.assignments.retain(|pair| !pair.locked)), Flaw::LockLost);
    assert_eq!(flaw(|report| report.certificate.mentee_prices[0] = -1), Flaw::Underpriced);
    assert_eq!(flaw(|report| report.certificate.mentee_prices.clear()), Flaw::Underpriced);
    assert_eq!(flaw(|report| report.certificate.mentee_prices.fill(0)), Flaw::Underpriced);
    assert_eq!(flaw(|report| report.certificate.pair_value = 1), Flaw::Underpriced);
    assert!(matches!(flaw(|report| report.certificate.mentee_prices[0] += 1), Flaw::Gap { .. }));
    let worse = |report: &mut MatchReport| {
        let place = report.assignments.iter().position(|pair| !pair.locked).unwrap();
        report.assignments.remove(place);
    };
    assert!(matches!(flaw(worse), Flaw::Gap { .. }));
}

#[test]
fn a_plan_for_another_question_fails() {
    let (mut input, report) = solved();
    let pair = &report.assignments[1];
    input.exclusions.push(Pair { mentee: pair.mentee, mentor: pair.mentor });
    let broken = check(&input, &report, &go_on);
    assert!(matches!(broken, Err(Unsolved::Unproven(Flaw::BreaksRule { breach: Breach::Excluded, .. }))));
}

#[test]
fn a_check_can_be_stopped() {
    let (input, report) = solved();
    assert_eq!(check(&input, &report, &|_| ControlFlow::Break(())), Err(Unsolved::Cancelled));
}
