//! The people of the story: they sign up, read their mail, and sign in again when time has passed.
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::harness::{Client, TestApp, person::PASSWORD};

/// Access tokens live for ten minutes.
const FRESH: TimeDelta = TimeDelta::minutes(9);

pub struct Person {
    pub email: String,
    organization: Mutex<Option<String>>,
    session: Mutex<Option<(Client, DateTime<Utc>)>>,
}

impl Person {
    fn new(email: &str) -> Self {
        Self { email: email.to_owned(), organization: Mutex::new(None), session: Mutex::new(None) }
    }

    /// Somebody who signs up and opens the link in the mail.
    pub async fn signed_up(test: &TestApp, name: &str, email: &str) -> Self {
        let sign_up =
            "mutation($input: SignUpInput!) { signUp(input: $input) { accepted userErrors { code } } }";
        let input = json!({ "name": name, "email": email, "password": PASSWORD });
        test.anonymous().done(sign_up, json!({ "input": input })).await;
        test.work().await;
        let verify = "mutation($token: String!) { verifyEmail(input: { token: $token }) { verified userErrors { code } } }";
        let token = link(test, email, "verify_email").await;
        test.anonymous().done(verify, json!({ "token": token })).await;
        Self::new(email)
    }

    /// Somebody who opens the invitation in the mail and chooses a password.
    pub async fn invited(test: &TestApp, email: &str) -> Self {
        let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
            accepted { organizationId tokens { accessToken } } userErrors { code message } } }";
        let token = link(test, email, "invitation").await;
        let input = json!({ "token": token, "password": PASSWORD, "name": email });
        let accepted = test.anonymous().done(accept, json!({ "input": input })).await["accepted"].clone();
        let person = Self::new(email);
        person.act_in(accepted["organizationId"].as_str().expect("an id")).await;
        let token = accepted["tokens"]["accessToken"].as_str().expect("a token");
        let client = test.anonymous().with_token(token);
        *person.session.lock().await = Some((client, test.clock().now()));
        person
    }

    /// Acts in this organization from now on.
    pub async fn act_in(&self, organization: &str) {
        *self.organization.lock().await = Some(organization.to_owned());
    }

    /// The organization's id, for sockets.
    pub async fn organization(&self) -> String {
        self.organization.lock().await.clone().expect("an organization")
    }

    /// Signed in, again where time has passed.
    pub async fn client(&self, test: &TestApp) -> Client {
        let mut session = self.session.lock().await;
        let now = test.clock().now();
        let client = match session.take().filter(|(_, since)| now - *since < FRESH) {
            Some((client, since)) => {
                *session = Some((client.clone(), since));
                client
            }
            None => {
                let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { code } } }";
                let input = json!({ "email": self.email, "password": PASSWORD });
                let signed_in = test.anonymous().done(sign_in, json!({ "input": input })).await;
                let token = signed_in["tokens"]["accessToken"].as_str().expect("a token");
                let client = test.anonymous().with_token(token);
                *session = Some((client.clone(), now));
                client
            }
        };
        match &*self.organization.lock().await {
            Some(organization) => client.in_organization(organization),
            None => client,
        }
    }
}

/// The mails to somebody, oldest first: subject and text.
pub async fn mails(test: &TestApp, email: &str) -> Vec<(String, String)> {
    let request = test.anonymous().request(reqwest::Method::GET, "/dev/mail.json");
    let all: Vec<Value> = request.send().await.expect("the mailbox").json().await.expect("JSON");
    let mine = all.iter().rev().filter(|mail| mail["to"] == email);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    mine.map(|mail| (text(&mail["subject"]), text(&mail["text"]))).collect()
}

/// The token of the last link to a page in the mails to somebody.
async fn link(test: &TestApp, email: &str, page: &str) -> String {
    let mails = mails(test, email).await;
    let place = format!("/app/{page}#");
    let found = mails.iter().rev().find_map(|(_, text)| text.split(&place).nth(1));
    let rest = found.unwrap_or_else(|| panic!("no link to {page} for {email} in {mails:?}"));
    rest.split_whitespace().next().expect("a token").to_owned()
}
