//! `cairn migrate`: which migrations are there, and apply or revert them.
use clap::{Args, Subcommand};
use persistence::migration;
use serde_json::json;

use super::Output;
use crate::{config::Config, database::Database};

#[derive(Args)]
pub(super) struct Migrate {
    #[command(subcommand)]
    step: Option<Step>,
}

#[derive(Subcommand)]
enum Step {
    /// List every migration and whether the database has it
    Status,
    /// Apply what is missing (what happens without a word)
    Up,
    /// Revert the latest migrations
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        count: usize,
    },
}

impl Migrate {
    pub async fn run(self, config: &Config, output: &Output) -> anyhow::Result<()> {
        let database = Database::open(config).await?;
        let done = self.step.unwrap_or(Step::Up).take(&database.direct_url, output).await;
        database.close().await?;
        done
    }
}

impl Step {
    async fn take(self, url: &str, output: &Output) -> anyhow::Result<()> {
        let (verb, names) = match self {
            Self::Status => {
                let entries = migration::status(url).await?;
                let json =
                    entries.iter().map(|entry| json!({ "name": entry.name, "state": entry.state.as_str() }));
                let lines = entries.iter().map(|entry| format!("{:8} {}", entry.state.as_str(), entry.name));
                return output.show(&json.collect::<Vec<_>>(), lines.collect::<Vec<_>>().join("\n"));
            }
            Self::Up => ("applied", migration::up(url).await?),
            Self::Down { count } => ("reverted", migration::down(url, count).await?),
        };
        let text = match names.is_empty() {
            true => "nothing to do".to_owned(),
            false => names.iter().map(|name| format!("{verb} {name}")).collect::<Vec<_>>().join("\n"),
        };
        output.show(&json!({ verb: names }), text)
    }
}
