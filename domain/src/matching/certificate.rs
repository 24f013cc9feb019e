//! Is no plan better? A proof that anyone can check from the input and the report alone.
//!
//! The prices bound every plan from above: each pair is worth at most what its two sides cost, so no plan is
//! worth more than all mentees and all seats cost together. A plan worth exactly that is the best.
//! The check knows nothing of how the plan was found: it judges every pair again.
use serde::{Deserialize, Serialize};

use super::{
    fault::Unsolved,
    input::{MatchInput, Pair},
    network::Both,
    progress::{Stage, Watch, report as beat},
    report::{Assigned, MatchReport},
    roster::Roster,
    rule::Breach,
};

/// Prices that bound every plan, for those who are not locked. Both lists are in the order of ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What a pair is worth besides its score: more than all scores together.
    pub pair_value: i64,
    pub mentee_prices: Vec<i64>,
    /// What one seat of each mentor costs.
    pub mentor_prices: Vec<i64>,
    /// What the proposed pairs are worth, without locked ones.
    pub value: i64,
    /// What any plan is worth at most.
    pub bound: i64,
}

/// Where a report fails its check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("{pair:?} is not a pair of this run, or one of its people appears twice")]
    Stray { pair: Pair },
    #[error("{pair:?} breaks a rule: {breach:?}")]
    BreaksRule { pair: Pair, breach: Breach },
    #[error("{pair:?} has the score {actual}, not {stated}")]
    WrongScore { pair: Pair, stated: u16, actual: u16 },
    #[error("a mentor gets more mentees than seats")]
    OverCapacity,
    #[error("a locked pair is missing")]
    LockLost,
    #[error("the prices do not cover every pair, or are not whole")]
    Underpriced,
    #[error("the plan is worth {value}, and the bound is {bound}")]
    Gap { value: i128, bound: i128 },
}

impl Certificate {
    /// Writes down the prices of a solved run.
    pub fn new(roster: &Roster, assignments: &[Assigned], pair_value: i64, prices: Both<Vec<i64>>) -> Self {
        let open = assignments.iter().filter(|pair| !pair.locked);
        let value = open.map(|pair| pair_value + i64::from(pair.score)).sum();
        let seats = roster.mentors.iter().map(|mentor| i64::from(mentor.seats));
        let of_seats: i64 = prices.mentors.iter().zip(seats).map(|(price, seats)| price * seats).sum();
        let bound = prices.mentees.iter().sum::<i64>() + of_seats;
        Self { pair_value, mentee_prices: prices.mentees, mentor_prices: prices.mentors, value, bound }
    }

    /// How much better another plan could be; 0 is the proof that none is.
    pub const fn gap(&self) -> i64 {
        self.bound - self.value
    }
}

/// Checks a report against the input that it answers, from scratch.
pub fn check(input: &MatchInput, report: &MatchReport, watch: Watch<'_>) -> Result<(), Unsolved> {
    verify(&Roster::new(input).map_err(Unsolved::Refused)?, report, watch)
}

pub(super) fn verify(roster: &Roster, report: &MatchReport, watch: Watch<'_>) -> Result<(), Unsolved> {
    plan_is_allowed(roster, report)?;
    prices_cover_all_pairs(roster, &report.certificate, watch)?;
    Ok(no_gap(roster, report)?)
}

