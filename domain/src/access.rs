//! Who may do what, with what? One table decides; the policy, the SQL of every list, the docs page and the
//! golden access file are all made from it.
mod table;

pub use table::TABLE;

use crate::{account::Account, id::Id, organization::Organization, profile::Profile, program::Program};

crate::text_enum! {
    /// What somebody is to an organization. Staff roles are granted; the others follow from relationships.
    pub enum Role as "Role" {
        /// Owns the organization: everything an admin may do, and who is owner or admin.
        Owner = "OWNER",
        /// Runs the organization: people, programs, settings.
        Admin = "ADMIN",
        /// Runs programs: all of them, or the ones named in the grant.
        Coordinator = "COORDINATOR",
        /// Is responsible for the safety of minors; reads what is reported or held.
        SafeguardingLead = "SAFEGUARDING_LEAD",
        /// Reads aggregated results only, never a person's data.
        Analyst = "ANALYST",
        /// Is the mentor of a match, by relationship.
        Mentor = "MENTOR",
        /// Is the mentee of a match, by relationship.
        Mentee = "MENTEE",
        /// Is responsible for a mentee who is a minor, by relationship.
        Guardian = "GUARDIAN",
        /// Any person with a profile in the organization.
        Member = "MEMBER",
    }
}

crate::text_enum! {
    /// Something that can be done in an organization, as the access table names it.
    pub enum Action as "Action" {
        /// Read the organization's name and settings.
        ReadOrganization = "READ_ORGANIZATION",
        /// Change the organization's name and settings.
        ManageOrganization = "MANAGE_ORGANIZATION",
        /// List who has which staff role.
        ReadStaff = "READ_STAFF",
        /// Make and unmake owners and admins.
        ManageAdmins = "MANAGE_ADMINS",
        /// Make and unmake coordinators, safeguarding leads and analysts.
        ManageStaff = "MANAGE_STAFF",
        /// Read the audit log.
        ReadAudit = "READ_AUDIT",
        /// Read a program, its objectives and its policy.
        ReadProgram = "READ_PROGRAM",
        /// Create a program.
        CreateProgram = "CREATE_PROGRAM",
        /// Change, publish, pause and end a program.
        ManageProgram = "MANAGE_PROGRAM",
        /// Read a cohort's name and dates.
        ReadCohort = "READ_COHORT",
        /// Open, change and close a cohort.
        ManageCohort = "MANAGE_COHORT",
        /// Read who takes part in a cohort.
        ReadEnrollment = "READ_ENROLLMENT",
        /// Enroll people, approve and end their enrollments.
        ManageEnrollment = "MANAGE_ENROLLMENT",
        /// Read a person's profile: name, interests, goals, languages, availability.
        ReadProfile = "READ_PROFILE",
        /// Read a person's e-mail address, birth date and guardian contact.
        ReadContact = "READ_CONTACT",
        /// Create profiles for other people and change them.
        ManageProfile = "MANAGE_PROFILE",
        /// Change one's own interests, goals, languages, availability and capacity.
        EditOwnProfile = "EDIT_OWN_PROFILE",
        /// Invite people and revoke invitations.
        ManageInvitation = "MANAGE_INVITATION",
        /// Read which consents are recorded for a person.
        ReadConsent = "READ_CONSENT",
        /// Record and withdraw consents.
        ManageConsent = "MANAGE_CONSENT",
        /// Upload a roster, see its errors and import it.
        ImportRoster = "IMPORT_ROSTER",
        /// Run the matching, review, publish and discard what it proposes; name pairs that must not be.
        ManageMatching = "MANAGE_MATCHING",
        /// Read a match that was offered: who, since when, its state.
        ReadMatch = "READ_MATCH",
        /// Accept or decline the offer of a match.
        AnswerMatch = "ANSWER_MATCH",
        /// Read the objectives of a pair.
        ReadObjective = "READ_OBJECTIVE",
        /// Propose, agree, work on and rate the objectives of a pair.
        ManageObjective = "MANAGE_OBJECTIVE",
        /// Read when a pair meets and what became of it.
        ReadCheckIn = "READ_CHECK_IN",
        /// Schedule, record, move and cancel check-ins of a pair.
        ManageCheckIn = "MANAGE_CHECK_IN",
        /// Read what both sides of a pair wrote about a check-in.
        ReadCheckInNotes = "READ_CHECK_IN_NOTES",
        /// Read the messages of a pair.
        ReadConversation = "READ_CONVERSATION",
        /// Write messages to the other side of the pair.
        WriteMessage = "WRITE_MESSAGE",
        /// Read the resources shared with a pair or a program.
        ReadResource = "READ_RESOURCE",
        /// Share resources with the pair.
        ShareResource = "SHARE_RESOURCE",
        /// Share resources with everybody in a program.
        ManageResource = "MANAGE_RESOURCE",
        /// Read a survey's questions.
        ReadSurvey = "READ_SURVEY",
        /// Create surveys, open and close their waves.
        ManageSurvey = "MANAGE_SURVEY",
        /// Answer a survey as oneself and read one's own answers.
        AnswerSurvey = "ANSWER_SURVEY",
        /// Read aggregated survey results and impact figures.
        ReadImpact = "READ_IMPACT",
        /// Upload a file.
        UploadFile = "UPLOAD_FILE",
    }
}

