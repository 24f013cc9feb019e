//! Which proposals of a draft can still be offered, after whatever happened since they were found?
use std::collections::{BTreeMap, BTreeSet};

use crate::{enrollment::Enrollment, id::Id, matches::Match};

crate::text_enum! {
    /// Why a proposal was not offered when its run was published.
    pub enum Obstacle as "ProposalObstacle" {
        /// It was not among those that you chose.
        NotChosen = "NOT_CHOSEN",
        /// The two were excluded since the run.
        Excluded = "EXCLUDED",
        /// The mentee is a minor without a guardian's consent in force.
        ConsentMissing = "CONSENT_MISSING",
        /// One of the two does not take part any more, or rests.
        NotTakingPart = "NOT_TAKING_PART",
        /// The mentee has a mentor, or another offer, by now.
        AlreadyMatched = "ALREADY_MATCHED",
        /// The mentor's places are taken by now.
        MentorFull = "MENTOR_FULL",
    }
}

/// A proposal, and what became of its people since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub id: Id<Match>,
    pub mentor: Id<Enrollment>,
    pub mentee: Id<Enrollment>,
    pub score: i16,
    pub excluded: bool,
    /// The mentee is a minor without a consent in force.
    pub consent_missing: bool,
    /// Both enrollments are approved.
    pub taking_part: bool,
    /// The mentee has an offered, accepted or active match.
    pub mentee_matched: bool,
    /// Places of the mentor that no offered, accepted or active match holds.
    pub mentor_free: i16,
}

/// For each proposal, in the order given, what keeps it from being offered. Better ones get a mentor's last
/// places first. `chosen` are those that a coordinator wants; `None` wants all.
pub fn obstacles(proposals: &[Proposal], chosen: Option<&BTreeSet<Id<Match>>>) -> Vec<Option<Obstacle>> {
    let mut best_first: Vec<usize> = (0..proposals.len()).collect();
    let rank = |place: &usize| proposals.get(*place).map(|it| (std::cmp::Reverse(it.score), it.id));
    best_first.sort_by_key(rank);
    let mut taken: BTreeMap<Id<Enrollment>, i16> = BTreeMap::new();
    let mut obstacles = vec![None; proposals.len()];
    for place in best_first {
        let (Some(proposal), Some(obstacle)) = (proposals.get(place), obstacles.get_mut(place)) else {
            continue;
        };
        let places = taken.entry(proposal.mentor).or_default();
        *obstacle = if chosen.is_some_and(|chosen| !chosen.contains(&proposal.id)) {
            Some(Obstacle::NotChosen)
        } else {
            proposal.obstacle(*places)
        };
        if obstacle.is_none() {
            *places += 1;
        }
    }
    obstacles
}

impl Proposal {
    /// `taken` are the mentor's places that better proposals of the same run get.
    fn obstacle(&self, taken: i16) -> Option<Obstacle> {
        if self.excluded {
            Some(Obstacle::Excluded)
        } else if self.consent_missing {
            Some(Obstacle::ConsentMissing)
        } else if !self.taking_part {
            Some(Obstacle::NotTakingPart)
        } else if self.mentee_matched {
            Some(Obstacle::AlreadyMatched)
        } else if taken >= self.mentor_free {
            Some(Obstacle::MentorFull)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id<T>(n: u128) -> Id<T> {
        Id::new(Uuid::from_u128(n))
    }

    fn fresh(n: u128, score: i16) -> Proposal {
        Proposal {
            id: id(n),
            mentor: id(100),
            mentee: id(200 + n),
            score,
            excluded: false,
            consent_missing: false,
            taking_part: true,
            mentee_matched: false,
            mentor_free: 2,
        }
    }

    #[test]
    fn what_nothing_happened_to_is_offered() {
        assert_eq!(obstacles(&[fresh(1, 10), fresh(2, 20)], None), [None, None]);
    }

    #[test]
    fn each_change_since_the_run_keeps_its_pair_from_being_offered() {
        let proposals = [
            Proposal { excluded: true, ..fresh(1, 90) },
            Proposal { consent_missing: true, ..fresh(2, 80) },
            Proposal { taking_part: false, ..fresh(3, 70) },
            Proposal { mentee_matched: true, ..fresh(4, 60) },
            fresh(5, 50),
        ];
        let expected = [
            Some(Obstacle::Excluded),
            Some(Obstacle::ConsentMissing),
            Some(Obstacle::NotTakingPart),
            Some(Obstacle::AlreadyMatched),
            None,
        ];
        assert_eq!(obstacles(&proposals, None), expected);
    }

    #[test]
    fn the_last_places_of_a_mentor_go_to_the_best() {
        let proposals = [fresh(1, 10), fresh(2, 30), fresh(3, 20)];
        assert_eq!(obstacles(&proposals, None), [Some(Obstacle::MentorFull), None, None]);
        let equals = [fresh(3, 10), fresh(2, 10), fresh(1, 10)];
        assert_eq!(obstacles(&equals, None), [Some(Obstacle::MentorFull), None, None], "the older id first");
    }

    #[test]
    fn those_not_chosen_take_no_place() {
        let chosen = BTreeSet::from([id(1), id(3)]);
        let proposals = [fresh(1, 10), fresh(2, 30), fresh(3, 20)];
        assert_eq!(obstacles(&proposals, Some(&chosen)), [None, Some(Obstacle::NotChosen), None]);
    }
}
