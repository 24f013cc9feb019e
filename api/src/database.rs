//! Which database does this Cairn use: the one it was given, or a private one?
use std::path::{Path, PathBuf};

use anyhow::Context;
use persistence::{
    connect,
    embedded::{Embedded, Options},
};
use secrecy::ExposeSecret;

use crate::config::Config;

/// Name of the database inside a private cluster.
const PRIVATE_NAME: &str = "cairn";

/// A database that answers, and the server below it if that is ours.
pub struct Database {
    /// For the pool.
    pub url: String,
    /// For migrations and notifications, which a transaction pooler would break.
    pub direct_url: String,
    embedded: Option<Embedded>,
}

impl Database {
    /// Takes the database of the settings, or starts (or adopts) the private one in the data folder.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            let url = url.expose_secret().to_owned();
            let direct = config.database_direct_url.as_ref().map(|direct| direct.expose_secret().to_owned());
            return Ok(Self { direct_url: direct.unwrap_or_else(|| url.clone()), url, embedded: None });
        }
        let options = Options { data_dir: private_folder(&config.data_dir), throwaway: false };
        let embedded = tokio::task::spawn_blocking(move || Embedded::start(&options)).await??;
        let url = embedded.url(PRIVATE_NAME);
        connect::create_database(&url).await.context("cannot make the database in the private PostgreSQL")?;
        Ok(Self { direct_url: url.clone(), url, embedded: Some(embedded) })
    }

    /// Which database it is and why, for people.
    #[must_use]
    pub fn description(&self) -> String {
        let Some(embedded) = &self.embedded else { return "PostgreSQL of DATABASE_URL".to_owned() };
        let origin = if embedded.adopted() { "running already, " } else { "" };
        format!(
            "private PostgreSQL {}, {origin}data in {}; set DATABASE_URL for your own",
            embedded.version(),
            shortened(embedded.data_dir()).display()
        )
    }

    /// What an operator should know about where the data is.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.embedded.as_ref().and_then(Embedded::moved)
    }

    /// Stops a private server that is ours, and waits for it.
    pub async fn close(self) -> anyhow::Result<()> {
        if let Some(embedded) = self.embedded {
            tokio::task::spawn_blocking(move || embedded.stop()).await?;
        }
        Ok(())
    }
}

fn private_folder(data: &Path) -> PathBuf {
    data.join("pg")
}

/// Relative to where the person stands, as they typed it.
fn shortened(folder: &Path) -> PathBuf {
    std::env::current_dir()
        .ok()
        .and_then(|here| folder.strip_prefix(here).ok().map(|inside| Path::new(".").join(inside)))
        .unwrap_or_else(|| folder.to_path_buf())
}
