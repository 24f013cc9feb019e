//! What would the mentors' prices be if mentees bid for them? Good first prices for hard instances.
//!
//! Where everybody wants the same good mentors, augmenting paths become long. An auction with epsilon
//! scaling finds nearly right prices at once; augmenting paths then make them exact.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "node numbers come from the network")]
use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    fault::Unsolved,
    network::{Network, Node, Party, State},
    progress::{Stage, Watch, report},
};

/// Values are multiplied by this during the auction, so that its last step is an eighth of a point.
const FINE: i64 = 8;
/// The step of bids is divided by this from round to round.
const SHRINK: i64 = 4;
/// Prices fall by this many steps between rounds; with less, mentors whom nobody wants keep high prices.
const DROP: i64 = 2;
/// Bids between two signs of life.
const BEAT: u64 = 4096;

/// A held bid; the heap's top is the lowest, which a better bid displaces.
type Bid = Reverse<(i64, Node)>;

struct Auction<'a> {
    network: &'a Network,
    price: Vec<i64>,
    held: Vec<BinaryHeap<Bid>>,
    bids: u64,
}

/// A state with sound prices in which every pair of the plan is tight.
pub fn auction(network: &Network, watch: Watch<'_>) -> Result<State, Unsolved> {
    let mentors = network.side.mentors.len();
    let mut auction =
        Auction { network, price: vec![0; mentors], held: vec![BinaryHeap::new(); mentors], bids: 0 };
    let mut step = (network.big / 4 * FINE).max(1);
    loop {
        auction.round(step, watch)?;
        if step == 1 {
            break;
        }
        for price in &mut auction.price {
            *price = (*price - DROP * step).max(0);
        }
        step = (step / SHRINK).max(1);
    }
    Ok(auction.settle())
}

impl Auction<'_> {
    /// Every mentee bids until everybody is held or prefers to go without.
    fn round(&mut self, step: i64, watch: Watch<'_>) -> Result<(), Unsolved> {
        let total = self.network.side.mentees.len();
        self.held.iter_mut().for_each(BinaryHeap::clear);
        let least = self.price.iter().copied().min().unwrap_or_default();
        let mut waiting: Vec<Node> = (0..total as Node).rev().collect();
        while let Some(mentee) = waiting.pop() {
            self.bids += 1;
            if self.bids.is_multiple_of(BEAT) {
                report(watch, Stage::Solving, 0, total)?;
            }
            if let Some((mentor, margin)) = self.best(mentee, least) {
                let seats = self.network.side.mentors.seats[mentor] as usize;
                let held = &mut self.held[mentor];
                held.push(Reverse((self.price[mentor] + margin + step, mentee)));
                if held.len() > seats
                    && let Some(Reverse((_, displaced))) = held.pop()
                {
                    waiting.push(displaced);
                }
                if held.len() == seats
                    && let Some(Reverse((lowest, _))) = held.peek()
                {
                    self.price[mentor] = *lowest;
                }
            }
        }
        Ok(())
    }

    /// The mentor who is best for the mentee at present prices, and by how much they beat the second best.
    /// None if every mentor costs as much as they are worth.
    fn best(&self, mentee: Node, least: i64) -> Option<(usize, i64)> {
        let (mut best, mut first, mut second) = (None, 0, 0);
        for &arc in self.network.side.mentees.row(mentee) {
            let value = self.network.value(arc) * FINE;
            if value - least <= second {
                break;
            }
            let gain = value - self.price[arc.to as usize];
            if gain > first {
                (best, second, first) = (Some(arc.to as usize), first, gain);
            } else if gain > second {
                second = gain;
            }
        }
        best.map(|mentor| (mentor, first - second))
    }

    /// Prices in whole points, and those held pairs that are tight at them.
    fn settle(self) -> State {
        let network = self.network;
        let prices = self.price.iter().map(|price| (price + FINE / 2) / FINE).collect();
        let mut state = State::priced(network, Party::Mentee, prices);
        for (mentor, held) in self.held.iter().enumerate() {
            for &Reverse((_, mentee)) in held {
                let cost = state.price.mentees[mentee as usize] + state.price.mentors[mentor];
                let mut arcs = network.side.mentees.row(mentee).iter();
                if arcs.any(|arc| arc.to as usize == mentor && network.value(*arc) == cost) {
                    state.link(Party::Mentee, mentee, mentor as Node);
                }
            }
        }
        state
    }
}
