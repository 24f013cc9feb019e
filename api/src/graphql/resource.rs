//! Resources: links and files that are shared with a pair or with everybody in a program.
mod mutation;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::Action,
    id::Id,
    matches::Match,
    page::{Page, PageRequest},
    program::Program,
    resource::{Content, Resource},
};

use super::{
    allowed::{self, AllowedAction},
    context::{Cx, Request},
    file::FileObject,
    nested::Listed,
    page::{self, Connection, page_request},
    prefetch::Prefetch,
    program,
    scalar::{DateTime, Wire},
    stored::Stored,
};
use crate::error::Result;

pub use mutation::ResourceMutation;

/// A link or a file that somebody shares.
#[derive(Debug, Clone)]
pub struct ResourceObject(pub Resource);

/// A link or a file that somebody shares.
#[Object(name = "Resource")]
impl ResourceObject {
    /// Names the resource.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The pair it is for; null when it is for everybody in the program.
    async fn match_id(&self) -> Option<ID> {
        self.0.of.map(|id| ID(id.to_string()))
    }

    /// The program it belongs to.
    async fn program_id(&self) -> ID {
        ID(self.0.program.to_string())
    }

    /// What it is.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What it is good for.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The link; null when it is a file.
    async fn url(&self) -> Option<&str> {
        if let Content::Link(url) = &self.0.content { Some(url) } else { None }
    }

    /// The file; null when it is a link.
    async fn file(&self, context: &Context<'_>) -> Result<Option<FileObject>> {
        match self.0.content {
            Content::File(file) => FileObject::find(context.request(), file).await,
            Content::Link(_) => Ok(None),
        }
    }

    /// When it was archived; it is in no list any more.
    async fn archived_at(&self) -> Option<DateTime> {
        self.0.archived_at.map(DateTime)
    }

    /// What you could do with it now.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let permitted = manages(context.request(), &self.0)?;
        Ok(vec![allowed::check("archiveResource", permitted, self.0.may_archive())])
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

/// May the caller archive it? Staff of the program, and who shared it.
pub fn manages(request: &Request, resource: &Resource) -> Result<bool> {
    let actor = request.actor()?;
    let staff = request.app.policy.may(actor, Action::ManageResource, &program::facts(resource.program));
    Ok(staff || resource.shared_by == actor.account)
}

impl Prefetch for ResourceObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let file = |item: &Self| if let Content::File(id) = item.0.content { Some(id) } else { None };
        let files = items.iter().filter_map(file).collect();
        FileObject::prefetch_by_ids(request, fields, "file", files).await
    }
}

impl Stored for ResourceObject {
    type Entity = Resource;

    fn key(&self) -> Id<Resource> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Resource>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadResource)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::resource::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Match> for ResourceObject {
    type Place = Id<Resource>;
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
                persistence::resource::by_matches(conn, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}

#[derive(Default)]
pub struct ResourceQuery;

#[Object]
impl ResourceQuery {
    /// A resource; null when it does not exist or you may not see it.
    async fn resource(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the resource.")] id: Wire<Resource>,
    ) -> Result<Option<ResourceObject>> {
        ResourceObject::one(context, id.0).await
    }

    /// What is shared with everybody in a program, newest first. What is shared with a pair is in
    /// `match { resources }`.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn resources(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The program.")] program_id: Wire<Program>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ResourceObject>> {
        let (request, id) = (context.request(), program_id.0);
        let list = format!("resources of {id}");
        let page = page_request(&list, first, after.as_deref())?;
        // Whoever reads resources and is within reach of the program sees what is for everybody in it.
        let scope = request.scope(Action::ReadResource)?;
        let (organization, wanted) = (request.organization()?, page.clone());
        let found = request
            .load(async move |conn| {
                if persistence::program::find(conn, &scope, organization, id).await?.is_none() {
                    return Ok(None);
                }
                persistence::resource::by_programs(conn, organization, &[id], &wanted).await.map(Some)
            })
            .await?;
        let found = found.and_then(|mut pages| pages.remove(&id)).unwrap_or_else(Page::empty);
        Connection::new(&list, found, &page, |item| item.id, ResourceObject).prefetched(context).await
    }
}
