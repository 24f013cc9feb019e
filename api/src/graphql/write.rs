//! How does a mutation write? In one transaction that authorizes, decides, saves and tells, or leaves nothing.
use async_graphql::Context;
use aws_lc_rs::digest;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    access::{Action, Actor, Facts},
    account::Account,
    id::{Entity, Id},
    notification::Notice,
    organization::Organization,
    profile::Profile,
};
use persistence::{
    Connection,
    history::{self, Change},
    idempotency::{self, Begun},
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::context::{Cx, Request};
use crate::{
    error::{ErrorCode, Failure, Result},
    identity::SignedIn,
    job::Task,
    notify,
};

/// How long a repeat with the same idempotency key answers the same.
const IDEMPOTENCY_HOURS: i64 = 72;

/// The transaction of a mutation, and everything it will have changed and told.
pub struct Tx<'a> {
    pub request: &'a Request,
    pub now: DateTime<Utc>,
    connection: &'a mut Connection,
    organization: Option<Id<Organization>>,
    mutation: String,
    changes: Vec<Change>,
    /// Whose rights have changed, for this instance's own memory.
    rights: Vec<Id<Account>>,
}

impl Tx<'_> {
    pub fn conn(&mut self) -> &mut Connection {
        self.connection
    }

    pub fn signed_in(&self) -> Result<&SignedIn> {
        self.request.signed_in()
    }

    pub fn actor(&self) -> Result<&Actor> {
        self.request.actor()
    }

    pub fn organization(&self) -> Result<Id<Organization>> {
        self.organization.map_or_else(|| self.request.organization(), Ok)
    }

    /// The id that the client made, or a new one.
    pub fn id<T>(&self, made_by_client: Option<Id<T>>) -> Id<T> {
        made_by_client.unwrap_or_else(|| self.request.app.clock.id())
    }

    /// NOT_FOUND when the actor may not even see it with `read`, NOT_ALLOWED when only `action` is denied.
    pub fn require(&self, action: Action, read: Action, facts: &Facts) -> Result<()> {
        let policy = &self.request.app.policy;
        let actor = self.actor()?;
        if policy.may(actor, action, facts) {
            Ok(())
        } else if policy.may(actor, read, facts) {
            Err(Failure::denied())
        } else {
            Err(Failure::NotFound { path: None })
        }
    }

    /// For things that were loaded within the scope of reading them, so that the caller may see them.
    pub fn permit(&self, action: Action, facts: &Facts) -> Result<()> {
        let permitted = self.request.app.policy.may(self.actor()?, action, facts);
        if permitted { Ok(()) } else { Err(Failure::denied()) }
    }

    /// For actions on the organization as a whole.
    pub fn require_organization(&self, action: Action) -> Result<()> {
        self.require(action, Action::ReadOrganization, &Facts::default())
    }

    /// Acts in this organization from here on: for mutations that make one or come in by an invitation.
    pub async fn enter(&mut self, organization: Id<Organization>) -> Result<()> {
        history::enter(self.connection, organization).await?;
        self.organization = Some(organization);
        Ok(())
    }

    /// Notes that `id` was changed, for the audit log, subscriptions and synchronization. `context` is the match
    /// or cohort that it belongs to.
    pub fn changed<T: Entity>(&mut self, id: Id<T>, context: Option<Uuid>) {
        self.changes.push(Change { kind: T::PREFIX, object: id.uuid(), context });
    }

    /// Has something done later, if this transaction commits.
    pub async fn enqueue(&mut self, task: &Task) -> Result<()> {
        self.enqueue_all(std::slice::from_ref(task)).await
    }

    /// Like [`Tx::enqueue`], for many in one statement.
    pub async fn enqueue_all(&mut self, tasks: &[Task]) -> Result<()> {
        let (organization, now) = (self.organization().ok(), self.now);
        let row = |task: &Task| task.row(self.request.app.clock.uuid(), organization, None, now);
        let rows = tasks.iter().map(row).collect::<Result<Vec<_>>>()?;
        Ok(persistence::job::enqueue(self.connection, &rows, now).await?)
    }

    /// Tells the people behind these profiles, in the app and by mail, if this transaction commits.
    pub async fn tell(&mut self, profiles: &[Id<Profile>], notice: &Notice) -> Result<()> {
        let organization = self.organization()?;
        notify::tell(&self.request.app, self.connection, organization, profiles, notice, self.now).await
    }

    /// Tells many people something of their own, such as each their match, if this transaction commits.
    pub async fn tell_each(&mut self, told: &[(Id<Profile>, Notice)]) -> Result<()> {
        let organization = self.organization()?;
        notify::tell_each(&self.request.app, self.connection, organization, told, self.now).await
    }

    /// Every instance forgets what it knew of the rights of the account, at commit.
    pub async fn rights_changed(&mut self, account: Id<Account>) -> Result<()> {
        persistence::session::announce_rights(self.connection, account).await?;
        self.rights.push(account);
        Ok(())
    }

    /// Writes what [`Tx::changed`] noted. Subscribers are woken by the commit.
    async fn flush(&mut self) -> Result<()> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let organization = self.organization()?;
        let who = history::Who {
            account: self.request.signed_in().ok().map(|signed_in| signed_in.account),
            action: self.mutation.clone(),
            request_id: self.request.id.clone(),
        };
        let changes = std::mem::take(&mut self.changes);
        let ids: Vec<Uuid> = changes.iter().map(|_| self.request.app.clock.uuid()).collect();
        history::record(self.connection, organization, &who, &changes, &ids, self.now).await?;
        Ok(())
    }
}

