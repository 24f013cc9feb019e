//! Which mentor should each mentee have? The engine that proposes matches, as one pure function.
//!
//! Of all plans that keep the locked pairs and every rule, [`propose`] finds the one that matches the most
//! mentees, then the one with the largest total score, then the one that serves mentees in the order of
//! their enrollment. It proves on every pair that no plan is better, and says why for every pair and for
//! everybody who is left out.
//!
//! The way through the files: `input` is sorted and numbered by `roster`, each pair is judged by `rule` and
//! `score` into `candidates`, which form a `network`; `optimum` solves it (`augment`, `auction`), `canonical`
//! settles ties, `compose` writes the `report`, and `certificate` checks it from scratch. Around it: the life of a
//! `run`, what is kept of a report (`findings`), whom an `exclusion` keeps apart, and what `publish` can offer.
mod auction;
mod augment;
mod bytes;
mod candidates;
mod canonical;
mod certificate;
mod component;
mod compose;
mod contest;
pub mod exclusion;
mod fault;
mod findings;
mod input;
mod network;
mod optimum;
mod progress;
pub mod publish;
mod rarity;
mod report;
mod roster;
mod rule;
pub mod run;
mod score;
mod sentence;
mod weights;

pub use certificate::{Certificate, Flaw, check};
pub use fault::{Fault, Unsolved};
pub use findings::{Findings, UnmatchedCode};
pub use input::{DEFAULT_ALTERNATES, MatchInput, Mentee, Mentor, Pair, Rules};
pub use progress::{Progress, Stage, Watch};
pub use report::{
    Alternate, Alternates, Assigned, Contest, MatchReport, MentorLoad, Totals, Unmatched, UnmatchedReason,
};
pub use roster::{MAX_PAIRS, MAX_PEOPLE, normalize};
pub use rule::{Breach, Rule};
pub use score::{AMPLE_OVERLAP, CriterionPoints, Evidence};
pub use weights::{Criterion, PERFECT, Weights};

/// Changes whenever the same input could give another report. Stored with every run.
pub const ENGINE_VERSION: &str = "1";

/// Proposes matches. `watch` is told about progress and may stop the run; nothing else but the input counts.
pub fn propose(input: &MatchInput, watch: Watch<'_>) -> Result<MatchReport, Unsolved> {
    let roster = roster::Roster::new(input).map_err(Unsolved::Refused)?;
    let candidates = candidates::Candidates::judge(&roster, watch)?;
    let network = candidates.network(&roster);
    let state = optimum::optimum(&network, watch)?;
    let plan = canonical::canonical(&network, &state, watch)?;
    let (roster, candidates, network) = (&roster, &candidates, &network);
    let report = compose::Found { roster, candidates, network, state: &state, plan: &plan }.report();
    certificate::verify(roster, &report, watch)?;
    Ok(report)
}

#[cfg(test)]
mod naive;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
