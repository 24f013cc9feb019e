//! `cairn mail`: does mail leave the house?
use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::Output;
use crate::{
    clock::Clock,
    config::Config,
    job::Failed,
    mail::{Letter, Mailer},
};

#[derive(Subcommand)]
pub(super) enum Mail {
    /// Send a letter to an address, with the settings that Cairn would use, and say what became of it
    Test {
        /// Who gets it
        address: String,
    },
}

impl Mail {
    pub async fn run(self, config: &Config, output: &Output) -> anyhow::Result<()> {
        let Self::Test { address } = self;
        if config.smtp_url.is_none() {
            bail!("no mail is sent: set CAIRN_SMTP_URL");
        }
        let mailer = Mailer::open(config)?;
        let words = "This is a test of the mail settings of Cairn. Nothing needs to be done.";
        let letter = Letter {
            to_name: String::new(),
            to_address: address.clone(),
            subject: "Cairn: mail works".to_owned(),
            text: format!("{words}\n"),
            html: format!("<p>{words}</p>"),
            calendar: None,
        };
        match mailer.send(Clock::default().uuid(), &letter).await {
            Ok(()) => output.show(
                &json!({ "sent": address, "from": mailer.address() }),
                format!("sent to {address} as {}", mailer.address()),
            ),
            Err(Failed::Later(why)) => bail!("not sent, though it may go later: {why}"),
            Err(Failed::Never(why)) => bail!("not sent: {why}"),
        }
    }
}
