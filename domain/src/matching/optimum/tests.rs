//! Is the plan optimal by either way of solving, and is it the same plan after ties are settled?
#![expect(clippy::as_conversions, reason = "a handful of nodes")]
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::{
    super::{
        canonical::canonical,
        network::{Arc, Node},
        progress::Progress,
        sample::Dice,
    },
    *,
};

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// From a table of scores; `None` is a pair that may not be.
fn network(scores: &[Vec<Option<u16>>], seats: &[u32]) -> Network {
    let arc = |(to, score): (usize, &Option<u16>)| Some(Arc { score: (*score)?, to: to as Node });
    let rows = scores.iter().map(|row| row.iter().enumerate().filter_map(arc).collect());
    Network::new(rows.collect(), seats.to_vec())
}

fn plan(network: &Network, budget: u64) -> Vec<Option<Node>> {
    let state = within(network, budget, &go_on).unwrap();
    assert_optimal(network, &state);
    canonical(network, &state, &go_on).unwrap()
}

/// What makes a plan with prices optimal, written out.
fn assert_optimal(network: &Network, state: &State) {
    for party in [Party::Mentee, Party::Mentor] {
        for node in 0..network.side[party].len() as Node {
            assert!(state.price[party][node as usize] >= 0);
            assert!(!state.unsatisfied(network, party, node));
            assert!(
                state.mates[party][node as usize].len() <= network.side[party].seats[node as usize] as usize
            );
        }
    }
    for mentee in 0..network.side.mentees.len() {
        for arc in network.side.mentees.row(mentee as Node) {
            let cost = state.price.mentees[mentee] + state.price.mentors[arc.to as usize];
            assert!(cost >= network.value(*arc));
            if state.mates.mentees[mentee].contains(&arc.to) {
                assert_eq!(cost, network.value(*arc));
            }
        }
    }
}

/// Matched mentees, then total score.
type Worth = (usize, u32);

fn worth(scores: &[Vec<Option<u16>>], plan: &[Option<Node>]) -> Worth {
    let pairs = plan
        .iter()
        .zip(scores)
        .filter_map(|(mentor, row)| Some(u32::from(row[(*mentor)? as usize].unwrap())));
    (plan.iter().flatten().count(), pairs.sum())
}

/// The canonical best plan, by trying all.
fn by_trying_all(scores: &[Vec<Option<u16>>], seats: &[u32]) -> Vec<Option<Node>> {
    fn extend(
        scores: &[Vec<Option<u16>>],
        seats: &mut [u32],
        plan: &mut Vec<Option<Node>>,
        best: &mut Option<(Worth, Vec<Option<Node>>)>,
    ) {
        let Some(row) = scores.get(plan.len()) else {
            let worth = worth(scores, plan);
            if best.as_ref().is_none_or(|(known, _)| worth > *known) {
                *best = Some((worth, plan.clone()));
            }
            return;
        };
        let mut order: Vec<usize> = (0..row.len()).filter(|&mentor| row[mentor].is_some()).collect();
        order.sort_by_key(|&mentor| std::cmp::Reverse(row[mentor]));
        for mentor in order {
            if seats[mentor] > 0 {
                seats[mentor] -= 1;
                plan.push(Some(mentor as Node));
                extend(scores, seats, plan, best);
                plan.pop();
                seats[mentor] += 1;
            }
        }
        plan.push(None);
        extend(scores, seats, plan, best);
        plan.pop();
    }
    let mut best = None;
    extend(scores, &mut seats.to_vec(), &mut Vec::new(), &mut best);
    best.unwrap().1
}

fn table<const N: usize>(rows: &[[u16; N]]) -> Vec<Vec<Option<u16>>> {
    rows.iter().map(|row| row.iter().copied().map(Some).collect()).collect()
}

#[test]
fn published_examples() {
    // Costs 4 1 3 / 2 0 5 / 3 2 2: columns 1, 0, 2 cost 5 in all. Scores are 10 less the cost.
    let costs = table(&[[6, 9, 7], [8, 10, 5], [7, 8, 8]]);
    // Greedy takes 9 and then has only 1; the best is 16.
    let trap = table(&[[9, 8], [8, 1]]);
    // Places 2 and 1: greedy reaches 2.60, the best is 2.63 with mentee 0 at mentor 1.
    let places = table(&[[92, 90], [88, 30], [85, 80]]);
    for budget in [0, u64::MAX] {
        let plan = |scores: &[Vec<Option<u16>>], seats: &[u32]| plan(&network(scores, seats), budget);
        assert_eq!(plan(&costs, &[1, 1, 1]), [Some(1), Some(0), Some(2)]);
        assert_eq!(worth(&trap, &plan(&trap, &[1, 1])), (2, 16));
        assert_eq!(plan(&places, &[2, 1]), [Some(1), Some(0), Some(0)]);
        assert_eq!(worth(&places, &plan(&places, &[2, 1])), (3, 263));
    }
}

#[test]
fn more_pairs_beat_better_pairs() {
    let scores = vec![vec![Some(10_000), Some(0)], vec![Some(0), None]];
    assert_eq!(plan(&network(&scores, &[1, 1]), u64::MAX), [Some(1), Some(0)]);
}

