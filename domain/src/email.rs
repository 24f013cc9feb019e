//! Which e-mail addresses are accepted, and when are two the same?
use std::fmt;

use crate::refusal::{Code, Refuse};

/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const MAX_LENGTH: usize = 254;

/// An address as somebody typed it, without surrounding space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// The text is no address that mail could be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address such as ana@example.org")]
pub struct NotAnEmail {
    pub path: String,
}

impl Refuse for NotAnEmail {
    fn code(&self) -> Code {
        Code::Invalid
    }

    fn path(&self) -> Option<String> {
        Some(self.path.clone())
    }
}

impl Email {
    /// Accepts what most mail servers would: one `@`, a domain with a dot, no spaces, quotes or control characters.
    pub fn parse(path: &str, raw: &str) -> Result<Self, NotAnEmail> {
        let text = raw.trim();
        let plausible = |(local, domain): (&str, &str)| {
            let labels_are_good = domain.split('.').all(|label| {
                let inner = label.chars().all(|c| c.is_alphanumeric() || c == '-');
                !label.is_empty()
                    && label.len() <= 63
                    && inner
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            });
            let local_is_good = (1..=64).contains(&local.len())
                && !local
                    .contains(|c: char| c.is_whitespace() || c.is_control() || "@\"(),:;<>[]\\".contains(c))
                && !local.starts_with('.')
                && !local.ends_with('.')
                && !local.contains("..");
            local_is_good && domain.contains('.') && labels_are_good
        };
        let good = text.len() <= MAX_LENGTH && text.rsplit_once('@').is_some_and(plausible);
        if good { Ok(Self(text.to_owned())) } else { Err(NotAnEmail { path: path.to_owned() }) }
    }

    /// An address that was accepted before.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared: lower case. Strictly, only the domain may be folded, but no
    /// provider of weight gives `Ana@` and `ana@` to two people.
    pub fn normalized(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_all_kinds_of_people_are_accepted() {
        for good in
            ["ana@example.org", " Ana.Müller+cairn@sub.example.co.uk ", "o'brien@example.org", "李@例子.公司"]
        {
            assert!(Email::parse("email", good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "ana",
            "ana@",
            "@example.org",
            "ana@example",
            "ana b@example.org",
            "ana@exa mple.org",
            "a@b@c.org",
            "ana@example..org",
            "ana@-example.org",
            "ana\n@example.org",
            "<ana@example.org>",
            ".ana@example.org",
            "a,b@example.org",
            &long,
        ] {
            assert!(Email::parse("email", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn case_makes_no_other_address() {
        let parse = |text| Email::parse("email", text).expect("valid").normalized();
        assert_eq!(parse("Ana@Example.ORG"), parse("ana@example.org"));
    }
}
