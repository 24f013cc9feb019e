//! Which objects hold what belongs to an organization, and which of their fields are for fewer people than the
//! object itself?
use domain::access::{Action as A, Role as R};

use super::{
    expectation::{
        Rule::{self, Belongs, Both, May, Only},
        Thing as T,
    },
    persona::Part,
};

/// A type, and how one of its objects is reached.
pub struct Entity {
    pub name: &'static str,
    /// The thing of the place that is asked for; empty for what has no id, of which the first counts.
    pub key: &'static str,
    /// Where `{}` stands for the selection.
    pub ask: &'static str,
    pub rule: Rule,
}

/// Found by its id.
const fn node(name: &'static str, key: &'static str, rule: Rule) -> Entity {
    Entity { name, key, ask: "", rule }
}

const fn within(name: &'static str, key: &'static str, ask: &'static str, rule: Rule) -> Entity {
    Entity { name, key, ask, rule }
}

const CONVERSATION: Rule = Both(&[May(A::ReadMatch, T::Pair), May(A::ReadConversation, T::Pair)]);

/// The types whose objects belong to an organization. Their fields are for whoever sees the object, but for [`FIELDS`].
pub const ENTITIES: &[Entity] = &[
    within(
        "AlternateMentor",
        "",
        "matchingRun(id: $run) { unmatched(first: 100) { nodes { alternates { {} } } } }",
        May(A::ManageMatching, T::Preparation),
    ),
    within(
        "AuditEvent",
        "audit",
        "auditEvents(first: 100, objectId: $program) { nodes { {} } }",
        May(A::ReadAudit, T::Organization),
    ),
    node("CheckIn", "held", May(A::ReadCheckIn, T::Pair)),
    node("Cohort", "cohort", May(A::ReadCohort, T::Program)),
    node("Consent", "consent", May(A::ReadConsent, T::AboutMentee)),
    within("Conversation", "conversation", "match(id: $match) { conversation { {} } }", CONVERSATION),
    node("Enrollment", "enrollment", May(A::ReadEnrollment, T::AboutMentee)),
    node("Exclusion", "exclusion", May(A::ManageMatching, T::Preparation)),
    node("File", "file", May(A::ReadResource, T::Pair)),
    within("Impact", "", "impact(programId: $program) { {} }", May(A::ReadImpact, T::Program)),
    node("Invitation", "invitation", May(A::ManageInvitation, T::Preparation)),
    node("Match", "match", May(A::ReadMatch, T::Pair)),
    node("MatchingRun", "run", May(A::ManageMatching, T::Preparation)),
    node("Message", "message", May(A::ReadConversation, T::Pair)),
    within(
        "Notification",
        "notification",
        "notifications(first: 100) { nodes { {} } }",
        Belongs(Part::Mentee),
    ),
    node("Objective", "objective", May(A::ReadObjective, T::Pair)),
    within("Organization", "organization", "organization { {} }", May(A::ReadOrganization, T::Organization)),
    node("Profile", "mentee", May(A::ReadProfile, T::Mentee)),
    node("Program", "program", May(A::ReadProgram, T::Program)),
    node("Resource", "resource", May(A::ReadResource, T::Pair)),
    node("RoleGrant", "grant", May(A::ReadStaff, T::Organization)),
    node("RosterImport", "import", May(A::ImportRoster, T::Preparation)),
    node("Survey", "survey", May(A::ReadSurvey, T::Program)),
    node("SurveyResponse", "response", Belongs(Part::Mentee)),
    node("SurveyWave", "closed_wave", May(A::ReadSurvey, T::Program)),
    within(
        "UnmatchedMentee",
        "",
        "matchingRun(id: $run) { unmatched(first: 100) { nodes { {} } } }",
        May(A::ManageMatching, T::Preparation),
    ),
];

/// A field with a rule of its own, beside that of its object.
pub struct Own {
    pub path: &'static str,
    pub rule: Rule,
    /// The thing of the place that it must contain to count as seen; any value, when empty.
    pub shows: &'static str,
}

const fn own(path: &'static str, rule: Rule, shows: &'static str) -> Own {
    Own { path, rule, shows }
}

const NOTES_OF_MENTOR: Rule = Only(A::ReadCheckInNotes, T::Pair, &[R::SafeguardingLead, R::Mentor]);
const NOTES_OF_MENTEE: Rule = Only(A::ReadCheckInNotes, T::Pair, &[R::SafeguardingLead, R::Mentee]);
const CONTACT: Rule = May(A::ReadContact, T::Mentee);
const PROGRAM: Rule = May(A::ReadProgram, T::Program);
const COHORT: Rule = May(A::ReadCohort, T::Program);
const MENTOR: Rule = May(A::ReadProfile, T::Mentor);
const MENTEE: Rule = May(A::ReadProfile, T::Mentee);
const CHECK_IN: Rule = May(A::ReadCheckIn, T::Pair);

