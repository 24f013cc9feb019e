//! Objectives: what a pair wants to reach.
mod mutation;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    id::Id,
    matches::Match,
    objective::{Event, Objective, Status},
    page::{Page, PageRequest},
    text::TextEnum,
};

use super::{
    allowed::{self, AllowedAction},
    context::{Cx, Request},
    enumeration::E,
    matches::{self, MatchObject},
    nested::Listed,
    prefetch::Prefetch,
    scalar::{Date, DateTime, Wire},
    stored::{self, Stored},
};
use crate::error::Result;

pub use mutation::ObjectiveMutation;

/// Something that a pair wants to reach. One side proposes it, the other agrees; one side submits it as done, the
/// other rates it.
#[derive(Debug, Clone)]
pub struct ObjectiveObject(pub Objective);

/// Something that a pair wants to reach. One side proposes it, the other agrees; one side submits it as done, the
/// other rates it.
#[Object(name = "Objective")]
impl ObjectiveObject {
    /// Names the objective.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The pair whose objective it is.
    async fn match_id(&self) -> ID {
        ID(self.0.of.to_string())
    }

    /// What the pair wants to reach.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// How it will be seen that it is reached.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Where it is in its life.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// By when.
    async fn target_on(&self) -> Option<Date> {
        self.0.target_on.map(Date)
    }

    /// The profile of who proposed it.
    async fn proposed_by_id(&self) -> ID {
        ID(self.0.proposed_by.to_string())
    }

    /// How far it was reached: from -2, much less than expected, over 0, as expected, to 2, much more.
    async fn rating(&self) -> Option<i16> {
        self.0.rating
    }

    /// When it was rated.
    async fn rated_at(&self) -> Option<DateTime> {
        self.0.rated_at.map(DateTime)
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        let Some(MatchObject(of)) = MatchObject::find(request, self.0.of).await? else {
            return Ok(Vec::new());
        };
        let actor = request.actor()?;
        let by = actor.profile.filter(|person| of.side(Some(*person)).is_some());
        let permitted = request.app.policy.may(actor, Action::ManageObjective, &matches::facts(&of));
        let judge = |&event: &Event| {
            let next = by.map_or(Ok(self.0.status), |by| self.0.next(&of, event, by));
            allowed::check(event.as_str(), permitted && by.is_some(), next)
        };
        Ok(Event::ALL.iter().map(judge).collect())
    }

    /// Rises with each change; pass it as `expectedVersion` to be told of changes in between.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl Prefetch for ObjectiveObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        if !fields.iter().any(|field| field.name() == "allowedActions") {
            return Ok(());
        }
        stored::keep::<MatchObject>(request, items.iter().map(|item| item.0.of).collect(), &[]).await
    }
}

impl Stored for ObjectiveObject {
    type Entity = Objective;

    fn key(&self) -> Id<Objective> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Objective>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadObjective)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::objective::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Match> for ObjectiveObject {
    type Place = Id<Objective>;
    type Filter = ();

    fn place(&self) -> Self::Place {
        self.0.id
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Match>>,
        _all: (),
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Match>, Page<Self>>> {
        let organization = request.organization()?;
        let pages = request
            .load(async move |conn| {
                persistence::objective::by_matches(conn, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}

#[derive(Default)]
pub struct ObjectiveQuery;

#[Object]
impl ObjectiveQuery {
    /// An objective; null when it does not exist or you may not see it.
    async fn objective(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the objective.")] id: Wire<Objective>,
    ) -> Result<Option<ObjectiveObject>> {
        ObjectiveObject::one(context, id.0).await
    }
}
