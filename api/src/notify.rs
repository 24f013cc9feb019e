//! How are people told? A notification and a job for its mail, in the transaction of what happened.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{account::Account, id::Id, notification::Notice, organization::Organization, profile::Profile};
use persistence::{Connection, job::NewJob, notification::New};

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
    let told: Vec<_> = profiles.iter().map(|&profile| (profile, notice.clone())).collect();
    tell_each(app, conn, organization, &told, now).await
}

/// Tells many people something of their own, such as each their match, in as many statements as for one.
pub async fn tell_each(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    told: &[(Id<Profile>, Notice)],
    now: DateTime<Utc>,
) -> Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    let profiles: Vec<Id<Profile>> = told.iter().map(|(profile, _)| *profile).collect();
    let accounts: HashMap<Id<Profile>, Id<Account>> =
        persistence::profile::accounts(conn, organization, &profiles).await?.into_iter().collect();
    let known = told.iter().filter_map(|(profile, notice)| Some((*accounts.get(profile)?, notice.clone())));
    announce(app, conn, organization, known, now).await
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
    let told = accounts.iter().map(|&account| (account, notice.clone()));
    announce(app, conn, organization, told, now).await
}

async fn announce(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    told: impl Iterator<Item = (Id<Account>, Notice)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let told: Vec<New> = told.map(|(account, notice)| New { id: app.clock.id(), account, notice }).collect();
    if told.is_empty() {
        return Ok(());
    }
    let new = persistence::notification::insert(conn, organization, &told, now).await?;
    let mut jobs: Vec<NewJob> = Vec::with_capacity(new.len());
    for notification in new {
        let task = Task::SendMail { mail: Mail::Notification { notification } };
        let key = format!("mail {notification}");
        jobs.push(task.row(app.clock.uuid(), Some(organization), Some(key), now)?);
    }
    persistence::job::enqueue(conn, &jobs, now).await?;
    Ok(())
}
