//! How does a plan grow to the best one? By successive shortest augmenting paths: whoever has a free seat and
//! a price looks for the cheapest chain of exchanges that fills the seat, or that makes the price vanish.
//!
//! Every search is Dijkstra's on reduced costs (what a pair costs above its value, never negative), and ends
//! at a free seat of the other side, or at somebody of its own side who may as well be left out.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "node numbers come from the network")]
use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    fault::Unsolved,
    network::{Network, Node, Party, State},
    progress::{Stage, Watch, report},
};

/// Searches between two signs of life.
const BEAT: u64 = 256;

/// Whether the searches came to their end, or to that of their budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Augmented {
    Done,
    OverBudget,
}

/// Where a path ends.
#[derive(Clone, Copy)]
enum End {
    /// At a free seat of the other side.
    Column(Node),
    /// At a node of the searching side whose price reaches 0.
    Row(Node),
}

/// Searches from each unsatisfied node of `rows` until none is left. The other side's unsatisfied nodes never
/// become more. `budget` counts looks at arcs, not time, so that the same input takes the same way everywhere.
pub fn augment(
    network: &Network,
    state: &mut State,
    rows: Party,
    budget: u64,
    watch: Watch<'_>,
) -> Result<Augmented, Unsolved> {
    let mut search = Search::new(network, rows);
    let total = network.side[rows].len();
    for row in 0..total as Node {
        // A mentor has several seats, and each takes a search of its own.
        while state.unsatisfied(network, rows, row) {
            if search.looks > budget {
                return Ok(Augmented::OverBudget);
            }
            if u64::from(search.round).is_multiple_of(BEAT) {
                report(watch, Stage::Solving, row as usize, total)?;
                search.least = state.price[rows.other()].iter().copied().min().unwrap_or_default();
            }
            search.run(state, row);
        }
    }
    Ok(Augmented::Done)
}

/// The working memory of all searches from one side; "rows" is that side, "columns" the other.
struct Search<'a> {
    network: &'a Network,
    rows: Party,
    looks: u64,
    round: u32,
    /// No column has a lower price: prices of columns only rise.
    least: i64,
    row_distance: Vec<i64>,
    column_distance: Vec<i64>,
    /// The last round in which a node was seen, or settled.
    row_seen: Vec<u32>,
    column_seen: Vec<u32>,
    column_done: Vec<u32>,
    /// The column whose mate a row is, on the shortest path to it; none at the start of the path.
    row_via: Vec<Option<Node>>,
    column_from: Vec<Node>,
    heap: BinaryHeap<Reverse<(i64, Node)>>,
    /// Columns at the present distance, which need no heap: with many equal scores these are most.
    ready: Vec<Node>,
    /// Rows reached and not yet scanned.
    stack: Vec<Node>,
    scanned_rows: Vec<Node>,
    scanned_columns: Vec<Node>,
    end: Option<End>,
    end_distance: i64,
}

impl<'a> Search<'a> {
    fn new(network: &'a Network, rows: Party) -> Self {
        let (row_count, column_count) = (network.side[rows].len(), network.side[rows.other()].len());
        Self {
            network,
            rows,
            looks: 0,
            round: 0,
            least: 0,
            row_distance: vec![0; row_count],
            column_distance: vec![0; column_count],
            row_seen: vec![0; row_count],
            column_seen: vec![0; column_count],
            column_done: vec![0; column_count],
            row_via: vec![None; row_count],
            column_from: vec![0; column_count],
            heap: BinaryHeap::new(),
            ready: Vec::new(),
            stack: Vec::new(),
            scanned_rows: Vec::new(),
            scanned_columns: Vec::new(),
            end: None,
            end_distance: i64::MAX,
        }
    }

