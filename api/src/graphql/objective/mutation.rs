//! Objectives: propose, agree, work on and rate them.
use async_graphql::{Context, InputObject, Object};
use domain::{
    access::Action,
    id::Id,
    matches::Match,
    notification::{Kind, Notice},
    objective::{Draft, Event, Objective},
    profile::Profile,
};

use super::ObjectiveObject;
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        matches::{lock, side},
        scalar::{Date, Wire},
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

/// What you want to reach together.
#[derive(InputObject)]
pub struct ProposeObjectiveInput {
    /// An id made by you (`objective_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Objective>>,
    /// Your match.
    match_id: Wire<Match>,
    /// What you want to reach, at most 200 characters.
    title: String,
    /// How you will see that it is reached, at most 2,000 characters.
    description: Option<String>,
    /// By when.
    target_on: Option<Date>,
}

/// A step in the life of an objective.
#[derive(InputObject)]
pub struct ObjectiveStepInput {
    /// The objective.
    id: Wire<Objective>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// How far an objective was reached.
#[derive(InputObject)]
pub struct RateObjectiveInput {
    /// The objective, which the other side submitted.
    id: Wire<Objective>,
    /// From -2, much less than expected, over 0, as expected, to 2, much more than expected.
    rating: i32,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `proposeObjective`.
    ProposeObjectivePayload {
        /// The new objective; null when it was refused.
        objective as "objective": ObjectiveObject
    }
}
payload! {
    /// The answer of `rateObjective`.
    RateObjectivePayload {
        /// The objective, now rated; null when it was refused.
        objective as "objective": ObjectiveObject
    }
}
payload! {
    /// The answer of `agreeObjective`.
    AgreeObjectivePayload {
        /// The objective, now agreed; null when it was refused.
        objective as "objective": ObjectiveObject
    }
}
payload! {
    /// The answer of `startObjective`.
    StartObjectivePayload {
        /// The objective, now in progress; null when it was refused.
        objective as "objective": ObjectiveObject
    }
}
payload! {
    /// The answer of `submitObjective`.
    SubmitObjectivePayload {
        /// The objective, now to be reviewed by the other side; null when it was refused.
        objective as "objective": ObjectiveObject
    }
}
payload! {
    /// The answer of `returnObjective`.
    ReturnObjectivePayload {
        /// The objective, in progress again; null when it was refused.
        objective as "objective": ObjectiveObject
    }
}
payload! {
    /// The answer of `dropObjective`.
    DropObjectivePayload {
        /// The objective, now given up; null when it was refused.
        objective as "objective": ObjectiveObject
    }
}

#[derive(Default)]
pub struct ObjectiveMutation;

#[Object]
impl ObjectiveMutation {
    /// Proposes an objective to the other side of your match.
    async fn propose_objective(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to reach.")] input: ProposeObjectiveInput,
    ) -> Result<ProposeObjectivePayload> {
        ProposeObjectivePayload::of(propose(context, input).await)
    }

    /// Says how far an objective was reached that the other side submitted.
    async fn rate_objective(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which objective, and how far.")] input: RateObjectiveInput,
    ) -> Result<RateObjectivePayload> {
        RateObjectivePayload::of(rate(context, input).await)
    }

    /// Wants what the other side proposed. The first agreed objective makes the match ACTIVE.
    async fn agree_objective(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which objective.")] input: ObjectiveStepInput,
    ) -> Result<AgreeObjectivePayload> {
        AgreeObjectivePayload::of(apply(context, input, Event::Agree).await)
    }

    /// Begins to work on an agreed objective.
    async fn start_objective(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which objective.")] input: ObjectiveStepInput,
    ) -> Result<StartObjectivePayload> {
        StartObjectivePayload::of(apply(context, input, Event::Start).await)
    }

    /// Says that an objective is done; the other side rates or returns it.
    async fn submit_objective(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which objective.")] input: ObjectiveStepInput,
    ) -> Result<SubmitObjectivePayload> {
        SubmitObjectivePayload::of(apply(context, input, Event::Submit).await)
    }

    /// Says that what the other side submitted is not done yet.
    async fn return_objective(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which objective.")] input: ObjectiveStepInput,
    ) -> Result<ReturnObjectivePayload> {
        ReturnObjectivePayload::of(apply(context, input, Event::Return).await)
    }

