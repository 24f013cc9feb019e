//! Is the proposal the best one, is it always the same one, and are its reasons true?
use std::{cell::Cell, ops::ControlFlow};

use super::{
    naive::{best_plan, judge, table},
    sample::{Dice, any_pair, cohort, mentee, mentor, shuffled},
    *,
};
use crate::refusal::{Code, Refuse};

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn solved(input: &MatchInput) -> MatchReport {
    propose(input, &go_on).unwrap()
}

fn refused(input: &MatchInput) -> Vec<Fault> {
    match propose(input, &go_on) {
        Err(Unsolved::Refused(faults)) => faults,
        other => panic!("{other:?}"),
    }
}

/// Adds some locks that keep every rule.
fn add_locks(dice: &mut Dice, input: &mut MatchInput) {
    for _ in 0..dice.roll(3) {
        let pair = any_pair(dice, input);
        let mentee = input.mentees.iter().find(|mentee| mentee.id == pair.mentee).unwrap();
        let mentor = input.mentors.iter().find(|mentor| mentor.id == pair.mentor).unwrap();
        let taken = input.locks.iter().filter(|lock| lock.mentor == pair.mentor).count();
        let room = usize::from(mentor.capacity.saturating_sub(mentor.load)) > taken;
        let free = input.locks.iter().all(|lock| lock.mentee != pair.mentee);
        if room && free && judge(input, mentee, mentor).is_ok() {
            input.locks.push(pair);
        }
    }
}

fn small_cohort(seed: u64) -> MatchInput {
    let mut dice = Dice(seed);
    let (mentees, mentors) = (dice.roll(8), dice.roll(6));
    let mut input = cohort(&mut dice, mentees, mentors);
    if mentees > 0 && mentors > 0 {
        add_locks(&mut dice, &mut input);
    }
    input
}

#[test]
fn a_thousand_small_cohorts_get_the_plan_that_trying_everything_finds() {
    let (mut ties_matter, mut locks, mut matched) = (0, 0, 0);
    for seed in 0..1_000 {
        let input = small_cohort(seed);
        let report = solved(&input);
        let table = table(&input);
        let (count, total, plan) = best_plan(&input, &table);
        assert_eq!(u64::from(report.totals.matched), count, "seed {seed}");
        assert_eq!(u64::from(report.totals.total_score), total, "seed {seed}");
        let proposed: Vec<_> = table
            .iter()
            .map(|(mentee, _)| {
                report.assignments.iter().find(|pair| pair.mentee == *mentee).map(|pair| pair.mentor)
            })
            .collect();
        assert_eq!(proposed, plan, "seed {seed}");
        assert_eq!(report.certificate.gap(), 0);
        assert_eq!(check(&input, &report, &go_on), Ok(()));
        locks += input.locks.len();
        matched += count;
        ties_matter +=
            usize::from(table.iter().any(|(_, row)| row.windows(2).any(|two| two[0].0 == two[1].0)));
    }
    assert!(locks > 100 && matched > 1_000 && ties_matter > 200, "{locks} {matched} {ties_matter}");
}

#[test]
fn each_pair_is_explained_by_points_that_add_up_and_by_its_true_rank() {
    for seed in 0..200 {
        let input = small_cohort(seed);
        let report = solved(&input);
        let table = table(&input);
        for pair in &report.assignments {
            let mentee = input.mentees.iter().find(|mentee| mentee.id == pair.mentee).unwrap();
            let mentor = input.mentors.iter().find(|mentor| mentor.id == pair.mentor).unwrap();
            let expected = judge(&input, mentee, mentor).unwrap();
            let points: Vec<u64> = pair.criteria.iter().map(|line| line.points.into()).collect();
            assert_eq!(points, expected, "seed {seed}");
            assert_eq!(points.iter().sum::<u64>(), u64::from(pair.score));
            let row = &table.iter().find(|(id, _)| *id == pair.mentee).unwrap().1;
            let better = row.iter().filter(|(score, _)| *score > u64::from(pair.score)).count();
            assert_eq!(usize::try_from(pair.rank_for_mentee).unwrap(), better + 1);
            assert_eq!(pair.locked, input.locks.contains(&Pair { mentee: pair.mentee, mentor: pair.mentor }));
        }
        for others in &report.alternates {
            let own =
                report.assignments.iter().find(|pair| pair.mentee == others.mentee).map(|pair| pair.mentor);
            let row = &table.iter().find(|(id, _)| *id == others.mentee).unwrap().1;
            let expected: Vec<_> = row.iter().filter(|(_, id)| Some(*id) != own).take(5).copied().collect();
            let named: Vec<_> = others.mentors.iter().map(|it| (u64::from(it.score), it.mentor)).collect();
            assert_eq!(named, expected, "seed {seed}");
        }
    }
}

