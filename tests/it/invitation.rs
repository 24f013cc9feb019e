//! Invitations: does everybody get one, and does a link work once and in time?
use api::{config::Config, graphql::invitation::token};
use chrono::TimeDelta;
use domain::{
    access::{Role, Scope},
    id::Id,
    invitation::Invitation,
};
use serde_json::{Value, json};

use crate::harness::{Client, Stage, TestApp};

const ENROLLED: &str = "mutation($cohort: ID!) { inviteEnrolled(input: { cohortId: $cohort }) {
    counts { invited alreadyInvited alreadyHere withoutEmail } userErrors { code path } } }";
const PERSON: &str = "mutation($id: ID!) { invitePerson(input: { profileId: $id }) {
    invitation { id email status expiresAt profile { name } } userErrors { code path } } }";
const STAFF: &str = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) {
    invitation { id role program { id } } userErrors { code path } } }";
const RESEND: &str = "mutation($id: ID!) { resendInvitation(input: { id: $id }) { invitation { status } userErrors { code path } } }";
const REVOKE: &str = "mutation($id: ID!) { revokeInvitation(input: { id: $id }) { invitation { status } userErrors { code path } } }";
const DECLINE: &str = "mutation($token: String!) { declineInvitation(input: { token: $token }) { declined userErrors { code path } } }";
const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
    accepted { organizationId tokens { accessToken refreshToken } } userErrors { code path } } }";
const PASSWORD: &str = "wren otter kelp lantern";
const READ: &str = "query($id: ID!) { invitation(id: $id) { status allowedActions { action allowed } } }";

async fn invite(stage: &Stage, profile: &Value) -> Value {
    stage.owner.done(PERSON, json!({ "id": profile })).await["invitation"]["id"].clone()
}

/// The token in the mail.
async fn link(stage: &Stage, invitation: &Value) -> String {
    let id: Id<Invitation> = invitation.as_str().expect("an id").parse().expect("an id");
    let organization = stage.organization;
    let found = stage
        .inside(async |conn| {
            persistence::invitation::find(conn, &Scope::organization(), organization, id).await
        })
        .await;
    let invitation = found.expect("an invitation");
    token::text(&stage.test.app, organization, &invitation).unwrap_or_else(|failure| panic!("{failure:?}"))
}

#[tokio::test]
async fn everybody_in_a_cohort_is_invited_once() {
    let stage = Stage::new().await;
    let cohort = stage.cohort(&stage.program("Reading friends").await).await;
    for name in ["Ana", "Ben", "Eva", "Mia"] {
        stage.enroll(&cohort, &stage.profile(name).await, "MENTEE").await;
    }
    let nobody =
        "mutation { createProfile(input: { name: \"No Mail\" }) { profile { id } userErrors { code } } }";
    let silent = stage.owner.done(nobody, json!({})).await["profile"]["id"].clone();
    stage.enroll(&cohort, &silent, "MENTEE").await;
    let here = stage.profile("Here").await;
    stage.person(&here).await;
    stage.enroll(&cohort, &here, "MENTOR").await;
    let counts = |invited, already| json!({ "invited": invited, "alreadyInvited": already, "alreadyHere": 1, "withoutEmail": 1 });
    let first = stage.owner.done(ENROLLED, json!({ "cohort": cohort })).await["counts"].clone();
    assert_eq!(first, counts(4, 0));
    let second = stage.owner.done(ENROLLED, json!({ "cohort": cohort })).await["counts"].clone();
    assert_eq!(second, counts(0, 4));
    let list = "{ invitations(status: PENDING) { nodes { email profile { name } } } }";
    let listed = stage.owner.data(list, json!({})).await["invitations"]["nodes"].clone();
    assert_eq!(listed.as_array().map(Vec::len), Some(4));
    assert_eq!(listed[3], json!({ "email": "ana@people.example", "profile": { "name": "Ana" } }));
}

#[tokio::test]
async fn one_person_is_invited_by_hand() {
    let stage = Stage::new().await;
    let profile = stage.profile("Ana").await;
    let invitation = stage.owner.done(PERSON, json!({ "id": profile })).await["invitation"].clone();
    assert_eq!((&invitation["status"], &invitation["profile"]["name"]), (&json!("PENDING"), &json!("Ana")));
    assert_eq!(stage.owner.refused(PERSON, json!({ "id": profile })).await, "TAKEN input.email");
    stage.person(&profile).await;
    assert_eq!(stage.owner.refused(PERSON, json!({ "id": profile })).await, "TAKEN input.profileId");
}

