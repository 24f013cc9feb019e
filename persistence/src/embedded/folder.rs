//! In which folders does the private cluster live, and who owns them?
use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    },
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{SHA256, digest};

use super::{
    EmbeddedError,
    unix::{self, Account},
};

/// Where data goes that root asked for in a place which the server's account cannot reach.
const SYSTEM_STATE: &str = "/var/lib/cairn";

/// Folders and account of one cluster.
#[derive(Debug)]
pub(super) struct Home {
    pub data: PathBuf,
    pub socket: PathBuf,
    /// `None`: the server runs as we do.
    pub account: Option<Account>,
    pub moved: Option<String>,
}

impl Home {
    /// Decides where the cluster lives, and makes the folders.
    pub fn prepare(wanted: &Path) -> Result<Self, EmbeddedError> {
        let wanted = std::path::absolute(wanted)
            .map_err(|error| EmbeddedError::folder("understand the path", wanted, error))?;
        // Parents must be passable for the server's account; what is private has its own 0700 folder below.
        if let Some(parent) = wanted.parent() {
            make(parent, 0o755)?;
        }
        let account = account_for(&wanted)?;
        let (data, moved) = match account {
            Some(account) if !reachable(&wanted, account) => {
                let data = Path::new(SYSTEM_STATE).join(format!("pg-{}", short_hash(&wanted)));
                make(Path::new(SYSTEM_STATE), 0o755)?;
                let reason = format!(
                    "{} is inside a folder that only root may enter, so the database is in {}",
                    wanted.display(),
                    data.display()
                );
                (data, Some(reason))
            }
            _ => (wanted, None),
        };
        make(&data, 0o700)?;
        let socket = socket_folder(&data);
        make(&socket, 0o700)?;
        let owner = account.map_or_else(unix::effective_user, |account| account.user);
        for folder in [&data, &socket] {
            own(folder, account, owner)?;
        }
        Ok(Self { data, socket, account, moved })
    }

    /// The major version that made the data, if there is any.
    pub fn data_version(&self) -> Result<Option<String>, EmbeddedError> {
        data_version(&self.data)
    }
}

fn data_version(data: &Path) -> Result<Option<String>, EmbeddedError> {
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(version) => Ok(Some(version.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(EmbeddedError::ForeignFolder { folder: data.to_owned() })
        }
        Err(error) => Err(EmbeddedError::folder("read", data, error)),
    }
}

/// Root hands the server to whoever owns the data already, else to an account made for such things.
fn account_for(data: &Path) -> Result<Option<Account>, EmbeddedError> {
    if unix::effective_user() != 0 {
        return Ok(None);
    }
    let owner = fs::metadata(data.join("PG_VERSION")).ok().filter(|metadata| metadata.uid() != 0);
    owner
        .map(|metadata| Account { user: metadata.uid(), group: metadata.gid() })
        .or_else(|| ["postgres", "nobody"].into_iter().find_map(unix::account))
        .map(Some)
        .ok_or(EmbeddedError::NoAccount)
}

/// Whether the account may pass through every folder above this one.
fn reachable(folder: &Path, account: Account) -> bool {
    folder.ancestors().skip(1).filter_map(|above| fs::metadata(above).ok()).all(|metadata| {
        let bit = match () {
            () if metadata.uid() == account.user => 0o100,
            () if metadata.gid() == account.group => 0o010,
            () => 0o001,
        };
        metadata.mode() & bit != 0
    })
}

/// A short name, as the path of a socket may have some 100 bytes only.
fn socket_folder(data: &Path) -> PathBuf {
    Path::new("/tmp").join(format!(".cairn-{}", short_hash(data)))
}

/// The same in every release, as it leads back to the data.
fn short_hash(path: &Path) -> String {
    let hash = digest(&SHA256, path.as_os_str().as_bytes());
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn make(folder: &Path, mode: u32) -> Result<(), EmbeddedError> {
    let failed = |error| EmbeddedError::folder("make", folder, error);
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(mode).create(folder).map_err(failed)?;
    // The mode given above is cut by the umask.
    fs::set_permissions(folder, Permissions::from_mode(mode)).map_err(failed)
}

/// Gives a folder to the server's account, and makes sure that nobody else can have prepared it.
fn own(folder: &Path, account: Option<Account>, owner: u32) -> Result<(), EmbeddedError> {
    let failed = |error| EmbeddedError::folder("take over", folder, error);
    let metadata = fs::symlink_metadata(folder).map_err(failed)?;
    let ours = [owner, unix::effective_user()].contains(&metadata.uid());
    if !metadata.is_dir() || !ours {
        return Err(EmbeddedError::ForeignFolder { folder: folder.to_owned() });
    }
    if let Some(account) = account {
        chown(folder, Some(account.user), Some(account.group)).map_err(failed)?;
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(failed)
}
