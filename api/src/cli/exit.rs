//! Which number does Cairn leave with?
//!
//! 0: done. 1: failed. 2: the command line was wrong. 78: the settings or the machine must change first, and a
//! service manager need not try again.
use persistence::{embedded::EmbeddedError, migration::MigrationError};

use crate::config::Faults;

const FAILED: u8 = 1;
/// `EX_CONFIG` of sysexits.h.
const CONFIGURATION: u8 = 78;

/// The exit code for a failure.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let configuration = error.chain().any(|cause| {
        cause.is::<Faults>()
            || cause.downcast_ref().is_some_and(EmbeddedError::is_configuration)
            || cause.downcast_ref().is_some_and(MigrationError::is_configuration)
    });
    if configuration { CONFIGURATION } else { FAILED }
}