/// How far a role reaches with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The organization itself, also for a coordinator of named programs.
    Membership,
    /// Everything of the organization; for a coordinator of named programs, everything of those programs.
    Organization,
    /// What concerns a match in which the person has the role, or the person's own enrollment in a cohort.
    Relationship,
    /// The person's own profile, and for guardians those of their wards.
    Themselves,
}

/// A staff role of one person: for the whole organization, or for one program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    pub role: Role,
    pub program: Option<Id<Program>>,
}

/// Who acts in an organization, as far as the policy needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub account: Id<Account>,
    pub organization: Id<Organization>,
    /// The person's profile in the organization; staff may have none.
    pub profile: Option<Id<Profile>>,
    pub grants: Vec<Grant>,
    /// The minors for whom the person is the guardian.
    pub wards: Vec<Id<Profile>>,
}

/// Everything that an actor may reach with one action, in the form that SQL and [`Scope::admits`] share.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The whole organization.
    pub everything: bool,
    /// All of these programs.
    pub programs: Vec<Id<Program>>,
    /// What concerns these people as mentors of a match or cohort.
    pub mentors: Vec<Id<Profile>>,
    /// What concerns these people as mentees of a match or cohort.
    pub mentees: Vec<Id<Profile>>,
    /// What belongs to exactly these people.
    pub people: Vec<Id<Profile>>,
}

/// What the policy needs to know about a thing. Leave out what the thing does not have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    pub program: Option<Id<Program>>,
    pub mentor: Option<Id<Profile>>,
    pub mentee: Option<Id<Profile>>,
    /// The person whom it is about, such as the owner of a profile.
    pub person: Option<Id<Profile>>,
}

impl Actor {
    /// Everything that the actor may reach with `action`.
    pub fn scope(&self, action: Action) -> Scope {
        let mut scope = Scope::default();
        let rules = TABLE.iter().find(|(listed, _)| *listed == action).map_or(&[][..], |(_, rules)| *rules);
        for &(role, reach) in rules {
            match reach {
                Reach::Membership => {
                    scope.everything |= self.grants.iter().any(|grant| grant.role == role);
                }
                Reach::Organization => self.reach_organization(role, &mut scope),
                Reach::Relationship => match role {
                    Role::Mentor => scope.mentors.extend(self.profile),
                    Role::Mentee => scope.mentees.extend(self.profile),
                    Role::Guardian => scope.mentees.extend(&self.wards),
                    _ => {}
                },
                Reach::Themselves if role == Role::Guardian => scope.people.extend(&self.wards),
                Reach::Themselves => scope.people.extend(self.profile),
            }
        }
        scope
    }

    fn reach_organization(&self, role: Role, scope: &mut Scope) {
        match role {
            Role::Member => scope.everything |= self.profile.is_some(),
            Role::Guardian => scope.everything |= !self.wards.is_empty(),
            _ => {
                for grant in self.grants.iter().filter(|grant| grant.role == role) {
                    match grant.program {
                        None => scope.everything = true,
                        Some(program) => scope.programs.push(program),
                    }
                }
            }
        }
    }

    /// May the actor do `action` with the thing that `facts` describe?
    pub fn may(&self, action: Action, facts: &Facts) -> bool {
        self.scope(action).admits(facts)
    }

