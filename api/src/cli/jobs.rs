//! `cairn jobs`: what waits to be done, and what was given up.
use clap::Subcommand;
use persistence::{
    job::{self, Listed},
    request::RequestConnection,
};
use serde_json::{Value, json};

use super::Output;
use crate::{App, Setup, config::Config, database::Database, error::Failure};

#[derive(Subcommand)]
pub(super) enum Jobs {
    /// List the jobs that are not done, those that were given up first
    List {
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u16,
    },
    /// Try the jobs again that were given up
    Retry,
}

impl Jobs {
    pub async fn run(self, config: Config, output: &Output) -> anyhow::Result<()> {
        let database = Database::open(&config).await?;
        let done = self.on(config, &database.url, output).await;
        database.close().await?;
        done
    }

    async fn on(self, config: Config, url: &str, output: &Output) -> anyhow::Result<()> {
        let app = App::open(config, url, Setup::default()).await?;
        let connection = RequestConnection::new(app.pool.clone(), None);
        match self {
            Self::List { limit } => {
                let found = connection.load(async move |conn| job::list(conn, i64::from(limit)).await).await;
                connection.finish().await;
                let found = found.map_err(|error| anyhow::anyhow!("the jobs cannot be read: {error:?}"))?;
                let values: Vec<Value> = found.iter().map(value).collect();
                let lines: Vec<String> = found.iter().map(line).collect();
                let text = if lines.is_empty() { "nothing waits".to_owned() } else { lines.join("\n") };
                output.show(&values, text)
            }
            Self::Retry => {
                let now = app.clock.now();
                let retried =
                    connection.write(async |conn| Ok::<_, Failure>(job::retry_dead(conn, now).await?)).await;
                let retried =
                    retried.map_err(|failure| anyhow::anyhow!("nothing was changed: {failure:?}"))?;
                output.show(&json!({ "retried": retried }), format!("{retried} jobs are tried again"))
            }
        }
    }
}

fn value(job: &Listed) -> Value {
    json!({
        "id": job.id, "kind": job.kind, "runAt": job.run_at, "attempts": job.attempts, "dead": job.dead,
        "lastError": job.last_error,
    })
}

fn line(job: &Listed) -> String {
    let state = if job.dead { "dead" } else { "waits" };
    let error = job.last_error.as_deref().unwrap_or_default();
    let (id, kind, due, tries) = (job.id, &job.kind, job.run_at.format("%F %R"), job.attempts);
    format!("{state:5} {id} {kind:16} due {due} tries {tries:2} {error}").trim_end().to_owned()
}
