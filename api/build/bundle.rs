//! How does the console become a bundle? By npm, in a folder under target/, once for each state of its sources.
//!
//! Nothing is ever written into `console/`. Installed packages are kept by the hash of the lock file and
//! bundles by the hash of the sources, so that checks, tests and builds of every profile share them.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PACKAGES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];
pub const SOURCES: [&str; 6] =
    ["package.json", "package-lock.json", ".npmrc", "build.mjs", "index.html", "src"];

/// A registry that does not answer must not hold a build for long.
const INSTALL_LIMIT: Duration = Duration::from_secs(240);
const BUNDLE_LIMIT: Duration = Duration::from_secs(120);

/// Answers the folder that holds `index.html` and `assets/`, or why there is none.
pub fn build(console: &Path, out: &Path) -> Result<PathBuf, String> {
    let place = target(out).join("console");
    fs::create_dir_all(&place).map_err(|fault| format!("{}: {fault}", place.display()))?;
    let _one_at_a_time = lock(&place).map_err(|fault| format!("cannot lock {}: {fault}", place.display()))?;

    let describe = |fault| format!("cannot read {}: {fault}", console.display());
    let packages = place.join(format!("packages-{:016x}", hash(console, &PACKAGES).map_err(describe)?));
    let bundle = place.join(format!("bundle-{:016x}", hash(console, &SOURCES).map_err(describe)?));
    if bundle.is_dir() {
        return Ok(bundle);
    }
    if !packages.is_dir() {
        install(console, &packages)?;
    }
    assemble(console, &packages, &bundle)?;
    Ok(bundle)
}

/// Fetches the packages into a folder that gets its name when it is complete.
fn install(console: &Path, packages: &Path) -> Result<(), String> {
    let partial = packages.with_extension(std::process::id().to_string());
    let work = || -> io::Result<()> {
        fs::create_dir_all(&partial)?;
        PACKAGES.iter().try_for_each(|name| copy(&console.join(name), &partial.join(name)))
    };
    let mut npm = Command::new("npm");
    npm.args(["ci", "--include=dev", "--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=1"]);
    let done = work()
        .map_err(|fault| fault.to_string())
        .and_then(|()| run(npm.current_dir(&partial), &partial.join("npm.log"), INSTALL_LIMIT))
        .and_then(|()| fs::rename(&partial, packages).map_err(|fault| fault.to_string()));
    if done.is_err() {
        discard(&partial);
    }
    done
}

/// Bundles a copy of the sources. Node finds the packages in the folder above it.
fn assemble(console: &Path, packages: &Path, bundle: &Path) -> Result<(), String> {
    let process = std::process::id();
    let sources = packages.join(format!("sources-{process}"));
    let partial = bundle.with_extension(process.to_string());
    let mut node = Command::new("node");
    node.args(["build.mjs", "--out"]).arg(&partial);
    let done = SOURCES
        .iter()
        .try_for_each(|name| copy(&console.join(name), &sources.join(name)))
        .map_err(|fault| fault.to_string())
        .and_then(|()| run(node.current_dir(&sources), &packages.join("build.log"), BUNDLE_LIMIT))
        .and_then(|()| fs::rename(&partial, bundle).map_err(|fault| fault.to_string()));
    discard(&sources);
    if done.is_err() {
        discard(&partial);
    }
    done
}

/// Runs a command in a process group of its own, and ends the whole group when its time is over.
fn run(command: &mut Command, log: &Path, limit: Duration) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = File::create(log).and_then(|file| Ok((file.try_clone()?, file)));
    let (output, errors) = output.map_err(|fault| format!("{}: {fault}", log.display()))?;
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().map_err(|fault| {
        match fault.kind() {
            io::ErrorKind::NotFound => format!("{name} is not installed"),
            _ => format!("{name} did not start: {fault}"),
        }
    })?;
    let deadline = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{name} failed ({status}): {}", last_lines(log))),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(50)),
            Ok(None) => {
                end(&mut child);
                return Err(format!("{name} took longer than {} s", limit.as_secs()));
            }
            Err(fault) => return Err(format!("{name}: {fault}")),
        }
    }
}

fn end(child: &mut Child) {
    #[cfg(unix)]
    let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status();
    let _ = child.kill();
    let _ = child.wait();
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.iter().skip(lines.len().saturating_sub(6)).copied().collect::<Vec<_>>().join("\n")
}

/// Cargo marks the root of its target folder.
fn target(out: &Path) -> &Path {
    out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).unwrap_or(out)
}

/// Held until the file is closed, by whatever way this process ends.
fn lock(place: &Path) -> io::Result<File> {
    let file = File::create(place.join("lock"))?;
    file.lock()?;
    Ok(file)
}

fn hash(console: &Path, names: &[&str]) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for name in names {
        hash_path(&console.join(name), name, &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn hash_path(path: &Path, name: &str, hasher: &mut DefaultHasher) -> io::Result<()> {
    name.hash(hasher);
    if !path.is_dir() {
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        hash_path(entry, &name, hasher)
    })
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    // Not `fs::copy`: it would keep the permissions of a read-only checkout.
    fs::write(to, fs::read(from)?)
}

/// A leftover costs some disk space and nothing else, so a failure here is no fault of the build.
fn discard(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}
