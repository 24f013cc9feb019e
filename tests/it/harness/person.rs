//! Who uses the API in a test? People who signed up and signed in as an app would do it for them.
use api::identity::{SignIn, SignUp, limit::Origin};
use domain::session::Client as SessionClient;
use persistence::{account, request::RequestConnection};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Client, TestApp};

/// The password of everybody in tests.
pub const PASSWORD: &str = "wren otter kelp lantern";

impl TestApp {
    /// Somebody with an account of this name and a confirmed address, signed in, in no organization yet.
    pub async fn person(&self, name: &str) -> Client {
        let email = format!("{}@people.example", name.to_lowercase().replace(' ', "."));
        let identity = &self.app.identity;
        let origin = Origin::default();
        let wish = SignUp {
            name: name.to_owned(),
            email: email.clone(),
            password: PASSWORD.into(),
            locale: "en".to_owned(),
        };
        identity.sign_up(wish, &origin).await.expect("signed up");
        self.confirm(&email).await;
        let wish = SignIn { email, password: PASSWORD.into(), client: SessionClient::App, device_name: None };
        let issued = identity.sign_in(wish, &origin).await.expect("signed in");
        self.anonymous().with_token(issued.access_token.expose_secret())
    }

    /// As if the person had followed the link in the mail.
    async fn confirm(&self, email: &str) {
        let now = self.clock().now();
        let connection = RequestConnection::new(self.app.pool.clone(), None);
        let confirmed = connection.write(async |conn| {
            let account = account::by_email(conn, email).await?.expect("an account");
            account::verify_email(conn, account.id, now).await
        });
        confirmed.await.expect("confirmed");
    }

    /// The owner of a new organization of this name, acting in it.
    pub async fn owner(&self, organization: &str) -> Client {
        let owner = self.person(&format!("Owner of {organization}")).await;
        let created = owner
            .done(
                "mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) {
                     organization { id } userErrors { code path message } } }",
                json!({ "input": { "name": organization, "timeZone": "Europe/Berlin" } }),
            )
            .await;
        owner.in_organization(created["organization"]["id"].as_str().expect("an id"))
    }
}

/// Somebody who signs up and signs in at a server that runs as a process of its own.
pub async fn of(base: &str, email: &str) -> Client {
    let anonymous = Client::new(base);
    let sign_up = "mutation($input: SignUpInput!) { signUp(input: $input) { accepted userErrors { code } } }";
    let input = json!({ "name": "Olga Owner", "email": email, "password": PASSWORD });
    anonymous.done(sign_up, json!({ "input": input })).await;
    let tokens = sign_in(&anonymous, email, PASSWORD).await["tokens"].clone();
    anonymous.with_token(tokens["accessToken"].as_str().expect("a token"))
}

/// What the server answers to this password.
pub async fn sign_in(anonymous: &Client, email: &str, password: &str) -> Value {
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { code } } }";
    anonymous.payload(sign_in, json!({ "input": { "email": email, "password": password } })).await
}
