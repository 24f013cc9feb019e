//! Why do these two fit? The points of each criterion, which add up to the score.
use async_graphql::Object;
use domain::matching::{Criterion, CriterionPoints};

use crate::graphql::enumeration::E;

/// The points of a pair for one criterion. The points of all criteria add up to the score.
#[derive(Debug, Clone)]
pub struct CriterionObject(pub CriterionPoints);

/// The points of a pair for one criterion. The points of all criteria add up to the score.
#[Object(name = "MatchCriterion")]
impl CriterionObject {
    /// What was compared.
    async fn criterion(&self) -> E<Criterion> {
        E(self.0.criterion)
    }

    /// The points that the pair has.
    async fn points(&self) -> u16 {
        self.0.points
    }

    /// The most points that the program's policy gives for this criterion.
    async fn maximum(&self) -> u16 {
        self.0.weight
    }

    /// What the points rest on: shared words, languages, or stretches of the week that both are free, in UTC.
    async fn evidence(&self) -> Vec<String> {
        self.0.evidence_words()
    }

    /// Minutes a week that both are free, or minutes between their clocks; null for other criteria.
    async fn minutes(&self) -> Option<u16> {
        self.0.minutes()
    }

    /// What the points rest on, in a sentence, in English.
    async fn sentence(&self) -> String {
        self.0.sentence()
    }
}