    /// Gives an objective up.
    async fn drop_objective(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which objective.")] input: ObjectiveStepInput,
    ) -> Result<DropObjectivePayload> {
        DropObjectivePayload::of(apply(context, input, Event::Drop).await)
    }
}

async fn propose(context: &Context<'_>, input: ProposeObjectiveInput) -> Result<ObjectiveObject> {
    let draft = Draft {
        title: input.title,
        description: input.description,
        target_on: input.target_on.map(|date| date.0),
    };
    let id = write(context, async move |tx| {
        let of = lock(tx, input.match_id.0, "matchId").await?;
        let (_, by) = side(tx, Action::ManageObjective, &of)?;
        let id = tx.id(input.id.map(|id| id.0));
        let objective = Objective::propose(id, &of, &draft, by, tx.now)?;
        let organization = tx.organization()?;
        persistence::objective::insert(tx.conn(), organization, &objective).await?;
        tell(tx, &of, &objective, Kind::ObjectiveProposed, by).await?;
        tx.changed(objective.id, Some(of.id.uuid()));
        Ok(objective.id)
    })
    .await?;
    ObjectiveObject::get(context.request(), id).await
}

async fn apply(context: &Context<'_>, input: ObjectiveStepInput, event: Event) -> Result<ObjectiveObject> {
    let id = write(context, async move |tx| {
        let (of, objective, by) = hold(tx, input.id.0).await?;
        let objective = objective.apply(&of, event, by, input.expected_version, tx.now)?;
        if event == Event::Agree {
            let (organization, before) = (tx.organization()?, of.status);
            let of = of.clone().activate(tx.now);
            if of.status != before {
                persistence::matches::update(tx.conn(), organization, &of).await?;
                tx.changed(of.id, Some(of.id.uuid()));
            }
        }
        let told = match event {
            Event::Agree => Some(Kind::ObjectiveAgreed),
            Event::Submit => Some(Kind::ObjectiveSubmitted),
            _ => None,
        };
        if let Some(kind) = told {
            tell(tx, &of, &objective, kind, by).await?;
        }
        save(tx, &of, &objective).await
    })
    .await?;
    ObjectiveObject::get(context.request(), id).await
}

async fn rate(context: &Context<'_>, input: RateObjectiveInput) -> Result<ObjectiveObject> {
    let id = write(context, async move |tx| {
        let (of, objective, by) = hold(tx, input.id.0).await?;
        let objective = objective.rate(&of, input.rating, by, input.expected_version, tx.now)?;
        tell(tx, &of, &objective, Kind::ObjectiveRated, by).await?;
        save(tx, &of, &objective).await
    })
    .await?;
    ObjectiveObject::get(context.request(), id).await
}

/// Holds the match of an objective, under which its objectives change one after the other.
async fn hold(tx: &mut Tx<'_>, id: Id<Objective>) -> Result<(Match, Objective, Id<Profile>)> {
    let missing = || Failure::not_found("id");
    let (organization, scope) = (tx.organization()?, tx.request.scope(Action::ReadObjective)?);
    let seen =
        persistence::objective::find(tx.conn(), &scope, organization, id).await?.ok_or_else(missing)?;
    let of = lock(tx, seen.of, "id").await?;
    let (_, by) = side(tx, Action::ManageObjective, &of)?;
    let held =
        persistence::objective::find(tx.conn(), &scope, organization, id).await?.ok_or_else(missing)?;
    Ok((of, held, by))
}

/// Tells the other side what became of an objective.
async fn tell(tx: &mut Tx<'_>, of: &Match, objective: &Objective, kind: Kind, by: Id<Profile>) -> Result<()> {
    tx.tell(&of.others(&[by]), &Notice::about(kind, objective.id, objective.version)).await
}

/// Saves the objective and counts the figures of its match anew.
async fn save(tx: &mut Tx<'_>, of: &Match, objective: &Objective) -> Result<Id<Objective>> {
    let organization = tx.organization()?;
    persistence::objective::update(tx.conn(), organization, objective).await?;
    persistence::matches::counter::refresh(tx.conn(), organization, of.id).await?;
    tx.changed(objective.id, Some(of.id.uuid()));
    Ok(objective.id)
}
