//! `cairn keys`: which keys sign access tokens, and let the next one sign.
use std::sync::Arc;

use clap::Subcommand;
use persistence::{request::RequestConnection, signing_key};
use serde_json::json;

use super::Output;
use crate::{App, Setup, config::Config, database::Database};

#[derive(Subcommand)]
pub(super) enum Keys {
    /// List the keys that sign or verify access tokens
    List,
    /// Let the next key sign, and make another one to follow it
    Rotate {
        /// The present key is known to others: believe nothing that it signed, from this moment on
        #[arg(long)]
        compromised: bool,
    },
}

impl Keys {
    pub async fn run(self, config: Config, output: &Output) -> anyhow::Result<()> {
        let database = Database::open(&config).await?;
        let done = self.on(config, &database.url, output).await;
        database.close().await?;
        done
    }

    async fn on(self, config: Config, url: &str, output: &Output) -> anyhow::Result<()> {
        let app = App::open(config, url, Setup::default()).await?;
        let failed = |failure| anyhow::anyhow!("the keys cannot be read or changed: {failure:?}");
        match self {
            Self::Rotate { compromised } => app.identity.rotate_keys(compromised).await.map_err(failed)?,
            // Makes the first ones on a new database.
            Self::List => drop(app.identity.keys().await.map_err(failed)?),
        }
        show(&app, output).await
    }
}

async fn show(app: &Arc<App>, output: &Output) -> anyhow::Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), None);
    let keys = connection.load(async |conn| signing_key::usable(conn).await).await;
    connection.finish().await;
    let keys = keys.map_err(|error| anyhow::anyhow!("the keys cannot be read: {error:?}"))?;
    let json = keys.iter().map(|key| json!({ "id": key.id, "state": key.state, "since": key.state_since }));
    let lines = keys
        .iter()
        .map(|key| format!("{:8} {} since {}", key.state, key.id, key.state_since.format("%F %R")));
    output.show(&json.collect::<Vec<_>>(), lines.collect::<Vec<_>>().join("\n"))
}
