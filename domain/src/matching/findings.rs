//! What of a report is kept with a run, and how is it told to a coordinator?
use serde::{Deserialize, Serialize};

use super::{
    report::{Alternates, Contest, MatchReport, MentorLoad, Totals, Unmatched, UnmatchedReason},
    rule::Rule,
};

crate::text_enum! {
    /// Why a mentee has no proposal.
    pub enum UnmatchedCode as "UnmatchedReason" {
        /// Every mentor breaks a rule; `rules` counts them by the first rule broken.
        NoFeasibleMentor = "NO_FEASIBLE_MENTOR",
        /// Some mentors would do, but their places go to others.
        CapacityExhausted = "CAPACITY_EXHAUSTED",
    }
}

/// What a run found besides the pairs, which become matches. Ids and counts only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    pub unmatched: Vec<Unmatched>,
    pub contests: Vec<Contest>,
    pub alternates: Vec<Alternates>,
    pub mentor_load: Vec<MentorLoad>,
    pub totals: Totals,
}

impl From<&MatchReport> for Findings {
    fn from(report: &MatchReport) -> Self {
        Self {
            unmatched: report.unmatched.clone(),
            contests: report.contests.clone(),
            alternates: report.alternates.clone(),
            mentor_load: report.mentor_load.clone(),
            totals: report.totals,
        }
    }
}

impl UnmatchedReason {
    pub const fn code(&self) -> UnmatchedCode {
        match self {
            Self::NoFeasibleMentor { .. } => UnmatchedCode::NoFeasibleMentor,
            Self::CapacityExhausted { .. } => UnmatchedCode::CapacityExhausted,
        }
    }

    /// For how many mentors each rule was the first one broken.
    pub fn rules(&self) -> &[(Rule, u32)] {
        match self {
            Self::NoFeasibleMentor { mentors } => mentors,
            Self::CapacityExhausted { .. } => &[],
        }
    }

    /// The reason in a sentence, in English. `contests` are those of the same report.
    pub fn sentence(&self, contests: &[Contest]) -> String {
        match self {
            Self::NoFeasibleMentor { mentors } if mentors.is_empty() => "There is no mentor.".to_owned(),
            Self::NoFeasibleMentor { mentors } => {
                let counts: Vec<String> = mentors.iter().map(|&(rule, count)| rule.count(count)).collect();
                format!("No mentor is possible: {}.", counts.join(", "))
            }
            Self::CapacityExhausted { suitable, contest } => {
                let contest = usize::try_from(*contest).ok().and_then(|place| contests.get(place));
                let competition = contest.map_or_else(String::new, |contest| {
                    let (mentees, mentors) = (contest.mentees.len(), contest.mentors.len());
                    format!(
                        ": {mentees} mentees can only go to {mentors} mentors, who have {} free places",
                        contest.seats
                    )
                });
                format!("{suitable} mentors would do, but their places go to others{competition}.")
            }
        }
    }
}

impl Rule {
    /// So many mentors break this rule, in words.
    fn count(self, mentors: u32) -> String {
        let what = match self {
            Self::SamePerson => "is the same person",
            Self::Excluded => "excluded by a coordinator",
            Self::ConsentMissing => "need the consent of a guardian",
            Self::MentorNotVetted => "not cleared to work with minors",
            Self::NoSharedLanguage => "share no language",
            Self::InsufficientOverlap => "have too little free time in common",
            Self::BelowMinimumScore => "fit less than the program asks",
            Self::MentorFull => "have no free place",
        };
        format!("{mentors} {what}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use uuid::Uuid;

    #[test]
    fn a_reason_reads_as_a_sentence() {
        let mentors = vec![(Rule::NoSharedLanguage, 12), (Rule::InsufficientOverlap, 3)];
        let reason = UnmatchedReason::NoFeasibleMentor { mentors };
        let expected = "No mentor is possible: 12 share no language, 3 have too little free time in common.";
        assert_eq!(reason.sentence(&[]), expected);
        let nobody = UnmatchedReason::NoFeasibleMentor { mentors: Vec::new() };
        assert_eq!(nobody.sentence(&[]), "There is no mentor.");
        let id = |n| Id::new(Uuid::from_u128(n));
        let contest = Contest { mentees: (0..9).map(id).collect(), mentors: vec![id(20), id(21)], seats: 7 };
        let reason = UnmatchedReason::CapacityExhausted { suitable: 2, contest: 0 };
        let expected = "2 mentors would do, but their places go to others: 9 mentees can only go to 2 mentors, \
                        who have 7 free places.";
        assert_eq!(reason.sentence(&[contest]), expected);
    }
}
