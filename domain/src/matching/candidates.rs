//! Which mentors would each mentee be allowed, how well do they fit, and what forbids the others?
use std::cmp::Reverse;

use super::{
    fault::Unsolved,
    network::{Arc, Network},
    progress::{Stage, Watch, report},
    roster::Roster,
    rule::Rule,
};
use crate::text::TextEnum;

/// Every pair of a run, judged.
pub struct Candidates {
    /// For each mentee the mentors that the rules allow, best first; they may be full.
    pub rows: Vec<Vec<Arc>>,
    /// For each mentee how many mentors each rule forbids.
    pub forbidden: Vec<Vec<(Rule, u32)>>,
}

impl Candidates {
    pub fn judge(roster: &Roster, watch: Watch<'_>) -> Result<Self, Unsolved> {
        let total = roster.mentees.len();
        let mut candidates = Self { rows: Vec::with_capacity(total), forbidden: Vec::with_capacity(total) };
        for mentee in 0..total {
            if mentee.is_multiple_of(16) {
                report(watch, Stage::Scoring, mentee, total)?;
            }
            candidates.add(roster, mentee);
        }
        Ok(candidates)
    }

    fn add(&mut self, roster: &Roster, mentee: usize) {
        let mut row = Vec::new();
        let mut counts: Vec<(Rule, u32)> = Rule::ALL.iter().map(|&rule| (rule, 0)).collect();
        for (mentor, to) in (0..roster.mentors.len()).zip(0..) {
            match roster.judge(mentee, mentor) {
                Ok(score) => row.push(Arc { score, to }),
                Err(breach) => {
                    let counted = counts.iter_mut().find(|(rule, _)| *rule == breach.rule());
                    counted.into_iter().for_each(|(_, count)| *count += 1);
                }
            }
        }
        counts.retain(|&(_, count)| count > 0);
        row.sort_unstable_by_key(|arc| (Reverse(arc.score), arc.to));
        self.rows.push(row);
        self.forbidden.push(counts);
    }

    /// The pairs that are still open: nobody who is locked, no seat that is taken.
    pub fn network(&self, roster: &Roster) -> Network {
        let open = self.rows.iter().zip(&roster.mentees);
        let rows = open.map(|(row, mentee)| if mentee.locked.is_some() { Vec::new() } else { row.clone() });
        let seats = roster.mentors.iter().map(|mentor| mentor.seats.into()).collect();
        Network::new(rows.collect(), seats)
    }
}
