//! How does a roster file become people in a cohort, and what is wrong with it when it does not?
//!
//! A file is either taken as a whole or not at all. `header` finds the columns, `row` reads one person, `plan`
//! compares all rows with the people who are there, so that importing the same file twice changes nothing.
pub mod column;
pub mod plan;
pub mod row;

use chrono::{DateTime, Utc};

use crate::{
    account::Account,
    cohort::{self, Cohort},
    file::File,
    id::{Entity, Id},
    program::Program,
    refusal::{Code, Refuse},
};
use column::Column;

/// Rows that one file may have.
pub const MAX_ROWS: usize = 10_000;
/// Problems that are kept of one file; more would help nobody.
pub const MAX_PROBLEMS: usize = 1_000;

crate::text_enum! {
    /// What became of a roster import.
    pub enum Status as "RosterImportStatus" {
        /// Waits for its turn.
        Queued = "QUEUED",
        /// Is being read.
        Running = "RUNNING",
        /// The file is good; unless it was a trial, its people are in.
        Completed = "COMPLETED",
        /// The file has errors; nothing was stored.
        Rejected = "REJECTED",
        /// The server could not read it; nothing was stored. Try again.
        Failed = "FAILED",
    }
}

/// One reading of a roster file, as a trial or for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterImport {
    pub id: Id<RosterImport>,
    pub program: Id<Program>,
    pub cohort: Id<Cohort>,
    pub file: Id<File>,
    pub dry_run: bool,
    pub status: Status,
    /// Percent.
    pub progress: i16,
    pub counts: Counts,
    pub requested_by: Id<Account>,
    pub finished_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for RosterImport {
    const PREFIX: &'static str = "import";
}

/// What an import did, or as a trial would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: i32,
    /// People who are new to the organization.
    pub created: i32,
    /// People who were changed or enrolled.
    pub updated: i32,
    pub unchanged: i32,
    pub errors: i32,
}

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As an editor counts lines; the header is line 1.
    pub line: i32,
    pub column: Option<Column>,
    pub code: Code,
    pub message: String,
}

impl Problem {
    pub fn new(line: i32, column: Option<Column>, code: Code, message: impl Into<String>) -> Self {
        Self { line, column, code, message: message.into() }
    }

    /// What a rule said about a cell.
    pub fn of(line: i32, column: Column, refusal: &impl Refuse) -> Self {
        Self::new(line, Some(column), refusal.code(), refusal.to_string())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Cohort(#[from] cohort::Refusal),
    #[error("a roster is a CSV file")]
    NotCsv,
    #[error("this id is already in use")]
    IdTaken,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Cohort(refusal) => refusal.code(),
            Self::NotCsv => Code::Invalid,
            Self::IdTaken => Code::Taken,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::Cohort(refusal) => refusal.path(),
            Self::NotCsv => Some("fileId".to_owned()),
            Self::IdTaken => Some("id".to_owned()),
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Cohort(refusal) => refusal.params(),
            Self::NotCsv | Self::IdTaken => Vec::new(),
        }
    }
}

impl RosterImport {
    /// Asks for a file to be read into a cohort.
    pub fn request(
        id: Id<RosterImport>,
        cohort: &Cohort,
        file: Id<File>,
        dry_run: bool,
        by: Id<Account>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        cohort.joinable()?;
        Ok(Self {
            id,
            program: cohort.program,
            cohort: cohort.id,
            file,
            dry_run,
            status: Status::Queued,
            progress: 0,
            counts: Counts::default(),
            requested_by: by,
            finished_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// A job that is given to a second worker finds its work done.
    pub fn is_over(&self) -> bool {
        matches!(self.status, Status::Completed | Status::Rejected | Status::Failed)
    }

    #[must_use]
    pub fn run(mut self, now: DateTime<Utc>) -> Self {
        self.status = Status::Running;
        self.progress = 10;
        self.updated_at = now;
        self
    }

    #[must_use]
    pub fn finish(mut self, status: Status, counts: Counts, now: DateTime<Utc>) -> Self {
        self.status = status;
        self.progress = 100;
        self.counts = counts;
        self.finished_at = Some(now);
        self.updated_at = now;
        self
    }
}
