//! Enrollments: take people into a cohort, let them rest and leave.
use async_graphql::{Context, InputObject, Object};
use domain::{
    access::Action,
    cohort::Cohort,
    enrollment::{Enrollment, Event, Role},
    id::Id,
    profile::Profile,
};

use super::{EnrollmentObject, facts};
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        enumeration::E,
        program,
        scalar::Wire,
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

/// Who takes part in which cohort.
#[derive(InputObject)]
pub struct EnrollInput {
    /// An id made by you (`enrollment_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Enrollment>>,
    /// The cohort, open or running.
    cohort_id: Wire<Cohort>,
    /// The person.
    profile_id: Wire<Profile>,
    /// As what the person takes part.
    role: E<Role>,
    /// Places for matches: of a mentor 0 to 50, by default the capacity of the profile; of a mentee always 1.
    capacity: Option<i32>,
}

/// A change of an enrollment.
#[derive(InputObject)]
pub struct UpdateEnrollmentInput {
    /// The enrollment.
    id: Wire<Enrollment>,
    /// Places for matches: not below those that are taken, at most 50.
    capacity: i32,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// A step in the life of an enrollment.
#[derive(InputObject)]
pub struct EnrollmentTransitionInput {
    /// The enrollment.
    id: Wire<Enrollment>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `enroll`.
    EnrollPayload {
        /// The enrollment; null when it was refused.
        enrollment as "enrollment": EnrollmentObject
    }
}
payload! {
    /// The answer of `updateEnrollment`.
    UpdateEnrollmentPayload {
        /// The enrollment as it is now; null when it was refused.
        enrollment as "enrollment": EnrollmentObject
    }
}
payload! {
    /// The answer of `holdEnrollment`.
    HoldEnrollmentPayload {
        /// The enrollment, now on hold; null when it was refused.
        enrollment as "enrollment": EnrollmentObject
    }
}
payload! {
    /// The answer of `resumeEnrollment`.
    ResumeEnrollmentPayload {
        /// The enrollment, approved again; null when it was refused.
        enrollment as "enrollment": EnrollmentObject
    }
}
payload! {
    /// The answer of `withdrawEnrollment`.
    WithdrawEnrollmentPayload {
        /// The enrollment, now withdrawn; null when it was refused.
        enrollment as "enrollment": EnrollmentObject
    }
}

#[derive(Default)]
pub struct EnrollmentMutation;

#[Object]
impl EnrollmentMutation {
    /// Takes a person into a cohort, also one who has left it before.
    async fn enroll(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who, where, as what.")] input: EnrollInput,
    ) -> Result<EnrollPayload> {
        EnrollPayload::of(enroll(context, input).await)
    }

    /// Changes how many places somebody has in a cohort.
    async fn update_enrollment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateEnrollmentInput,
    ) -> Result<UpdateEnrollmentPayload> {
        let (capacity, expected) = (input.capacity, input.expected_version);
        let change =
            change(context, input.id.0, |enrollment, now| enrollment.resize(capacity, expected, now));
        UpdateEnrollmentPayload::of(change.await)
    }

    /// Lets a person rest: present matches go on, new ones are not proposed.
    async fn hold_enrollment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which enrollment.")] input: EnrollmentTransitionInput,
    ) -> Result<HoldEnrollmentPayload> {
        HoldEnrollmentPayload::of(apply(context, input, Event::Hold).await)
    }

    /// Takes a person who rested back in.
    async fn resume_enrollment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which enrollment.")] input: EnrollmentTransitionInput,
    ) -> Result<ResumeEnrollmentPayload> {
        ResumeEnrollmentPayload::of(apply(context, input, Event::Resume).await)
    }

    /// Lets a person leave the cohort. Their matches must be closed first.
    async fn withdraw_enrollment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which enrollment.")] input: EnrollmentTransitionInput,
    ) -> Result<WithdrawEnrollmentPayload> {
        WithdrawEnrollmentPayload::of(apply(context, input, Event::Withdraw).await)
    }
}

async fn enroll(context: &Context<'_>, input: EnrollInput) -> Result<EnrollmentObject> {
    let id = write(context, async move |tx| {
        let (organization, now) = (tx.organization()?, tx.now);
        let readable = tx.request.scope(Action::ReadCohort)?;
        let cohort = persistence::cohort::lock(tx.conn(), &readable, organization, input.cohort_id.0).await;
        let cohort = cohort.map_err(|error| Failure::from(error).at("cohortId"))?;
        tx.permit(Action::ManageEnrollment, &program::facts(cohort.program))?;
        let visible = tx.request.scope(Action::ReadProfile)?;
        let person =
            persistence::profile::find(tx.conn(), &visible, organization, input.profile_id.0).await?;
        let person = person.ok_or_else(|| Failure::not_found("profileId"))?;
        let present =
            persistence::enrollment::lock_of_person(tx.conn(), organization, cohort.id, person.id).await?;
        let enrollment = match present {
            Some(present) => {
                let enrollment = present.again(&cohort, input.role.0, input.capacity, now)?;
                persistence::enrollment::update(tx.conn(), organization, &enrollment).await?;
                enrollment
            }
            None => {
                let id = tx.id(input.id.map(|id| id.0));
                let enrollment = Enrollment::enroll(id, &cohort, &person, input.role.0, input.capacity, now)?;
                persistence::enrollment::insert(tx.conn(), organization, &enrollment).await?;
                enrollment
            }
        };
        tx.changed(enrollment.id, Some(cohort.id.uuid()));
        Ok(enrollment.id)
    })
    .await?;
    EnrollmentObject::get(context.request(), id).await
}

async fn apply(
    context: &Context<'_>,
    input: EnrollmentTransitionInput,
    event: Event,
) -> Result<EnrollmentObject> {
    let expected = input.expected_version;
    change(context, input.id.0, |enrollment, now| enrollment.apply(event, expected, now)).await
}

type Changed = std::result::Result<Enrollment, domain::enrollment::Refusal>;

async fn change(
    context: &Context<'_>,
    id: Id<Enrollment>,
    decide: impl FnOnce(Enrollment, chrono::DateTime<chrono::Utc>) -> Changed + Send,
) -> Result<EnrollmentObject> {
    let id = write(context, async move |tx| {
        let enrollment = decide(manage(tx, id).await?, tx.now)?;
        let organization = tx.organization()?;
        persistence::enrollment::update(tx.conn(), organization, &enrollment).await?;
        tx.changed(enrollment.id, Some(enrollment.cohort.uuid()));
        Ok(enrollment.id)
    })
    .await?;
    EnrollmentObject::get(context.request(), id).await
}

/// Holds an enrollment that the caller may see, and refuses callers who do not manage it.
async fn manage(tx: &mut Tx<'_>, id: Id<Enrollment>) -> Result<Enrollment> {
    let scope = tx.request.scope(Action::ReadEnrollment)?;
    let organization = tx.organization()?;
    let locked = persistence::enrollment::lock(tx.conn(), &scope, organization, id).await;
    let enrollment = locked.map_err(|error| Failure::from(error).at("id"))?;
    tx.permit(Action::ManageEnrollment, &facts(&enrollment))?;
    Ok(enrollment)
}
