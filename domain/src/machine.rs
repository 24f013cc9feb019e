//! How does a thing move from state to state? By a table that lists every allowed step, and nothing else.
use crate::{refusal::WrongState, text::TextEnum};

/// The steps of one kind of thing: in this state, this event leads there.
#[derive(Debug, Clone, Copy)]
pub struct Machine<S: 'static, E: 'static>(pub &'static [(S, E, S)]);

impl<S: TextEnum, E: TextEnum> Machine<S, E> {
    /// The state after `event`; a refusal names the state and the events that are allowed in it.
    pub fn transition(self, state: S, event: E) -> Result<S, WrongState> {
        let step = self.0.iter().find(|(from, by, _)| *from == state && *by == event);
        step.map(|&(_, _, to)| to).ok_or_else(|| self.refuse(state))
    }

    /// The refusal of an event that does not fit the state.
    pub fn refuse(self, state: S) -> WrongState {
        let allowed = self.0.iter().filter(|(from, ..)| *from == state).map(|(_, event, _)| event.as_str());
        WrongState { state: state.as_str(), allowed: allowed.collect::<Vec<_>>().join(", ") }
    }

    /// States that are never left again.
    pub fn is_terminal(self, state: S) -> bool {
        !self.0.iter().any(|(from, ..)| *from == state)
    }
}

/// Compares a machine with the table of its specification, for all states and events. A specification is one
/// line per state: `DRAFT: publish ACTIVE, discard ARCHIVED`.
#[cfg(test)]
pub fn assert_machine<S: TextEnum + std::fmt::Debug, E: TextEnum + std::fmt::Debug>(
    machine: Machine<S, E>,
    specification: &[&str],
) {
    let mut specified = std::collections::BTreeSet::new();
    for line in specification {
        let (from, steps) = line.split_once(": ").expect("a state and its steps");
        for step in steps.split(", ") {
            let (event, to) = step.split_once(' ').expect("an event and a state");
            assert!(specified.insert((from, event, to)), "{from} {event} twice");
        }
    }
    let mut built = std::collections::BTreeSet::new();
    for &state in S::ALL {
        for &event in E::ALL {
            match machine.transition(state, event) {
                Ok(to) => assert!(built.insert((state.as_str(), event.as_str(), to.as_str()))),
                Err(wrong) => {
                    assert_eq!(wrong.state, state.as_str());
                    assert!(!wrong.allowed.split(", ").any(|name| name == event.as_str()));
                }
            }
        }
    }
    assert_eq!(built, specified);
    assert_eq!(machine.0.len(), specified.len(), "a step is listed twice");
}
