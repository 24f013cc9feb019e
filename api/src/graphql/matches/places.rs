//! Could an offer be accepted now? Places and consents, for many offers at once.
use std::collections::HashMap;

use domain::{
    access::Scope,
    id::Id,
    matches::{Match, Places, Status},
    profile::Profile,
};
use persistence::matches::place;

use crate::{
    error::Result,
    graphql::{context::Request, organization, profile::private},
};

/// What stands in the way of accepting this offer, from what was loaded ahead or by itself.
pub async fn find(request: &Request, of: &Match) -> Result<Places> {
    if !matters(request, of)? {
        return Ok(Places::OPEN);
    }
    if let Some(places) = request.prefetched.get(of.id) {
        return Ok(places);
    }
    Ok(load(request, &[of]).await?.remove(&of.id).unwrap_or(Places::OPEN))
}

/// Loads it ahead for all of these that wait for the caller's answer.
pub async fn prefetch(request: &Request, matches: impl Iterator<Item = &Match>) -> Result<()> {
    let mut offers = Vec::new();
    for of in matches {
        if matters(request, of)? {
            offers.push(of);
        }
    }
    if offers.is_empty() {
        return Ok(());
    }
    for (id, places) in load(request, &offers).await? {
        request.prefetched.put(id, places);
    }
    Ok(())
}

/// Only the two sides can accept, and only what was offered.
fn matters(request: &Request, of: &Match) -> Result<bool> {
    let offered = matches!(of.status, Status::Offered | Status::Superseded);
    Ok(offered && of.side(request.actor()?.profile).is_some())
}

async fn load(request: &Request, offers: &[&Match]) -> Result<HashMap<Id<Match>, Places>> {
    let organization = request.organization()?;
    let ids: Vec<Id<Match>> = offers.iter().map(|of| of.id).collect();
    let standing = request.load(async move |conn| place::standing(conn, organization, &ids).await).await?;
    let without = offers.iter().filter(|of| standing.get(&of.id).is_some_and(|standing| !standing.consented));
    let of_age = of_age(request, without.map(|of| of.mentee).collect()).await?;
    let places = |of: &&Match| {
        let standing = standing.get(&of.id)?;
        let places = Places {
            mentor_free: standing.mentor.is_free(),
            mentee_free: standing.mentee.is_free(),
            taking_part: standing.mentor.approved && standing.mentee.approved,
            consent: standing.consented || of_age.contains(&of.mentee),
        };
        Some((of.id, places))
    };
    Ok(offers.iter().filter_map(places).collect())
}

/// Those of these people who need no consent of a guardian.
async fn of_age(request: &Request, people: Vec<Id<Profile>>) -> Result<Vec<Id<Profile>>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = organization::own(request).await?;
    let today = tenant.today(request.app.clock.now());
    let id = tenant.id;
    // That accepting would be refused is all that the caller learns of it, as the mutation would say.
    let people = request
        .load(async move |conn| persistence::profile::by_ids(conn, &Scope::organization(), id, &people).await)
        .await?;
    let mut of_age = Vec::new();
    for person in people {
        if !private::open(request, &person)?.is_minor(tenant.digital_consent_age, today) {
            of_age.push(person.id);
        }
    }
    Ok(of_age)
}
