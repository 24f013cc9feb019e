//! Rosters: does a file become people in a cohort, all or nothing, and twice the same?
pub mod sample;
