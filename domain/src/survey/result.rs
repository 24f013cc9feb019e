//! What do the answers say, without saying who said what?
//!
//! Two rules keep answers anonymous. A group smaller than the program's minimum shows nothing but its size. And
//! where one of two groups is hidden, the other is hidden too, since the hidden one would follow from the whole.
#![expect(clippy::as_conversions, reason = "statistics turn whole numbers below 2^53 into floating point")]

use std::collections::BTreeMap;

/// Figures of one question in one group of people. Hidden figures are `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// How many people answered.
    pub n: u32,
    pub shown: Option<Shown>,
}

/// Figures that may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Of scales and numbers.
    pub mean: Option<f64>,
    /// Sample standard deviation (n − 1), from two answers on.
    pub standard_deviation: Option<f64>,
    /// How often each value or option was chosen, in rising order.
    pub counts: Vec<(i32, u32)>,
}

/// Whether and how a question's answers are distributed in one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// How many people answered.
    pub n: u32,
    /// How often each value or option was chosen, in rising order. For multiple choices the sum exceeds `n`.
    pub counts: Vec<(i32, u32)>,
    /// Are the values numbers of which a mean makes sense?
    pub numeric: bool,
}

impl Tally {
    /// The figures, or only `n` when it is below `minimum`.
    pub fn figures(&self, minimum: u32) -> Figures {
        let shown = (self.n >= minimum).then(|| Shown {
            mean: self.mean(),
            standard_deviation: self.standard_deviation(),
            counts: self.counts.clone(),
        });
        Figures { n: self.n, shown }
    }

    /// The distribution of both groups together.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut counts = BTreeMap::new();
        for &(value, count) in self.counts.iter().chain(&other.counts) {
            *counts.entry(value).or_default() += count;
        }
        Self {
            n: self.n + other.n,
            counts: counts.into_iter().collect(),
            numeric: self.numeric && other.numeric,
        }
    }

    fn mean(&self) -> Option<f64> {
        if !self.numeric || self.n == 0 {
            return None;
        }
        let sum: i64 = self.counts.iter().map(|&(value, count)| i64::from(value) * i64::from(count)).sum();
        Some(sum as f64 / f64::from(self.n))
    }

    /// By the two-pass formula, which does not lose digits.
    fn standard_deviation(&self) -> Option<f64> {
        let mean = self.mean().filter(|_| self.n >= 2)?;
        let squares: f64 = self
            .counts
            .iter()
            .map(|&(value, count)| f64::from(count) * (f64::from(value) - mean).powi(2))
            .sum();
        Some((squares / f64::from(self.n - 1)).sqrt())
    }
}

/// The figures of two groups that make up a whole whose figures are shown as well: both, or neither.
pub fn split(mentors: &Tally, mentees: &Tally, minimum: u32) -> (Figures, Figures) {
    let show = mentors.n >= minimum && mentees.n >= minimum;
    let minimum = if show { minimum } else { u32::MAX };
    (mentors.figures(minimum), mentees.figures(minimum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally(counts: &[(i32, u32)]) -> Tally {
        Tally { n: counts.iter().map(|(_, count)| count).sum(), counts: counts.to_vec(), numeric: true }
    }

    /// Student's sleep data (1908), in tenths: mean 0.75 and standard deviation 1.789010 in hours.
    #[test]
    fn figures_agree_with_published_ones() {
        let hours = [7, -16, -2, -12, -1, 34, 37, 8, 0, 20];
        let counts: Vec<(i32, u32)> = hours.iter().map(|&tenths| (tenths, 1)).collect();
        let shown = tally(&counts).figures(5).shown.expect("ten people");
        assert!((shown.mean.expect("numbers") - 7.5).abs() < 1e-9);
        assert!((shown.standard_deviation.expect("ten") - 17.890_10).abs() < 1e-4);
    }

    #[test]
    fn small_groups_are_hidden_and_so_is_the_other_half() {
        let (four, five) = (tally(&[(3, 4)]), tally(&[(3, 5)]));
        assert_eq!(four.figures(5), Figures { n: 4, shown: None });
        assert!(five.figures(5).shown.is_some());
        let (mentors, mentees) = split(&four, &five, 5);
        assert!(mentors.shown.is_none() && mentees.shown.is_none());
        let (mentors, mentees) = split(&five, &five, 5);
        assert!(mentors.shown.is_some() && mentees.shown.is_some());
    }

    proptest! {
        #[test]
        fn no_figure_of_fewer_than_the_minimum_is_ever_shown(a in 0u32..12, b in 0u32..12, minimum in 5u32..11) {
            let (mentors, mentees) = split(&tally(&[(1, a)]), &tally(&[(2, b)]), minimum);
            for figures in [mentors, mentees] {
                prop_assert!(figures.shown.is_none() || (a >= minimum && b >= minimum));
            }
        }
    }
}
