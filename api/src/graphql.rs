//! The GraphQL schema: one part per feature, merged at the roots.
pub mod account;
pub mod allowed;
pub mod audit;
pub mod check_in;
pub mod cohort;
pub mod consent;
pub mod context;
pub mod conversation;
pub mod enrollment;
pub mod enumeration;
pub mod events;
pub mod file;
pub mod idempotent;
pub mod impact;
pub mod import;
pub mod invitation;
pub mod limits;
pub mod matches;
pub mod matching;
pub mod nested;
pub mod node;
pub mod notification;
pub mod objective;
pub mod organization;
pub mod page;
pub mod payload;
pub mod prefetch;
pub mod profile;
pub mod program;
pub mod resource;
pub mod scalar;
pub mod session;
pub mod stored;
pub mod survey;
pub mod write;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, Schema};

use crate::config::Limits;

/// Reads. Fields that need an organization take it from the header `Cairn-Organization`, or from your only one.
#[derive(Default, MergedObject)]
pub struct Query(
    account::AccountQuery,
    audit::AuditQuery,
    check_in::CheckInQuery,
    cohort::CohortQuery,
    enrollment::EnrollmentQuery,
    file::FileQuery,
    impact::ImpactQuery,
    import::ImportQuery,
    invitation::InvitationQuery,
    limits::LimitsQuery,
    matches::MatchQuery,
    matching::MatchingQuery,
    matching::exclusion::ExclusionQuery,
    node::NodeQuery,
    notification::NotificationQuery,
    objective::ObjectiveQuery,
    organization::OrganizationQuery,
    organization::staff::StaffQuery,
    profile::ProfileQuery,
    program::ProgramQuery,
    resource::ResourceQuery,
    survey::SurveyQuery,
);

/// Changes. Each takes one `input` and answers what it changed, or `userErrors` and no change at all. Safe to
/// repeat with `@idempotent(key:)` or the header `Idempotency-Key`.
#[derive(Default, MergedObject)]
pub struct Mutation(
    account::AccountMutation,
    check_in::CheckInMutation,
    cohort::CohortMutation,
    consent::ConsentMutation,
    conversation::ConversationMutation,
    enrollment::EnrollmentMutation,
    import::ImportMutation,
    invitation::AnswerMutation,
    invitation::InvitationMutation,
    matches::MatchMutation,
    matching::MatchingMutation,
    matching::PublishMutation,
    matching::exclusion::ExclusionMutation,
    notification::NotificationMutation,
    objective::ObjectiveMutation,
    organization::OrganizationMutation,
    organization::staff::StaffMutation,
    profile::ProfileMutation,
    program::ProgramMutation,
    resource::ResourceMutation,
    session::SessionMutation,
    survey::SurveyMutation,
);

/// News as it happens, over WebSocket (graphql-transport-ws) or server-sent events (graphql-sse).
#[derive(Default, MergedSubscription)]
pub struct Subscription(events::EventSubscription, matches::PairSubscription, matching::MatchingSubscription);

pub type CairnSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema once; requests bring their own data.
pub fn schema(limits: &Limits) -> CairnSchema {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_recursive_depth(64)
        .directive(idempotent::idempotent)
        .finish()
}

/// The public contract, as committed in `schema.graphql`.
pub fn sdl(schema: &CairnSchema) -> String {
    let options = SDLExportOptions::new().sorted_arguments().sorted_enum_items().include_specified_by();
    schema.sdl_with_options(options)
}
