//! Which action of the access table stands behind each query and subscription?
use domain::access::Action as A;

use super::{
    expectation::{
        Rule::{self, Belongs, Everybody, May, Membership, Yourself},
        Thing::{self as T},
    },
    persona::Part,
};

/// A field of `Query`, asked with the ids of a place.
pub struct Query {
    pub name: &'static str,
    /// The field with its arguments and what is wanted below; `$name` stands for a thing of the place.
    pub ask: &'static str,
    /// The thing of the place that the answer must contain to count as seen.
    pub shows: &'static str,
    pub rule: Rule,
    /// Is it refused, instead of empty, to those who never reach anything?
    pub is_loud: bool,
}

const fn one(name: &'static str, ask: &'static str, shows: &'static str, rule: Rule) -> Query {
    Query { name, ask, shows, rule, is_loud: false }
}

const fn loud(name: &'static str, ask: &'static str, shows: &'static str, rule: Rule) -> Query {
    Query { name, ask, shows, rule, is_loud: true }
}

pub const QUERIES: &[Query] = &[
    one("viewer", "viewer { account { id } }", "", Yourself),
    one("limits", "limits { page }", "", Everybody),
    one("organization", "organization { id }", "organization", May(A::ReadOrganization, T::Organization)),
    loud(
        "auditEvents",
        "auditEvents(first: 100, objectId: $program) { nodes { id } }",
        "audit",
        May(A::ReadAudit, T::Organization),
    ),
    loud(
        "roleGrants",
        "roleGrants(first: 100) { nodes { id } }",
        "grant",
        May(A::ReadStaff, T::Organization),
    ),
    one("program", "program(id: $program) { id }", "program", May(A::ReadProgram, T::Program)),
    one("programs", "programs(first: 100) { nodes { id } }", "program", May(A::ReadProgram, T::Program)),
    one("cohort", "cohort(id: $cohort) { id }", "cohort", May(A::ReadCohort, T::Program)),
    one(
        "enrollment",
        "enrollment(id: $enrollment) { id }",
        "enrollment",
        May(A::ReadEnrollment, T::AboutMentee),
    ),
    one("profile", "profile(id: $mentee) { id }", "mentee", May(A::ReadProfile, T::Mentee)),
    one("profiles", "profiles(first: 100) { nodes { id } }", "mentee", May(A::ReadProfile, T::Mentee)),
    one("myProfile", "myProfile { id }", "mentee", Belongs(Part::Mentee)),
    one(
        "invitation",
        "invitation(id: $invitation) { id }",
        "invitation",
        May(A::ManageInvitation, T::Preparation),
    ),
    loud(
        "invitations",
        "invitations(first: 100) { nodes { id } }",
        "invitation",
        May(A::ManageInvitation, T::Preparation),
    ),
    one("rosterImport", "rosterImport(id: $import) { id }", "import", May(A::ImportRoster, T::Preparation)),
    one("matchingRun", "matchingRun(id: $run) { id }", "run", May(A::ManageMatching, T::Preparation)),
    loud(
        "exclusions",
        "exclusions(first: 100) { nodes { id } }",
        "exclusion",
        May(A::ManageMatching, T::Preparation),
    ),
    one("match", "match(id: $match) { id }", "match", May(A::ReadMatch, T::Pair)),
    one("matches", "matches(first: 100) { nodes { id } }", "match", May(A::ReadMatch, T::Pair)),
    one("objective", "objective(id: $objective) { id }", "objective", May(A::ReadObjective, T::Pair)),
    one("checkIn", "checkIn(id: $held) { id }", "held", May(A::ReadCheckIn, T::Pair)),
    one("resource", "resource(id: $resource) { id }", "resource", May(A::ReadResource, T::Pair)),
    one(
        "resources",
        "resources(programId: $program, first: 100) { nodes { id } }",
        "program_resource",
        May(A::ReadResource, T::Program),
    ),
    one("file", "file(id: $file) { id }", "file", May(A::ReadResource, T::Pair)),
    one("survey", "survey(id: $survey) { id }", "survey", May(A::ReadSurvey, T::Program)),
    one("surveys", "surveys(first: 100) { nodes { id } }", "survey", May(A::ReadSurvey, T::Program)),
    one("surveyWave", "surveyWave(id: $wave) { id }", "wave", May(A::ReadSurvey, T::Program)),
    one(
        "mySurveyResponses",
        "mySurveyResponses(first: 100) { nodes { id } }",
        "response",
        Belongs(Part::Mentee),
    ),
    loud("impact", "impact(programId: $program) { asOf }", "", May(A::ReadImpact, T::Program)),
    one("notifications", "notifications(first: 100) { nodes { id } }", "notification", Belongs(Part::Mentee)),
    one("unreadNotificationCount", "unreadNotificationCount", "", Membership),
    one("node", "node(id: $match) { id }", "match", May(A::ReadMatch, T::Pair)),
    one("nodes", "nodes(ids: [$match]) { id }", "match", May(A::ReadMatch, T::Pair)),
];

/// A field of `Subscription`, and the event that makes it tell something to whoever may hear it.
pub struct Subscription {
    pub name: &'static str,
    pub ask: &'static str,
    pub shows: &'static str,
    pub rule: Rule,
    /// Prefix of the changed object's id, its name in the place, and the name of its context.
    pub event: (&'static str, &'static str, &'static str),
}

const fn told(
    name: &'static str,
    ask: &'static str,
    rule: Rule,
    event: (&'static str, &'static str, &'static str),
) -> Subscription {
    Subscription { name, ask, shows: event.1, rule, event }
}

pub const SUBSCRIPTIONS: &[Subscription] = &[
    told(
        "organizationChanged",
        "organizationChanged { organizationId }",
        May(A::ReadOrganization, T::Organization),
        ("org", "organization", "organization"),
    ),
    told(
        "matchChanged",
        "matchChanged(matchId: $match) { id }",
        May(A::ReadMatch, T::Pair),
        ("match", "match", "match"),
    ),
    told(
        "checkInChanged",
        "checkInChanged(matchId: $match) { id }",
        Rule::Both(&[May(A::ReadMatch, T::Pair), May(A::ReadCheckIn, T::Pair)]),
        ("checkin", "held", "match"),
    ),
    told(
        "messageAdded",
        "messageAdded(matchId: $match) { id }",
        Rule::Both(&[May(A::ReadMatch, T::Pair), May(A::ReadConversation, T::Pair)]),
        ("message", "message", "match"),
    ),
    told(
        "matchingRunChanged",
        "matchingRunChanged(runId: $run) { id }",
        May(A::ManageMatching, T::Preparation),
        ("run", "run", "cohort"),
    ),
];
