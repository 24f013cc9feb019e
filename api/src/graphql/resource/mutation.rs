//! Resources: share and archive them.
use async_graphql::{Context, InputObject, Object};
use domain::{
    access::Action,
    file::File,
    id::Id,
    matches::Match,
    notification::{Kind, Notice},
    program::Program,
    resource::{Draft, Refusal, Resource},
};

use super::{ResourceObject, manages};
use crate::{
    error::{Failure, Result},
    graphql::{context::Cx, file, matches, program, scalar::Wire, stored::Stored, write::write},
    payload,
};

/// What to share with whom: either a match or a program, and either a link or a file.
#[derive(InputObject)]
pub struct ShareResourceInput {
    /// An id made by you (`resource_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Resource>>,
    /// Your match, to share with the other side.
    match_id: Option<Wire<Match>>,
    /// The program, to share with everybody in it; for staff.
    program_id: Option<Wire<Program>>,
    /// What it is, at most 200 characters.
    title: String,
    /// What it is good for, at most 2,000 characters.
    description: Option<String>,
    /// A link that begins with `https://`.
    url: Option<String>,
    /// A file that you uploaded.
    file_id: Option<Wire<File>>,
}

/// Which resource to take out of the lists.
#[derive(InputObject)]
pub struct ArchiveResourceInput {
    /// The resource.
    id: Wire<Resource>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `shareResource`.
    ShareResourcePayload {
        /// The new resource; null when it was refused.
        resource as "resource": ResourceObject
    }
}
payload! {
    /// The answer of `archiveResource`.
    ArchiveResourcePayload {
        /// The resource, now archived; null when it was refused.
        resource as "resource": ResourceObject
    }
}

#[derive(Default)]
pub struct ResourceMutation;

#[Object]
impl ResourceMutation {
    /// Shares a link or a file with the other side of your match, or, as staff, with everybody in a program.
    async fn share_resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to share with whom.")] input: ShareResourceInput,
    ) -> Result<ShareResourcePayload> {
        ShareResourcePayload::of(share(context, input).await)
    }

    /// Takes a resource out of the lists. For who shared it, and for staff of the program.
    async fn archive_resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which resource.")] input: ArchiveResourceInput,
    ) -> Result<ArchiveResourcePayload> {
        ArchiveResourcePayload::of(archive(context, input).await)
    }
}

async fn share(context: &Context<'_>, input: ShareResourceInput) -> Result<ResourceObject> {
    let id = write(context, async move |tx| {
        let (organization, now, account) = (tx.organization()?, tx.now, tx.actor()?.account);
        let (program, of) = match (input.match_id, input.program_id) {
            (Some(id), None) => {
                let of = matches::lock(tx, id.0, "matchId").await?;
                matches::side(tx, Action::ShareResource, &of)?;
                (of.program, Some(of))
            }
            (None, Some(id)) => {
                let facts = program::facts(id.0);
                let scope = tx.request.scope(Action::ReadProgram)?;
                let found = persistence::program::find(tx.conn(), &scope, organization, id.0).await?;
                found.ok_or_else(|| Failure::not_found("programId"))?;
                tx.permit(Action::ManageResource, &facts)?;
                (id.0, None)
            }
            _ => return Err(Refusal::OneAudience.into()),
        };
        if let Some(id) = input.file_id {
            file::usable(tx, id.0, "fileId").await?;
        }
        let draft = Draft {
            title: input.title,
            description: input.description,
            url: input.url,
            file: input.file_id.map(|id| id.0),
        };
        let id = tx.id(input.id.map(|id| id.0));
        let resource = Resource::share(id, program, of.as_ref(), &draft, account, now)?;
        persistence::resource::insert(tx.conn(), organization, &resource).await?;
        let by = tx.actor()?.profile;
        let people = match &of {
            Some(of) => of.others(by.as_slice()),
            None => persistence::resource::audience(tx.conn(), organization, program).await?,
        };
        tx.tell(&people, &Notice::about(Kind::ResourceShared, resource.id, "shared")).await?;
        tx.changed(resource.id, of.map(|of| of.id.uuid()));
        Ok(resource.id)
    })
    .await?;
    ResourceObject::get(context.request(), id).await
}

async fn archive(context: &Context<'_>, input: ArchiveResourceInput) -> Result<ResourceObject> {
    let id = write(context, async move |tx| {
        let (organization, now, scope) =
            (tx.organization()?, tx.now, tx.request.scope(Action::ReadResource)?);
        let found = persistence::resource::find(tx.conn(), &scope, organization, input.id.0).await?;
        let found = found.ok_or_else(|| Failure::not_found("id"))?;
        if !manages(tx.request, &found)? {
            return Err(Failure::denied());
        }
        let of = found.of;
        let archived = found.archive(input.expected_version, now)?;
        persistence::resource::update(tx.conn(), organization, &archived).await?;
        tx.changed(archived.id, of.map(Id::uuid));
        Ok(archived.id)
    })
    .await?;
    ResourceObject::get(context.request(), id).await
}
