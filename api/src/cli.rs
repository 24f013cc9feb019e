//! What can an operator tell Cairn to do?
mod config;
mod doctor;
mod exit;
mod jobs;
mod keys;
mod mail;
mod migrate;
mod output;
mod schema;
mod serve;

use std::time::Duration;

use clap::{Parser, Subcommand};

pub use exit::exit_code;
use output::Output;

use crate::config::{Config, Given};

/// A GraphQL backend for mentorship programs.
///
/// Without a command, Cairn serves. Settings come from cairn.toml, the environment and flags; `--help` lists them.
#[derive(Parser)]
#[command(name = "cairn", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print results as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    given: Given,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (what happens without a command)
    Serve,
    /// Bring the database to the form that this release needs
    Migrate(migrate::Migrate),
    /// Print or compare the GraphQL schema
    #[command(subcommand)]
    Schema(schema::Schema),
    /// Explain, check or show the settings
    #[command(subcommand)]
    Config(config::Settings),
    /// List and rotate the keys that sign access tokens
    #[command(subcommand)]
    Keys(keys::Keys),
    /// List what waits to be done, and retry what was given up
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Try the mail settings
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Look for anything that would keep Cairn from working well; exits with 1 if something does
    Doctor,
}

impl Cli {
    /// Does what was asked for.
    pub fn run(self) -> anyhow::Result<()> {
        let output = Output { json: self.json };
        match self.command.unwrap_or(Command::Serve) {
            // These two answer without usable settings.
            Command::Schema(command) => command.run(&output),
            Command::Config(command) => command.run(self.given, &output),
            Command::Serve => with_runtime(self.given, async |config| serve::serve(config, &output).await),
            Command::Migrate(command) => {
                with_runtime(self.given, async |config| command.run(&config, &output).await)
            }
            Command::Keys(command) => {
                with_runtime(self.given, async |config| command.run(config, &output).await)
            }
            Command::Jobs(command) => {
                with_runtime(self.given, async |config| command.run(config, &output).await)
            }
            Command::Mail(command) => {
                with_runtime(self.given, async |config| command.run(&config, &output).await)
            }
            Command::Doctor => with_runtime(self.given, async |config| doctor::run(&config, &output).await),
        }
    }
}

/// Runs async work with settings, logs and as many threads as the settings say.
fn with_runtime(flags: Given, work: impl AsyncFnOnce(Config) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let config = Config::load(flags)?;
    crate::log::start(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.worker_threads)
        .enable_all()
        .build()?;
    let done = runtime.block_on(work(config));
    // Work that computes cannot be interrupted; what it was for is in the database and starts again.
    runtime.shutdown_timeout(LAST_MOMENT);
    done
}

/// For computations to end by themselves when everything else has ended.
const LAST_MOMENT: Duration = Duration::from_secs(1);