fn plan_is_allowed(roster: &Roster, report: &MatchReport) -> Result<(), Flaw> {
    let mut taken = vec![false; roster.mentees.len()];
    let mut seats: Vec<u16> = roster.mentors.iter().map(|it| it.capacity.saturating_sub(it.load)).collect();
    let mut locks = 0;
    for assigned in &report.assignments {
        let pair = Pair { mentee: assigned.mentee, mentor: assigned.mentor };
        let mentee = roster.mentees.binary_search_by_key(&pair.mentee, |mentee| mentee.person.id);
        let mentor = roster.mentors.binary_search_by_key(&pair.mentor, |mentor| mentor.person.id);
        let (Ok(mentee), Ok(mentor)) = (mentee, mentor) else { return Err(Flaw::Stray { pair }) };
        if taken.get_mut(mentee).is_none_or(|taken| std::mem::replace(taken, true)) {
            return Err(Flaw::Stray { pair });
        }
        let actual = roster.judge(mentee, mentor).map_err(|breach| Flaw::BreaksRule { pair, breach })?;
        let stated = assigned.score;
        let sum: u32 = assigned.criteria.iter().map(|line| u32::from(line.points)).sum();
        if actual != stated || sum != u32::from(stated) {
            return Err(Flaw::WrongScore { pair, stated, actual });
        }
        let seat = seats.get_mut(mentor).and_then(|seats| Some((seats.checked_sub(1)?, seats)));
        let (rest, seats) = seat.ok_or(Flaw::OverCapacity)?;
        *seats = rest;
        let locked = roster.pair(mentee, mentor).0.locked;
        if assigned.locked != locked.is_some() || locked.is_some_and(|wanted| wanted != mentor) {
            return Err(Flaw::LockLost);
        }
        locks += usize::from(assigned.locked);
    }
    let wanted = roster.mentees.iter().filter(|mentee| mentee.locked.is_some()).count();
    if locks == wanted { Ok(()) } else { Err(Flaw::LockLost) }
}

/// Every pair that is open costs at least its value, and nothing has a price below 0.
fn prices_cover_all_pairs(
    roster: &Roster,
    certificate: &Certificate,
    watch: Watch<'_>,
) -> Result<(), Unsolved> {
    let (mentees, mentors) = (&certificate.mentee_prices, &certificate.mentor_prices);
    let whole = mentees.len() == roster.mentees.len() && mentors.len() == roster.mentors.len();
    if !whole || mentees.iter().chain(mentors).any(|&price| price < 0) {
        return Err(Flaw::Underpriced.into());
    }
    // One more pair must be worth more than any change of scores.
    let scores = i64::try_from(mentees.len()).unwrap_or(i64::MAX).saturating_mul(10_000);
    if certificate.pair_value <= scores {
        return Err(Flaw::Underpriced.into());
    }
    for (mentee, &price) in mentees.iter().enumerate() {
        if mentee.is_multiple_of(16) {
            beat(watch, Stage::Proving, mentee, mentees.len())?;
        }
        for (mentor, &seat) in mentors.iter().enumerate() {
            let (seeker, guide) = roster.pair(mentee, mentor);
            // Pairs that the prices cover whatever their score need no second look.
            let covered = price.saturating_add(seat) >= certificate.pair_value.saturating_add(10_000);
            if covered || seeker.locked.is_some() || guide.seats == 0 {
                continue;
            }
            let score = roster.judge(mentee, mentor);
            if score.is_ok_and(|score| price.saturating_add(seat) < certificate.pair_value + i64::from(score))
            {
                return Err(Flaw::Underpriced.into());
            }
        }
    }
    Ok(())
}

fn no_gap(roster: &Roster, report: &MatchReport) -> Result<(), Flaw> {
    let certificate = &report.certificate;
    let open = report.assignments.iter().filter(|pair| !pair.locked);
    let value: i128 = open.map(|pair| i128::from(certificate.pair_value) + i128::from(pair.score)).sum();
    let seats = certificate.mentor_prices.iter().zip(&roster.mentors);
    let of_seats: i128 = seats.map(|(&price, mentor)| i128::from(price) * i128::from(mentor.seats)).sum();
    let bound = certificate.mentee_prices.iter().map(|&price| i128::from(price)).sum::<i128>() + of_seats;
    let stated = (i128::from(certificate.value), i128::from(certificate.bound));
    if value == bound && stated == (value, bound) { Ok(()) } else { Err(Flaw::Gap { value, bound }) }
}

#[cfg(test)]
mod tests;
