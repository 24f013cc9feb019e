//! Enrollments: who takes part in a cohort, as mentor or mentee.
mod mutation;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::{Action, Facts},
    cohort::Cohort,
    enrollment::{Enrollment, Event, Refusal, Role, Status},
    id::Id,
    page::{Page, PageRequest},
    profile::Profile,
};
use futures_util::try_join;
use persistence::enrollment::Filter;

use super::{
    allowed::{self, AllowedAction},
    cohort::CohortObject,
    context::{Cx, Request},
    enumeration::E,
    nested::{self, Listed},
    prefetch::Prefetch,
    profile::ProfileObject,
    scalar::{DateTime, Wire},
    stored::Stored,
};
use crate::error::Result;

pub use mutation::EnrollmentMutation;

/// A person in a cohort, as mentor or mentee.
#[derive(Debug, Clone)]
pub struct EnrollmentObject(pub Enrollment);

/// A person in a cohort, as mentor or mentee.
#[Object(name = "Enrollment")]
impl EnrollmentObject {
    /// Names the enrollment.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// As what the person takes part.
    async fn role(&self) -> E<Role> {
        E(self.0.role)
    }

    /// Whether the person takes part now.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// Places for matches: of a mentor as many as they take, of a mentee one.
    async fn capacity(&self) -> i16 {
        self.0.capacity
    }

    /// Places that are taken by accepted and active matches.
    async fn load(&self) -> i16 {
        self.0.load
    }

    /// The person; null when you may not see them.
    async fn profile(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        ProfileObject::find(context.request(), self.0.profile).await
    }

    /// The cohort; null when you may not see it.
    async fn cohort(&self, context: &Context<'_>) -> Result<Option<CohortObject>> {
        CohortObject::find(context.request(), self.0.cohort).await
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        let permitted = request.app.policy.may(request.actor()?, Action::ManageEnrollment, &facts(&self.0));
        let judge = |event: Event| allowed::check(&event.to_string(), permitted, self.0.next(event));
        let mut actions: Vec<AllowedAction> = [Event::Hold, Event::Resume, Event::Withdraw].map(judge).into();
        actions.push(allowed::check("updateEnrollment", permitted, Ok::<(), Refusal>(())));
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

/// What the policy needs to know about an enrollment.
fn facts(enrollment: &Enrollment) -> Facts {
    Facts { program: Some(enrollment.program), person: Some(enrollment.profile), ..Facts::default() }
}

impl Prefetch for EnrollmentObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let people = items.iter().map(|item| item.0.profile).collect();
        let cohorts = items.iter().map(|item| item.0.cohort).collect();
        try_join!(
            ProfileObject::prefetch_by_ids(request, fields, "profile", people),
            CohortObject::prefetch_by_ids(request, fields, "cohort", cohorts),
        )?;
        Ok(())
    }
}

impl Stored for EnrollmentObject {
    type Entity = Enrollment;

    fn key(&self) -> Id<Enrollment> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Enrollment>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadEnrollment)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::enrollment::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Cohort> for EnrollmentObject {
    type Place = Id<Enrollment>;
    type Filter = Filter;

    fn place(&self) -> Self::Place {
        self.0.id
    }

    fn filter(field: &SelectionField<'_>) -> Filter {
        Filter {
            role: nested::argument::<E<Role>>(field, "role").map(|role| role.0),
            status: nested::argument::<E<Status>>(field, "status").map(|status| status.0),
        }
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Cohort>>,
        filter: Filter,
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Cohort>, Page<Self>>> {
        let (scope, organization) = (request.scope(Action::ReadEnrollment)?, request.organization()?);
        let pages = request
            .load(async move |conn| {
                persistence::enrollment::by_cohorts(conn, &scope, organization, &parents, filter, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }

    async fn count(
        request: &Request,
        parents: Vec<Id<Cohort>>,
        filter: Filter,
    ) -> Result<Option<HashMap<Id<Cohort>, i64>>> {
        let (scope, organization) = (request.scope(Action::ReadEnrollment)?, request.organization()?);
        request
            .load(async move |conn| {
                let counts =
                    persistence::enrollment::count_by_cohorts(conn, &scope, organization, &parents, filter);
                Ok(Some(counts.await?))
            })
            .await
    }
}

impl Listed<Profile> for EnrollmentObject {
    type Place = Id<Enrollment>;
    type Filter = ();

    fn place(&self) -> Self::Place {
        self.0.id
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Profile>>,
        _all: (),
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Profile>, Page<Self>>> {
        let (scope, organization) = (request.scope(Action::ReadEnrollment)?, request.organization()?);
        let pages = request
            .load(async move |conn| {
                persistence::enrollment::by_profiles(conn, &scope, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}

#[derive(Default)]
pub struct EnrollmentQuery;

#[Object]
impl EnrollmentQuery {
    /// An enrollment; null when it does not exist or you may not see it.
    async fn enrollment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the enrollment.")] id: Wire<Enrollment>,
    ) -> Result<Option<EnrollmentObject>> {
        EnrollmentObject::one(context, id.0).await
    }
}
