//! Matches: answer an offer, take it back, close.
use async_graphql::{Context, InputObject, Object};
use domain::{
    access::{Action, Scope},
    consent::Purpose,
    conversation::Conversation,
    id::Id,
    matches::{Match, Outcome, Places, Side, Status},
    notification::{Kind, Notice},
    profile::Profile,
};
use persistence::matches::place;

use super::{MatchObject, facts};
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        enumeration::E,
        profile::private,
        scalar::Wire,
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

/// Which offer.
#[derive(InputObject)]
pub struct MatchOfferInput {
    /// The match.
    id: Wire<Match>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// Which offer you do not want.
#[derive(InputObject)]
pub struct DeclineMatchInput {
    /// The match.
    id: Wire<Match>,
    /// Why, at most 500 characters; the coordinator and the other side can read it.
    reason: Option<String>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// Which match is over, and how it was.
#[derive(InputObject)]
pub struct CloseMatchInput {
    /// The match.
    id: Wire<Match>,
    /// How it ended: NEVER_STARTED before the first objective, COMPLETED or ENDED_EARLY after it.
    outcome: E<Outcome>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `acceptMatch`.
    AcceptMatchPayload {
        /// The match, ACCEPTED when both sides have; null when it was refused.
        the_match as "match": MatchObject
    }
}
payload! {
    /// The answer of `declineMatch`.
    DeclineMatchPayload {
        /// The match, now declined; null when it was refused.
        the_match as "match": MatchObject
    }
}
payload! {
    /// The answer of `withdrawOffer`.
    WithdrawOfferPayload {
        /// The match, now withdrawn; null when it was refused.
        the_match as "match": MatchObject
    }
}
payload! {
    /// The answer of `closeMatch`.
    CloseMatchPayload {
        /// The match, now closed; null when it was refused.
        the_match as "match": MatchObject
    }
}

#[derive(Default)]
pub struct MatchMutation;

#[Object]
impl MatchMutation {
    /// Says yes to an offer. When both sides have, the match takes a place and other offers fall. Refused with
    /// CAPACITY_REACHED or ALREADY_MATCHED when somebody was faster, with CONSENT_REQUIRED for a minor without.
    async fn accept_match(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: MatchOfferInput,
    ) -> Result<AcceptMatchPayload> {
        AcceptMatchPayload::of(accept(context, input).await)
    }

    /// Says no to an offer.
    async fn decline_match(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which offer, and why.")] input: DeclineMatchInput,
    ) -> Result<DeclineMatchPayload> {
        DeclineMatchPayload::of(decline(context, input).await)
    }

    /// Takes an offer back that is not accepted yet. For staff of the program.
    async fn withdraw_offer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: MatchOfferInput,
    ) -> Result<WithdrawOfferPayload> {
        WithdrawOfferPayload::of(withdraw(context, input).await)
    }

