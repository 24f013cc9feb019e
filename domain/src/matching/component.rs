//! Which places can be left and come back to? Strongly connected components, by Tarjan's algorithm without
//! recursion, since a chain may be as long as the cohort.
#![expect(clippy::indexing_slicing, reason = "places come from the graph itself")]

const UNSEEN: usize = usize::MAX;

/// For each place the number of its component; places with the same number reach each other.
pub fn components(steps: &[Vec<usize>]) -> Vec<usize> {
    let mut walk = Walk {
        steps,
        order: vec![UNSEEN; steps.len()],
        lowest: vec![0; steps.len()],
        component: vec![UNSEEN; steps.len()],
        open: Vec::new(),
        visited: 0,
        found: 0,
    };
    for place in 0..steps.len() {
        if walk.order[place] == UNSEEN {
            walk.from(place);
        }
    }
    walk.component
}

struct Walk<'a> {
    steps: &'a [Vec<usize>],
    order: Vec<usize>,
    /// The earliest visited place that is known to be reachable within the open component.
    lowest: Vec<usize>,
    component: Vec<usize>,
    /// Visited places whose component is not closed yet.
    open: Vec<usize>,
    visited: usize,
    found: usize,
}

impl Walk<'_> {
    fn from(&mut self, start: usize) {
        let mut path = vec![(start, 0)];
        self.visit(start);
        while let Some((place, next)) = path.last_mut() {
            let place = *place;
            if let Some(&to) = self.steps[place].get(*next) {
                *next += 1;
                if self.order[to] == UNSEEN {
                    self.visit(to);
                    path.push((to, 0));
                } else if self.component[to] == UNSEEN {
                    self.lowest[place] = self.lowest[place].min(self.order[to]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                self.lowest[parent] = self.lowest[parent].min(self.lowest[place]);
            }
            if self.lowest[place] == self.order[place] {
                self.close(place);
            }
        }
    }

    fn visit(&mut self, place: usize) {
        (self.order[place], self.lowest[place]) = (self.visited, self.visited);
        self.visited += 1;
        self.open.push(place);
    }

    fn close(&mut self, root: usize) {
        while let Some(place) = self.open.pop() {
            self.component[place] = self.found;
            if place == root {
                break;
            }
        }
        self.found += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reaches(steps: &[Vec<usize>], from: usize, to: usize) -> bool {
        let (mut seen, mut stack) = (vec![false; steps.len()], vec![from]);
        while let Some(place) = stack.pop() {
            if !std::mem::replace(&mut seen[place], true) {
                stack.extend(&steps[place]);
            }
        }
        seen[to]
    }

    proptest! {
        #[test]
        fn same_component_means_both_ways(pairs in prop::collection::vec((0..8usize, 0..8usize), 0..20)) {
            let mut steps = vec![Vec::new(); 8];
            for (from, to) in pairs {
                steps[from].push(to);
            }
            let component = components(&steps);
            for from in 0..8 {
                for to in 0..8 {
                    let both_ways = reaches(&steps, from, to) && reaches(&steps, to, from);
                    prop_assert_eq!(component[from] == component[to], both_ways);
                }
            }
        }
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let mut steps: Vec<Vec<usize>> = (1..100_000).map(|next| vec![next]).collect();
        steps.push(vec![0]);
        assert!(components(&steps).iter().all(|&component| component == 0));
    }
}
