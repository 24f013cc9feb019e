//! Which pairs may be, and what is each worth? The people of a run as a flow network, seen from both sides.
//!
//! The best plan is the solution of a linear program: maximize the sum of `big + score` over the chosen
//! pairs, with every mentee in at most one and every mentor in at most as many as they have seats. `big` is
//! more than all scores together, so one more pair always beats better pairs.
//! Each side has dual values, here called prices: a pair costs price(mentee) + price(mentor).
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "node numbers come from loops over the network"
)]
use std::{
    cmp::Reverse,
    ops::{Index, IndexMut},
};

use super::weights::PERFECT;

/// A place in the list of mentees, or of mentors.
pub type Node = u32;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Party {
    Mentee,
    Mentor,
}

impl Party {
    pub const fn other(self) -> Self {
        match self {
            Self::Mentee => Self::Mentor,
            Self::Mentor => Self::Mentee,
        }
    }
}

/// One value for each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both<T> {
    pub mentees: T,
    pub mentors: T,
}

impl<T> Index<Party> for Both<T> {
    type Output = T;

    fn index(&self, party: Party) -> &T {
        match party {
            Party::Mentee => &self.mentees,
            Party::Mentor => &self.mentors,
        }
    }
}

impl<T> IndexMut<Party> for Both<T> {
    fn index_mut(&mut self, party: Party) -> &mut T {
        match party {
            Party::Mentee => &mut self.mentees,
            Party::Mentor => &mut self.mentors,
        }
    }
}

/// A pair that may be, seen from one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    pub score: u16,
    pub to: Node,
}

/// The arcs of one side in rows, highest score first, equal scores in the order of ids.
#[derive(Default)]
pub struct Side {
    start: Vec<usize>,
    arcs: Vec<Arc>,
    pub seats: Vec<u32>,
}

impl Side {
    fn pack(rows: Vec<Vec<Arc>>, seats: Vec<u32>) -> Self {
        let (mut start, mut arcs) = (vec![0], Vec::new());
        for mut row in rows {
            row.sort_unstable_by_key(|arc| (Reverse(arc.score), arc.to));
            arcs.extend(row);
            start.push(arcs.len());
        }
        Self { start, arcs, seats }
    }

    pub fn row(&self, node: Node) -> &[Arc] {
        &self.arcs[self.start[node as usize]..self.start[node as usize + 1]]
    }

    pub fn len(&self) -> usize {
        self.seats.len()
    }
}

pub struct Network {
    pub side: Both<Side>,
    pub big: i64,
}

impl Network {
    /// From the arcs of each mentee and the seats of each mentor; arcs to mentors without seats are dropped.
    pub fn new(mut rows: Vec<Vec<Arc>>, seats: Vec<u32>) -> Self {
        let mut columns = vec![Vec::new(); seats.len()];
        for (mentee, row) in rows.iter_mut().enumerate() {
            row.retain(|arc| seats[arc.to as usize] > 0);
            for arc in row {
                columns[arc.to as usize].push(Arc { score: arc.score, to: mentee as Node });
            }
        }
        let big = (rows.len() as i64 + 1) * (i64::from(PERFECT) + 1);
        let one_each = vec![1; rows.len()];
        let side = Both { mentees: Side::pack(rows, one_each), mentors: Side::pack(columns, seats) };
        Self { side, big }
    }

    /// The value of a pair in the linear program.
    pub fn value(&self, arc: Arc) -> i64 {
        self.big + i64::from(arc.score)
    }

    pub fn arcs(&self) -> usize {
        self.side.mentees.arcs.len()
    }
}

/// A partial plan with its prices. Kept true all along: no price is below 0; on every arc the two prices
/// together are at least its value, and exactly its value where the pair is in the plan ("tight"). The plan
/// is optimal once everybody with a free seat has price 0.
#[derive(Clone, Debug)]
pub struct State {
    pub price: Both<Vec<i64>>,
    /// Partners in the plan.
    pub mates: Both<Vec<Vec<Node>>>,
}

impl State {
    /// An empty plan for given prices of one side; the other side pays as little as it can.
    pub fn priced(network: &Network, payer: Party, given: Vec<i64>) -> Self {
        let nobody = |party| vec![Vec::new(); network.side[party].len()];
        let mates = Both { mentees: nobody(Party::Mentee), mentors: nobody(Party::Mentor) };
        let best = |node: usize| {
            let rests = network.side[payer]
                .row(node as Node)
                .iter()
                .map(|arc| network.value(*arc) - given[arc.to as usize]);
            rests.max().unwrap_or_default().max(0)
        };
        let paid: Vec<i64> = (0..network.side[payer].len()).map(best).collect();
        let price = match payer {
            Party::Mentee => Both { mentees: paid, mentors: given },
            Party::Mentor => Both { mentees: given, mentors: paid },
        };
        Self { price, mates }
    }

    pub fn spare(&self, network: &Network, party: Party, node: Node) -> bool {
        self.mates[party][node as usize].len() < network.side[party].seats[node as usize] as usize
    }

    /// Has a free seat and yet a price: optimal plans have no such node.
    pub fn unsatisfied(&self, network: &Network, party: Party, node: Node) -> bool {
        self.price[party][node as usize] > 0 && self.spare(network, party, node)
    }

    pub fn link(&mut self, party: Party, node: Node, other: Node) {
        self.mates[party][node as usize].push(other);
        self.mates[party.other()][other as usize].push(node);
    }

    pub fn unlink(&mut self, party: Party, node: Node, other: Node) {
        self.mates[party][node as usize].retain(|&mate| mate != other);
        self.mates[party.other()][other as usize].retain(|&mate| mate != node);
    }
}
