//! How does a draft become offers? In one transaction that judges every pair again.
use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::TimeDelta;
use domain::{
    id::Id,
    matches::Match,
    matching::{
        publish::{Obstacle, Proposal, obstacles},
        run::{Event, Refusal, Run},
    },
    notification::{Kind, Notice},
    profile::Profile,
    text::TextEnum,
};
use persistence::matching::proposal::Standing;
use serde::{Deserialize, Serialize};

use super::{MatchingRunObject, mutation::lock};
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        enumeration::E,
        payload::{UserError, outcome},
        profile::private,
        scalar::Wire,
        stored::Stored,
        write::{Tx, write},
    },
};

/// Ids of discarded proposals that an answer names for each reason.
const NAMED: usize = 100;

/// Which proposals to offer.
#[derive(InputObject)]
pub struct PublishMatchingRunInput {
    /// The run.
    id: Wire<Run>,
    /// The proposals to offer; the others are discarded. All, if left out.
    match_ids: Option<Vec<Wire<Match>>>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// The answer of `publishMatchingRun`.
#[derive(SimpleObject)]
pub struct PublishMatchingRunPayload {
    /// The run, published; null when it was refused.
    run: Option<MatchingRunObject>,
    /// How many proposals were offered to both sides.
    offered_count: i32,
    /// How many proposals were discarded.
    discarded_count: i32,
    /// Why proposals were discarded, by reason.
    discarded: Vec<DiscardedProposals>,
    /// Why it did not happen; empty when it did.
    user_errors: Vec<UserError>,
}

/// Proposals that were discarded for one reason.
#[derive(SimpleObject)]
pub struct DiscardedProposals {
    /// The reason.
    reason: E<Obstacle>,
    /// How many.
    count: i32,
    /// Which matches, at most the first 100.
    match_ids: Vec<ID>,
}

/// What a publication did.
#[derive(Serialize, Deserialize)]
struct Published {
    run: Id<Run>,
    offered: usize,
    discarded: Vec<Discarded>,
}

#[derive(Serialize, Deserialize)]
struct Discarded {
    reason: Obstacle,
    count: usize,
    first: Vec<Id<Match>>,
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[derive(Default)]
pub struct PublishMutation;

#[Object]
impl PublishMutation {
    /// Offers the proposals of a run to both sides, who have the days of the policy to accept. Each pair is judged
    /// again: those excluded, matched or withdrawn since, and minors without consent, are discarded and reported.
    async fn publish_matching_run(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which proposals.")] input: PublishMatchingRunInput,
    ) -> Result<PublishMatchingRunPayload> {
        let outcome = outcome(publish(context, input).await)?;
        let discarded = outcome.value.iter().flat_map(|(_, published)| &published.discarded);
        let discarded: Vec<DiscardedProposals> = discarded.map(DiscardedProposals::from).collect();
        Ok(PublishMatchingRunPayload {
            offered_count: outcome.value.as_ref().map_or(0, |(_, published)| count(published.offered)),
            discarded_count: discarded.iter().map(|part| part.count).sum(),
            discarded,
            run: outcome.value.map(|(run, _)| run),
            user_errors: outcome.errors,
        })
    }
}

impl From<&Discarded> for DiscardedProposals {
    fn from(part: &Discarded) -> Self {
        let match_ids = part.first.iter().map(|id| ID(id.to_string())).collect();
        Self { reason: E(part.reason), count: count(part.count), match_ids }
    }
}

async fn publish(
    context: &Context<'_>,
    input: PublishMatchingRunInput,
) -> Result<(MatchingRunObject, Published)> {
    let published = write(context, async move |tx| {
        let (organization, now) = (tx.organization()?, tx.now);
        let run = lock(tx, input.id.0).await?.apply(Event::Publish, input.expected_version, now)?;
        let standing = standing(tx, &run).await?;
        let proposals: Vec<Proposal> = standing.iter().map(|pair| pair.proposal.clone()).collect();
        let chosen = input.match_ids.map(|ids| choose(&ids, &proposals)).transpose()?;
        let obstacles = obstacles(&proposals, chosen.as_ref());
        let offered: Vec<Id<Match>> = with(&proposals, &obstacles, None);
        let discarded =
            Obstacle::ALL.iter().map(|&reason| (reason, with(&proposals, &obstacles, Some(reason))));
        let discarded: Vec<(Obstacle, Vec<Id<Match>>)> =
            discarded.filter(|(_, ids)| !ids.is_empty()).collect();
        let policy =
            persistence::program::policy::get(tx.conn(), organization, run.program, run.policy_number)
                .await?;
        let expires_at = now + TimeDelta::days(policy.rules.offer_days.into());
        let unwanted: Vec<Id<Match>> = discarded.iter().flat_map(|(_, ids)| ids.clone()).collect();
        persistence::matching::proposal::offer(tx.conn(), organization, &offered, expires_at, now).await?;
        persistence::matching::proposal::discard(tx.conn(), organization, &unwanted, now).await?;
        persistence::matching::update(tx.conn(), organization, &run).await?;
        tx.changed(run.id, Some(run.cohort.uuid()));
        for id in &offered {
            tx.changed(*id, Some(id.uuid()));
        }
        let asked: BTreeSet<Id<Match>> = offered.iter().copied().collect();
        let told = standing.iter().filter(|pair| asked.contains(&pair.proposal.id)).flat_map(|pair| {
            let notice = Notice::about(Kind::MatchOffered, pair.proposal.id, "offered");
            [(pair.mentor, notice.clone()), (pair.mentee, notice)]
        });
        tx.tell_each(&told.collect::<Vec<_>>()).await?;
        let part = |(reason, ids): (Obstacle, Vec<Id<Match>>)| Discarded {
            reason,
            count: ids.len(),
            first: ids.into_iter().take(NAMED).collect(),
        };
        Ok(Published {
            run: run.id,
            offered: offered.len(),
            discarded: discarded.into_iter().map(part).collect(),
        })
    })
    .await?;
    Ok((MatchingRunObject::get(context.request(), published.run).await?, published))
}

/// The open proposals of a run as things stand now, held until the transaction ends.
async fn standing(tx: &mut Tx<'_>, run: &Run) -> Result<Vec<Standing>> {
    let (organization, now) = (tx.organization()?, tx.now);
    persistence::matching::proposal::lock(tx.conn(), organization, run.id).await?;
    let mut standing = persistence::matching::proposal::standing(tx.conn(), organization, run.id).await?;
    let unsure = standing.iter().filter(|pair| pair.proposal.consent_missing);
    let unsure: Vec<Id<Profile>> = unsure.map(|pair| pair.mentee).collect();
    let everybody = domain::access::Scope::organization();
    let mentees = persistence::profile::by_ids(tx.conn(), &everybody, organization, &unsure).await?;
    let found = persistence::organization::find(tx.conn(), organization).await?;
    let tenant = found.ok_or(Failure::NotFound { path: None })?;
    let mut minors = BTreeSet::new();
    for mentee in mentees {
        if private::open(tx.request, &mentee)?.is_minor(tenant.digital_consent_age, tenant.today(now)) {
            minors.insert(mentee.id);
        }
    }
    for pair in &mut standing {
        pair.proposal.consent_missing &= minors.contains(&pair.mentee);
    }
    Ok(standing)
}

fn choose(ids: &[Wire<Match>], proposals: &[Proposal]) -> Result<BTreeSet<Id<Match>>, Refusal> {
    let open: BTreeSet<Id<Match>> = proposals.iter().map(|proposal| proposal.id).collect();
    match ids.iter().position(|id| !open.contains(&id.0)) {
        Some(index) => Err(Refusal::NotProposed { index }),
        None => Ok(ids.iter().map(|id| id.0).collect()),
    }
}

/// The proposals with this obstacle.
fn with(proposals: &[Proposal], obstacles: &[Option<Obstacle>], wanted: Option<Obstacle>) -> Vec<Id<Match>> {
    let pairs = proposals.iter().zip(obstacles).filter(|(_, obstacle)| **obstacle == wanted);
    pairs.map(|(proposal, _)| proposal.id).collect()
}