#[tokio::test]
async fn a_link_is_good_for_one_answer() {
    let stage = Stage::new().await;
    let invitation = invite(&stage, &stage.profile("Ana").await).await;
    let token = link(&stage, &invitation).await;
    let declined = stage.owner.done(DECLINE, json!({ "token": token })).await;
    assert_eq!(declined["declined"], true);
    assert_eq!(stage.owner.refused(DECLINE, json!({ "token": token })).await, "EXPIRED input.token");
    let data = stage.owner.data(READ, json!({ "id": invitation })).await["invitation"].clone();
    assert_eq!(data["status"], "DECLINED");
    assert!(
        data["allowedActions"].as_array().expect("a list").iter().all(|action| action["allowed"] == false)
    );
    assert_eq!(stage.owner.refused(REVOKE, json!({ "id": invitation })).await, "WRONG_STATE");
}

#[tokio::test]
async fn sending_again_makes_the_old_link_dead() {
    let stage = Stage::new().await;
    let invitation = invite(&stage, &stage.profile("Ana").await).await;
    let old = link(&stage, &invitation).await;
    stage.test.advance(TimeDelta::days(13));
    stage.owner.done(RESEND, json!({ "id": invitation })).await;
    let new = link(&stage, &invitation).await;
    stage.test.advance(TimeDelta::days(13));
    assert_eq!(stage.owner.refused(DECLINE, json!({ "token": old })).await, "EXPIRED input.token");
    stage.owner.done(DECLINE, json!({ "token": new })).await;
}

#[tokio::test]
async fn a_revoked_a_late_and_a_made_up_link_look_the_same() {
    let stage = Stage::new().await;
    let (revoked, late) = (
        invite(&stage, &stage.profile("Ana").await).await,
        invite(&stage, &stage.profile("Eva").await).await,
    );
    let (dead, old) = (link(&stage, &revoked).await, link(&stage, &late).await);
    stage.owner.done(REVOKE, json!({ "id": revoked })).await;
    stage.test.advance(TimeDelta::days(14));
    let made_up = format!("{}.{}", stage.organization, "A".repeat(43));
    for token in [dead.as_str(), old.as_str(), made_up.as_str(), "nonsense"] {
        assert_eq!(stage.owner.refused(DECLINE, json!({ "token": token })).await, "EXPIRED input.token");
    }
    let (organization, now) = (stage.organization, stage.test.app.clock.now());
    let expired =
        stage.inside(async |conn| persistence::invitation::expire_due(conn, organization, now).await).await;
    assert_eq!(expired.iter().map(ToString::to_string).collect::<Vec<_>>(), [late.as_str().expect("an id")]);
    assert_eq!(stage.owner.data(READ, json!({ "id": late })).await["invitation"]["status"], "EXPIRED");
}

#[tokio::test]
async fn staff_is_invited_by_those_who_may_give_the_role() {
    let stage = Stage::new().await;
    let program = stage.program("Reading friends").await;
    let admin = stage.staff(Role::Admin, None).await;
    let coordinator = stage.staff(Role::Coordinator, None).await;
    let input = |role: &str, program: Option<&Value>| json!({ "input": { "email": format!("{role}@staff.example"), "role": role, "programId": program } });
    let invited = admin.done(STAFF, input("COORDINATOR", Some(&program))).await["invitation"].clone();
    assert_eq!((&invited["role"], &invited["program"]["id"]), (&json!("COORDINATOR"), &program));
    for (person, input, expected) in [
        (&admin, input("OWNER", None), "NOT_ALLOWED"),
        (&coordinator, input("ANALYST", None), "NOT_ALLOWED"),
        (&admin, input("ANALYST", Some(&program)), "INVALID input.programId"),
        (&admin, input("MENTOR", None), "INVALID input.role"),
    ] {
        assert_eq!(person.refused(STAFF, input).await, expected);
    }
    let owner = stage.owner.done(STAFF, input("OWNER", None)).await["invitation"]["id"].clone();
    assert_eq!(coordinator.refused(REVOKE, json!({ "id": owner })).await, "NOT_ALLOWED");
    assert_eq!(admin.refused(REVOKE, json!({ "id": owner })).await, "NOT_ALLOWED");
    let seen = admin.data(READ, json!({ "id": owner })).await["invitation"]["allowedActions"].clone();
    assert_eq!(seen[1], json!({ "action": "revokeInvitation", "allowed": false }));
}

