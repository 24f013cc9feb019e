//! Which migrations are built in? Their hash names the template database of the tests.
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

fn main() -> std::io::Result<()> {
    let folder = Path::new("../migrations");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for migration in fs::read_dir(folder)? {
        for file in fs::read_dir(migration?.path())? {
            files.push(file?.path());
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        name(&file).hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
        println!("cargo::rerun-if-changed={}", file.display());
    }
    println!("cargo::rustc-env=MIGRATIONS_HASH={:016x}", hasher.finish());
    Ok(())
}

fn name(file: &Path) -> PathBuf {
    file.strip_prefix("../migrations").unwrap_or(file).to_path_buf()
}
