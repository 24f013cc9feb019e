//! Lists the mails: each folder of `mail/` with its subject, text and MJML.
use std::{fmt::Write as _, fs, path::Path};

pub fn write(folder: &Path, out: &Path) -> Result<(), String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    let folder = folder.canonicalize().map_err(fault)?;
    let mut names: Vec<_> = fs::read_dir(&folder)
        .map_err(fault)?
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut text = String::from("&[\n");
    for name in names {
        let file =
            |file: &str| format!("include_str!({:?})", folder.join(&name).join(file).display().to_string());
        let (subject, body, mjml) = (file("subject.txt"), file("body.txt"), file("body.mjml"));
        writeln!(text, "({name:?}, {subject}, {body}, {mjml}),").map_err(|error| error.to_string())?;
    }
    text.push(']');
    fs::write(out.join("mails.rs"), text).map_err(|error| error.to_string())
}