#[tokio::test]
async fn who_sees_an_invitation() {
    let stage = Stage::new().await;
    let (program, other) = (stage.program("Reading friends").await, stage.program("Robotics").await);
    let (profile, peer) = (stage.profile("Ana").await, stage.profile("Eva").await);
    stage.enroll(&stage.cohort(&program).await, &profile, "MENTEE").await;
    let invitation = invite(&stage, &profile).await;
    for (who, person, sees) in [
        ("coordinator of the program", stage.staff(Role::Coordinator, Some(&program)).await, true),
        ("coordinator of another", stage.staff(Role::Coordinator, Some(&other)).await, false),
        ("safeguarding lead", stage.staff(Role::SafeguardingLead, None).await, false),
        ("somebody else", stage.person(&peer).await, false),
        ("outsider", stage.outsider().await, false),
    ] {
        let data = person.data(READ, json!({ "id": invitation })).await;
        assert_eq!(data["invitation"].is_object(), sees, "{who}");
        let refused = person.payload(RESEND, json!({ "id": invitation })).await;
        assert_eq!(refused["invitation"].is_object(), sees, "{who}");
    }
}

/// Comes in with a new account, over HTTP, and goes on with its tokens.
async fn come_in(stage: &Stage, token: &str) -> Client {
    let app = stage.test.anonymous();
    let accepted =
        app.done(ACCEPT, json!({ "input": { "token": token, "password": PASSWORD } })).await["accepted"]
            .clone();
    assert_eq!(accepted["organizationId"], stage.organization.to_string());
    app.with_token(accepted["tokens"]["accessToken"].as_str().expect("a token"))
}

#[tokio::test]
async fn a_new_person_comes_in_with_a_password_and_is_who_was_invited() {
    let stage = Stage::new().await;
    let profile = stage.profile("Ana").await;
    let invitation = invite(&stage, &profile).await;
    let token = link(&stage, &invitation).await;
    let ana = come_in(&stage, &token).await;
    let seen = ana
        .data("{ myProfile { id name email } viewer { account { name emailVerifiedAt } } }", json!({}))
        .await;
    assert_eq!(seen["myProfile"], json!({ "id": profile, "name": "Ana", "email": "ana@people.example" }));
    assert_eq!(seen["viewer"]["account"]["name"], "Ana");
    assert!(seen["viewer"]["account"]["emailVerifiedAt"].is_string(), "the link proved the address");
    let sign_in = "mutation($password: String!) { signIn(input: { email: \"ANA@people.example\", password: $password }) { tokens { accessToken } userErrors { code } } }";
    stage.test.anonymous().done(sign_in, json!({ "password": PASSWORD })).await;
    let again = json!({ "input": { "token": token, "password": PASSWORD } });
    assert_eq!(stage.test.anonymous().refused(ACCEPT, again).await, "EXPIRED input.token");
    assert_eq!(stage.owner.data(READ, json!({ "id": invitation })).await["invitation"]["status"], "ACCEPTED");
}

#[tokio::test]
async fn two_who_follow_a_link_at_once_become_one_account() {
    let stage = Stage::new().await;
    let invitation = invite(&stage, &stage.profile("Ana").await).await;
    let input = json!({ "input": { "token": link(&stage, &invitation).await, "password": PASSWORD } });
    let app = stage.test.anonymous();
    let (one, two) = tokio::join!(app.payload(ACCEPT, input.clone()), app.payload(ACCEPT, input.clone()));
    let came_in = [&one, &two].iter().filter(|payload| payload["accepted"].is_object()).count();
    assert_eq!(came_in, 1, "{one} {two}");
}

#[tokio::test]
async fn a_new_account_needs_a_good_password_and_staff_a_name() {
    let stage = Stage::new().await;
    let person = link(&stage, &invite(&stage, &stage.profile("Ana").await).await).await;
    let input = json!({ "input": { "email": "new@staff.example", "role": "COORDINATOR" } });
    let staff = stage.owner.done(STAFF, input).await["invitation"]["id"].clone();
    let staff = link(&stage, &staff).await;
    let app = stage.test.anonymous();
    for (input, expected) in [
        (json!({ "token": person }), "REQUIRED input.password"),
        (json!({ "token": person, "password": "short" }), "PASSWORD_WEAK input.password"),
        (json!({ "token": staff, "password": PASSWORD }), "REQUIRED input.name"),
        (json!({ "token": "nonsense", "password": PASSWORD }), "EXPIRED input.token"),
    ] {
        assert_eq!(app.refused(ACCEPT, json!({ "input": input })).await, expected);
    }
    let input = json!({ "token": staff, "password": PASSWORD, "name": "Carla Costa" });
    let tokens = app.done(ACCEPT, json!({ "input": input })).await["accepted"]["tokens"].clone();
    let carla = app.with_token(tokens["accessToken"].as_str().expect("a token"));
    let create = "mutation { createProgram(input: { name: \"Robotics\", objectives: [{ title: \"Build\" }] }) { program { name } userErrors { code } } }";
    assert_eq!(carla.done(create, json!({})).await["program"]["name"], "Robotics");
}

