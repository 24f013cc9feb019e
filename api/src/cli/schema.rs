//! `cairn schema`: the public contract of this release.
use std::{fs, path::PathBuf};

use anyhow::{Context, ensure};
use clap::Subcommand;
use serde_json::json;

use super::Output;
use crate::{
    config::{Config, Given},
    graphql,
};

#[derive(Subcommand)]
pub(super) enum Schema {
    /// Print the schema in GraphQL's own language
    Print,
    /// Fail if a file differs from the schema of this release
    Check {
        /// The file to compare
        #[arg(default_value = "schema.graphql")]
        file: PathBuf,
    },
}

impl Schema {
    pub fn run(self, output: &Output) -> anyhow::Result<()> {
        // Limits do not change the schema, so that the defaults do for printing it.
        let sdl = graphql::sdl(&graphql::schema(&Config::resolve(&Given::default())?.limits));
        match self {
            Self::Print => output.show(&json!({ "sdl": sdl }), sdl.trim_end()),
            Self::Check { file } => {
                let stored =
                    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
                ensure!(stored.trim_end() == sdl.trim_end(), "{} differs from this release", file.display());
                output.show(&json!({ "current": true }), format!("{} is current", file.display()))
            }
        }
    }
}
