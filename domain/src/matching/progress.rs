//! How far is a run, and does anybody still want it?
use std::ops::ControlFlow;

use super::fault::Unsolved;

crate::text_enum! {
    /// What a matching run is doing.
    pub enum Stage as "MatchingStage" {
        /// Scoring every pair of a mentee and a mentor.
        Scoring = "SCORING",
        /// Looking for the best plan.
        Solving = "SOLVING",
        /// Choosing among equally good plans by the order of enrollment.
        Ordering = "ORDERING",
        /// Checking, on every pair, that no plan is better.
        Proving = "PROVING",
    }
}

/// A sign of life: `done` of `total` steps of a stage. A stage may end early, and never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    pub done: usize,
    pub total: usize,
}

impl Progress {
    /// Of the whole run, 0 to 100: a rough figure for a progress bar.
    pub fn percent(&self) -> u8 {
        let (from, to) = match self.stage {
            Stage::Scoring => (0, 40),
            Stage::Solving => (40, 60),
            Stage::Ordering => (60, 70),
            Stage::Proving => (70, 100),
        };
        let part = ((to - from) * self.done.min(self.total)).checked_div(self.total).unwrap_or(to - from);
        u8::try_from(from + part).unwrap_or(100)
    }
}

/// Told about progress every now and then; answers whether to go on. It must not decide by anything else
/// than a wish to stop, or else the result would no longer depend on the input alone.
pub type Watch<'a> = &'a dyn Fn(Progress) -> ControlFlow<()>;

/// Reports progress; a wish to stop becomes [`Unsolved::Cancelled`].
pub fn report(watch: Watch<'_>, stage: Stage, done: usize, total: usize) -> Result<(), Unsolved> {
    match watch(Progress { stage, done, total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Unsolved::Cancelled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextEnum;

    #[test]
    fn the_bar_never_goes_back() {
        let percents = Stage::ALL.iter().flat_map(|&stage| {
            [(0, 3), (1, 3), (3, 3), (4, 3), (0, 0)]
                .map(|(done, total)| Progress { stage, done, total }.percent())
        });
        let percents: Vec<u8> = percents.collect();
        assert!(percents.is_sorted(), "{percents:?}");
        assert_eq!((percents.first(), percents.last()), (Some(&0), Some(&100)));
    }
}
