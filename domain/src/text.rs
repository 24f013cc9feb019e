//! What text is accepted from people, and how do enums spell themselves in storage and on the wire?
use crate::refusal::{Code, Refuse};

/// An enum whose values have one spelling everywhere: storage, logs, API. Made by [`text_enum!`].
pub trait TextEnum: Copy + Eq + Send + Sync + 'static {
    /// Name of the enum in the public API.
    const NAME: &'static str;
    /// One sentence for an app developer.
    const DESCRIPTION: &'static str;
    const ALL: &'static [Self];
    fn as_str(self) -> &'static str;
    /// What the value means, for an app developer.
    fn description(self) -> &'static str;

    fn parse(text: &str) -> Result<Self, UnknownText> {
        let unknown = || UnknownText { kind: Self::NAME, value: text.to_owned() };
        Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(unknown)
    }
}

/// Stored or sent text that is no value of the enum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is no {kind}")]
pub struct UnknownText {
    pub kind: &'static str,
    pub value: String,
}

/// Declares an enum with one spelling: `pub enum Mode as "CheckInMode" { /// Doc. InPerson = "IN_PERSON" }`.
/// The doc comments become the descriptions that app developers read.
#[macro_export]
macro_rules! text_enum {
    ($(#[doc = $doc:literal])+ pub enum $name:ident as $wire:literal {
        $($(#[doc = $variant_doc:literal])+ $variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[doc = $variant_doc])+ #[serde(rename = $text)] $variant),+ }
        impl $crate::text::TextEnum for $name {
            const NAME: &'static str = $wire;
            const DESCRIPTION: &'static str = concat!($($doc),+).trim_ascii();
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($variant_doc),+).trim_ascii()),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str($crate::text::TextEnum::as_str(*self))
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::text::UnknownText;
            fn from_str(text: &str) -> Result<Self, Self::Err> { $crate::text::TextEnum::parse(text) }
        }
    };
}

/// Why a piece of text was not accepted; `path` names the input field, with dots for nesting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    #[error("must not be empty")]
    Empty { path: String },
    #[error("must be at most {max} characters, and has {length}")]
    TooLong { path: String, max: usize, length: usize },
    #[error(
        "must not contain control or direction-changing characters, nor more than 8 accents on one letter"
    )]
    Forbidden { path: String },
}

impl Refuse for TextFault {
    fn code(&self) -> Code {
        match self {
            Self::Empty { .. } => Code::Required,
            Self::TooLong { .. } => Code::TooLong,
            Self::Forbidden { .. } => Code::Invalid,
        }
    }

    fn path(&self) -> Option<String> {
        let (Self::Empty { path } | Self::TooLong { path, .. } | Self::Forbidden { path }) = self;
        Some(path.clone())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooLong { max, length, .. } => {
                vec![("max", max.to_string()), ("length", length.to_string())]
            }
            Self::Empty { .. } | Self::Forbidden { .. } => Vec::new(),
        }
    }
}

/// One line such as a name or a title: trimmed, not empty, at most `max` characters.
pub fn line(path: &str, raw: &str, max: usize) -> Result<String, TextFault> {
    accept(path, raw, max, char::is_control)
}

/// Text of several lines such as a message: trimmed, not empty, at most `max` characters.
pub fn prose(path: &str, raw: &str, max: usize) -> Result<String, TextFault> {
    accept(path, raw, max, |c| c.is_control() && c != '\n' && c != '\t')
}

/// Like [`prose`], but absent or blank text is `None`.
pub fn optional_prose(path: &str, raw: Option<&str>, max: usize) -> Result<Option<String>, TextFault> {
    raw.filter(|text| !text.trim().is_empty()).map(|text| prose(path, text, max)).transpose()
}

/// Like [`line`], but absent or blank text is `None`.
pub fn optional_line(path: &str, raw: Option<&str>, max: usize) -> Result<Option<String>, TextFault> {
    raw.filter(|text| !text.trim().is_empty()).map(|text| line(path, text, max)).transpose()
}

fn accept(path: &str, raw: &str, max: usize, control: impl Fn(char) -> bool) -> Result<String, TextFault> {
    let text = raw.replace("\r\n", "\n");
    let text = text.trim();
    let length = text.chars().count();
    let path = path.to_owned();
    if text.is_empty() {
        Err(TextFault::Empty { path })
    } else if length > max {
        Err(TextFault::TooLong { path, max, length })
    } else if text.chars().any(|c| control(c) || is_deceptive(c)) || longest_run_of_accents(text) > 8 {
        Err(TextFault::Forbidden { path })
    } else {
        Ok(text.to_owned())
    }
}

/// Characters that change reading direction or are invisible, and so can make a name look like another.
/// Zero-width joiners stay: names in Persian and several Indian languages, and emoji, need them.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

fn longest_run_of_accents(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        let accent = matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}');
        run = if accent { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_every_script_and_refuse_deception() {
        for good in ["Ana Müller", "李小龍", "नमस्ते", "می‌خواهم", "O'Brien-Smith"] {
            assert_eq!(line("name", good, 80).as_deref(), Ok(good));
        }
        for bad in
            ["a\u{0}b", "a\nb", "abc\u{202E}gnp", "zero\u{200B}width", &format!("e{}", "\u{0301}".repeat(9))]
        {
            assert_eq!(line("name", bad, 80), Err(TextFault::Forbidden { path: "name".into() }), "{bad:?}");
        }
    }

    #[test]
    fn length_counts_characters_after_trimming() {
        assert_eq!(line("name", "  ééé ", 3).as_deref(), Ok("ééé"));
        assert_eq!(
            line("name", "éééé", 3),
            Err(TextFault::TooLong { path: "name".into(), max: 3, length: 4 })
        );
        assert_eq!(line("name", " \t ", 3), Err(TextFault::Empty { path: "name".into() }));
        assert_eq!(optional_prose("note", Some("  "), 3), Ok(None));
        assert_eq!(prose("note", "a\r\nb", 3).as_deref(), Ok("a\nb"));
    }
}