    /// Does the actor reach anything at all with `action`?
    pub fn may_ever(&self, action: Action) -> bool {
        self.scope(action) != Scope::default()
    }
}

impl Scope {
    /// Nothing.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// For jobs, which act for the organization itself.
    pub fn organization() -> Self {
        Self { everything: true, ..Self::default() }
    }

    pub fn admits(&self, facts: &Facts) -> bool {
        let within =
            |list: &[Id<Profile>], who: Option<Id<Profile>>| who.is_some_and(|id| list.contains(&id));
        self.everything
            || facts.program.is_some_and(|program| self.programs.contains(&program))
            || within(&self.mentors, facts.mentor)
            || within(&self.mentees, facts.mentee)
            || within(&self.people, facts.person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextEnum;
    use uuid::Uuid;

    fn id<T>(n: u128) -> Id<T> {
        Id::new(Uuid::from_u128(n))
    }

    fn actor(grants: &[(Role, Option<u128>)], profile: Option<u128>, wards: &[u128]) -> Actor {
        Actor {
            account: id(1),
            organization: id(2),
            profile: profile.map(id),
            grants: grants.iter().map(|&(role, program)| Grant { role, program: program.map(id) }).collect(),
            wards: wards.iter().copied().map(id).collect(),
        }
    }

    #[test]
    fn every_action_has_exactly_one_row() {
        for action in Action::ALL {
            assert_eq!(TABLE.iter().filter(|(listed, _)| listed == action).count(), 1, "{action}");
        }
    }

    #[test]
    fn nobody_may_do_anything_without_role_or_profile() {
        let nobody = actor(&[], None, &[]);
        for action in Action::ALL {
            assert!(!nobody.may_ever(*action), "{action}");
        }
    }

    #[test]
    fn a_coordinator_of_a_program_reaches_that_program_only() {
        let coordinator = actor(&[(Role::Coordinator, Some(7))], None, &[]);
        let facts = |program| Facts { program: Some(id(program)), ..Facts::default() };
        assert!(coordinator.may(Action::ReadMatch, &facts(7)));
        assert!(!coordinator.may(Action::ReadMatch, &facts(8)));
        assert!(!coordinator.may(Action::ReadMatch, &Facts::default()));
    }

    #[test]
    fn a_coordinator_of_a_program_knows_the_organization_but_not_its_staff() {
        let coordinator = actor(&[(Role::Coordinator, Some(7))], None, &[]);
        assert!(coordinator.may(Action::ReadOrganization, &Facts::default()));
        assert!(!coordinator.may(Action::ReadStaff, &Facts::default()));
        assert!(!actor(&[(Role::Mentor, None)], None, &[]).may_ever(Action::ReadOrganization));
    }

    #[test]
    fn the_pair_reads_its_messages_and_neither_coordinator_nor_guardian_does() {
        let facts = Facts { program: Some(id(7)), mentor: Some(id(10)), mentee: Some(id(11)), person: None };
        for (who, expected) in [
            (actor(&[], Some(10), &[]), true),
            (actor(&[], Some(11), &[]), true),
            (actor(&[], Some(12), &[]), false),
            (actor(&[(Role::Coordinator, None)], None, &[]), false),
            (actor(&[(Role::Owner, None)], None, &[]), false),
            (actor(&[(Role::SafeguardingLead, None)], None, &[]), true),
            (actor(&[], None, &[11]), false),
        ] {
            assert_eq!(who.may(Action::ReadConversation, &facts), expected, "{who:?}");
        }
    }

    #[test]
    fn a_guardian_reaches_the_ward_but_not_the_mentor() {
        let guardian = actor(&[], None, &[11]);
        let about = |person| Facts { person: Some(id(person)), ..Facts::default() };
        assert!(guardian.may(Action::ReadContact, &about(11)));
        assert!(!guardian.may(Action::ReadContact, &about(10)));
        assert!(!guardian.may(Action::EditOwnProfile, &about(11)));
    }

    #[test]
    fn an_analyst_reads_results_and_no_person() {
        let analyst = actor(&[(Role::Analyst, None)], None, &[]);
        assert!(analyst.may_ever(Action::ReadImpact));
        for action in [
            Action::ReadProfile,
            Action::ReadContact,
            Action::ReadMatch,
            Action::ReadEnrollment,
            Action::ReadConversation,
        ] {
            assert!(!analyst.may_ever(action), "{action}");
        }
    }
}
