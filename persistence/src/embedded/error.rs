//! Why is there no private PostgreSQL?
use std::{io, path::PathBuf};

use super::help;

/// Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No programs on this machine; the message is one screen of help.
    #[error("{}", help::no_programs(.too_old.as_deref()))]
    NotFound { too_old: Option<String> },
    #[error("{}", help::wrong_folder(.folder))]
    WrongProgramFolder { folder: PathBuf },
    #[error("{}", help::other_major(.folder, .socket, .has, *.installed))]
    OtherMajor { folder: PathBuf, socket: PathBuf, has: String, installed: u32 },
    #[error(
        "PostgreSQL refuses to run as root, and there is neither an account `postgres` nor `nobody` to run it as; run Cairn as another user or set DATABASE_URL"
    )]
    NoAccount,
    #[error(
        "{folder} belongs to another user: run Cairn as that user, or set CAIRN_DATA_DIR to another folder"
    )]
    ForeignFolder { folder: PathBuf },
    #[error("{folder} holds files but no database: set CAIRN_DATA_DIR to another folder, or remove them")]
    NotEmpty { folder: PathBuf },
    #[error("cannot {action} {path}: {error}")]
    Folder { action: &'static str, path: PathBuf, error: io::Error },
    #[error("{program} failed ({status}):\n{output}")]
    Failed { program: &'static str, status: String, output: String },
    #[error("PostgreSQL was not ready after {seconds} s; the end of its log:\n{output}")]
    TooSlow { seconds: u64, output: String },
    #[error("the thread of the private PostgreSQL ended without a word")]
    Vanished,
}

impl EmbeddedError {
    pub(super) fn folder(action: &'static str, path: impl Into<PathBuf>, error: io::Error) -> Self {
        Self::Folder { action, path: path.into(), error }
    }

    /// Whether the settings or the machine must change before a start can succeed; such errors exit with 78.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        !matches!(self, Self::Failed { .. } | Self::TooSlow { .. } | Self::Vanished)
    }
}
