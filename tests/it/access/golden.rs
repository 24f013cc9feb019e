//! How is the table written down, so that a person can review it?
use std::fmt::Write;

use super::persona::{PERSONAS, Persona, Where};

/// What somebody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Yes,
    /// As if it did not exist.
    No,
    /// It is said that the role may not do this.
    Forbidden,
    /// It is said that nobody is signed in.
    SignIn,
    /// There is nothing to tell apart: it is about oneself.
    Same,
    /// A fault of the server.
    Broken,
}

impl Mark {
    const fn letter(self) -> char {
        match self {
            Self::Yes => '+',
            Self::No => '-',
            Self::Forbidden => '!',
            Self::SignIn => '?',
            Self::Same => ' ',
            Self::Broken => 'x',
        }
    }
}

/// One field, and what each persona gets of it in each place.
pub struct Row {
    pub name: String,
    pub words: String,
    pub marks: Vec<[Mark; 3]>,
}

impl Row {
    pub fn new(name: String, words: String, mark: impl Fn(&'static Persona, Where) -> Mark) -> Self {
        let marks = PERSONAS.iter().map(|persona| Where::ALL.map(|place| mark(persona, place))).collect();
        Self { name, words, marks }
    }

    /// Does it ask for no role at all?
    pub fn is_for_everybody(&self) -> bool {
        !self.has(|mark| !matches!(mark, Mark::Yes | Mark::Same))
    }

    fn has(&self, wanted: impl Fn(Mark) -> bool) -> bool {
        self.marks.iter().flatten().any(|&mark| wanted(mark))
    }

    /// Is it tried both by people who may and by people who may not?
    pub fn tells_apart(&self) -> bool {
        self.has(|mark| mark == Mark::Yes) && self.has(|mark| !matches!(mark, Mark::Yes | Mark::Same))
    }
}

const KEY: &str = "\
Who gets what. Written by the test `access` from the access table in `domain/src/access/table.rs`; the test holds the
server to it, field by field. Change it by changing the access table, and with CAIRN_UPDATE_GOLDEN=1.

Each cell has three marks: for what belongs to this pair or program, for the same of another pair and program of the
organization, and for the same of another organization. One mark stands where it is about oneself.

  +  gets it, or does it
  -  gets nothing, as if it did not exist (null, not in the list, NOT_FOUND)
  !  is told that their role may not do this (FORBIDDEN, NOT_ALLOWED)
  ?  is told to sign in (UNAUTHENTICATED)

";

/// The golden file.
pub fn write(rows: &[Row]) -> String {
    let mut text = KEY.to_owned();
    for persona in PERSONAS {
        writeln!(text, "  {:5}{}", persona.mark, persona.description).expect("text");
    }
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let mut section = "";
    for row in rows {
        let of = row.name.split(['.', ' ']).next().unwrap_or_default();
        if of != section {
            section = of;
            write!(text, "\n{of:width$}").expect("text");
            for persona in PERSONAS {
                write!(text, " {:4}", persona.mark).expect("text");
            }
            text.push('\n');
        }
        write!(text, "{:width$}", row.name).expect("text");
        for marks in &row.marks {
            let marks: String = marks.iter().map(|mark| mark.letter()).collect();
            write!(text, " {marks:4}").expect("text");
        }
        writeln!(text, " {}", row.words).expect("text");
    }
    text
}

/// What differs, one line for each cell.
pub fn differences(row: &Row, got: &[[Mark; 3]]) -> Vec<String> {
    let mut lines = Vec::new();
    for (persona, (expected, got)) in PERSONAS.iter().zip(row.marks.iter().zip(got)) {
        for (place, (expected, got)) in Where::ALL.iter().zip(expected.iter().zip(got)) {
            if expected != got && *expected != Mark::Same {
                lines.push(format!(
                    "{} as {} at {place:?}: the table says {expected:?}, the server {got:?}",
                    row.name, persona.mark
                ));
            }
        }
    }
    lines
}
