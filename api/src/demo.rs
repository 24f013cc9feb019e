//! What does a newcomer find? An organization with people in every role and a program that has run for ten weeks, made
//! through the public API as its people would make it.
mod names;
mod people;
mod roster;
mod story;
mod world;

use std::sync::Arc;

use anyhow::anyhow;
use chrono::TimeDelta;
use domain::{id::Id, organization::Organization};
use persistence::request::RequestConnection;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{
    App, console,
    error::{Failure, Result},
};

/// The organization of the demo has always the same id, so that a second start finds it.
const ORGANIZATION: Id<Organization> = Id::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));

/// What a start with demo data has to tell.
#[derive(Debug)]
pub struct Loaded {
    pub password: SecretString,
    /// Made just now, not found.
    pub new: bool,
    pub programs: i64,
    pub people: i64,
    pub matches: i64,
}

/// Loads the demo people and their program, unless they are there, and gives the people this start's password.
pub async fn load(app: &Arc<App>) -> anyhow::Result<Loaded> {
    let password = match &app.config.demo_password {
        Some(password) => password.clone(),
        None => random()?,
    };
    let failed = |failure: Failure| anyhow!("the demo cannot be loaded: {failure:?}");
    let new = fill(app).await.map_err(failed)?;
    people::set_password(app, SecretString::from(password.expose_secret())).await.map_err(failed)?;
    let named = names::find(app).await.map_err(failed)?;
    let demo = console::Demo { people: people::all(), password: Some(password.clone()), named };
    let _first_of_this_process = app.demo.set(demo);
    let (programs, people, matches) = census(app).await.map_err(failed)?;
    Ok(Loaded { password, new, programs, people, matches })
}

/// Ends what demo mode left: its people cannot sign in any more.
pub async fn remove(app: &App) -> anyhow::Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), None);
    let removed =
        connection.write(async |conn| Ok::<_, Failure>(persistence::account::remove_demo(conn).await?)).await;
    removed.map_err(|failure| anyhow!("the demo people cannot be removed: {failure:?}"))?;
    Ok(())
}

fn random() -> anyhow::Result<SecretString> {
    let mut bytes = [0; 9];
    aws_lc_rs::rand::fill(&mut bytes)?;
    let words: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(SecretString::from(format!("demo-only-{words}")))
}

/// Answers whether it had to be made. What a killed start left half done is made anew.
async fn fill(app: &Arc<App>) -> Result<bool> {
    let whole = whole(app).await?;
    if !whole {
        clear(app).await?;
    }
    people::create(app).await?;
    if whole {
        return Ok(false);
    }
    let world = world::World::before(app, story::DAYS).await?;
    story::tell(&world).await?;
    let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
    let yesterday = app.clock.now() - TimeDelta::hours(30);
    connection
        .write(async |conn| persistence::job::forget_mails(conn, ORGANIZATION.uuid(), yesterday).await)
        .await?;
    connection.finish().await;
    Ok(true)
}

/// Is the last thing of the story there?
async fn whole(app: &Arc<App>) -> Result<bool> {
    let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
    let last = connection
        .load(async move |conn| persistence::file::content(conn, ORGANIZATION, story::ROSTER).await)
        .await?;
    connection.finish().await;
    Ok(!last.is_empty())
}

async fn clear(app: &Arc<App>) -> Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
    connection
        .write(async |conn| {
            persistence::account::remove_demo(conn).await?;
            persistence::account::remove_demo_organization(conn, ORGANIZATION.uuid()).await
        })
        .await?;
    connection.finish().await;
    Ok(())
}

async fn census(app: &Arc<App>) -> Result<(i64, i64, i64)> {
    let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
    let counts = connection
        .load(async move |conn| persistence::organization::census(conn, ORGANIZATION).await)
        .await?;
    connection.finish().await;
    Ok(counts)
}
