//! How does the demo live through months in a moment? On a clock of its own that begins in the past; its people send
//! the mutations that apps would send for them.
use std::sync::Arc;

use async_graphql::{Request as Document, Variables};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{account::Account, id::Id, organization::Membership};
use persistence::request::RequestConnection;
use serde_json::Value;

use super::ORGANIZATION;
use crate::{
    App, Setup,
    clock::Clock,
    error::{Failure, Result},
    graphql::{
        self, CairnSchema,
        context::{Envelope, Request},
    },
    identity::SignedIn,
    job,
};

pub struct World {
    pub app: Arc<App>,
    /// The clock of today.
    present: Clock,
    schema: CairnSchema,
}

impl World {
    /// The same database, so many days ago.
    pub async fn before(app: &App, days: i64) -> Result<Self> {
        let clock = Clock::default();
        clock.advance(app.clock.now() - clock.now() - TimeDelta::days(days));
        let setup = Setup { clock, workers: false, ..Setup::default() };
        let config = app.config.as_ref().clone();
        let past = App::open(config, &app.direct_url, setup).await.map_err(Failure::internal)?;
        Ok(Self { schema: graphql::schema(&past.config.limits), app: past, present: app.clock.clone() })
    }

    /// Lets days pass, and what is due by then happen.
    pub async fn pass(&self, days: i64) -> Result<()> {
        self.app.clock.advance(TimeDelta::days(days));
        job::fall_due(&self.app, ORGANIZATION, self.app.clock.now()).await
    }

    /// The same, until so many days before today.
    pub async fn until(&self, days: i64) -> Result<()> {
        let then = self.present.now() - TimeDelta::days(days);
        self.app.clock.advance(then - self.app.clock.now());
        job::fall_due(&self.app, ORGANIZATION, self.app.clock.now()).await
    }

    pub async fn person(&self, account: Id<Account>) -> Result<Person<'_>> {
        let connection = RequestConnection::new(self.app.pool.clone(), Some(ORGANIZATION.uuid()));
        let memberships =
            connection.load(async move |conn| persistence::account::memberships(conn, account).await).await?;
        connection.finish().await;
        Ok(Person { world: self, account, memberships })
    }
}

/// Somebody who uses the API.
pub struct Person<'a> {
    world: &'a World,
    pub account: Id<Account>,
    memberships: Vec<Membership>,
}

impl Person<'_> {
    pub fn now(&self) -> DateTime<Utc> {
        self.world.app.clock.now()
    }

    pub async fn ask(&self, document: &str, variables: Value) -> Result<Value> {
        let app = &self.world.app;
        let now = app.clock.now();
        let signed_in = SignedIn {
            session: app.clock.id(),
            account: self.account,
            generation: 0,
            authenticated_at: now,
            expires_at: now + TimeDelta::minutes(10),
            memberships: self.memberships.clone(),
        };
        let request = Arc::new(Request::new(Arc::clone(app), Some(signed_in), Envelope::default())?);
        let document =
            Document::new(document).variables(Variables::from_json(variables)).data(Arc::clone(&request));
        let response = self.world.schema.execute(document).await;
        request.finish().await;
        if let Some(error) = response.errors.first() {
            return Err(Failure::internal(format!("demo: {}", error.message)));
        }
        response.data.into_json().map_err(Failure::internal)
    }

    /// The payload of a mutation that must not be refused, by its name and the fields wanted of it.
    pub async fn done(&self, name: &str, kind: &str, input: Value, wanted: &str) -> Result<Value> {
        let document = format!(
            "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {wanted} userErrors {{ message }} }} }}"
        );
        let data = self.ask(&document, serde_json::json!({ "input": input })).await?;
        let payload = data.get(name).cloned().unwrap_or_default();
        match payload.pointer("/userErrors/0/message") {
            None => Ok(payload),
            Some(message) => Err(Failure::internal(format!("demo: {name}: {message}"))),
        }
    }
}
