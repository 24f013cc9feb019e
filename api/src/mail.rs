//! Which mails are sent, to whom, and with which words?
mod calendar;
mod letter;
pub mod mailbox;
mod smtp;
mod template;
mod transport;

use std::sync::Arc;

use domain::{
    account::Account, id::Id, invitation::Invitation, notification::Notification, organization::Organization,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{App, error::Result, job::Failed};

pub use letter::{Letter, Words};
pub use template::{names as template_names, render};
pub use transport::Mailer;

/// A mail to be written when it is sent, from ids alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mail {
    /// About an account: confirm an address, choose a password.
    Account { name: String, account: Id<Account>, link: Option<Uuid> },
    /// An invitation to be somebody in an organization.
    Invitation { invitation: Id<Invitation> },
    /// What a notification says.
    Notification { notification: Id<Notification> },
}

/// Writes and sends one mail. A mail whose reason is gone is not sent.
pub async fn send(
    app: &Arc<App>,
    job: Uuid,
    organization: Option<Id<Organization>>,
    mail: Mail,
) -> Result<(), Failed> {
    let Some(letter) = letter::write(app, organization, mail).await? else { return Ok(()) };
    app.mailer.send(job, &letter).await
}
