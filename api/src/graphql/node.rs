//! How is any object found by its id alone?
use async_graphql::{Context, Interface, Object};
use domain::id;

use super::{
    check_in::CheckInObject,
    cohort::CohortObject,
    consent::ConsentObject,
    context::Cx,
    conversation::message::MessageObject,
    enrollment::EnrollmentObject,
    file::FileObject,
    import::RosterImportObject,
    invitation::InvitationObject,
    matches::MatchObject,
    matching::{MatchingRunObject, exclusion::ExclusionObject},
    objective::ObjectiveObject,
    organization::{OrganizationObject, staff::RoleGrantObject},
    profile::ProfileObject,
    program::ProgramObject,
    resource::ResourceObject,
    survey::{SurveyObject, SurveyResponseObject, SurveyWaveObject},
};
use crate::error::{ErrorCode, Failure, Result};

/// Anything that has an id of its own and can be fetched again by it.
#[derive(Interface)]
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
        find(context, &id).await
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
        let mut nodes = Vec::with_capacity(ids.len());
        for id in &ids {
            nodes.push(find(context, id).await?);
        }
        Ok(nodes)
    }
}

async fn find(context: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let Some((prefix, uuid)) = id::decode(id) else { return Ok(None) };
    let request = context.request();
    Ok(match prefix {
        "checkin" => CheckInObject::find(request, uuid.into()).await?.map(Node::from),
        "message" => MessageObject::find(request, uuid.into()).await?.map(Node::from),
        "objective" => ObjectiveObject::find(request, uuid.into()).await?.map(Node::from),
        "resource" => ResourceObject::find(request, uuid.into()).await?.map(Node::from),
        "cohort" => CohortObject::find(request, uuid.into()).await?.map(Node::from),
        "consent" => ConsentObject::find(request, uuid.into()).await?.map(Node::from),
        "enrollment" => EnrollmentObject::find(request, uuid.into()).await?.map(Node::from),
        "import" => RosterImportObject::find(request, uuid.into()).await?.map(Node::from),
        "invitation" => InvitationObject::find(request, uuid.into()).await?.map(Node::from),
        "exclusion" => ExclusionObject::find(request, uuid.into()).await?.map(Node::from),
        "match" => MatchObject::find(request, uuid.into()).await?.map(Node::from),
        "file" => FileObject::find(request, uuid.into()).await?.map(Node::from),
        "org" => OrganizationObject::find(request, uuid.into()).await?.map(Node::from),
        "profile" => ProfileObject::find(request, uuid.into()).await?.map(Node::from),
        "program" => ProgramObject::find(request, uuid.into()).await?.map(Node::from),
        "grant" => RoleGrantObject::find(request, uuid.into()).await?.map(Node::from),
        "response" => SurveyResponseObject::find(request, uuid.into()).await?.map(Node::from),
        "run" => MatchingRunObject::find(request, uuid.into()).await?.map(Node::from),
        "survey" => SurveyObject::find(request, uuid.into()).await?.map(Node::from),
        "wave" => SurveyWaveObject::find(request, uuid.into()).await?.map(Node::from),
        _ => None,
    })
}
