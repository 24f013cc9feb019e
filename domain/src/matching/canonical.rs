//! Which of several equally good plans is proposed? The one that serves mentees in the order of their ids,
//! which is the order of enrollment: each gets the mentor who fits them best among those that the equally
//! good plans still allow, and the earlier mentor among equals. So the proposal is a function of the input,
//! whatever way the search took.
//!
//! Equally good plans consist of tight pairs only, and differ by cycles of exchanges in which everybody who
//! moves takes a tight partner. Leaving a seat or a mentee free is a partner too: `nobody` stands for being
//! without a mentor, and `hub` lets free seats move between mentors of price 0.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "node numbers come from the network")]
use std::collections::VecDeque;

use super::{
    component::components,
    fault::Unsolved,
    network::{Network, Node, State},
    progress::{Stage, Watch, report},
};

/// The mentor of each mentee in the canonical plan.
pub fn canonical(network: &Network, state: &State, watch: Watch<'_>) -> Result<Vec<Option<Node>>, Unsolved> {
    let mut exchange = Exchange::new(network, state);
    let total = network.side.mentees.len();
    for mentee in 0..total {
        if mentee.is_multiple_of(256) {
            report(watch, Stage::Ordering, mentee, total)?;
        }
        exchange.serve(mentee);
    }
    let nobody = exchange.nobody;
    Ok(exchange.at.into_iter().map(|place| (place != nobody).then_some(place as Node)).collect())
}

/// Places are mentors, then `nobody`, then `hub`. A mentee may move from place to place along tight pairs.
struct Exchange {
    nobody: usize,
    hub: usize,
    /// Where each mentee is now.
    at: Vec<usize>,
    /// Tight places of each mentee, best first, as far as some cycle of exchanges could bring them there.
    options: Vec<Vec<usize>>,
    /// Mentees who could come to a place, served or not.
    takers: Vec<Vec<usize>>,
    served: Vec<bool>,
    /// Mentees at a place who are not served yet.
    movable: Vec<usize>,
    /// Seats still free, and whether the price is 0, so that seats may be left free.
    spare: Vec<usize>,
    free_of_charge: Vec<bool>,
    /// How each place was reached in the present search: by whom, and to which next place.
    step: Vec<Option<(Mover, usize)>>,
    seen: Vec<usize>,
    round: usize,
}

#[derive(Clone, Copy)]
enum Mover {
    Mentee(usize),
    FreeSeat,
}

impl Exchange {
    fn new(network: &Network, state: &State) -> Self {
        let (mentees, mentors) = (network.side.mentees.len(), network.side.mentors.len());
        let (nobody, hub) = (mentors, mentors + 1);
        let place = |mates: &Vec<Node>| mates.first().map_or(nobody, |&mentor| mentor as usize);
        let at: Vec<usize> = state.mates.mentees.iter().map(place).collect();
        let tight = |mentee: usize| {
            let price = state.price.mentees[mentee];
            let arcs = network.side.mentees.row(mentee as Node).iter();
            let tight =
                arcs.filter(|arc| network.value(**arc) == price + state.price.mentors[arc.to as usize]);
            let mut places: Vec<usize> = tight.map(|arc| arc.to as usize).collect();
            places.extend((price == 0).then_some(nobody));
            places
        };
        let mut spare: Vec<usize> = (0..mentors)
            .map(|mentor| network.side.mentors.seats[mentor] as usize - state.mates.mentors[mentor].len())
            .collect();
        // There is always room for one more to go without.
        spare.extend([mentees + 1, 0]);
        let mut free_of_charge: Vec<bool> = state.price.mentors.iter().map(|&price| price == 0).collect();
        free_of_charge.extend([true, false]);
        let mut exchange = Self {
            nobody,
            hub,
            at,
            options: (0..mentees).map(tight).collect(),
            takers: vec![Vec::new(); mentors + 2],
            served: vec![false; mentees],
            movable: vec![0; mentors + 2],
            spare,
            free_of_charge,
            step: vec![None; mentors + 2],
            seen: vec![0; mentors + 2],
            round: 0,
        };
        exchange.keep_cycles();
        exchange
    }

    /// Drops options that no cycle of exchanges uses: a cycle stays within a strongly connected component.
    fn keep_cycles(&mut self) {
        let mut steps = vec![Vec::new(); self.hub + 1];
        for (&at, options) in self.at.iter().zip(&self.options) {
            steps[at].extend(options.iter().copied().filter(|&option| option != at));
        }
        for place in 0..=self.nobody {
            if self.spare[place] > 0 {
                steps[place].push(self.hub);
            }
            if self.free_of_charge[place] {
                steps[self.hub].push(place);
            }
        }
        let component = components(&steps);
        for (mentee, options) in self.options.iter_mut().enumerate() {
            let at = self.at[mentee];
            options.retain(|&option| component[option] == component[at]);
            if options.len() > 1 {
                self.movable[at] += 1;
                for &option in &*options {
                    self.takers[option].push(mentee);
                }
            }
        }
    }

    /// Gives a mentee the best place that is still to be had, and then leaves them there.
    fn serve(&mut self, mentee: usize) {
        if self.options[mentee].len() < 2 {
            return;
        }
        let from = self.at[mentee];
        self.movable[from] -= 1;
        self.served[mentee] = true;
        let options = std::mem::take(&mut self.options[mentee]);
        let better = options.iter().copied().take_while(|&option| option != from);
        // A place that nobody can leave has no room for another.
        let wanted: Vec<usize> =
            better.filter(|&place| self.movable[place] > 0 || self.spare[place] > 0).collect();
        if let Some(&first) = wanted.first() {
            self.search(from, first);
            if let Some(&to) = wanted.iter().find(|&&place| self.seen[place] == self.round) {
                self.cycle(mentee, from, to);
            }
        }
    }

    /// Finds the places from which a chain of moves leads to `target`, until `enough` is among them.
    fn search(&mut self, target: usize, enough: usize) {
        self.round += 1;
        self.seen[target] = self.round;
        let mut queue = VecDeque::from([target]);
        while self.seen[enough] != self.round
            && let Some(place) = queue.pop_front()
        {
            for &taker in &self.takers[place] {
                let from = self.at[taker];
                if !self.served[taker] && self.seen[from] != self.round {
                    self.seen[from] = self.round;
                    self.step[from] = Some((Mover::Mentee(taker), place));
                    queue.push_back(from);
                }
            }
            if place == self.hub {
                for from in 0..=self.nobody {
                    if self.spare[from] > 0 && self.seen[from] != self.round {
                        self.seen[from] = self.round;
                        self.step[from] = Some((Mover::FreeSeat, place));
                        queue.push_back(from);
                    }
                }
            } else if self.free_of_charge[place] && self.seen[self.hub] != self.round {
                self.seen[self.hub] = self.round;
                self.step[self.hub] = Some((Mover::FreeSeat, place));
                queue.push_back(self.hub);
            }
        }
    }

    /// Moves the mentee, and everybody on the chain from their new place back to their old one.
    fn cycle(&mut self, mentee: usize, from: usize, to: usize) {
        self.at[mentee] = to;
        let mut place = to;
        while place != from
            && let Some((mover, next)) = self.step[place]
        {
            match mover {
                Mover::Mentee(moved) => {
                    self.at[moved] = next;
                    self.movable[place] -= 1;
                    self.movable[next] += 1;
                }
                Mover::FreeSeat if next == self.hub => self.spare[place] -= 1,
                Mover::FreeSeat => self.spare[next] += 1,
            }
            place = next;
        }
    }
}
