//! The people of the demo and their roles.
use std::sync::Arc;

use domain::{
    access::{Grant, Role},
    account::{Account, Email},
    id::Id,
    organization::{Draft, Organization, staff::RoleGrant},
    profile::Profile,
};
use persistence::request::RequestConnection;
use secrecy::SecretString;

use super::ORGANIZATION;
use crate::{App, console::Person, error::Result};

/// Who can be signed in as: the part of the address before the @, the name, the staff role.
pub const PEOPLE: [(&str, &str, Option<Role>); 6] = [
    ("owner", "Olivia Owner", Some(Role::Owner)),
    ("admin", "Adam Admin", Some(Role::Admin)),
    ("coordinator", "Carla Coordinator", Some(Role::Coordinator)),
    ("mentor", "Maria Mentor", None),
    ("mentee", "Milo Mentee", None),
    ("guardian", "Gita Guardian", None),
];

pub fn address(person: &str) -> String {
    format!("{person}@demo.example")
}

/// As the console lists them.
pub fn all() -> Vec<Person> {
    let listed = |(person, ..): &(&str, _, _)| {
        let mut label = (*person).to_owned();
        if let Some(first) = label.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        Person { email: address(person), label }
    };
    PEOPLE.iter().map(listed).collect()
}

/// The organization and its accounts, as far as they are missing: the accounts are when the demo was switched off.
pub async fn create(app: &App) -> Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
    let now = app.clock.now();
    connection
        .write(async |conn| {
            if persistence::organization::find(conn, ORGANIZATION).await?.is_none() {
                let draft = Draft {
                    name: "Bright Futures".into(),
                    time_zone: "Europe/Berlin".into(),
                    locale: "en".into(),
                };
                let organization = Organization::create(ORGANIZATION, &draft, now)?;
                persistence::organization::insert(conn, &organization).await?;
            }
            for (person, name, role) in PEOPLE {
                let email = Email::parse("email", &address(person))?;
                if persistence::account::by_email(conn, &email.normalized).await?.is_some() {
                    continue;
                }
                let profile = persistence::profile::by_email(conn, ORGANIZATION, &email).await?;
                let account = Account::create(app.clock.id(), name, email, "en", now)?.verified(now);
                persistence::account::insert(conn, &account).await?;
                persistence::organization::join(conn, ORGANIZATION, account.id, profile, now).await?;
                if let Some(role) = role {
                    let grant = Grant { role, program: None };
                    let grant = RoleGrant { id: app.clock.id(), account: account.id, grant };
                    persistence::organization::staff::grant(conn, ORGANIZATION, &grant, None, now).await?;
                }
            }
            Ok::<_, crate::error::Failure>(())
        })
        .await
}

/// The person of a profile, as accepting an invitation would make them: with an account, unless they have one.
pub async fn belong(app: &App, profile: Id<Profile>, name: &str, address: &str) -> Result<Id<Account>> {
    let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
    let now = app.clock.now();
    connection
        .write(async |conn| {
            let email = Email::parse("email", address)?;
            let account = match persistence::account::by_email(conn, address).await? {
                Some(account) => account.id,
                None => {
                    let account = Account::create(app.clock.id(), name, email, "en", now)?.verified(now);
                    persistence::account::insert(conn, &account).await?;
                    account.id
                }
            };
            persistence::organization::join(conn, ORGANIZATION, account, Some(profile), now).await?;
            Ok::<_, crate::error::Failure>(account)
        })
        .await
}

/// Gives those who sign in one password.
pub async fn set_password(app: &Arc<App>, password: SecretString) -> Result<()> {
    let hash = app.identity.accept_password("CAIRN_DEMO_PASSWORD", password, Vec::new()).await?;
    let connection = RequestConnection::new(app.pool.clone(), Some(ORGANIZATION.uuid()));
    let now = app.clock.now();
    connection
        .write(async |conn| {
            for (person, ..) in PEOPLE {
                if let Some(account) = persistence::account::by_email(conn, &address(person)).await? {
                    persistence::account::set_password(conn, account.id, &hash, now).await?;
                }
            }
            Ok::<_, crate::error::Failure>(())
        })
        .await
}

/// The account of a demo person.
pub async fn account(app: &App, person: &str) -> Result<Option<Id<Account>>> {
    let connection = RequestConnection::new(app.pool.clone(), None);
    let address = address(person);
    let found =
        connection.load(async move |conn| persistence::account::by_email(conn, &address).await).await?;
    connection.finish().await;
    Ok(found.map(|account| account.id))
}
