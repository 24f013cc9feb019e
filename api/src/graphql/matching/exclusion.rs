//! Exclusions: name two people who must not become a pair.
use async_graphql::{Context, ID, InputObject, Object, SelectionField};
use domain::{
    access::{Action, Scope},
    id::Id,
    matches::{Match, Status},
    matching::exclusion::Exclusion,
    profile::Profile,
};

use crate::{
    error::{Failure, Result},
    graphql::{
        context::{Cx, Request},
        matches::tell_withdrawn,
        page::{self, Connection, page_request},
        prefetch::Prefetch,
        profile::ProfileObject,
        scalar::{DateTime, Wire},
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

/// Two people who must not become a pair, such as relatives, whoever of them is the mentor. Only staff see it.
#[derive(Debug, Clone)]
pub struct ExclusionObject(Exclusion);

/// Two people who must not become a pair, such as relatives, whoever of them is the mentor. Only staff see it.
#[Object(name = "Exclusion")]
impl ExclusionObject {
    /// Names the exclusion.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Who would have been the mentor; null when you may not see them.
    async fn mentor(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        ProfileObject::find(context.request(), self.0.mentor).await
    }

    /// Who would have been the mentee; null when you may not see them.
    async fn mentee(&self, context: &Context<'_>) -> Result<Option<ProfileObject>> {
        ProfileObject::find(context.request(), self.0.mentee).await
    }

    /// Why, for staff.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// When it was added.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

impl Prefetch for ExclusionObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let mentors = items.iter().map(|item| item.0.mentor).collect();
        let mentees = items.iter().map(|item| item.0.mentee).collect();
        ProfileObject::prefetch_all(request, fields, [("mentor", mentors), ("mentee", mentees)]).await
    }
}

impl Stored for ExclusionObject {
    type Entity = Exclusion;

    fn key(&self) -> Id<Exclusion> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Exclusion>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ManageMatching)?, request.organization()?);
        let found = request
            .load(async move |conn| {
                persistence::matching::exclusion::by_ids(conn, &scope, organization, &ids).await
            })
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

#[derive(Default)]
pub struct ExclusionQuery;

#[Object]
impl ExclusionQuery {
    /// The pairs that must not be, newest first. For those who manage matching; coordinators of a program see the
    /// ones whose people are both in it.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn exclusions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ExclusionObject>> {
        let request = context.request();
        let (scope, organization) = (request.require_scope(Action::ManageMatching)?, request.organization()?);
        let list = format!("exclusions of {organization}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let exclusions = request
            .load(async move |conn| {
                persistence::matching::exclusion::by_organization(conn, &scope, organization, &wanted).await
            })
            .await?;
        Connection::new(&list, exclusions, &page, |exclusion| exclusion.id, ExclusionObject)
            .prefetched(context)
            .await
    }
}

/// Which two people must not become a pair.
#[derive(InputObject)]
pub struct AddExclusionInput {
    /// An id made by you (`exclusion_` and a UUIDv7 in Crockford base32), so that a repeat cannot add two.
    id: Option<Wire<Exclusion>>,
    /// One of the two, by their profile: who could have been the mentor.
    mentor_id: Wire<Profile>,
    /// The other one: who could have been the mentee.
    mentee_id: Wire<Profile>,
    /// Why, at most 500 characters. Only staff see it.
    reason: Option<String>,
}

/// Which exclusion to end.
#[derive(InputObject)]
pub struct RemoveExclusionInput {
    /// The exclusion.
    id: Wire<Exclusion>,
}

payload! {
    /// The answer of `addExclusion`.
    AddExclusionPayload {
        /// The exclusion; null when it was refused.
        exclusion as "exclusion": ExclusionObject
    }
}
payload! {
    /// The answer of `removeExclusion`.
    RemoveExclusionPayload {
        /// The id of the exclusion that ended; null when it was refused.
        removed_id as "removedId": ID
    }
}

#[derive(Default)]
pub struct ExclusionMutation;

