//! Who competes for too few places? For everybody who is left out although mentors would suit them, a group of
//! mentees who can only go to the same mentors, with fewer seats than people (a violation of Hall's condition).
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "node numbers come from the network")]
use super::network::{Network, Node};

/// Mentees and the only mentors they can go to; the mentees are more than the mentors' seats.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    pub mentees: Vec<Node>,
    pub mentors: Vec<Node>,
}

/// The groups around those whom the plan leaves out, by their first member.
pub fn contests(network: &Network, plan: &[Option<Node>]) -> Vec<Group> {
    let mut guests = vec![Vec::new(); network.side.mentors.len()];
    for (mentee, mentor) in (0..).zip(plan) {
        if let Some(mentor) = mentor {
            guests[*mentor as usize].push(mentee);
        }
    }
    let contested = reachable(network, plan, &guests);
    let mut groups = Vec::new();
    let mut seen = (vec![false; plan.len()], vec![false; guests.len()]);
    for mentee in 0..plan.len() {
        if contested[mentee] && !seen.0[mentee] {
            groups.push(group(network, &contested, mentee as Node, &mut seen));
        }
    }
    groups
}

/// Mentees who are left out, or whose place somebody who is left out could take by a chain of moves.
fn reachable(network: &Network, plan: &[Option<Node>], guests: &[Vec<Node>]) -> Vec<bool> {
    let row = |mentee: Node| network.side.mentees.row(mentee);
    let left_out = (0..).zip(plan).filter(|(mentee, mentor)| mentor.is_none() && !row(*mentee).is_empty());
    let mut stack: Vec<Node> = left_out.map(|(mentee, _)| mentee).collect();
    let mut mentees = vec![false; plan.len()];
    let mut mentors = vec![false; guests.len()];
    while let Some(mentee) = stack.pop() {
        mentees[mentee as usize] = true;
        for arc in row(mentee) {
            if !std::mem::replace(&mut mentors[arc.to as usize], true) {
                stack.extend(&guests[arc.to as usize]);
            }
        }
    }
    mentees
}

/// Everybody who is connected with `start` through mentors they could share.
fn group(network: &Network, contested: &[bool], start: Node, seen: &mut (Vec<bool>, Vec<bool>)) -> Group {
    let mut group = Group { mentees: Vec::new(), mentors: Vec::new() };
    let mut stack = vec![start];
    seen.0[start as usize] = true;
    while let Some(mentee) = stack.pop() {
        group.mentees.push(mentee);
        for arc in network.side.mentees.row(mentee) {
            if std::mem::replace(&mut seen.1[arc.to as usize], true) {
                continue;
            }
            group.mentors.push(arc.to);
            for rival in network.side.mentors.row(arc.to) {
                if contested[rival.to as usize] && !std::mem::replace(&mut seen.0[rival.to as usize], true) {
                    stack.push(rival.to);
                }
            }
        }
    }
    group.mentees.sort_unstable();
    group.mentors.sort_unstable();
    group
}
