//! What is the best plan? The adaptive method: plain search where that is quick, an auction first where not.
use super::{
    auction::auction,
    augment::{Augmented, augment},
    fault::Unsolved,
    network::{Network, Party, State},
    progress::Watch,
};

/// Looks at arcs, as a multiple of the network's size, after which an instance counts as hard.
const PATIENCE: u64 = 8;

/// An optimal plan with the prices that prove it: most mentees matched, then the largest total score.
pub fn optimum(network: &Network, watch: Watch<'_>) -> Result<State, Unsolved> {
    let size = network.arcs() + network.side.mentees.len() + network.side.mentors.len();
    within(network, PATIENCE * u64::try_from(size).unwrap_or(u64::MAX / PATIENCE), watch)
}

fn within(network: &Network, budget: u64, watch: Watch<'_>) -> Result<State, Unsolved> {
    let mentees = network.side.mentees.len();
    let seats: usize =
        network.side.mentors.seats.iter().filter_map(|&seats| usize::try_from(seats).ok()).sum();
    // Searching from the side that runs out leaves nobody to search for in vain.
    let scarce = if seats < mentees { Party::Mentor } else { Party::Mentee };
    let free = vec![0; network.side[scarce.other()].len()];
    let mut state = State::priced(network, scarce, free);
    if augment(network, &mut state, scarce, budget, watch)? == Augmented::Done {
        return Ok(state);
    }
    let mut state = auction(network, watch)?;
    augment(network, &mut state, Party::Mentee, u64::MAX, watch)?;
    augment(network, &mut state, Party::Mentor, u64::MAX, watch)?;
    Ok(state)
}

#[cfg(test)]
mod tests;