/// Runs `work` in the mutation's transaction. Its outcome must be ids: with an idempotency key it is stored, a
/// repeat gets it back, and the payload is resolved again under the caller's present rights.
pub async fn write<T>(
    context: &Context<'_>,
    work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Send,
) -> Result<T>
where
    T: Serialize + DeserializeOwned,
{
    let request = context.request();
    let mutation = context.item.node.name.node.to_string();
    let idempotency = Idempotency::of(context, &mutation)?;
    let now = request.app.clock.now();
    let outcome: Result<(T, Vec<Id<Account>>)> = request
        .connection
        .write(async |connection| {
            if let Some(key) = &idempotency
                && let Some(stored) = key.begin(connection, now).await?
            {
                return Ok((serde_json::from_value(stored).map_err(Failure::internal)?, Vec::new()));
            }
            let (changes, rights) = (Vec::new(), Vec::new());
            let mutation = mutation.clone();
            let mut tx = Tx { request, now, connection, organization: None, mutation, changes, rights };
            let outcome = work(&mut tx).await?;
            tx.flush().await?;
            if let Some(key) = &idempotency {
                let stored = serde_json::to_value(&outcome).map_err(Failure::internal)?;
                idempotency::store(tx.connection, &key.0, &stored).await?;
            }
            Ok((outcome, tx.rights))
        })
        .await;
    request.prefetched.clear();
    if let Err(Failure::NotAllowed { .. }) = &outcome {
        note_denied(request, mutation, now).await?;
    }
    let (outcome, rights) = outcome?;
    // The announcement takes a moment, and the caller's next request may come before it.
    rights.into_iter().for_each(|account| request.app.identity.rights_changed(account));
    Ok(outcome)
}

/// The mutation's own transaction is rolled back: that it was denied is written in one for itself.
async fn note_denied(request: &Request, action: String, now: DateTime<Utc>) -> Result<()> {
    let Ok(actor) = request.actor() else { return Ok(()) };
    let (organization, id) = (actor.organization, request.app.clock.uuid());
    let who = history::Who { account: Some(actor.account), action, request_id: request.id.clone() };
    request.transaction(async move |conn| Ok(history::deny(conn, organization, &who, id, now).await?)).await
}

struct Idempotency(idempotency::Key);

impl Idempotency {
    /// From the directive `@idempotent(key:)` on the field, else the header, which counts for one field only.
    fn of(context: &Context<'_>, mutation: &str) -> Result<Option<Self>> {
        let request = context.request();
        let Some(key) = super::idempotent::key().or_else(|| request.idempotency_key.clone()) else {
            return Ok(None);
        };
        let length = key.chars().count();
        if !(1..=255).contains(&length) {
            return Err(Failure::request(
                ErrorCode::BadUserInput,
                "an idempotency key has from 1 to 255 characters",
            ));
        }
        let arguments = context
            .field()
            .arguments()
            .map_err(|error| Failure::request(ErrorCode::BadUserInput, error.message))?;
        let text: String = arguments.iter().map(|(name, value)| format!("{name}={value};")).collect();
        let fingerprint = digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec();
        let principal = request.signed_in()?.account.uuid();
        Ok(Some(Self(idempotency::Key { principal, mutation: mutation.to_owned(), key, fingerprint })))
    }

    async fn begin(
        &self,
        connection: &mut Connection,
        now: DateTime<Utc>,
    ) -> Result<Option<serde_json::Value>> {
        let expires = now + TimeDelta::hours(IDEMPOTENCY_HOURS);
        match idempotency::begin(connection, &self.0, expires).await? {
            Begun::Fresh => Ok(None),
            Begun::Repeated(outcome) => Ok(Some(outcome)),
            Begun::OtherArguments => Err(Failure::request(
                ErrorCode::IdempotencyKeyReused,
                "this idempotency key was used before, with other arguments",
            )),
            Begun::Running => Err(Failure::request(
                ErrorCode::IdempotencyKeyInProgress,
                "the same mutation with the same key is running; repeat in a moment",
            )),
        }
    }
}