#[test]
fn who_is_left_out_is_told_the_true_reason() {
    let (mut rules, mut contests) = (0, 0);
    for seed in 0..400 {
        let input = small_cohort(seed);
        let report = solved(&input);
        assert_eq!(report.assignments.len() + report.unmatched.len(), input.mentees.len());
        let free = |id| report.mentor_load.iter().find(|load| load.mentor == id).unwrap().free();
        for left_out in &report.unmatched {
            let mentee = input.mentees.iter().find(|mentee| mentee.id == left_out.mentee).unwrap();
            match &left_out.reason {
                UnmatchedReason::NoFeasibleMentor { mentors } => {
                    rules += 1;
                    let counted: u32 = mentors.iter().map(|(_, count)| count).sum();
                    assert_eq!(usize::try_from(counted).unwrap(), input.mentors.len());
                    for &(rule, count) in mentors {
                        let breaks = input.mentors.iter().filter(|mentor| {
                            judge(&input, mentee, mentor).err().unwrap_or(Rule::MentorFull) == rule
                        });
                        assert_eq!(u32::try_from(breaks.count()).unwrap(), count, "seed {seed} {rule}");
                    }
                }
                UnmatchedReason::CapacityExhausted { suitable, contest } => {
                    contests += 1;
                    assert!(*suitable > 0);
                    let contest = &report.contests[usize::try_from(*contest).unwrap()];
                    assert!(contest.mentees.contains(&left_out.mentee));
                    assert!(contest.mentees.len() > usize::try_from(contest.seats).unwrap());
                    for mentor in &contest.mentors {
                        assert_eq!(free(*mentor), 0, "seed {seed}");
                    }
                }
            }
        }
    }
    assert!(rules > 50 && contests > 50, "{rules} {contests}");
}

#[test]
fn the_order_of_the_input_changes_nothing() {
    for seed in 0..100 {
        let input = small_cohort(seed);
        let other = shuffled(&mut Dice(seed), &input);
        let (one, two) = (solved(&input), solved(&other));
        assert_eq!(format!("{one:?}"), format!("{two:?}"), "seed {seed}");
    }
    let input = cohort(&mut Dice(1), 120, 50);
    let other = shuffled(&mut Dice(2), &input);
    assert_ne!(input, other);
    assert_eq!(format!("{:?}", solved(&input)), format!("{:?}", solved(&other)));
}

#[test]
fn other_questions_have_other_bytes() {
    let input = small_cohort(3);
    let bytes = solved(&input).canonical_input;
    let changed = |change: fn(&mut MatchInput)| {
        let mut other = input.clone();
        change(&mut other);
        solved(&other).canonical_input
    };
    assert_ne!(bytes, changed(|input| input.rules.minimum_score += 1));
    assert_ne!(bytes, changed(|input| input.mentees[0].goals.push("chess".into())));
    assert_ne!(bytes, changed(|input| input.mentees[0].interests.push("chess".into())));
    assert_ne!(bytes, changed(|input| input.mentors[0].capacity += 1));
    assert_eq!(bytes, changed(|input| input.mentees[0].goals.extend_from_within(..)));
}

