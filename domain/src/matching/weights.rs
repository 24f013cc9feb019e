//! What counts for a pair, and how much?
use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// Basis points of a perfect score, and of all weights together.
pub const PERFECT: u16 = 10_000;

crate::text_enum! {
    /// Something that makes a mentor and a mentee fit. The points of all criteria add up to the score.
    pub enum Criterion as "MatchingCriterion" {
        /// How many of the mentee's goals the mentor is an expert for.
        Goals = "GOALS",
        /// How many of the mentee's interests the mentor shares; rare interests count more.
        Interests = "INTERESTS",
        /// How much of the week both are free at the same time, up to six hours.
        Availability = "AVAILABILITY",
        /// Whether the mentor speaks the mentee's first language.
        Language = "LANGUAGE",
        /// How close their clocks are.
        TimeZone = "TIME_ZONE",
    }
}

/// The most points that each criterion can give; together 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    pub goals: u16,
    pub interests: u16,
    pub availability: u16,
    pub language: u16,
    pub time_zone: u16,
}

impl Default for Weights {
    fn default() -> Self {
        Self { goals: 4_000, interests: 3_500, availability: 1_500, language: 500, time_zone: 500 }
    }
}

impl Weights {
    pub const fn of(&self, criterion: Criterion) -> u16 {
        match criterion {
            Criterion::Goals => self.goals,
            Criterion::Interests => self.interests,
            Criterion::Availability => self.availability,
            Criterion::Language => self.language,
            Criterion::TimeZone => self.time_zone,
        }
    }

    /// Refuses weights that do not add up to a perfect score.
    pub fn check(&self) -> Result<(), Fault> {
        let Self { goals, interests, availability, language, time_zone } = *self;
        let sum = [goals, interests, availability, language, time_zone].map(u32::from).iter().sum();
        if sum == u32::from(PERFECT) { Ok(()) } else { Err(Fault::WeightsNotNormalized { sum }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextEnum;

    #[test]
    fn weights_must_add_up_to_a_perfect_score() {
        assert_eq!(Weights::default().check(), Ok(()));
        let all_goals = Weights { goals: 10_000, interests: 0, availability: 0, language: 0, time_zone: 0 };
        assert_eq!(all_goals.check(), Ok(()));
        let short = Weights { goals: 3_999, ..Weights::default() };
        assert_eq!(short.check(), Err(Fault::WeightsNotNormalized { sum: 9_999 }));
        let over = Weights { goals: u16::MAX, interests: u16::MAX, ..Weights::default() };
        assert_eq!(over.check(), Err(Fault::WeightsNotNormalized { sum: 2 * 65_535 + 2_500 }));
    }

    #[test]
    fn every_criterion_has_a_weight() {
        let sum: u16 = Criterion::ALL.iter().map(|&criterion| Weights::default().of(criterion)).sum();
        assert_eq!(sum, PERFECT);
    }
}
