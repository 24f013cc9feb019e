//! How well does a pair fit? Integer points of each criterion, which add up exactly to the score.
use serde::{Deserialize, Serialize};

use super::{
    rarity,
    roster::{Guide, Person, Roster, Seeker, Word},
    weights::Criterion,
};
use crate::{profile::availability::Stretch, text::TextEnum};

/// Minutes of shared free time that are as good as any more.
pub const AMPLE_OVERLAP: u16 = 360;
const MINUTES_PER_DAY: i32 = 1440;
const FARTHEST: i32 = MINUTES_PER_DAY / 2;

/// The points of a pair for one criterion: `weight` x `part` / `whole`, rounded down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionPoints {
    pub criterion: Criterion,
    /// The most points this criterion could give.
    pub weight: u16,
    pub points: u16,
    pub part: u64,
    /// 0 if there was nothing to compare, as for a mentee without goals.
    pub whole: u64,
    pub evidence: Evidence,
}

/// What the points of a criterion rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Evidence {
    /// Goals or interests that both have, in alphabetical order.
    Shared { words: Vec<String> },
    /// Free time that both have, in the UTC reference week.
    Overlap { minutes: u16, windows: Vec<Stretch> },
    /// Languages that both speak; `first` is the mentee's first language if the mentor speaks it.
    Languages { first: Option<String>, shared: Vec<String> },
    /// Minutes between their clocks, at most twelve hours.
    Apart { minutes: u16 },
}

impl Roster {
    /// The score of a pair whose shared free time is known.
    pub fn score(&self, seeker: &Seeker, guide: &Guide, overlap: u16) -> u16 {
        let points = |&criterion: &Criterion| {
            let (part, whole) = self.share(criterion, seeker, guide, overlap);
            points(self.weights.of(criterion), part, whole)
        };
        Criterion::ALL.iter().map(points).sum()
    }

    /// The same score criterion by criterion, with what it rests on.
    pub fn breakdown(&self, mentee: usize, mentor: usize) -> Vec<CriterionPoints> {
        let (seeker, guide) = self.pair(mentee, mentor);
        let overlap = seeker.person.availability.overlap(&guide.person.availability);
        let line = |&criterion: &Criterion| {
            let (part, whole) = self.share(criterion, seeker, guide, overlap);
            let weight = self.weights.of(criterion);
            let evidence = self.evidence(criterion, seeker, guide, overlap);
            CriterionPoints { criterion, weight, points: points(weight, part, whole), part, whole, evidence }
        };
        Criterion::ALL.iter().map(line).collect()
    }

    /// How much of what a criterion looks for is there: part and whole.
    fn share(&self, criterion: Criterion, seeker: &Seeker, guide: &Guide, overlap: u16) -> (u64, u64) {
        let (mentee, mentor) = (&seeker.person, &guide.person);
        match criterion {
            Criterion::Goals => {
                let met = shared(&mentee.subjects, &mentor.subjects).map(|_| 1).sum();
                (met, mentee.subjects.iter().map(|_| 1).sum())
            }
            Criterion::Interests => {
                let weigh = |word| rarity::of(&self.rarity, word);
                (shared(&mentee.interests, &mentor.interests).map(weigh).sum(), seeker.interest_rarity)
            }
            Criterion::Availability => (overlap.min(AMPLE_OVERLAP).into(), AMPLE_OVERLAP.into()),
            Criterion::Language => {
                let spoken = seeker.first_language.is_some_and(|first| mentor.languages.contains(&first));
                (spoken.into(), 1)
            }
            Criterion::TimeZone => {
                let near = FARTHEST - apart(mentee, mentor);
                (u64::try_from(near).unwrap_or_default(), FARTHEST.unsigned_abs().into())
            }
        }
    }

    fn evidence(&self, criterion: Criterion, seeker: &Seeker, guide: &Guide, overlap: u16) -> Evidence {
        let (mentee, mentor) = (&seeker.person, &guide.person);
        match criterion {
            Criterion::Goals => {
                Evidence::Shared { words: self.spell(shared(&mentee.subjects, &mentor.subjects)) }
            }
            Criterion::Interests => {
                Evidence::Shared { words: self.spell(shared(&mentee.interests, &mentor.interests)) }
            }
            Criterion::Availability => {
                let windows = mentee.availability.shared(&mentor.availability);
                Evidence::Overlap { minutes: overlap, windows }
            }
            Criterion::Language => {
                let first = seeker.first_language.filter(|first| mentor.languages.contains(first));
                let first = self.spell(first.into_iter()).pop();
                Evidence::Languages {
                    first,
                    shared: self.spell(shared(&mentee.languages, &mentor.languages)),
                }
            }
            Criterion::TimeZone => {
                Evidence::Apart { minutes: u16::try_from(apart(mentee, mentor)).unwrap_or_default() }
            }
        }
    }

    fn spell(&self, words: impl Iterator<Item = Word>) -> Vec<String> {
        words.filter_map(|word| self.words.get(usize::try_from(word).ok()?).cloned()).collect()
    }
}

fn points(weight: u16, part: u64, whole: u64) -> u16 {
    let points = (u64::from(weight) * part).checked_div(whole).unwrap_or_default();
    u16::try_from(points).unwrap_or(weight).min(weight)
}

/// Minutes between two clocks, going the shorter way round: at UTC+14 it is as late as at UTC-10.
fn apart(one: &Person, other: &Person) -> i32 {
    let difference = (one.offset - other.offset).rem_euclid(MINUTES_PER_DAY);
    difference.min(MINUTES_PER_DAY - difference)
}

/// Words in both of two ascending lists.
fn shared<'a>(one: &'a [Word], other: &'a [Word]) -> impl Iterator<Item = Word> + 'a {
    let mut rest = other;
    one.iter().copied().filter(move |word| {
        while let Some((first, after)) = rest.split_first()
            && first < word
        {
            rest = after;
        }
        rest.first() == Some(word)
    })
}

#[cfg(test)]
mod tests;
