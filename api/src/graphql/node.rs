//! How is any object found by its id alone?
use std::collections::{BTreeMap, HashMap};

use async_graphql::{Context, Interface, Object, SelectionField};
use domain::{
    check_in::CheckIn,
    cohort::Cohort,
    consent::Consent,
    conversation::Message,
    enrollment::Enrollment,
    file::File,
    id::{self, Entity, Id},
    import::RosterImport,
    invitation::Invitation,
    matches::Match,
    matching::{exclusion::Exclusion, run::Run},
    objective::Objective,
    organization::{Organization, staff::RoleGrant},
    profile::Profile,
    program::Program,
    resource::Resource,
    survey::{
        Survey,
        wave::{Response, Wave},
    },
};
use uuid::Uuid;

use super::{
    check_in::CheckInObject,
    cohort::CohortObject,
    consent::ConsentObject,
    context::{Cx, Request},
    conversation::message::MessageObject,
    enrollment::EnrollmentObject,
    file::FileObject,
    import::RosterImportObject,
    invitation::InvitationObject,
    matches::MatchObject,
    matching::{MatchingRunObject, exclusion::ExclusionObject},
    nested,
    objective::ObjectiveObject,
    organization::{OrganizationObject, staff::RoleGrantObject},
    profile::ProfileObject,
    program::ProgramObject,
    resource::ResourceObject,
    stored::Stored,
    survey::{SurveyObject, SurveyResponseObject, SurveyWaveObject},
};
use crate::error::{ErrorCode, Failure, Result};

/// Anything that has an id of its own and can be fetched again by it.
#[derive(Clone, Interface)]
#[graphql(field(
    name = "id",
    ty = "async_graphql::ID",
    desc = "Names the object, for ever and everywhere. Opaque."
))]
pub enum Node {
    CheckIn(CheckInObject),
    Message(MessageObject),
    Objective(ObjectiveObject),
    Resource(ResourceObject),
    Cohort(CohortObject),
    Consent(ConsentObject),
    Enrollment(EnrollmentObject),
    Exclusion(ExclusionObject),
    File(FileObject),
    Match(MatchObject),
    MatchingRun(MatchingRunObject),
    Invitation(InvitationObject),
    Organization(OrganizationObject),
    RosterImport(RosterImportObject),
    Profile(ProfileObject),
    Program(ProgramObject),
    RoleGrant(RoleGrantObject),
    Survey(SurveyObject),
    SurveyResponse(SurveyResponseObject),
    SurveyWave(SurveyWaveObject),
}

/// Most ids in one `nodes`.
const MAX_IDS: usize = 100;

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Any object by its id; null when it does not exist or you may not see it.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the object.")] id: async_graphql::ID,
    ) -> Result<Option<Node>> {
        Ok(load(context, &[id]).await?.pop().flatten())
    }

    /// Several objects by their ids, in that order, with null where one does not exist or you may not see it.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most 100 ids.")] ids: Vec<async_graphql::ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_IDS {
            return Err(Failure::request(ErrorCode::BadUserInput, format!("at most {MAX_IDS} ids")));
        }
        load(context, &ids).await
    }
}

/// In the order of `ids`; one statement or a few for all objects of a kind.
async fn load(context: &Context<'_>, ids: &[async_graphql::ID]) -> Result<Vec<Option<Node>>> {
    let request = context.request();
    let below: Vec<SelectionField<'_>> = context.field().selection_set().collect();
    let ids: Vec<Option<(&str, Uuid)>> = ids.iter().map(|id| id::decode(id)).collect();
    let mut kinds = BTreeMap::<&str, Vec<Uuid>>::new();
    for &(prefix, uuid) in ids.iter().flatten() {
        kinds.entry(prefix).or_default().push(uuid);
    }
    let mut found = HashMap::new();
    for (prefix, uuids) in kinds {
        let objects = match prefix {
            CheckIn::PREFIX => objects::<CheckInObject>(request, uuids, &below).await?,
            Cohort::PREFIX => objects::<CohortObject>(request, uuids, &below).await?,
            Consent::PREFIX => objects::<ConsentObject>(request, uuids, &below).await?,
            Enrollment::PREFIX => objects::<EnrollmentObject>(request, uuids, &below).await?,
            Exclusion::PREFIX => objects::<ExclusionObject>(request, uuids, &below).await?,
            File::PREFIX => objects::<FileObject>(request, uuids, &below).await?,
            Invitation::PREFIX => objects::<InvitationObject>(request, uuids, &below).await?,
            Match::PREFIX => objects::<MatchObject>(request, uuids, &below).await?,
            Message::PREFIX => objects::<MessageObject>(request, uuids, &below).await?,
            Objective::PREFIX => objects::<ObjectiveObject>(request, uuids, &below).await?,
            Organization::PREFIX => objects::<OrganizationObject>(request, uuids, &below).await?,
            Profile::PREFIX => objects::<ProfileObject>(request, uuids, &below).await?,
            Program::PREFIX => objects::<ProgramObject>(request, uuids, &below).await?,
            Resource::PREFIX => objects::<ResourceObject>(request, uuids, &below).await?,
            Response::PREFIX => objects::<SurveyResponseObject>(request, uuids, &below).await?,
            RoleGrant::PREFIX => objects::<RoleGrantObject>(request, uuids, &below).await?,
            RosterImport::PREFIX => objects::<RosterImportObject>(request, uuids, &below).await?,
            Run::PREFIX => objects::<MatchingRunObject>(request, uuids, &below).await?,
            Survey::PREFIX => objects::<SurveyObject>(request, uuids, &below).await?,
            Wave::PREFIX => objects::<SurveyWaveObject>(request, uuids, &below).await?,
            _ => continue,
        };
        found.extend(objects.into_iter().map(|(uuid, node)| ((prefix, uuid), node)));
    }
    Ok(ids.iter().map(|id| found.get(&(*id)?).cloned()).collect())
}

/// The objects of one kind that the caller may see, with what is selected below them.
async fn objects<T: Stored + Into<Node>>(
    request: &Request,
    uuids: Vec<Uuid>,
    below: &[SelectionField<'_>],
) -> Result<Vec<(Uuid, Node)>> {
    let found = T::by_ids(request, uuids.into_iter().map(Id::new).collect()).await?;
    nested::prefetch(request, &found, below).await?;
    Ok(found.into_iter().map(|object| (object.key().uuid(), object.into())).collect())
}