#[test]
fn both_ways_find_the_one_canonical_plan() {
    for seed in 0..1_500 {
        let mut dice = Dice(seed);
        let (mentees, mentors) = (dice.index(7), 1 + dice.index(4));
        // Few distinct scores make many equally good plans.
        let distinct = [2, 4, 10_001][dice.index(3)];
        let density = 30 + dice.roll(71);
        let mut score = |_| dice.chance(density).then(|| dice.small(distinct));
        let scores: Vec<Vec<_>> = (0..mentees).map(|_| (0..mentors).map(&mut score).collect()).collect();
        let seats: Vec<u32> = (0..mentors).map(|_| dice.small(4).into()).collect();
        let network = network(&scores, &seats);
        let expected = by_trying_all(&scores, &seats);
        assert_eq!(plan(&network, u64::MAX), expected, "seed {seed}");
        assert_eq!(plan(&network, 0), expected, "seed {seed}");
    }
}

/// Everybody wants the same mentors: a mentor's quality times a mentee's, and a little noise.
fn correlated(dice: &mut Dice, mentees: usize, mentors: usize) -> Vec<Vec<Option<u16>>> {
    let quality: Vec<u16> = (0..mentors).map(|_| dice.small(95)).collect();
    let row = |dice: &mut Dice| {
        let own = dice.small(95);
        quality.iter().map(|quality| Some(own * quality + dice.small(100))).collect()
    };
    (0..mentees).map(|_| row(dice)).collect()
}

#[test]
fn hard_networks_are_solved_by_auction_to_the_same_plan() {
    let mut dice = Dice(1);
    for seats_in_all in [120, 119, 90, 150] {
        let scores = correlated(&mut dice, 120, 30);
        let seats: Vec<u32> = (0..30).map(|mentor| (seats_in_all + mentor) / 30).collect();
        let network = network(&scores, &seats);
        assert_eq!(plan(&network, 0), plan(&network, u64::MAX), "{seats_in_all} seats");
    }
}

#[test]
fn many_equals_are_settled_quickly() {
    let scores = vec![vec![Some(5_000); 60]; 300];
    let plan = plan(&network(&scores, &[4; 60]), u64::MAX);
    let expected: Vec<_> = (0..300).map(|mentee| (mentee < 240).then_some(mentee / 4)).collect();
    assert_eq!(plan, expected);
}

/// What the best plan is worth in the linear program.
fn value(scores: &[Vec<Option<u16>>], seats: &[u32]) -> Worth {
    worth(scores, &plan(&network(scores, seats), u64::MAX))
}

/// Up to nine mentees and five mentors; some pairs may not be.
fn any_market() -> impl Strategy<Value = (Vec<Vec<Option<u16>>>, Vec<u32>)> {
    (0..10_usize, 1..6_usize).prop_flat_map(|(mentees, mentors)| {
        let row = prop::collection::vec(prop::option::weighted(0.7, 0..5_000_u16), mentors);
        (prop::collection::vec(row, mentees), prop::collection::vec(0..4_u32, mentors))
    })
}

proptest! {
    #[test]
    fn two_programs_side_by_side_are_worth_twice_as_much((scores, seats) in any_market()) {
        let apart = vec![None; seats.len()];
        let first = scores.iter().map(|row| [row.clone(), apart.clone()].concat());
        let second = scores.iter().map(|row| [apart.clone(), row.clone()].concat());
        let both: Vec<_> = first.chain(second).collect();
        let (count, total) = value(&scores, &seats);
        prop_assert_eq!(value(&both, &[seats.clone(), seats].concat()), (2 * count, 2 * total));
    }

    #[test]
    fn the_same_bonus_for_every_pair_changes_no_plan((scores, seats) in any_market(), bonus in 0..5_000_u16) {
        let raise = |row: &Vec<Option<u16>>| row.iter().map(|score| Some((*score)? + bonus)).collect();
        let raised: Vec<Vec<_>> = scores.iter().map(raise).collect();
        let plan = |scores: &[Vec<_>]| plan(&network(scores, &seats), u64::MAX);
        prop_assert_eq!(plan(&scores), plan(&raised));
    }

    #[test]
    fn a_mentor_with_two_seats_is_worth_two_mentors_with_one((scores, seats) in any_market()) {
        let split = |row: &Vec<Option<u16>>| {
            row.iter().zip(&seats).flat_map(|(score, &seats)| vec![*score; seats as usize]).collect()
        };
        let split: Vec<Vec<_>> = scores.iter().map(split).collect();
        let ones = vec![1; seats.iter().sum::<u32>() as usize];
        prop_assert_eq!(value(&split, &ones), value(&scores, &seats));
    }

    #[test]
    fn one_more_seat_gains_at_most_its_price((scores, seats) in any_market(), mentor in 0..5_usize) {
        let mentor = mentor % seats.len();
        // A mentor without seats is not on the market and has no price.
        prop_assume!(seats[mentor] > 0);
        let network = network(&scores, &seats);
        let price = optimum(&network, &go_on).unwrap().price.mentors[mentor];
        let mut roomier = seats.clone();
        roomier[mentor] += 1;
        let lp = |(count, total): Worth| network.big * count as i64 + i64::from(total);
        prop_assert!(lp(value(&scores, &roomier)) - lp(value(&scores, &seats)) <= price);
    }
}