    /// One search, the new prices it allows, and the exchange along its path.
    fn run(&mut self, state: &mut State, start: Node) {
        self.round += 1;
        self.heap.clear();
        self.ready.clear();
        self.stack.clear();
        self.scanned_rows.clear();
        self.scanned_columns.clear();
        (self.end, self.end_distance) = (None, i64::MAX);
        self.reach_row(start, 0, None);
        let mut level = 0;
        loop {
            self.scan_rows(state, level);
            if self.end_distance <= level {
                break;
            }
            let Some((distance, column)) = self.next_column(level) else { break };
            level = distance;
            self.column_done[column as usize] = self.round;
            self.scanned_columns.push(column);
            for &row in &state.mates[self.rows.other()][column as usize] {
                if self.row_seen[row as usize] != self.round {
                    self.reach_row(row, level, Some(column));
                }
            }
        }
        self.reprice(state);
        self.exchange(state);
    }

    fn reach_row(&mut self, row: Node, distance: i64, via: Option<Node>) {
        self.row_seen[row as usize] = self.round;
        self.row_distance[row as usize] = distance;
        self.row_via[row as usize] = via;
        self.stack.push(row);
    }

    /// Looks at the arcs of all reached rows, which are at distance `level`.
    fn scan_rows(&mut self, state: &State, level: i64) {
        while self.end_distance > level
            && let Some(row) = self.stack.pop()
        {
            self.scanned_rows.push(row);
            let base = self.row_distance[row as usize] + state.price[self.rows][row as usize];
            if base < self.end_distance {
                (self.end, self.end_distance) = (Some(End::Row(row)), base);
            }
            for &arc in self.network.side[self.rows].row(row) {
                let before = base - self.network.value(arc);
                // Rows are sorted by score: no later arc can be better than the end that is known.
                if before + self.least >= self.end_distance {
                    break;
                }
                self.looks += 1;
                self.look(
                    state,
                    row,
                    arc.to,
                    before + state.price[self.rows.other()][arc.to as usize],
                    level,
                );
            }
        }
    }

    fn look(&mut self, state: &State, row: Node, column: Node, distance: i64, level: i64) {
        let at = column as usize;
        let known = self.column_seen[at] == self.round && distance >= self.column_distance[at];
        if distance >= self.end_distance || self.column_done[at] == self.round || known {
            return;
        }
        self.column_seen[at] = self.round;
        self.column_distance[at] = distance;
        self.column_from[at] = row;
        if state.spare(self.network, self.rows.other(), column) {
            (self.end, self.end_distance) = (Some(End::Column(column)), distance);
        } else if distance == level {
            self.ready.push(column);
        } else {
            self.heap.push(Reverse((distance, column)));
        }
    }

    /// The nearest column that is not settled yet, unless the end is nearer.
    fn next_column(&mut self, level: i64) -> Option<(i64, Node)> {
        while let Some(column) = self.ready.pop() {
            if self.column_done[column as usize] != self.round {
                return Some((level, column));
            }
        }
        while let Some(Reverse((distance, column))) = self.heap.pop() {
            if distance >= self.end_distance {
                return None;
            }
            let current = self.column_distance[column as usize] == distance;
            if current && self.column_done[column as usize] != self.round {
                return Some((distance, column));
            }
        }
        None
    }

    /// Moves prices so that the whole shortest path becomes tight and everything else stays covered.
    fn reprice(&self, state: &mut State) {
        for &row in &self.scanned_rows {
            let slack = self.end_distance - self.row_distance[row as usize];
            state.price[self.rows][row as usize] -= slack.max(0);
        }
        for &column in &self.scanned_columns {
            let slack = self.end_distance - self.column_distance[column as usize];
            state.price[self.rows.other()][column as usize] += slack.max(0);
        }
    }

    /// From the end of the path to its start, everybody takes the next partner and leaves the former one.
    fn exchange(&self, state: &mut State) {
        let mut next = match self.end {
            Some(End::Column(column)) => Some(column),
            Some(End::Row(row)) => {
                let via = self.row_via[row as usize];
                if let Some(column) = via {
                    state.unlink(self.rows, row, column);
                }
                via
            }
            None => None,
        };
        while let Some(column) = next {
            let row = self.column_from[column as usize];
            next = self.row_via[row as usize];
            if let Some(former) = next {
                state.unlink(self.rows, row, former);
            }
            state.link(self.rows, row, column);
        }
    }
}
