//! What must be asked of the operating system that the standard library does not offer?
#![expect(unsafe_code, reason = "accounts, signals and the parent-death signal exist only as C functions")]
use std::{
    ffi::CString,
    io,
    num::NonZeroI32,
    os::unix::process::CommandExt,
    process::{Child, Command},
};

/// Id of a process that can be sent signals.
pub(super) type Process = NonZeroI32;

/// How a server is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Roll back what runs, write everything down, leave.
    Fast,
    /// Leave at once; the next start recovers from the log.
    Immediate,
}

/// Another account that the server runs as, because it refuses to run as root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub user: u32,
    pub group: u32,
}

/// Who runs this process.
pub(super) fn effective_user() -> u32 {
    // SAFETY: the call has no arguments and cannot fail.
    unsafe { libc::geteuid() }
}

/// The account of this name, if the system has one. Call it from one thread at a time.
pub(super) fn account(name: &str) -> Option<Account> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` ends with a zero byte; the answer points to static memory that is copied at once.
    unsafe { libc::getpwnam(name.as_ptr()).as_ref() }
        .map(|entry| Account { user: entry.pw_uid, group: entry.pw_gid })
}

/// Whether the process exists and is one that we may send signals to: a server of ours always is.
pub(super) fn alive(process: Process) -> bool {
    // SAFETY: signal 0 only asks.
    unsafe { libc::kill(process.get(), 0) == 0 }
}

/// Asks a server to stop; one that is gone already is fine.
pub(super) fn stop(process: Process, how: Stop) {
    let signal = match how {
        Stop::Fast => libc::SIGINT,
        Stop::Immediate => libc::SIGQUIT,
    };
    // SAFETY: sending a signal touches no memory of ours.
    if unsafe { libc::kill(process.get(), signal) } != 0 {
        tracing::debug!(error = %io::Error::last_os_error(), "the server was gone before it was stopped");
    }
}

/// Makes the program run as that account, out of reach of our terminal's Ctrl-C, and stop when the calling
/// thread ends, however it ends.
pub(super) fn detach(command: &mut Command, account: Option<Account>) {
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    #[cfg(target_os = "linux")]
    let parent = std::os::unix::process::parent_id;
    #[cfg(target_os = "linux")]
    let us = std::process::id();
    // SAFETY: the closure runs between fork and exec and calls only functions that are safe there.
    unsafe {
        command.pre_exec(move || {
            libc::setsid();
            // A change of user clears the setting, so it comes after it; the standard library changes user first.
            #[cfg(target_os = "linux")]
            {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT);
                // We may have ended between the fork and the line above.
                if parent() != us {
                    libc::_exit(1);
                }
            }
            Ok(())
        });
    }
}

/// Waits until the child ends, but leaves it to be collected by [`Child::wait`], so that its id stays taken.
pub(super) fn await_end(child: &Child) -> io::Result<()> {
    let id = child.id();
    loop {
        let mut information = std::mem::MaybeUninit::<libc::siginfo_t>::uninit();
        // SAFETY: the kernel writes into `information`, which is large enough and never read.
        let answer =
            unsafe { libc::waitid(libc::P_PID, id, information.as_mut_ptr(), libc::WEXITED | libc::WNOWAIT) };
        if answer == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