    /// Ends a match and frees its place; check-ins that are still planned are called off. For both sides and staff.
    async fn close_match(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which match, and how it was.")] input: CloseMatchInput,
    ) -> Result<CloseMatchPayload> {
        CloseMatchPayload::of(close(context, input).await)
    }
}

/// Holds a match that the caller may see.
pub async fn lock(tx: &mut Tx<'_>, id: Id<Match>, path: &str) -> Result<Match> {
    let scope = tx.request.scope(Action::ReadMatch)?;
    let organization = tx.organization()?;
    let locked = persistence::matches::lock(tx.conn(), &scope, organization, id).await;
    locked.map_err(|error| Failure::from(error).at(path))
}

/// Which side of the match the caller is, who may do `action` as such.
pub fn side(tx: &Tx<'_>, action: Action, of: &Match) -> Result<(Side, Id<Profile>)> {
    tx.permit(action, &facts(of))?;
    let profile = tx.actor()?.profile;
    profile.and_then(|person| Some((of.side(Some(person))?, person))).ok_or_else(Failure::denied)
}

async fn accept(context: &Context<'_>, input: MatchOfferInput) -> Result<MatchObject> {
    let id = write(context, async move |tx| {
        let (organization, now) = (tx.organization()?, tx.now);
        // The enrollments are held before the match, so that all who want the place queue in one order.
        let scope = tx.request.scope(Action::ReadMatch)?;
        let seen = persistence::matches::find(tx.conn(), &scope, organization, input.id.0).await?;
        let seen = seen.ok_or_else(|| Failure::not_found("id"))?;
        let (side, _) = side(tx, Action::AnswerMatch, &seen)?;
        let (mentor, mentee) = place::lock(tx.conn(), organization, &seen).await?;
        let of = lock(tx, seen.id, "id").await?;
        let places = Places {
            mentor_free: mentor.is_free(),
            mentee_free: mentee.is_free(),
            taking_part: mentor.approved && mentee.approved,
            consent: consented(tx, &of).await?,
        };
        let of = of.accept(side, places, input.expected_version, now)?;
        persistence::matches::update(tx.conn(), organization, &of).await?;
        tx.changed(of.id, Some(of.id.uuid()));
        if of.status == Status::Accepted {
            begin(tx, &of, mentor.is_last()).await?;
        }
        Ok(of.id)
    })
    .await?;
    MatchObject::get(context.request(), id).await
}

/// Both have accepted: takes the place, opens their conversation, and ends the offers that cannot be kept.
async fn begin(tx: &mut Tx<'_>, of: &Match, mentor_full: bool) -> Result<()> {
    let (organization, now) = (tx.organization()?, tx.now);
    place::take(tx.conn(), organization, of).await?;
    let conversation: Id<Conversation> = tx.id(None);
    persistence::conversation::insert(tx.conn(), organization, conversation, of.id, now).await?;
    let fallen = place::supersede_others(tx.conn(), organization, of, mentor_full, now).await?;
    let notice = Notice::about(Kind::MatchAccepted, of.id, "accepted");
    tx.tell(&[of.mentor, of.mentee], &notice).await?;
    tell_withdrawn(tx, &fallen, &[of.mentor, of.mentee]).await?;
    for other in fallen {
        tx.changed(other, Some(other.uuid()));
    }
    Ok(())
}

/// Tells both sides, but for those who know, that offers are no longer open.
pub async fn tell_withdrawn(tx: &mut Tx<'_>, ids: &[Id<Match>], know: &[Id<Profile>]) -> Result<()> {
    let organization = tx.organization()?;
    let gone = persistence::matches::by_ids(tx.conn(), &Scope::organization(), organization, ids).await?;
    let told = gone.iter().flat_map(|of| {
        let notice = Notice::about(Kind::MatchWithdrawn, of.id, "withdrawn");
        of.others(know).into_iter().map(move |person| (person, notice.clone()))
    });
    tx.tell_each(&told.collect::<Vec<_>>()).await
}

/// Is the mentee of age, or is a guardian's consent in force?
async fn consented(tx: &mut Tx<'_>, of: &Match) -> Result<bool> {
    let (organization, now, mentee) = (tx.organization()?, tx.now, of.mentee);
    let granted =
        persistence::consent::granted_for(tx.conn(), organization, mentee, Purpose::Participation).await?;
    if granted {
        return Ok(true);
    }
    let everybody = Scope::organization();
    let found = persistence::profile::by_ids(tx.conn(), &everybody, organization, &[mentee]).await?;
    let person = found.first().ok_or(Failure::NotFound { path: None })?;
    let tenant = persistence::organization::find(tx.conn(), organization).await?;
    let tenant = tenant.ok_or(Failure::NotFound { path: None })?;
    Ok(!private::open(tx.request, person)?.is_minor(tenant.digital_consent_age, tenant.today(now)))
}

async fn decline(context: &Context<'_>, input: DeclineMatchInput) -> Result<MatchObject> {
    let id = write(context, async move |tx| {
        let of = lock(tx, input.id.0, "id").await?;
        let (side, by) = side(tx, Action::AnswerMatch, &of)?;
        let of = of.decline(side, input.reason.as_deref(), input.expected_version, tx.now)?;
        tx.tell(&of.others(&[by]), &Notice::about(Kind::MatchDeclined, of.id, "declined")).await?;
        save(tx, &of).await
    })
    .await?;
    MatchObject::get(context.request(), id).await
}

async fn withdraw(context: &Context<'_>, input: MatchOfferInput) -> Result<MatchObject> {
    let id = write(context, async move |tx| {
        let of = lock(tx, input.id.0, "id").await?;
        tx.permit(Action::ManageMatching, &facts(&of))?;
        let of = of.withdraw(input.expected_version, tx.now)?;
        let id = save(tx, &of).await?;
        tell_withdrawn(tx, &[id], &[]).await?;
        Ok(id)
    })
    .await?;
    MatchObject::get(context.request(), id).await
}

async fn close(context: &Context<'_>, input: CloseMatchInput) -> Result<MatchObject> {
    let id = write(context, async move |tx| {
        let (organization, now) = (tx.organization()?, tx.now);
        let scope = tx.request.scope(Action::ReadMatch)?;
        let seen = persistence::matches::find(tx.conn(), &scope, organization, input.id.0).await?;
        let seen = seen.ok_or_else(|| Failure::not_found("id"))?;
        if side(tx, Action::AnswerMatch, &seen).is_err() {
            tx.permit(Action::ManageMatching, &facts(&seen))?;
        }
        place::lock(tx.conn(), organization, &seen).await?;
        let of = lock(tx, seen.id, "id").await?;
        let of = of.close(input.outcome.0, input.expected_version, now)?;
        place::free(tx.conn(), organization, &of).await?;
        let both = [of.mentor, of.mentee];
        for called_off in persistence::check_in::cancel_planned(tx.conn(), organization, of.id, now).await? {
            tx.changed(called_off, Some(of.id.uuid()));
            tx.tell(&both, &Notice::about(Kind::CheckInCancelled, called_off, "cancelled")).await?;
        }
        let by = tx.actor()?.profile;
        tx.tell(&of.others(by.as_slice()), &Notice::about(Kind::MatchClosed, of.id, "closed")).await?;
        let id = save(tx, &of).await?;
        persistence::matches::counter::refresh(tx.conn(), organization, id).await?;
        Ok(id)
    })
    .await?;
    MatchObject::get(context.request(), id).await
}

async fn save(tx: &mut Tx<'_>, of: &Match) -> Result<Id<Match>> {
    let organization = tx.organization()?;
    persistence::matches::update(tx.conn(), organization, of).await?;
    tx.changed(of.id, Some(of.id.uuid()));
    Ok(of.id)
}