#[tokio::test]
async fn an_account_comes_in_after_signing_in_and_with_its_own_address_only() {
    let stage = Stage::new().await;
    let outsider = stage.outsider().await;
    let email = format!("{}@people.example", outsider.account.uuid());
    let input = json!({ "input": { "email": email, "role": "ANALYST" } });
    let invitation = stage.owner.done(STAFF, input).await["invitation"]["id"].clone();
    let token = link(&stage, &invitation).await;
    let anonymous = json!({ "input": { "token": token, "password": PASSWORD, "name": "Somebody" } });
    assert_eq!(stage.test.anonymous().refused(ACCEPT, anonymous).await, "NOT_ALLOWED input.token");
    let input = json!({ "input": { "token": token } });
    let other = stage.staff(Role::Coordinator, None).await;
    assert_eq!(other.refused(ACCEPT, input.clone()).await, "NOT_ALLOWED input.token");
    let accepted = outsider.done(ACCEPT, input).await["accepted"].clone();
    assert_eq!(accepted, json!({ "organizationId": stage.organization.to_string(), "tokens": null }));
    let grants = "{ roleGrants { nodes { role accountId } } }";
    let staff = stage.owner.data(grants, json!({})).await["roleGrants"]["nodes"].clone();
    let analyst = json!({ "role": "ANALYST", "accountId": outsider.account.to_string() });
    assert!(staff.as_array().expect("a list").contains(&analyst), "{staff}");
}

#[tokio::test]
async fn everybody_gets_one_mail_with_their_own_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::for_tests();
    config.smtp_url = Some(format!("file://{}", folder.path().display()).into());
    let stage = Stage::on(TestApp::configured(config).await).await;
    let cohort = stage.cohort(&stage.program("Reading friends").await).await;
    for name in ["Ana", "Ben"] {
        stage.enroll(&cohort, &stage.profile(name).await, "MENTEE").await;
    }
    stage.owner.done(ENROLLED, json!({ "cohort": cohort })).await;
    stage.owner.done(ENROLLED, json!({ "cohort": cohort })).await;
    let revoked = invite(&stage, &stage.profile("Eva").await).await;
    stage.owner.done(REVOKE, json!({ "id": revoked })).await;
    stage.work().await;
    let mails: Vec<String> = std::fs::read_dir(folder.path())
        .expect("mails")
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .map(|path| std::fs::read_to_string(path).expect("text").replace("=\r\n", ""))
        .collect();
    assert_eq!(mails.len(), 2, "a revoked invitation is not sent");
    let list = "{ invitations(status: PENDING) { nodes { id email } } }";
    let listed = stage.owner.data(list, json!({})).await["invitations"]["nodes"].clone();
    for invitation in listed.as_array().expect("a list") {
        let email = invitation["email"].as_str().expect("an address");
        let mail = mails.iter().find(|mail| mail.contains(email)).expect("a mail");
        assert!(mail.contains(&link(&stage, &invitation["id"]).await), "{mail}");
    }
}

#[tokio::test]
async fn who_has_not_confirmed_an_address_makes_nobody_get_mail() {
    let stage = Stage::new().await;
    let profile = stage.profile("Ana").await;
    let owner = stage.owner.account;
    stage
        .inside(async move |mut conn| {
            use diesel::sql_types::Uuid;
            use diesel_async::RunQueryDsl;
            let doubt =
                persistence::sql::Sql::<()>::new("update account set email_verified_at = null where id = $1");
            Ok(doubt.bind::<Uuid, _>(owner.uuid()).execute(&mut conn).await?)
        })
        .await;
    assert_eq!(stage.owner.refused(PERSON, json!({ "id": profile })).await, "EMAIL_UNVERIFIED");
    let staff = json!({ "input": { "email": "eva@school.example", "role": "ANALYST" } });
    assert_eq!(stage.owner.refused(STAFF, staff).await, "EMAIL_UNVERIFIED");
}
