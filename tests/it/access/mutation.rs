//! Which action of the access table stands behind each mutation, and with which input is it tried?
mod account;
mod pair;
mod program;
mod staff;

use super::expectation::Rule;

/// A mutation with an input that is good at a place.
pub struct Mutation {
    pub name: &'static str,
    /// Tells several entries of one mutation apart.
    pub case: &'static str,
    pub rule: Rule,
    /// Who sees the thing without being allowed to do this: they are told so; for others it does not exist.
    pub read: Rule,
    /// Is it about the caller's own organization, whatever place is asked for?
    pub at_home: bool,
    /// What is brought about in the database before, so that it can succeed.
    pub given: &'static str,
    /// The input, where `$name` stands for a thing of the place; empty for mutations without one.
    pub input: &'static str,
    /// Why it succeeds for nobody here, although it is not refused for lack of access.
    pub never_succeeds: Option<&'static str>,
}

const fn of(name: &'static str, rule: Rule, read: Rule, input: &'static str) -> Mutation {
    let (case, given) = ("", "");
    Mutation { name, case, rule, read, at_home: false, given, input, never_succeeds: None }
}

impl Mutation {
    const fn case(self, case: &'static str) -> Self {
        Self { case, ..self }
    }

    const fn at_home(self) -> Self {
        Self { at_home: true, ..self }
    }

    const fn given(self, given: &'static str) -> Self {
        Self { given, ..self }
    }

    const fn never_succeeds(self, why: &'static str) -> Self {
        Self { never_succeeds: Some(why), ..self }
    }
}

/// Every mutation of the schema, at least once.
pub fn mutations() -> impl Iterator<Item = &'static Mutation> {
    [account::MUTATIONS, staff::MUTATIONS, program::MUTATIONS, pair::MUTATIONS].into_iter().flatten()
}
