//! What does the binary carry besides code? The console's bundle and its recipes, listed in one generated file.

#[path = "build/bundle.rs"]
mod bundle;
#[path = "build/listing.rs"]
mod listing;
#[path = "build/mails.rs"]
mod mails;

use std::env;
use std::path::PathBuf;

/// What `CAIRN_CONSOLE` asks for.
enum Wish {
    /// Build the console when npm is there; warn and go on when it is not.
    Try,
    /// Leave the console out.
    Off,
    /// Fail the build when the console cannot be built.
    Require,
}

fn main() -> Result<(), String> {
    let console = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../console");
    let out = PathBuf::from(variable("OUT_DIR")?);
    watch(&console);
    mails::write(&console.join("../api/mail"), &out)
        .map_err(|fault| format!("cannot list the mails: {fault}"))?;

    let bundle = match wish()? {
        Wish::Off => None,
        Wish::Require => match bundle::build(&console, &out) {
            Ok(bundle) => Some(bundle),
            Err(fault) => {
                return Err(format!("CAIRN_CONSOLE=require, but the console cannot be built: {fault}"));
            }
        },
        Wish::Try => match bundle::build(&console, &out) {
            Ok(bundle) => Some(bundle),
            Err(fault) => {
                let fault = fault.replace('\n', " | ");
                tell(&format!("warning=cairn is built without its console: {fault}"));
                tell(
                    "warning=with Node.js 20 or newer, build again with CAIRN_CONSOLE=require; CAIRN_CONSOLE=off silences this",
                );
                None
            }
        },
    };
    listing::write(bundle.as_deref(), &console.join("recipes"), &out)
        .map_err(|fault| format!("cannot list the console's files: {fault}"))
}

fn wish() -> Result<Wish, String> {
    match env::var("CAIRN_CONSOLE").unwrap_or_default().as_str() {
        "" | "auto" => Ok(Wish::Try),
        "off" => Ok(Wish::Off),
        "require" => Ok(Wish::Require),
        other => Err(format!("CAIRN_CONSOLE is `{other}`; it may be auto, off or require")),
    }
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set; cargo sets it"))
}

/// Runs this script again when the console's sources change. Its node_modules and dist are not sources.
fn watch(console: &std::path::Path) {
    tell("rerun-if-env-changed=CAIRN_CONSOLE");
    tell("rerun-if-changed=build.rs");
    tell("rerun-if-changed=build");
    for source in bundle::SOURCES.iter().chain(&["recipes"]) {
        let path = console.join(source);
        // Cargo takes a path that is not there for a change, and would build every time.
        if path.exists() {
            tell(&format!("rerun-if-changed={}", path.display()));
        }
    }
}

fn tell(instruction: &str) {
    println!("cargo::{instruction}");
}
