//! What is shared with a pair or with everybody in a program?
use chrono::{DateTime, Utc};

use crate::{
    account::Account,
    file::File,
    id::{Entity, Id},
    matches::{self, Match},
    program::Program,
    refusal::{Code, Refuse, StaleVersion, check_version},
    text::{self, TextFault},
};

/// A link or a file that somebody shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub id: Id<Resource>,
    pub program: Id<Program>,
    /// The pair it is for; `None` when it is for everybody in the program.
    pub of: Option<Id<Match>>,
    pub title: String,
    pub description: Option<String>,
    pub content: Content,
    pub shared_by: Id<Account>,
    pub archived_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What is shared: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Begins with `https://`.
    Link(String),
    File(Id<File>),
}

impl Entity for Resource {
    const PREFIX: &'static str = "resource";
}

/// What somebody wants to share.
#[derive(Debug, Clone)]
pub struct Draft {
    pub title: String,
    pub description: Option<String>,
    pub url: Option<String>,
    pub file: Option<Id<File>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    Stale(#[from] StaleVersion),
    #[error("{0}")]
    Match(#[from] matches::Refusal),
    #[error("share either a link or a file")]
    OneContent,
    #[error("a link begins with https:// and has at most 2,000 characters")]
    Link,
    #[error("share it either with a match or with a program")]
    OneAudience,
    #[error("it is archived already")]
    Archived,
    #[error("this id is already in use")]
    IdTaken,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Stale(stale) => stale.code(),
            Self::Match(refusal) => refusal.code(),
            Self::OneContent | Self::OneAudience | Self::Link => Code::Invalid,
            Self::Archived => Code::WrongState,
            Self::IdTaken => Code::Taken,
        }
    }

    fn path(&self) -> Option<String> {
        let path = match self {
            Self::Text(fault) => return fault.path(),
            Self::Stale(stale) => return stale.path(),
            Self::OneContent | Self::Link => "url",
            Self::OneAudience => "matchId",
            Self::IdTaken => "id",
            Self::Match(_) | Self::Archived => return None,
        };
        Some(path.to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::Stale(stale) => stale.params(),
            Self::Match(refusal) => refusal.params(),
            Self::Archived => vec![("state", "ARCHIVED".to_owned()), ("allowed", String::new())],
            _ => Vec::new(),
        }
    }
}

impl Resource {
    /// Shares with the pair, or, without one, with everybody in the program.
    pub fn share(
        id: Id<Resource>,
        program: Id<Program>,
        of: Option<&Match>,
        draft: &Draft,
        by: Id<Account>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if let Some(of) = of {
            of.working()?;
        }
        let content = match (&draft.url, draft.file) {
            (Some(url), None) => Content::Link(link(url)?),
            (None, Some(file)) => Content::File(file),
            (Some(_), Some(_)) | (None, None) => return Err(Refusal::OneContent),
        };
        Ok(Self {
            id,
            program,
            of: of.map(|of| of.id),
            title: text::line("title", &draft.title, 200)?,
            description: text::optional_prose("description", draft.description.as_deref(), 2_000)?,
            content,
            shared_by: by,
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// May it be archived? The same rule for the mutation and `allowedActions`.
    pub fn may_archive(&self) -> Result<(), Refusal> {
        if self.archived_at.is_some() { Err(Refusal::Archived) } else { Ok(()) }
    }

    /// Takes it out of the lists; its file is then only for who uploaded it.
    pub fn archive(mut self, expected: Option<i32>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        check_version(expected, self.version)?;
        self.may_archive()?;
        self.archived_at = Some(now);
        self.updated_at = now;
        Ok(self)
    }
}

fn link(raw: &str) -> Result<String, Refusal> {
    let url = text::line("url", raw, 2_000)?;
    let rest = url.strip_prefix("https://").unwrap_or_default();
    if rest.is_empty() || url.contains(char::is_whitespace) { Err(Refusal::Link) } else { Ok(url) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matches::sample;
    use uuid::Uuid;

    fn share(url: Option<&str>, file: Option<u128>) -> Result<Resource, Refusal> {
        let of = sample(matches::Status::Active);
        let file = file.map(|n| Id::new(Uuid::from_u128(n)));
        let draft = Draft { title: "Guide".into(), description: None, url: url.map(str::to_owned), file };
        let id = |n| Uuid::from_u128(n);
        Resource::share(id(30).into(), of.program, Some(&of), &draft, id(31).into(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn it_is_one_safe_link_or_one_file() {
        assert!(share(Some("https://a.example/guide"), None).is_ok());
        assert!(share(None, Some(1)).is_ok());
        assert_eq!(share(None, None), Err(Refusal::OneContent));
        assert_eq!(share(Some("https://a.example"), Some(1)), Err(Refusal::OneContent));
        for bad in ["http://a.example", "javascript:alert(1)", "https://", "https://a b"] {
            assert_eq!(share(Some(bad), None), Err(Refusal::Link), "{bad}");
        }
    }

    #[test]
    fn it_is_archived_once() {
        let shared = share(None, Some(1)).expect("valid");
        let archived = shared.archive(Some(1), DateTime::UNIX_EPOCH).expect("shared");
        assert_eq!(archived.archive(None, DateTime::UNIX_EPOCH), Err(Refusal::Archived));
    }
}
