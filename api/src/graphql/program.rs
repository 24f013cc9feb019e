//! Programs: read them, with their objectives, their policy and their cohorts.
mod mutation;
mod objective;
mod policy;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::{Action, Facts},
    id::Id,
    program::{Event, Program, Status},
};

use super::{
    allowed::{self, AllowedAction},
    cohort::CohortObject,
    context::{Cx, Request},
    enumeration::E,
    nested,
    page::{self, Connection, page_request},
    prefetch::Prefetch,
    scalar::{DateTime, Wire},
    stored::Stored,
};
use crate::error::Result;

pub use mutation::ProgramMutation;
use objective::{ObjectiveObject, Objectives};
pub use policy::PolicyObject;

/// A mentoring program: what it wants to reach, by which rules, in which cohorts.
#[derive(Debug, Clone)]
pub struct ProgramObject(pub Program);

/// A mentoring program: what it wants to reach, by which rules, in which cohorts.
#[Object(name = "Program")]
impl ProgramObject {
    /// Names the program.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Its name, unique in the organization.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is about, for the people in it.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Where it is in its life.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// The IANA time zone in which its days begin.
    async fn time_zone(&self) -> &str {
        self.0.time_zone.name()
    }

    /// What it wants to reach, in its own order; at most 20.
    async fn objectives(&self, context: &Context<'_>) -> Result<Vec<ObjectiveObject>> {
        let request = context.request();
        let Objectives(objectives) = match request.prefetched.get(self.0.id) {
            Some(objectives) => objectives,
            None => Objectives::load(request, &[self.0.id]).await?.remove(&self.0.id).unwrap_or_default(),
        };
        Ok(objectives.into_iter().map(ObjectiveObject).collect())
    }

    /// The number of the policy in force.
    async fn policy_number(&self) -> i32 {
        self.0.policy_number
    }

    /// The rules in force, or an older version of them; null when there is no such version.
    async fn policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The version; the one in force if left out.")] number: Option<i32>,
    ) -> Result<Option<PolicyObject>> {
        let number = number.unwrap_or(self.0.policy_number);
        PolicyObject::find(context.request(), self.0.id, number).await
    }

    /// Its rounds, newest first.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn cohorts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<CohortObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        let LiveCohorts(live) = match request.prefetched.get(self.0.id) {
            Some(live) => live,
            None => LiveCohorts::load(request, &[self.0.id], |_, _| ()).await?,
        };
        let facts = facts(self.0.id);
        let mut actions = allowed::events(request, Action::ManageProgram, &facts, |event: Event| {
            self.0.next(event, live).map(|_next| ())
        })?;
        let permitted = request.may(Action::ManageProgram, &facts)?;
        let change = |name| allowed::check(name, permitted, self.0.still_changes());
        actions.extend(["updateProgram", "changeProgramPolicy"].map(change));
        Ok(actions)
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

/// What the policy needs to know about a program.
pub fn facts(program: Id<Program>) -> Facts {
    Facts { program: Some(program), ..Facts::default() }
}

/// How many cohorts of a program have not ended.
#[derive(Debug, Clone, Copy, Default)]
struct LiveCohorts(i64);

impl LiveCohorts {
    /// Tells the count of each program, and answers that of the first.
    async fn load(
        request: &Request,
        programs: &[Id<Program>],
        mut tell: impl FnMut(Id<Program>, Self),
    ) -> Result<Self> {
        let organization = request.organization()?;
        let wanted = programs.to_vec();
        let counts = request
            .load(async move |conn| {
                persistence::program::count_live_cohorts(conn, organization, &wanted).await
            })
            .await?;
        let of = |wanted| Self(counts.iter().find(|(id, _)| *id == wanted).map_or(0, |(_, count)| *count));
        for &program in programs {
            tell(program, of(program));
        }
        Ok(programs.first().map(|&program| of(program)).unwrap_or_default())
    }
}

impl Prefetch for ProgramObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let ids: Vec<Id<Program>> = items.iter().map(|item| item.0.id).collect();
        let wants = |name| fields.iter().any(|field| field.name() == name);
        if ids.is_empty() {
            return Ok(());
        }
        if wants("objectives") {
            for (program, objectives) in Objectives::load(request, &ids).await? {
                request.prefetched.put(program, objectives);
            }
        }
        let mut policies = Vec::new();
        for field in fields.iter().filter(|field| field.name() == "policy") {
            let number = nested::argument::<i32>(field, "number");
            policies.extend(items.iter().map(|item| (item.0.id, number.unwrap_or(item.0.policy_number))));
        }
        PolicyObject::prefetch(request, &policies).await?;
        if wants("allowedActions") {
            LiveCohorts::load(request, &ids, |program, live| request.prefetched.put(program, live)).await?;
        }
        nested::ahead::<_, CohortObject>(request, &ids, fields, "cohorts").await
    }
}

impl Stored for ProgramObject {
    type Entity = Program;

    fn key(&self) -> Id<Program> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Program>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadProgram)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::program::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

#[derive(Default)]
pub struct ProgramQuery;

#[Object]
impl ProgramQuery {
    /// A program; null when it does not exist or you may not see it.
    async fn program(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the program.")] id: Wire<Program>,
    ) -> Result<Option<ProgramObject>> {
        ProgramObject::one(context, id.0).await
    }

    /// The programs that you may see, newest first. People see those in which they take part.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn programs(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "Only programs in this state.")] status: Option<E<Status>>,
    ) -> Result<Connection<ProgramObject>> {
        let request = context.request();
        let scope = request.scope(Action::ReadProgram)?;
        let organization = request.organization()?;
        let status = status.map(|status| status.0);
        let list = format!("programs of {organization} {status:?}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let programs = request
            .load(async move |conn| {
                persistence::program::by_organization(conn, &scope, organization, status, &wanted).await
            })
            .await?;
        Connection::new(&list, programs, &page, |program| program.id, ProgramObject).prefetched(context).await
    }
}
