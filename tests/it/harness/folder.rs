//! Where does a test put a cluster of its own, and what is swept up afterwards?
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use tempfile::TempDir;

/// A fresh folder that the account of a PostgreSQL may enter also when we are root.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for data in ["pg", "data/pg", "home/pg"] {
            forget_sockets(&self.path().join(data));
        }
    }
}

/// Removes the folder of sockets of a stopped cluster, which lies outside and would be used again by the next start.
pub fn forget_sockets(data: &Path) {
    let Ok(command) = fs::read_to_string(data.join("postmaster.opts")) else { return };
    if let Some(folder) = command.split('"').find(|word| word.starts_with("/tmp/.cairn-")) {
        fs::remove_dir_all(folder).ok();
    }
}
