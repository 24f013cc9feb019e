//! Consents: record them, and take them back.
use async_graphql::{Context, InputObject, Object};
use domain::{
    access::Action,
    consent::{Consent, Draft, Method, Purpose},
    profile::Profile,
};

use super::ConsentObject;
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        enumeration::E,
        profile,
        scalar::{Date, Wire},
        stored::Stored,
        write::write,
    },
    payload,
};

/// The consent of a guardian.
#[derive(InputObject)]
pub struct RecordConsentInput {
    /// An id made by you (`consent_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Consent>>,
    /// The minor for whom it was given.
    profile_id: Wire<Profile>,
    /// To what it was given.
    purpose: E<Purpose>,
    /// How it was given.
    method: E<Method>,
    /// Which text the guardian agreed to, at most 60 characters, such as `2026-1`.
    text_version: String,
    /// The guardian's name, at most 120 characters.
    given_by: String,
    /// On which day it was given; not in the future.
    granted_on: Date,
}

/// Which consent was taken back.
#[derive(InputObject)]
pub struct WithdrawConsentInput {
    /// The consent.
    id: Wire<Consent>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `recordConsent`.
    RecordConsentPayload {
        /// The consent, in force; null when it was refused.
        consent as "consent": ConsentObject
    }
}
payload! {
    /// The answer of `withdrawConsent`.
    WithdrawConsentPayload {
        /// The consent, no longer in force; null when it was refused.
        consent as "consent": ConsentObject
    }
}

#[derive(Default)]
pub struct ConsentMutation;

#[Object]
impl ConsentMutation {
    /// Records the consent of a guardian, so that a minor can be matched.
    async fn record_consent(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the guardian agreed to, and how.")] input: RecordConsentInput,
    ) -> Result<RecordConsentPayload> {
        RecordConsentPayload::of(record(context, input).await)
    }

    /// Records that a guardian took a consent back. Present matches stay; new ones are not made.
    async fn withdraw_consent(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which consent.")] input: WithdrawConsentInput,
    ) -> Result<WithdrawConsentPayload> {
        WithdrawConsentPayload::of(withdraw(context, input).await)
    }
}

async fn record(context: &Context<'_>, input: RecordConsentInput) -> Result<ConsentObject> {
    let draft = Draft {
        purpose: input.purpose.0,
        method: input.method.0,
        text_version: input.text_version,
        given_by: input.given_by,
        granted_on: input.granted_on.0,
    };
    let id = write(context, async move |tx| {
        let person = profile::manage(tx, Action::ManageConsent, input.profile_id.0, "profileId").await?;
        let (organization, now, by) = (tx.organization()?, tx.now, tx.actor()?.account);
        let found = persistence::organization::find(tx.conn(), organization).await?;
        let today = found.ok_or(Failure::NotFound { path: None })?.today(now);
        let id = tx.id(input.id.map(|id| id.0));
        let consent = Consent::record(id, person.id, &draft, by, today, now)?;
        persistence::consent::insert(tx.conn(), organization, &consent).await?;
        tx.changed(consent.id, None);
        Ok(consent.id)
    })
    .await?;
    ConsentObject::get(context.request(), id).await
}

async fn withdraw(context: &Context<'_>, input: WithdrawConsentInput) -> Result<ConsentObject> {
    let id = write(context, async move |tx| {
        let (organization, now) = (tx.organization()?, tx.now);
        let readable = tx.request.scope(Action::ReadConsent)?;
        let locked = persistence::consent::lock(tx.conn(), &readable, organization, input.id.0).await;
        let consent = locked.map_err(|error| Failure::from(error).at("id"))?;
        let reach = tx.request.scope(Action::ManageConsent)?;
        let within =
            persistence::profile::ids_within(tx.conn(), &reach, organization, &[consent.profile]).await?;
        if within.is_empty() {
            return Err(Failure::denied());
        }
        let consent = consent.withdraw(input.expected_version, now)?;
        persistence::consent::update(tx.conn(), organization, &consent).await?;
        tx.changed(consent.id, None);
        Ok(consent.id)
    })
    .await?;
    ConsentObject::get(context.request(), id).await
}
