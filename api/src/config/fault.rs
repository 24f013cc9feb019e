//! What is wrong with the configuration, all of it at once?
use std::fmt;

use super::{Config, Given, source};

/// One setting that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub name: String,
    pub problem: String,
}

/// Everything found wrong; the server does not start and exits with 78.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, name: impl Into<String>, problem: String) {
        self.0.push(Fault { name: name.into(), problem });
    }

    /// Names that look like settings and are none: a typing error must not pass in silence.
    pub(super) fn unknown(&mut self, given: &Given) {
        for (name, source) in given.unknown() {
            let known = Config::rows().flat_map(|row| [row.env, row.key]).collect::<Vec<_>>();
            let advice = source::nearest(name, &known).map_or_else(
                || "`cairn config reference` lists them".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            self.add(name.clone(), format!("from {source} is no setting; {advice}"));
        }
    }

    pub(super) fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(formatter, "{count} setting{} cannot be used:", if count == 1 { "" } else { "s" })?;
        self.0.iter().try_for_each(|fault| write!(formatter, "\n  {} {}", fault.name, fault.problem))
    }
}

impl std::error::Error for Faults {}
