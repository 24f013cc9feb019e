//! How does a command print its result?
use std::{fmt::Display, io::Write};

use serde::Serialize;

/// Where results go; messages and logs go to standard error.
pub(super) struct Output {
    pub json: bool,
}

impl Output {
    /// Prints the value for machines if they asked, else the text for people.
    pub fn show(&self, value: &impl Serialize, text: impl Display) -> anyhow::Result<()> {
        if self.json { self.line(serde_json::to_string_pretty(value)?) } else { self.line(text) }
    }

    /// Prints a line. A reader that has left, such as `head`, is no failure.
    #[expect(clippy::unused_self, reason = "printing needs an output in hand")]
    pub fn line(&self, text: impl Display) -> anyhow::Result<()> {
        match writeln!(std::io::stdout().lock(), "{text}") {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}
