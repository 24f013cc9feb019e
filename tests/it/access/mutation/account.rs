//! What people do about themselves: their account, sessions, notifications and profile.
use super::{Mutation, of};
use crate::access::{
    expectation::Rule::{Belongs, Everybody, Membership, Nobody, OwnProfile, SignedIn},
    persona::Part,
};

const NO_SUCH_LINK: &str = "the token is none";

pub const MUTATIONS: &[Mutation] = &[
    of(
        "signUp",
        Everybody,
        Nobody,
        r#"{ name: "Ana", email: "not an address", password: "wren otter kelp lantern" }"#,
    )
    .never_succeeds("the address is none, so that no time is spent on its password"),
    of("verifyEmail", Everybody, Nobody, r#"{ token: "none" }"#).never_succeeds(NO_SUCH_LINK),
    of("resendVerification", SignedIn, Nobody, ""),
    of("requestPasswordReset", Everybody, Nobody, r#"{ email: "nobody@people.example" }"#),
    of("resetPassword", Everybody, Nobody, r#"{ token: "none", newPassword: "wren otter kelp lantern" }"#)
        .never_succeeds(NO_SUCH_LINK),
    of("changePassword", SignedIn, Nobody, r#"{ currentPassword: "wrong", newPassword: "short" }"#)
        .never_succeeds("the present password is wrong"),
    of("signIn", Everybody, Nobody, r#"{ email: "nobody@people.example", password: "wrong" }"#)
        .never_succeeds("the address has no account"),
    of("refreshSession", Everybody, Nobody, r#"{ refreshToken: "none" }"#).never_succeeds(NO_SUCH_LINK),
    of("signOut", SignedIn, Nobody, ""),
    of("signOutOtherSessions", SignedIn, Nobody, ""),
    of("revokeSession", Belongs(Part::Mentee), Nobody, "{ sessionId: $session }"),
    of("acceptInvitation", Everybody, Nobody, r#"{ token: "none", password: "wren otter kelp lantern" }"#)
        .never_succeeds(NO_SUCH_LINK),
    of("declineInvitation", Everybody, Nobody, r#"{ token: "none" }"#).never_succeeds(NO_SUCH_LINK),
    of("createOrganization", SignedIn, Nobody, r#"{ name: "Elsewhere", timeZone: "Europe/Berlin" }"#),
    of("markNotificationsRead", Membership, Nobody, "{ until: $notification }"),
    of("updateMyProfile", OwnProfile, Membership, r#"{ about: "I like to listen." }"#).at_home(),
];
