//! Who signs in, and with what?
use chrono::{DateTime, Utc};

use crate::{
    id::{Entity, Id},
    refusal::{Code, Refuse, StaleVersion},
    text::{self, TextFault},
};

/// A login. It belongs to no organization by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: Id<Account>,
    pub name: String,
    /// As the person wrote it; some people, such as pupils, have none.
    pub email: Option<Email>,
    pub email_verified_at: Option<DateTime<Utc>>,
    /// BCP 47.
    pub locale: String,
    pub status: Status,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Account {
    const PREFIX: &'static str = "account";
}

crate::text_enum! {
    /// Whether an account can be used.
    pub enum Status as "AccountStatus" {
        /// Can sign in.
        Active = "ACTIVE",
        /// Cannot sign in.
        Disabled = "DISABLED",
    }
}

/// An e-mail address, as written and in the form by which it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    pub address: String,
    pub normalized: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("not an e-mail address")]
    Email { path: String },
    #[error("a password has from {min} to {max} characters")]
    PasswordLength { path: String, min: usize, max: usize },
    #[error("this password is too easy to guess; a few unrelated words are better")]
    PasswordWeak { path: String },
    #[error("e-mail address or password is not right")]
    InvalidCredentials,
    #[error("confirm your e-mail address before mail is sent to others in your name")]
    EmailUnverified,
    #[error("this link is not valid any more; ask for a new one")]
    LinkExpired { path: String },
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::Email { .. } => Code::Invalid,
            Self::PasswordLength { .. } | Self::PasswordWeak { .. } => Code::PasswordWeak,
            Self::InvalidCredentials => Code::InvalidCredentials,
            Self::LinkExpired { .. } => Code::Expired,
            Self::EmailUnverified => Code::EmailUnverified,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Text(fault) => fault.path(),
            Self::Stale(stale) => stale.path(),
            Self::Email { path }
            | Self::PasswordLength { path, .. }
            | Self::PasswordWeak { path }
            | Self::LinkExpired { path } => Some(path.clone()),
            Self::InvalidCredentials | Self::EmailUnverified => None,
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::PasswordLength { min, max, .. } => vec![("min", min.to_string()), ("max", max.to_string())],
            _ => Vec::new(),
        }
    }
}

impl Email {
    /// Accepts what can be delivered to in practice: one `@`, a domain with a dot, no spaces or control characters.
    pub fn parse(path: &str, raw: &str) -> Result<Self, Refusal> {
        let address = text::line(path, raw, 254)?;
        let invalid = || Refusal::Email { path: path.to_owned() };
        let (local, host) = address.rsplit_once('@').ok_or_else(invalid)?;
        let plain = |c: char| {
            c.is_ascii_graphic()
                && !matches!(c, '@' | ',' | ';' | ':' | '<' | '>' | '"' | '(' | ')' | '\\' | '[' | ']')
        };
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let good = (1..=64).contains(&local.len())
            && local.chars().all(plain)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && host.contains('.')
            && host.split('.').all(label);
        if !good {
            return Err(invalid());
        }
        let normalized = address.to_ascii_lowercase();
        Ok(Self { address, normalized })
    }
}

/// Fewest characters of a password that is the only factor.
pub const PASSWORD_MIN: usize = 15;
pub const PASSWORD_MAX: usize = 128;

/// The rules of length and form. Any characters are allowed, none is demanded; whether it is easy to guess is for
/// the caller to find out.
pub fn check_password(path: &str, password: &str) -> Result<(), Refusal> {
    let length = password.chars().count();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        return Err(Refusal::PasswordLength { path: path.to_owned(), min: PASSWORD_MIN, max: PASSWORD_MAX });
    }
    if password.contains('\0') {
        return Err(TextFault::Forbidden { path: path.to_owned() }.into());
    }
    Ok(())
}

impl Account {
    pub fn create(
        id: Id<Account>,
        name: &str,
        email: Email,
        locale: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            id,
            name: text::line("name", name, 120)?,
            email: Some(email),
            email_verified_at: None,
            locale: locale.to_owned(),
            status: Status::Active,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// The person has shown that they read what is sent to the address.
    #[must_use]
    pub fn verified(mut self, now: DateTime<Utc>) -> Self {
        self.email_verified_at = Some(now);
        self
    }

    /// Whoever has not proven an address must not make us write to other people.
    pub fn may_write_to_others(&self) -> Result<(), Refusal> {
        self.email_verified_at.map(|_proven| ()).ok_or(Refusal::EmailUnverified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_proven_an_address_writes_to_others() {
        let email = Email::parse("email", "ana@school.example").expect("valid");
        let now = DateTime::UNIX_EPOCH;
        let account = Account::create(Id::new(uuid::Uuid::nil()), "Ana", email, "en", now).expect("valid");
        assert_eq!(account.may_write_to_others(), Err(Refusal::EmailUnverified));
        assert_eq!(account.verified(now).may_write_to_others(), Ok(()));
    }

    #[test]
    fn addresses_that_can_be_delivered_to_are_accepted() {
        for good in
            ["ana@example.org", "Ana.Maria+mentor@mail.example.co.uk", "o'brien@example.ie", "x_y-z@a-b.de"]
        {
            assert!(Email::parse("email", good).is_ok(), "{good}");
        }
        assert_eq!(
            Email::parse("email", " Ana@Example.org ").map(|email| email.normalized),
            Ok("ana@example.org".into())
        );
    }

    #[test]
    fn addresses_that_could_inject_a_header_or_go_nowhere_are_refused() {
        for bad in [
            "",
            "ana",
            "@example.org",
            "ana@",
            "ana@localhost",
            "a b@example.org",
            "ana@exa mple.org",
            "ana@@example.org",
            "a@b\r\nCc:x@example.org",
            "ana@example..org",
            ".ana@example.org",
            "an..a@example.org",
            "ana@-example.org",
            "<ana@example.org>",
            "ana@example.org,eva@example.org",
            "ana@[127.0.0.1]",
            "änä@example.org",
        ] {
            assert!(Email::parse("email", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_password_is_long_and_not_endless() {
        assert!(check_password("password", "fourteen chars").is_err());
        assert!(check_password("password", "fifteen chars !").is_ok());
        assert!(check_password("password", &"ä".repeat(128)).is_ok());
        assert!(check_password("password", &"ä".repeat(129)).is_err());
        assert!(check_password("password", "fifteen chars \0").is_err());
    }
}
