//! Enrollments: who takes part in a cohort, as mentor or mentee.
mod mutation;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::{Action, Facts},
    cohort::Cohort,
    enrollment::{Enrollment, Event, Role, Status},
    id::Id,
    page::{Page, PageRequest},
    profile::Profile,
};
use persistence::enrollment::Filter;

use super::{
    allowed::{self, AllowedAction},
    cohort::CohortObject,
    context::{Cx, Request},
    enumeration::E,
    nested,
    prefetch::{Prefetch, below},
    profile::ProfileObject,
    scalar::{DateTime, Wire},
};
use crate::error::{Failure, Result};

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
        ProfileObject::ahead(context.request(), self.0.profile).await
    }

    /// The cohort; null when you may not see it.
    async fn cohort(&self, context: &Context<'_>) -> Result<Option<CohortObject>> {
        CohortObject::ahead(context.request(), self.0.cohort).await
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        let permitted = request.app.policy.may(request.actor()?, Action::ManageEnrollment, &facts(&self.0));
        let judge = |event: Event| allowed::check(&event.to_string(), permitted, self.0.next(event));
        Ok([Event::Hold, Event::Resume, Event::Withdraw].map(judge).into())
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
        if items.is_empty() {
            return Ok(());
        }
        if let Some(wanted) = below(fields, "profile") {
            let people = items.iter().map(|item| item.0.profile).collect();
            ProfileObject::prefetch_by_ids(request, people, &wanted).await?;
        }
        if let Some(wanted) = below(fields, "cohort") {
            let cohorts: Vec<Id<Cohort>> = items.iter().map(|item| item.0.cohort).collect();
            CohortObject::prefetch_by_ids(request, &cohorts, &wanted).await?;
        }
        Ok(())
    }
}

impl EnrollmentObject {
    /// The enrollment, if the caller may see it.
    pub async fn find(request: &Request, id: Id<Enrollment>) -> Result<Option<Self>> {
        let scope = request.scope(Action::ReadEnrollment)?;
        let organization = request.organization()?;
        let found = request
            .load(async move |conn| persistence::enrollment::find(conn, &scope, organization, id).await)
            .await?;
        Ok(found.map(Self))
    }

    /// The enrollment that a mutation changed.
    async fn get(request: &Request, id: Id<Enrollment>) -> Result<Self> {
        Self::find(request, id).await?.ok_or(Failure::NotFound { path: None })
    }

    /// The enrollments that other objects point to, kept for [`EnrollmentObject::ahead`], with what is wanted below.
    pub async fn prefetch_by_ids(
        request: &Request,
        ids: &[Id<Enrollment>],
        below: &[SelectionField<'_>],
    ) -> Result<()> {
        let (scope, organization) = (request.scope(Action::ReadEnrollment)?, request.organization()?);
        let ids = ids.to_vec();
        let found = request
            .load(async move |conn| persistence::enrollment::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        let found: Vec<Self> = found.into_iter().map(Self).collect();
        nested::prefetch(request, &found, below).await?;
        for enrollment in found {
            request.prefetched.put(enrollment.0.id, enrollment);
        }
        Ok(())
    }

    /// The enrollment, from what was loaded ahead or by itself.
    pub async fn ahead(request: &Request, id: Id<Enrollment>) -> Result<Option<Self>> {
        match request.prefetched.get(id) {
            Some(enrollment) => Ok(Some(enrollment)),
            None => Self::find(request, id).await,
        }
    }

    /// A page of enrollments for each of several cohorts, with what `fields` wants below them.
    pub async fn of_cohorts(
        request: &Request,
        cohorts: &[Id<Cohort>],
        filter: Filter,
        page: &PageRequest<Id<Enrollment>>,
        fields: &[SelectionField<'_>],
    ) -> Result<HashMap<Id<Cohort>, Page<Enrollment>>> {
        let scope = request.scope(Action::ReadEnrollment)?;
        let organization = request.organization()?;
        let (cohorts, page) = (cohorts.to_vec(), page.clone());
        let pages = request
            .load(async move |conn| {
                persistence::enrollment::by_cohorts(conn, &scope, organization, &cohorts, filter, &page).await
            })
            .await?;
        prefetch_pages(request, &pages, fields).await?;
        Ok(pages)
    }

    /// How many enrollments each cohort has.
    pub async fn count_of_cohorts(
        request: &Request,
        cohorts: &[Id<Cohort>],
        filter: Filter,
    ) -> Result<HashMap<Id<Cohort>, i64>> {
        let scope = request.scope(Action::ReadEnrollment)?;
        let organization = request.organization()?;
        let cohorts = cohorts.to_vec();
        request
            .load(async move |conn| {
                persistence::enrollment::count_by_cohorts(conn, &scope, organization, &cohorts, filter).await
            })
            .await
    }

    /// A page of enrollments for each of several people, with what `fields` wants below them.
    pub async fn of_profiles(
        request: &Request,
        people: &[Id<Profile>],
        page: &PageRequest<Id<Enrollment>>,
        fields: &[SelectionField<'_>],
    ) -> Result<HashMap<Id<Profile>, Page<Enrollment>>> {
        let scope = request.scope(Action::ReadEnrollment)?;
        let organization = request.organization()?;
        let (people, page) = (people.to_vec(), page.clone());
        let pages = request
            .load(async move |conn| {
                persistence::enrollment::by_profiles(conn, &scope, organization, &people, &page).await
            })
            .await?;
        prefetch_pages(request, &pages, fields).await?;
        Ok(pages)
    }
}

async fn prefetch_pages<P: Sync>(
    request: &Request,
    pages: &HashMap<P, Page<Enrollment>>,
    fields: &[SelectionField<'_>],
) -> Result<()> {
    let all: Vec<EnrollmentObject> =
        pages.values().flat_map(|page| page.items.iter().cloned().map(EnrollmentObject)).collect();
    nested::prefetch(request, &all, fields).await
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
        EnrollmentObject::find(context.request(), id.0).await
    }
}
