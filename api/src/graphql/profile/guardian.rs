//! Guardians: who is responsible for whom, and the mutations that say so.
use std::collections::HashMap;

use async_graphql::{Context, InputObject, SelectionField};
use domain::{
    access::Action,
    id::Id,
    profile::{
        Profile,
        guardianship::{Guardianship, Refusal},
    },
};

use super::{ProfileObject, manage, private};
use crate::{
    error::{Failure, Result},
    graphql::{
        context::{Cx, Request},
        nested,
        scalar::Wire,
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

/// The guardians of one person whom the caller may see.
#[derive(Debug, Clone, Default)]
pub struct Guardians(pub Vec<ProfileObject>);

impl Guardians {
    /// One entry for each of the people.
    pub async fn load(
        request: &Request,
        wards: &[Id<Profile>],
        fields: &[SelectionField<'_>],
    ) -> Result<HashMap<Id<Profile>, Self>> {
        let organization = request.organization()?;
        let ids = wards.to_vec();
        let links = request
            .load(async move |conn| {
                persistence::profile::guardianship::by_wards(conn, organization, &ids).await
            })
            .await?;
        let guardians = links.iter().map(|link| link.guardian).collect();
        let people = ProfileObject::by_ids(request, guardians).await?;
        nested::prefetch(request, &people, fields).await?;
        let mut lists: HashMap<_, _> = wards.iter().map(|&id| (id, Self::default())).collect();
        for link in links {
            if let Some(guardian) = people.iter().find(|person| person.0.id == link.guardian) {
                lists.entry(link.ward).or_default().0.push(guardian.clone());
            }
        }
        Ok(lists)
    }
}

/// Who is, or is no longer, responsible for whom.
#[derive(InputObject)]
pub struct GuardianInput {
    /// The minor.
    ward_id: Wire<Profile>,
    /// The person who is responsible for the minor.
    guardian_id: Wire<Profile>,
}

payload! {
    /// The answer of `linkGuardian`.
    LinkGuardianPayload {
        /// The minor; null when it was refused.
        ward as "ward": ProfileObject
    }
}
payload! {
    /// The answer of `unlinkGuardian`.
    UnlinkGuardianPayload {
        /// The person without that guardian; null when it was refused.
        ward as "ward": ProfileObject
    }
}

pub async fn link(context: &Context<'_>, input: GuardianInput) -> Result<ProfileObject> {
    let (ward, guardian) = (input.ward_id.0, input.guardian_id.0);
    let id = write(context, async move |tx| {
        manage(tx, Action::ManageProfile, ward, "wardId").await?;
        let person = manage(tx, Action::ManageProfile, guardian, "guardianId").await?;
        let (organization, now) = (tx.organization()?, tx.now);
        let found = persistence::organization::find(tx.conn(), organization).await?;
        let tenant = found.ok_or(Failure::NotFound { path: None })?;
        let minor =
            private::open(tx.request, &person)?.is_minor(tenant.digital_consent_age, tenant.today(now));
        let links = persistence::profile::guardianship::by_wards(tx.conn(), organization, &[ward]).await?;
        if !links.iter().any(|link| link.guardian == guardian) {
            let link = Guardianship::link(tx.id(None), ward, guardian, minor, links.len(), now)?;
            persistence::profile::guardianship::insert(tx.conn(), organization, &link).await?;
            announce(tx, guardian).await?;
            tx.changed(ward, None);
        }
        Ok(ward)
    })
    .await?;
    ProfileObject::get(context.request(), id).await
}

/// The wards of a person are among their rights, which caches know.
async fn announce(tx: &mut Tx<'_>, guardian: Id<Profile>) -> Result<()> {
    let organization = tx.organization()?;
    for (_, account) in persistence::profile::accounts(tx.conn(), organization, &[guardian]).await? {
        tx.rights_changed(account).await?;
    }
    Ok(())
}

pub async fn unlink(context: &Context<'_>, input: GuardianInput) -> Result<ProfileObject> {
    let (ward, guardian) = (input.ward_id.0, input.guardian_id.0);
    let id = write(context, async move |tx| {
        manage(tx, Action::ManageProfile, ward, "wardId").await?;
        let organization = tx.organization()?;
        if !persistence::profile::guardianship::delete(tx.conn(), organization, ward, guardian).await? {
            return Err(Refusal::NotLinked.into());
        }
        announce(tx, guardian).await?;
        tx.changed(ward, None);
        Ok(ward)
    })
    .await?;
    ProfileObject::get(context.request(), id).await
}
