//! How does the server log? One line for each thing, for people or for machines, without personal data.
use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, prelude::*};

use crate::config::{Config, LogFormat};

/// Whose finest lines may be written; their text is ours, and a test reads it for personal data.
const OURS: [&str; 4] = ["api", "cairn", "domain", "persistence"];

/// Starts logging to standard error, once for the process. A filter that cannot be read is an error.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)?;
    let registry = tracing_subscriber::registry().with(filter).with(filter_fn(harmless));
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(true);
    match config.log_format {
        LogFormat::Json => {
            registry.with(lines.json().flatten_event(true).with_current_span(true)).try_init()?;
        }
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init()?,
    }
    Ok(())
}

/// Below `info`, libraries write what passes through them: the values of statements, the frames of sockets. No
/// setting brings that into a log.
fn harmless(about: &Metadata<'_>) -> bool {
    let ours = about.target().split("::").next().is_some_and(|name| OURS.contains(&name));
    ours || *about.level() <= Level::INFO
}
