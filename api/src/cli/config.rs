//! `cairn config`: what can be set, what is set, and whether it can be used.
use clap::Subcommand;
use serde_json::json;

use super::Output;
use crate::config::{Config, Given, Shown, reference};

#[derive(Subcommand)]
pub(super) enum Settings {
    /// Print the page that explains every setting
    Reference,
    /// Report every fault of the settings
    Check,
    /// List the values in force and where each comes from; secrets are hidden
    Show,
}

impl Settings {
    pub fn run(self, flags: Given, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Reference => output.show(&json!({ "page": reference() }), reference().trim_end()),
            Self::Check => {
                Config::load(flags)?;
                output.show(&json!({ "usable": true }), "the settings can be used")
            }
            Self::Show => {
                let given = Given::collect(flags, std::env::vars_os())?;
                let shown: Vec<Shown> = Config::rows().map(|row| row.shown(&given)).collect();
                let lines = shown.iter().map(|setting| {
                    let value = setting.value.as_deref().unwrap_or("(unset)");
                    format!("{:28} {value}  (from {})", setting.env, setting.source)
                });
                output.show(&shown, lines.collect::<Vec<_>>().join("\n"))
            }
        }
    }
}
