//! How does a plan become a report that a coordinator can read?
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places come from the roster; counts are below 2^32"
)]
use super::{
    ENGINE_VERSION,
    candidates::Candidates,
    certificate::Certificate,
    contest::{Group, contests},
    network::{Network, Node, State},
    report::{
        Alternate, Alternates, Assigned, Contest, MatchReport, MentorLoad, Totals, Unmatched, UnmatchedReason,
    },
    roster::Roster,
    rule::Rule,
};
use crate::{enrollment::Enrollment, id::Id};

/// What a run found, before it is written down.
pub struct Found<'a> {
    pub roster: &'a Roster,
    pub candidates: &'a Candidates,
    pub network: &'a Network,
    pub state: &'a State,
    /// The canonical plan for those who are not locked.
    pub plan: &'a [Option<Node>],
}

impl Found<'_> {
    pub fn report(&self) -> MatchReport {
        let (mentees, mentors) = (self.roster.mentees.len(), self.roster.mentors.len());
        let assignments: Vec<Assigned> = (0..mentees).filter_map(|mentee| self.assigned(mentee)).collect();
        let groups = contests(self.network, self.plan);
        let mentor_load = self.mentor_load();
        let totals = Totals {
            mentees: mentees as u32,
            mentors: mentors as u32,
            matched: assignments.len() as u32,
            unmatched: (mentees - assignments.len()) as u32,
            total_score: assignments.iter().map(|pair| u32::from(pair.score)).sum(),
            feasible_pairs: self.candidates.rows.iter().map(|row| row.len() as u32).sum(),
            first_choices: assignments.iter().filter(|pair| pair.rank_for_mentee == 1).count() as u32,
        };
        MatchReport {
            engine_version: ENGINE_VERSION.to_owned(),
            unmatched: (0..mentees).filter_map(|mentee| self.unmatched(mentee, &groups)).collect(),
            contests: groups.iter().map(|group| self.contest(group)).collect(),
            alternates: (0..mentees).filter_map(|mentee| self.alternates(mentee, &mentor_load)).collect(),
            certificate: Certificate::new(
                self.roster,
                &assignments,
                self.network.big,
                self.state.price.clone(),
            ),
            canonical_input: self.roster.canonical_bytes(),
            assignments,
            mentor_load,
            totals,
        }
    }

    fn mentee(&self, place: usize) -> Id<Enrollment> {
        self.roster.mentees[place].person.id
    }

    fn mentor(&self, place: usize) -> Id<Enrollment> {
        self.roster.mentors[place].person.id
    }

    /// The mentor that the plan, or a lock, gives a mentee.
    fn mentor_of(&self, mentee: usize) -> Option<usize> {
        self.roster.mentees[mentee].locked.or(self.plan[mentee].map(|mentor| mentor as usize))
    }

    fn assigned(&self, mentee: usize) -> Option<Assigned> {
        let mentor = self.mentor_of(mentee)?;
        let row = &self.candidates.rows[mentee];
        let score = row.iter().find(|arc| arc.to as usize == mentor)?.score;
        Some(Assigned {
            mentee: self.mentee(mentee),
            mentor: self.mentor(mentor),
            score,
            criteria: self.roster.breakdown(mentee, mentor),
            rank_for_mentee: 1 + row.iter().take_while(|arc| arc.score > score).count() as u32,
            locked: self.roster.mentees[mentee].locked.is_some(),
        })
    }

    fn unmatched(&self, mentee: usize, groups: &[Group]) -> Option<Unmatched> {
        if self.mentor_of(mentee).is_some() {
            return None;
        }
        let suitable = self.network.side.mentees.row(mentee as Node).len() as u32;
        let reason = if suitable == 0 {
            let mut mentors = self.candidates.forbidden[mentee].clone();
            let full = self.candidates.rows[mentee].len() as u32;
            mentors.extend((full > 0).then_some((Rule::MentorFull, full)));
            UnmatchedReason::NoFeasibleMentor { mentors }
        } else {
            let member = |group: &Group| group.mentees.binary_search(&(mentee as Node)).is_ok();
            let contest = groups.iter().position(member).unwrap_or_default() as u32;
            UnmatchedReason::CapacityExhausted { suitable, contest }
        };
        Some(Unmatched { mentee: self.mentee(mentee), reason })
    }

    fn contest(&self, group: &Group) -> Contest {
        let seats = &self.network.side.mentors.seats;
        Contest {
            mentees: group.mentees.iter().map(|&mentee| self.mentee(mentee as usize)).collect(),
            mentors: group.mentors.iter().map(|&mentor| self.mentor(mentor as usize)).collect(),
            seats: group.mentors.iter().map(|&mentor| seats[mentor as usize]).sum(),
        }
    }

    fn alternates(&self, mentee: usize, load: &[MentorLoad]) -> Option<Alternates> {
        let own = self.mentor_of(mentee);
        let others = self.candidates.rows[mentee].iter().filter(|arc| Some(arc.to as usize) != own);
        let alternate = |arc: &super::network::Arc| Alternate {
            mentor: self.mentor(arc.to as usize),
            score: arc.score,
            has_room: load[arc.to as usize].free() > 0,
        };
        let mentors: Vec<Alternate> = others.take(self.roster.alternates).map(alternate).collect();
        (!mentors.is_empty()).then(|| Alternates { mentee: self.mentee(mentee), mentors })
    }

    fn mentor_load(&self) -> Vec<MentorLoad> {
        let mut proposed = vec![0_u16; self.roster.mentors.len()];
        for mentor in (0..self.plan.len()).filter_map(|mentee| self.mentor_of(mentee)) {
            proposed[mentor] += 1;
        }
        let loads = self.roster.mentors.iter().zip(proposed);
        let load = loads.map(|(mentor, proposed)| MentorLoad {
            mentor: mentor.person.id,
            capacity: mentor.capacity,
            present: mentor.load,
            proposed,
        });
        load.collect()
    }
}