#[test]
fn locking_a_proposed_pair_changes_no_pair_and_other_locks_never_gain() {
    for seed in 0..60 {
        let mut input = small_cohort(seed);
        input.locks.clear();
        let free = solved(&input);
        let value = |report: &MatchReport| (report.totals.matched, report.totals.total_score);
        if let Some(pair) = free.assignments.first() {
            input.locks = vec![Pair { mentee: pair.mentee, mentor: pair.mentor }];
            assert_eq!(value(&solved(&input)), value(&free), "seed {seed}");
        }
        input.locks.clear();
        if !input.mentees.is_empty() && !input.mentors.is_empty() {
            add_locks(&mut Dice(seed), &mut input);
        }
        let locked = solved(&input);
        assert!(value(&locked) <= value(&free), "seed {seed}");
        for lock in &input.locks {
            let kept =
                |pair: &Assigned| pair.mentee == lock.mentee && pair.mentor == lock.mentor && pair.locked;
            assert!(locked.assignments.iter().any(kept));
        }
    }
}

#[test]
fn one_more_seat_or_mentor_never_makes_the_plan_worse() {
    for seed in 0..60 {
        let mut input = small_cohort(seed);
        input.weights = Weights { goals: 10_000, interests: 0, availability: 0, language: 0, time_zone: 0 };
        input.locks.clear();
        let value = |input: &MatchInput| {
            let totals = solved(input).totals;
            (totals.matched, totals.total_score)
        };
        let before = value(&input);
        if let Some(mentor) = input.mentors.first_mut() {
            mentor.capacity += 1;
        }
        let roomier = value(&input);
        assert!(roomier >= before, "seed {seed}");
        input.mentors.push(mentor(&mut Dice(seed + 5_000)));
        assert!(value(&input) >= roomier, "seed {seed}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let mut dice = Dice(9);
    let mut input = cohort(&mut dice, 3, 2);
    let stranger = mentee(&mut dice).id;
    input.mentees.push(input.mentees[0].clone());
    input.weights.goals = 1;
    input.exclusions.push(Pair { mentee: stranger, mentor: input.mentors[0].id });
    input.locks = vec![Pair { mentee: input.mentors[0].id, mentor: stranger }];
    let faults = refused(&input);
    let codes: Vec<_> = faults.iter().map(|fault| (fault.code(), fault.path())).collect();
    let at = |path: &str| Some(path.to_owned());
    assert_eq!(
        codes,
        [
            (Code::Taken, None),
            (Code::OutOfRange, at("weights")),
            (Code::NotFound, at("exclusions")),
            (Code::NotFound, at("locks")),
            (Code::NotFound, at("locks")),
        ]
    );
}

/// One mentee and one mentor who share everything.
fn twins() -> MatchInput {
    let mut dice = Dice(4);
    let mut input = cohort(&mut dice, 2, 2);
    let availability = crate::profile::availability::Availability::default();
    for mentee in &mut input.mentees {
        mentee.languages = vec!["Shona".into()];
        (mentee.minor, mentee.guardian_consent) = (true, true);
        mentee.availability = availability.clone();
    }
    for mentor in &mut input.mentors {
        mentor.languages = vec!["shona".into()];
        (mentor.vetted, mentor.capacity, mentor.load) = (true, 1, 0);
        mentor.availability = availability.clone();
        mentor.profile = mentor.id.cast();
    }
    input.exclusions.clear();
    input.rules = Rules { minimum_overlap: 0, ..Rules::default() };
    input
}

#[test]
fn a_lock_is_no_way_around_a_rule() {
    let lock = |input: &MatchInput| vec![Pair { mentee: input.mentees[0].id, mentor: input.mentors[0].id }];
    let breach = |change: fn(&mut MatchInput)| {
        let mut input = twins();
        input.locks = lock(&input);
        assert!(propose(&input, &go_on).is_ok());
        change(&mut input);
        match refused(&input).as_slice() {
            [Fault::LockViolatesRule { breach, .. }] => *breach,
            faults => panic!("{faults:?}"),
        }
    };
    assert_eq!(breach(|input| input.exclusions = input.locks.clone()), Breach::Excluded);
    assert_eq!(breach(|input| input.mentees[0].guardian_consent = false), Breach::ConsentMissing);
    assert_eq!(breach(|input| input.mentors[0].vetted = false), Breach::MentorNotVetted);
    assert_eq!(breach(|input| input.mentors[0].profile = input.mentees[0].profile), Breach::SamePerson);
    assert_eq!(breach(|input| input.mentees[0].languages.clear()), Breach::NoSharedLanguage);
    let overlap = Breach::InsufficientOverlap { have: 0, need: 60 };
    assert_eq!(breach(|input| input.rules.minimum_overlap = 60), overlap);
    assert_eq!(breach(|input| input.rules.minimum_score = 10_001).rule(), Rule::BelowMinimumScore);
}

#[test]
fn locks_must_fit_each_other_and_the_mentors_places() {
    let mut input = twins();
    let pair = |input: &MatchInput, mentee: usize, mentor: usize| Pair {
        mentee: input.mentees[mentee].id,
        mentor: input.mentors[mentor].id,
    };
    input.locks = vec![pair(&input, 0, 0), pair(&input, 1, 0)];
    let over = Fault::LockOverCapacity { mentor: input.mentors[0].id, free: 1, locked: 2 };
    assert_eq!(refused(&input), [over]);
    input.locks = vec![pair(&input, 0, 0), pair(&input, 0, 1)];
    assert_eq!(refused(&input), [Fault::ConflictingLocks { mentee: input.mentees[0].id }]);
    input.locks = vec![pair(&input, 0, 0), pair(&input, 0, 0)];
    assert_eq!(solved(&input).totals.matched, 2);
}

#[test]
fn a_minor_without_consent_is_never_matched() {
    let mut input = twins();
    input.mentees[0].guardian_consent = false;
    let report = solved(&input);
    let reason = UnmatchedReason::NoFeasibleMentor { mentors: vec![(Rule::ConsentMissing, 2)] };
    assert_eq!(report.unmatched, [Unmatched { mentee: input.mentees[0].id, reason }]);
}

#[test]
fn too_many_people_are_refused_before_any_work() {
    let mut input = twins();
    input.mentees = vec![input.mentees[0].clone(); MAX_PEOPLE + 1];
    let faults = refused(&input);
    assert!(faults.contains(&Fault::TooLarge { what: "mentees", max: MAX_PEOPLE, count: MAX_PEOPLE + 1 }));
}

#[test]
fn a_run_can_be_stopped_at_every_sign_of_life() {
    let input = cohort(&mut Dice(6), 40, 20);
    let beats = Cell::new(0);
    let percent = Cell::new(0);
    let count = |progress: Progress| {
        beats.set(beats.get() + 1);
        assert!(progress.percent() >= percent.replace(progress.percent()));
        ControlFlow::Continue(())
    };
    propose(&input, &count).unwrap();
    assert!(beats.get() > 4);
    for last in 0..beats.get() {
        let left = Cell::new(last);
        let stop = |_| {
            let go_on = left.get() > 0;
            left.set(left.get() - i32::from(go_on));
            if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        assert_eq!(propose(&input, &stop), Err(Unsolved::Cancelled));
    }
}

#[test]
fn edge_cohorts_are_answered() {
    for (mentees, mentors) in [(0, 0), (0, 3), (3, 0)] {
        let report = solved(&cohort(&mut Dice(7), mentees, mentors));
        assert_eq!(report.totals.matched, 0);
        assert_eq!(report.certificate.gap(), 0);
    }
    let mut identical = twins();
    let (mentee, mentor) = (identical.mentees[0].clone(), identical.mentors[0].clone());
    let mut dice = Dice(8);
    identical.mentees =
        (0..30).map(|_| Mentee { id: super::sample::mentee(&mut dice).id, ..mentee.clone() }).collect();
    identical.mentors = (0..10)
        .map(|_| Mentor { id: super::sample::mentor(&mut dice).id, capacity: 2, ..mentor.clone() })
        .collect();
    let report = solved(&identical);
    assert_eq!((report.totals.matched, report.contests.len()), (20, 1));
    // Among equals, those who enrolled first are served, by the mentors who enrolled first.
    identical.mentees.sort_by_key(|mentee| mentee.id);
    identical.mentors.sort_by_key(|mentor| mentor.id);
    let served: Vec<_> = report.assignments.iter().map(|pair| (pair.mentee, pair.mentor)).collect();
    let expected: Vec<_> =
        (0..20).map(|place| (identical.mentees[place].id, identical.mentors[place / 2].id)).collect();
    assert_eq!(served, expected);
}