/// Every field that leads to another object, and every value that not all who see its object may see.
pub const FIELDS: &[Own] = &[
    own("AlternateMentor.mentor", May(A::ReadEnrollment, T::Preparation), "mentor_enrollment"),
    own("CheckIn.summary", May(A::ReadCheckInNotes, T::Pair), ""),
    own("CheckIn.mentorRating", NOTES_OF_MENTOR, ""),
    own("CheckIn.mentorFeedback", NOTES_OF_MENTOR, ""),
    own("CheckIn.menteeRating", NOTES_OF_MENTEE, ""),
    own("CheckIn.menteeFeedback", NOTES_OF_MENTEE, ""),
    own("Cohort.program", PROGRAM, "program"),
    own("Cohort.enrollments", May(A::ReadEnrollment, T::AboutMentee), "enrollment"),
    own("Cohort.matchingRuns", May(A::ManageMatching, T::Preparation), "run"),
    own("Conversation.messages", May(A::ReadConversation, T::Pair), "message"),
    own("Enrollment.profile", MENTEE, "mentee"),
    own("Enrollment.cohort", COHORT, "cohort"),
    own("Exclusion.mentor", May(A::ReadProfile, T::Preparation), "left"),
    own("Exclusion.mentee", May(A::ReadProfile, T::Preparation), "seeker"),
    own("Impact.surveyWaves", May(A::ReadImpact, T::Program), "closed_wave"),
    own("Invitation.profile", May(A::ReadProfile, T::Preparation), "left"),
    own("Invitation.program", PROGRAM, "program"),
    own("Match.mentor", MENTOR, "mentor"),
    own("Match.mentee", MENTEE, "mentee"),
    own("Match.cohort", COHORT, "cohort"),
    own("Match.program", PROGRAM, "program"),
    own("Match.lastCheckIn", CHECK_IN, "held"),
    own("Match.nextCheckIn", CHECK_IN, "due"),
    own("Match.objectives", May(A::ReadObjective, T::Pair), "objective"),
    own("Match.checkIns", CHECK_IN, "held"),
    own("Match.resources", May(A::ReadResource, T::Pair), "resource"),
    own("Match.conversation", May(A::ReadConversation, T::Pair), "conversation"),
    own("MatchingRun.cohort", COHORT, "cohort"),
    own("MatchingRun.proposals", May(A::ReadMatch, T::Preparation), "suggestion"),
    own("MatchingRun.unmatched", May(A::ManageMatching, T::Preparation), "left_enrollment"),
    own("Message.sender", MENTOR, "mentor"),
    own("Profile.email", CONTACT, ""),
    own("Profile.externalId", CONTACT, ""),
    own("Profile.birthDate", CONTACT, ""),
    own("Profile.guardianContact", CONTACT, ""),
    own("Profile.guardians", May(A::ReadProfile, T::Guardian), "guardian"),
    own("Profile.enrollments", May(A::ReadEnrollment, T::AboutMentee), "enrollment"),
    own("Profile.consents", May(A::ReadConsent, T::AboutMentee), "consent"),
    own("Program.cohorts", COHORT, "cohort"),
    own("Resource.file", May(A::ReadResource, T::Pair), "file"),
    own("RosterImport.cohort", COHORT, "cohort"),
    own("Survey.waves", May(A::ReadSurvey, T::Program), "wave"),
    own("SurveyResponse.wave", May(A::ReadSurvey, T::Program), "closed_wave"),
    own("SurveyWave.survey", May(A::ReadSurvey, T::Program), "survey"),
    own("SurveyWave.results", May(A::ReadImpact, T::Program), ""),
    own("UnmatchedMentee.alternates", May(A::ManageMatching, T::Preparation), "mentor_enrollment"),
    own("UnmatchedMentee.mentee", May(A::ReadEnrollment, T::Preparation), "left_enrollment"),
];

/// Where another object of the type shows the field.
pub const ELSEWHERE: &[(&str, &str)] = &[("Invitation.program", "staff_invitation")];

/// Values that differ from reader to reader, or from moment to moment, by their nature.
pub const VARYING: &[&str] = &["allowedActions", "asOf", "unreadCount"];

/// Types that are nothing by themselves, and the field by which they are read: they are for whoever sees that field.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("AvailabilityWindow", "Profile.availability"),
    ("BrokenRule", "UnmatchedMentee.rules"),
    ("MatchCriterion", "Match.criteria"),
    ("MatchingWeights", "Program.policy"),
    ("OrganizationChange", "Subscription.organizationChanged"),
    ("ProgramObjective", "Program.objectives"),
    ("ProgramPolicy", "Program.policy"),
    ("RosterError", "RosterImport.errors"),
    ("SurveyAnswer", "SurveyResponse.answers"),
    ("SurveyFigures", "SurveyWave.results"),
    ("SurveyQuestion", "Survey.questions"),
    ("SurveyQuestionResult", "SurveyWave.results"),
    ("SurveyValueCount", "SurveyWave.results"),
];

/// Types without anything of an organization: of the reader's own account, or of the interface itself.
pub const OTHERS: &[(&str, &str)] = &[
    ("AcceptedInvitation", "the answer to whoever has the link"),
    ("Account", "one's own account, in Viewer"),
    ("AllowedAction", "what the reader may do"),
    ("DiscardedProposals", "the answer to whoever published"),
    ("InvitedCounts", "the answer to whoever invited"),
    ("Limits", "the same for everybody"),
    ("Membership", "one's own, in Viewer"),
    ("PageInfo", "of the list that one reads"),
    ("Session", "one's own, in Viewer"),
    ("Tokens", "one's own, from signing in"),
    ("UserError", "of one's own mutation"),
    ("Viewer", "whoever is signed in"),
    ("ViewerRole", "one's own, in Viewer"),
];

impl Entity {
    /// Is the list in which it is found refused to those who never reach anything?
    pub fn is_loud(&self) -> bool {
        ["AuditEvent", "Impact"].contains(&self.name)
    }

    /// What to ask for a selection of the object.
    pub fn document(&self, selection: &str) -> String {
        let Self { name, key, ask, .. } = self;
        let selection = format!("__typename {selection}");
        if ask.is_empty() {
            format!("{{ node(id: ${key}) {{ ... on {name} {{ {selection} }} }} }}")
        } else {
            format!("{{ {} }}", ask.replace("{}", &selection))
        }
    }
}