#[Object]
impl ExclusionMutation {
    /// Says that two people must not become a pair. A suggestion of the two is discarded and an offer taken back; a
    /// match that is accepted or active must be closed first.
    async fn add_exclusion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which two people.")] input: AddExclusionInput,
    ) -> Result<AddExclusionPayload> {
        AddExclusionPayload::of(add(context, input).await)
    }

    /// Lets two people become a pair again.
    async fn remove_exclusion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which exclusion.")] input: RemoveExclusionInput,
    ) -> Result<RemoveExclusionPayload> {
        RemoveExclusionPayload::of(remove(context, input).await)
    }
}

async fn add(context: &Context<'_>, input: AddExclusionInput) -> Result<ExclusionObject> {
    use persistence::matching::exclusion;
    let (mentor, mentee) = (input.mentor_id.0, input.mentee_id.0);
    let id = write(context, async move |tx| {
        manage(tx, mentor, mentee).await?;
        let (organization, by, now) = (tx.organization()?, tx.signed_in()?.account, tx.now);
        exclusion::lock_runs(tx.conn(), organization, mentor, mentee).await?;
        let live = exclusion::lock_pair(tx.conn(), organization, mentor, mentee).await?;
        let id = tx.id(input.id.map(|id| id.0));
        let added = Exclusion::add(id, mentor, mentee, input.reason.as_deref(), live, by, now)?;
        exclusion::insert(tx.conn(), organization, &added).await?;
        let parted = exclusion::part(tx.conn(), organization, mentor, mentee, now).await?;
        tell_offered(tx, &parted).await?;
        for parted in parted {
            tx.changed(parted, Some(parted.uuid()));
        }
        tx.changed(added.id, None);
        Ok(added.id)
    })
    .await?;
    ExclusionObject::find(context.request(), id).await?.ok_or(Failure::NotFound { path: None })
}

/// Both sides hear that an offer is gone; of a suggestion they never knew.
async fn tell_offered(tx: &mut Tx<'_>, parted: &[Id<Match>]) -> Result<()> {
    let organization = tx.organization()?;
    let found = persistence::matches::by_ids(tx.conn(), &Scope::organization(), organization, parted).await?;
    let offered = found.iter().filter(|of| of.status == Status::Withdrawn).map(|of| of.id);
    tell_withdrawn(tx, &offered.collect::<Vec<_>>(), &[]).await
}

/// Refuses callers who cannot see the two, and those who do not manage the matching of both.
async fn manage(tx: &mut Tx<'_>, mentor: Id<Profile>, mentee: Id<Profile>) -> Result<()> {
    let organization = tx.organization()?;
    let (readable, managed) =
        (tx.request.scope(Action::ReadProfile)?, tx.request.scope(Action::ManageMatching)?);
    let people = [mentor, mentee];
    let seen = persistence::profile::by_ids(tx.conn(), &readable, organization, &people).await?;
    for (path, id) in [("mentorId", mentor), ("menteeId", mentee)] {
        if !seen.iter().any(|person| person.id == id) {
            return Err(Failure::not_found(path));
        }
    }
    let within = persistence::profile::ids_within(tx.conn(), &managed, organization, &people).await?;
    if people.iter().all(|id| within.contains(id)) { Ok(()) } else { Err(Failure::denied()) }
}

async fn remove(context: &Context<'_>, input: RemoveExclusionInput) -> Result<ID> {
    let id = input.id.0;
    let id = write(context, async move |tx| {
        let (scope, organization) = (tx.request.scope(Action::ManageMatching)?, tx.organization()?);
        let found = persistence::matching::exclusion::find(tx.conn(), &scope, organization, id).await?;
        let found = found.ok_or_else(|| Failure::not_found("id"))?;
        persistence::matching::exclusion::delete(tx.conn(), organization, found.id).await?;
        tx.changed(found.id, None);
        Ok(found.id)
    })
    .await?;
    Ok(ID(id.to_string()))
}
