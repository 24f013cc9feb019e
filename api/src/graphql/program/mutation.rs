//! Programs: create, change, and move them through their life.
use async_graphql::{Context, InputObject, Object};
use domain::{
    access::Action,
    id::Id,
    program::{
        self, Draft, Edit, Event, ObjectiveDraft, Program,
        policy::{Policy, RulesDraft},
    },
};

use super::{ProgramObject, facts, objective::ProgramObjectiveInput, policy::ProgramPolicyInput};
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        scalar::Wire,
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

/// What a new program is.
#[derive(InputObject)]
pub struct CreateProgramInput {
    /// An id made by you (`program_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Program>>,
    /// Its name, at most 120 characters, unique in the organization.
    name: String,
    /// What it is about, at most 4,000 characters.
    description: Option<String>,
    /// The IANA time zone in which its days begin; the organization's if left out.
    time_zone: Option<String>,
    /// What it wants to reach: 1 to 20 objectives.
    objectives: Vec<ProgramObjectiveInput>,
    /// Its rules, as version 1 of its policy; what you leave out gets a good default.
    policy: Option<ProgramPolicyInput>,
}

/// What to change; what you leave out stays.
#[derive(InputObject)]
pub struct UpdateProgramInput {
    /// The program.
    id: Wire<Program>,
    /// Its new name, at most 120 characters, unique in the organization.
    name: Option<String>,
    /// What it is about, at most 4,000 characters; an empty text removes it.
    description: Option<String>,
    /// The IANA time zone in which its days begin.
    time_zone: Option<String>,
    /// The objectives that take the place of all present ones: 1 to 20.
    objectives: Option<Vec<ProgramObjectiveInput>>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// A step in the life of a program.
#[derive(InputObject)]
pub struct ProgramTransitionInput {
    /// The program.
    id: Wire<Program>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// New rules for a program.
#[derive(InputObject)]
pub struct ChangeProgramPolicyInput {
    /// The program.
    program_id: Wire<Program>,
    /// The rules to change; the others stay as they are.
    policy: ProgramPolicyInput,
    /// The version of the program you read; with it, a change in between is refused as STALE_VERSION.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `createProgram`.
    CreateProgramPayload {
        /// The new program, in preparation; null when it was refused.
        program as "program": ProgramObject
    }
}
payload! {
    /// The answer of `updateProgram`.
    UpdateProgramPayload {
        /// The program as it is now; null when it was refused.
        program as "program": ProgramObject
    }
}
payload! {
    /// The answer of `changeProgramPolicy`.
    ChangeProgramPolicyPayload {
        /// The program with its new policy; null when it was refused.
        program as "program": ProgramObject
    }
}
payload! {
    /// The answer of `publishProgram`.
    PublishProgramPayload {
        /// The program, now active; null when it was refused.
        program as "program": ProgramObject
    }
}
payload! {
    /// The answer of `pauseProgram`.
    PauseProgramPayload {
        /// The program, now paused; null when it was refused.
        program as "program": ProgramObject
    }
}
payload! {
    /// The answer of `resumeProgram`.
    ResumeProgramPayload {
        /// The program, active again; null when it was refused.
        program as "program": ProgramObject
    }
}
payload! {
    /// The answer of `completeProgram`.
    CompleteProgramPayload {
        /// The program, now completed; null when it was refused.
        program as "program": ProgramObject
    }
}
payload! {
    /// The answer of `archiveProgram`.
    ArchiveProgramPayload {
        /// The program, now archived; null when it was refused.
        program as "program": ProgramObject
    }
}

#[derive(Default)]
pub struct ProgramMutation;

#[Object]
impl ProgramMutation {
    /// Creates a program with its objectives and its rules, in preparation: publish it to open cohorts.
    async fn create_program(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the program is.")] input: CreateProgramInput,
    ) -> Result<CreateProgramPayload> {
        CreateProgramPayload::of(create(context, input).await)
    }

    /// Changes what a program is. Its rules change with `changeProgramPolicy`.
    async fn update_program(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateProgramInput,
    ) -> Result<UpdateProgramPayload> {
        UpdateProgramPayload::of(update(context, input).await)
    }

    /// Makes a new version of a program's rules. What was done under an older version stays as it is.
    async fn change_program_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which rules to change.")] input: ChangeProgramPolicyInput,
    ) -> Result<ChangeProgramPolicyPayload> {
        ChangeProgramPolicyPayload::of(change_policy(context, input).await)
    }

    /// Begins a program that was in preparation.
    async fn publish_program(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which program.")] input: ProgramTransitionInput,
    ) -> Result<PublishProgramPayload> {
        PublishProgramPayload::of(apply(context, input, Event::Publish).await)
    }

    /// Lets a program rest: no cohort can be opened until it is resumed.
    async fn pause_program(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which program.")] input: ProgramTransitionInput,
    ) -> Result<PauseProgramPayload> {
        PauseProgramPayload::of(apply(context, input, Event::Pause).await)
    }

    /// Goes on with a program that rested.
    async fn resume_program(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which program.")] input: ProgramTransitionInput,
    ) -> Result<ResumeProgramPayload> {
        ResumeProgramPayload::of(apply(context, input, Event::Resume).await)
    }

