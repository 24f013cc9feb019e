//! What staff do with the organization and its people: settings, roles, profiles, consents, invitations, rosters.
use domain::access::Action as A;

use super::{Mutation, of};
use crate::access::expectation::{
    Rule::{self, Both, May},
    Thing as T,
};

const ORGANIZATION: Rule = May(A::ReadOrganization, T::Organization);
const STAFF: Rule = May(A::ReadStaff, T::Organization);
const MENTEE: Rule = May(A::ReadProfile, T::Mentee);
const INVITATION: Rule = May(A::ManageInvitation, T::Preparation);
const PROFILE: Rule = May(A::ManageProfile, T::Mentee);
const OF_STAFF: Rule =
    Both(&[May(A::ManageInvitation, T::Preparation), May(A::ManageStaff, T::Organization)]);

pub const MUTATIONS: &[Mutation] = &[
    of(
        "updateOrganization",
        May(A::ManageOrganization, T::Organization),
        ORGANIZATION,
        r#"{ name: "Brighter Futures" }"#,
    )
    .at_home(),
    of(
        "grantRole",
        May(A::ManageStaff, T::Organization),
        ORGANIZATION,
        "{ accountId: $account, role: COORDINATOR, programId: $program }",
    )
    .at_home(),
    of(
        "grantRole",
        May(A::ManageAdmins, T::Organization),
        ORGANIZATION,
        "{ accountId: $account, role: ADMIN }",
    )
    .case("an admin")
    .at_home(),
    of("revokeRole", May(A::ManageStaff, T::Organization), STAFF, "{ grantId: $grant }"),
    of("revokeRole", May(A::ManageAdmins, T::Organization), STAFF, "{ grantId: $owner_grant }")
        .case("an owner")
        .never_succeeds("the last owner stays"),
    of("createProfile", May(A::ManageProfile, T::Organization), ORGANIZATION, r#"{ name: "Eva" }"#).at_home(),
    of("updateProfile", PROFILE, MENTEE, r#"{ id: $mentee, about: "Shy at first." }"#),
    of("linkGuardian", PROFILE, MENTEE, "{ wardId: $mentee, guardianId: $mentor }"),
    of("unlinkGuardian", PROFILE, MENTEE, "{ wardId: $mentee, guardianId: $guardian }"),
    of(
        "recordConsent",
        May(A::ManageConsent, T::Mentee),
        MENTEE,
        r#"{ profileId: $mentee, purpose: PARTICIPATION, method: PAPER, textVersion: "2026-1", givenBy: "A parent",
             grantedOn: $today }"#,
    )
    .given("update consent set status = 'WITHDRAWN', withdrawn_at = now()"),
    of(
        "withdrawConsent",
        May(A::ManageConsent, T::Mentee),
        May(A::ReadConsent, T::AboutMentee),
        "{ id: $consent }",
    ),
    of(
        "inviteEnrolled",
        May(A::ManageInvitation, T::Program),
        May(A::ReadCohort, T::Program),
        "{ cohortId: $cohort }",
    ),
    of("invitePerson", INVITATION, May(A::ReadProfile, T::Preparation), "{ profileId: $newcomer }"),
    of(
        "inviteStaff",
        May(A::ManageStaff, T::Organization),
        ORGANIZATION,
        r#"{ email: "new@staff.example", role: COORDINATOR, programId: $program }"#,
    )
    .at_home(),
    of(
        "inviteStaff",
        May(A::ManageAdmins, T::Organization),
        ORGANIZATION,
        r#"{ email: "new@staff.example", role: OWNER }"#,
    )
    .case("an owner")
    .at_home(),
    of("resendInvitation", INVITATION, INVITATION, "{ id: $invitation }"),
    of("resendInvitation", OF_STAFF, INVITATION, "{ id: $staff_invitation }").case("of a coordinator"),
    of("revokeInvitation", INVITATION, INVITATION, "{ id: $invitation }"),
    of("revokeInvitation", OF_STAFF, INVITATION, "{ id: $staff_invitation }").case("of a coordinator"),
    of(
        "importRoster",
        May(A::ImportRoster, T::Program),
        May(A::ReadCohort, T::Program),
        "{ cohortId: $cohort, fileId: $own_file, dryRun: true }",
    ),
];
