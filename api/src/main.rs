//! Starts.
fn main(){}
