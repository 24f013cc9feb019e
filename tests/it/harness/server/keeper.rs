//! Who runs the throwaway server, and how long?
use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc, thread, time::Duration};

use persistence::embedded::{Embedded, Options};

use super::{Place, clone::Cloner};
use crate::harness::folder::forget_sockets;

/// Name of the test below, which is the keeper's program.
pub const TEST: &str = "harness::server::keeper::keeps_the_throwaway_server";
/// Tells the keeper its folder.
pub const PLACE: &str = "HARNESS_SERVER";

const LOOK: Duration = Duration::from_millis(500);
/// Looks without users after which the server stops: ten seconds.
const IDLE: u32 = 20;
/// The same when a failed test left its database for inspection: ten minutes.
const IDLE_KEPT: u32 = 1200;

/// Whether a server answers there.
pub fn answers(url: &str) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { persistence::connect::connect(url).await.is_ok() })
}

/// A throwaway server that nobody else uses.
pub async fn private_server(folder: &Path) -> (Embedded, Arc<Cloner>) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("our own folder");
    let options = Options { data_dir: folder.join("pg"), throwaway: true };
    tokio::task::spawn_blocking(move || {
        let embedded = Embedded::start(&options).unwrap_or_else(|error| panic!("{error}"));
        let cloner = Cloner::start(&embedded.url("postgres"), None);
        (embedded, cloner)
    })
    .await
    .expect("server starts")
}

/// Not a test: the program of the process that owns the shared server. It does nothing when a person runs it.
#[test]
#[ignore = "started by the harness"]
fn keeps_the_throwaway_server() {
    let Some(folder) = std::env::var_os(PLACE) else { return };
    let place = Place(folder.into());
    fs::remove_dir_all(&place.0).ok();
    fs::remove_file(place.file("kept")).ok();
    let options = Options { data_dir: place.0.join("pg"), throwaway: true };
    let embedded = Embedded::start(&options).unwrap_or_else(|error| panic!("{error}"));
    let (known, fresh) = (place.file("url"), place.file("url-new"));
    fs::write(&fresh, embedded.url("postgres")).expect("a note for the tests");
    fs::rename(&fresh, &known).expect("a note for the tests");

    let users = place.lock_file("users");
    let mut idle = 0;
    // Whoever comes during the last look waits for the lock, finds no server, and starts another keeper.
    while idle < if place.file("kept").exists() { IDLE_KEPT } else { IDLE } || users.try_lock().is_err() {
        thread::sleep(LOOK);
        idle = if users.try_lock().is_ok() { idle + 1 } else { 0 };
        users.unlock().expect("our own lock");
    }
    fs::remove_file(&known).ok();
    let data = embedded.data_dir().to_path_buf();
    embedded.stop();
    forget_sockets(&data);
    for folder in [&data, &place.0] {
        fs::remove_dir_all(folder).ok();
    }
}
