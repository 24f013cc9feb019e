//! How are people told? A notification and a job for its mail, in the transaction of what happened.
use chrono::{DateTime, Utc};
use domain::{account::Account, id::Id, notification::Notice, organization::Organization, profile::Profile};
use persistence::{Connection, job::NewJob};
use uuid::Uuid;

use crate::{App, error::Result, job::Task, mail::Mail};

/// Tells the people behind these profiles, each once. Who has no account cannot be told.
pub async fn tell(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    profiles: &[Id<Profile>],
    notice: &Notice,
    now: DateTime<Utc>,
) -> Result<()> {
    if profiles.is_empty() {
        return Ok(());
    }
    let accounts = persistence::notification::accounts_of(conn, organization, profiles).await?;
    tell_accounts(app, conn, organization, &accounts, notice, now).await
}

/// Tells accounts, each once.
pub async fn tell_accounts(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    accounts: &[Id<Account>],
    notice: &Notice,
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<Uuid> = accounts.iter().map(|_| app.clock.uuid()).collect();
    let new = persistence::notification::insert(conn, organization, accounts, &ids, notice, now).await?;
    let mut jobs: Vec<NewJob> = Vec::with_capacity(new.len());
    for notification in new {
        let task = Task::SendMail { mail: Mail::Notification { notification } };
        let key = format!("mail {notification}");
        jobs.push(task.row(app.clock.uuid(), Some(organization), Some(key), now)?);
    }
    persistence::job::enqueue(conn, &jobs, now).await?;
    Ok(())
}