    /// Ends a program. All its cohorts must be completed or cancelled.
    async fn complete_program(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which program.")] input: ProgramTransitionInput,
    ) -> Result<CompleteProgramPayload> {
        CompleteProgramPayload::of(apply(context, input, Event::Complete).await)
    }

    /// Puts a completed program away, or one that was never published.
    async fn archive_program(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which program.")] input: ProgramTransitionInput,
    ) -> Result<ArchiveProgramPayload> {
        ArchiveProgramPayload::of(apply(context, input, Event::Archive).await)
    }
}

async fn create(context: &Context<'_>, input: CreateProgramInput) -> Result<ProgramObject> {
    let rules = input.policy.map(RulesDraft::from).unwrap_or_default();
    let objectives: Vec<ObjectiveDraft> = input.objectives.into_iter().map(Into::into).collect();
    let id = write(context, async move |tx| {
        tx.require_organization(Action::CreateProgram)?;
        let (organization, now, by) = (tx.organization()?, tx.now, tx.actor()?.account);
        let time_zone = match &input.time_zone {
            Some(name) => program::time_zone(name)?,
            None => {
                let found = persistence::organization::find(tx.conn(), organization).await?;
                found.ok_or(Failure::NotFound { path: None })?.time_zone
            }
        };
        let draft = Draft { name: input.name, description: input.description, time_zone };
        let program = Program::create(tx.id(input.id.map(|id| id.0)), &draft, now)?;
        let objectives =
            program::objectives(program.id, &objectives, std::iter::repeat_with(|| tx.id(None)))?;
        let policy = Policy::first(program.id, &rules, by, now)?;
        persistence::program::insert(tx.conn(), organization, &program).await?;
        persistence::program::policy::insert(tx.conn(), organization, &policy).await?;
        persistence::program::objective::replace(tx.conn(), organization, program.id, &objectives).await?;
        tx.changed(program.id, None);
        Ok(program.id)
    })
    .await?;
    ProgramObject::get(context.request(), id).await
}

async fn update(context: &Context<'_>, input: UpdateProgramInput) -> Result<ProgramObject> {
    let edit = Edit { name: input.name, description: input.description, time_zone: input.time_zone };
    let objectives: Option<Vec<ObjectiveDraft>> =
        input.objectives.map(|list| list.into_iter().map(Into::into).collect());
    let id = write(context, async move |tx| {
        let program = manage(tx, input.id.0, "id").await?;
        let (organization, now) = (tx.organization()?, tx.now);
        let program = program.edit(&edit, input.expected_version, now)?;
        if let Some(drafts) = &objectives {
            let objectives = program::objectives(program.id, drafts, std::iter::repeat_with(|| tx.id(None)))?;
            persistence::program::objective::replace(tx.conn(), organization, program.id, &objectives)
                .await?;
        }
        persistence::program::update(tx.conn(), organization, &program).await?;
        tx.changed(program.id, None);
        Ok(program.id)
    })
    .await?;
    ProgramObject::get(context.request(), id).await
}

async fn change_policy(context: &Context<'_>, input: ChangeProgramPolicyInput) -> Result<ProgramObject> {
    let rules = RulesDraft::from(input.policy);
    let id = write(context, async move |tx| {
        let program = manage(tx, input.program_id.0, "programId").await?;
        let (organization, now, by) = (tx.organization()?, tx.now, tx.actor()?.account);
        let number = program.policy_number;
        let present = persistence::program::policy::get(tx.conn(), organization, program.id, number).await?;
        let policy = present.change(&rules, by, now)?;
        let program = program.follow(&policy, input.expected_version, now)?;
        persistence::program::policy::insert(tx.conn(), organization, &policy).await?;
        persistence::program::update(tx.conn(), organization, &program).await?;
        tx.changed(program.id, None);
        Ok(program.id)
    })
    .await?;
    ProgramObject::get(context.request(), id).await
}

async fn apply(context: &Context<'_>, input: ProgramTransitionInput, event: Event) -> Result<ProgramObject> {
    let id = write(context, async move |tx| {
        let program = manage(tx, input.id.0, "id").await?;
        let (organization, now) = (tx.organization()?, tx.now);
        let counts = persistence::program::count_live_cohorts(tx.conn(), organization, &[program.id]).await?;
        let live = counts.first().map_or(0, |(_, count)| *count);
        let program = program.apply(event, live, input.expected_version, now)?;
        persistence::program::update(tx.conn(), organization, &program).await?;
        tx.changed(program.id, None);
        Ok(program.id)
    })
    .await?;
    ProgramObject::get(context.request(), id).await
}

/// Holds a program that the caller may see, and refuses callers who do not manage it.
pub async fn manage(tx: &mut Tx<'_>, id: Id<Program>, path: &str) -> Result<Program> {
    let scope = tx.request.scope(Action::ReadProgram)?;
    let organization = tx.organization()?;
    let locked = persistence::program::lock(tx.conn(), &scope, organization, id).await;
    let program = locked.map_err(|error| Failure::from(error).at(path))?;
    tx.permit(Action::ManageProgram, &facts(program.id))?;
    Ok(program)
}
