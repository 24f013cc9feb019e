//! What does a newcomer find? A small organization with people in every role and a program that takes people in, made
//! through the public API as its staff would make it.
mod people;
mod story;

use std::{collections::BTreeMap, sync::Arc};

use anyhow::anyhow;
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

/// Loads the demo people and their program, unless they are there, and gives the people this start's password. Answers
/// the password.
pub async fn load(app: &Arc<App>) -> anyhow::Result<SecretString> {
    let password = match &app.config.demo_password {
        Some(password) => password.clone(),
        None => random()?,
    };
    let named =
        fill(app, &password).await.map_err(|failure| anyhow!("the demo cannot be loaded: {failure:?}"))?;
    let demo = console::Demo { people: people::all(), password: Some(password.clone()), named };
    let _first_of_this_process = app.demo.set(demo);
    Ok(password)
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

async fn fill(app: &Arc<App>, password: &SecretString) -> Result<BTreeMap<String, String>> {
    people::create(app).await?;
    people::set_password(app, SecretString::from(password.expose_secret())).await?;
    story::tell(app).await
}
