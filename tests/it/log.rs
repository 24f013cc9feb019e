//! Do logs help, and say nothing of people? What is secret or personal goes through the server in every way, also in
//! the wrong one, and is looked for in everything that the server wrote at its most talkative.
use std::{collections::BTreeMap, fs, time::Duration};

use futures_util::SinkExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    harness::{
        Client, Contract,
        newcomer::{Newcomer, Serving, signal},
    },
    mail::smtp::{Manner, SmtpServer},
};

const PASSWORD: &str = "canary wren otter kelp";
const WRONG: &str = "canary magpie badger moss";
/// What must be found, so that the search can fail.
const REQUEST: &str = "canary-of-control";
const REFUSAL: &str = "550 5.1.1 <canary.guest@canary.example> is unknown, says canary-relay";

/// Somebody who carries canaries into the server.
struct Carrier {
    serving: Serving,
    contract: Contract,
    /// What each canary is, and how it is written.
    canaries: BTreeMap<&'static str, String>,
}

impl Carrier {
    fn anonymous(&self) -> Client {
        Client::new(&self.serving.base())
    }

    /// Notes a canary, and gives it back to be carried.
    fn canary(&mut self, name: &'static str, text: impl Into<String>) -> String {
        let text = text.into();
        self.canaries.insert(name, text.clone());
        text
    }

    async fn run(&self, who: &Client, name: &str, input: Value, selection: &str) -> Value {
        who.done(&self.contract.mutation(name, selection), json!({ "input": input })).await
    }

    async fn sign_in(&mut self, email: &str) -> Client {
        let input = json!({ "email": email, "password": PASSWORD, "deviceName": "canary phone" });
        let selection = "tokens { accessToken refreshToken }";
        let payload = self.run(&self.anonymous(), "signIn", input, selection).await;
        let text = |name: &str| payload["tokens"][name].as_str().expect("a token").to_owned();
        let access = self.canary("access token", text("accessToken"));
        self.canary("refresh token", text("refreshToken"));
        self.anonymous().with_token(access)
    }

    /// New tokens for the refresh token of the last who signed in, which is then used a second time.
    async fn refresh(&mut self) {
        let old = json!({ "refreshToken": self.canaries["refresh token"] });
        let payload =
            self.run(&self.anonymous(), "refreshSession", old.clone(), "tokens { refreshToken }").await;
        let new = payload["tokens"]["refreshToken"].as_str().expect("a token").to_owned();
        self.canary("second refresh token", new);
        self.anonymous()
            .payload(&self.contract.mutation("refreshSession", ""), json!({ "input": old }))
            .await;
    }

    async fn staff(&mut self, owner: &Client) {
        let input = json!({
            "name": self.canary("name", "Canaria Fledgling"),
            "email": self.canary("address", "canary.pupil@canary.example"),
            "externalId": self.canary("id in another system", "canary-pupil-4711"),
            "birthDate": self.canary("birth date", "2013-11-29"),
            "guardianContact": self.canary("telephone of a guardian", "+351 912 004 711"),
            "about": self.canary("about", "I sing like a canary in the mine"),
            "interests": [self.canary("interest", "canary breeding")],
        });
        let profile =
            self.run(owner, "createProfile", input, "profile { id }").await["profile"]["id"].clone();
        let consent = json!({
            "profileId": profile, "purpose": "PARTICIPATION", "method": "PAPER", "textVersion": "1",
            "givenBy": self.canary("name of a guardian", "Canarina Elder"), "grantedOn": "2026-01-01",
        });
        self.run(owner, "recordConsent", consent, "").await;
    }

    async fn pair(&mut self, mentor: &Client) {
        let matches = mentor.data("{ matches(first: 50) { nodes { id status } } }", json!({})).await;
        let matches = matches["matches"]["nodes"].as_array().expect("matches").clone();
        let active = matches.iter().find(|it| it["status"] == "ACTIVE").expect("an active match");
        let id = active["id"].clone();
        let body = self.canary("message", "The canary has left the cage");
        self.run(mentor, "sendMessage", json!({ "matchId": id, "body": body }), "").await;
        let title = self.canary("objective", "Teach the canary to whistle");
        self.run(mentor, "proposeObjective", json!({ "matchId": id, "title": title }), "").await;
        let input = json!({
            "matchId": id, "mode": "IN_PERSON", "minutes": 30, "rating": 2,
            "place": self.canary("place", "Canary Wharf 17"),
            "summary": self.canary("summary", "We fed the canary"),
            "feedback": self.canary("feedback", "The canary was silent"),
        });
        self.run(mentor, "recordCheckIn", input, "").await;
        let url = self.canary("link", "https://canary.example/nest");
        let input = json!({ "matchId": id, "title": "A link", "url": url });
        self.run(mentor, "shareResource", input, "").await;
        // Twice with the same key, and other words.
        let key = self.canary("idempotency key", "canary-key-0815");
        for body in ["canary first", "canary second"] {
            let document = self.contract.mutation("sendMessage", "");
            let body =
                json!({ "query": document, "variables": { "input": { "matchId": id, "body": body } } });
            let request = mentor.request(Method::POST, "/graphql").header("idempotency-key", &key);
            request.json(&body).send().await.expect("an answer");
        }
    }

    /// What is wrong is not written down either.
    async fn mistakes(&mut self, mentor: &Client) {
        let anonymous = self.anonymous();
        let wrong = self.canary("wrong password", WRONG);
        let stranger = self.canary("unknown address", "canary.nobody@canary.example");
        let input = json!({ "email": stranger, "password": wrong });
        anonymous.payload(&self.contract.mutation("signIn", ""), json!({ "input": input })).await;
        let forged = self.canary("forged token", "canary.forged.token");
        anonymous.with_token(forged.clone()).send("{ viewer { account { id } } }", json!({})).await;
        let field = self.canary("unknown field", "canaryField");
        mentor.send(&format!("{{ {field} }}"), json!({})).await;
        let cell = self.canary("wrong variable", "canary in a cell");
        mentor.send("query($n: Int) { matches(first: $n) { nodes { id } } }", json!({ "n": cell })).await;
        mentor.send("query($id: ID!) { node(id: $id) { id } }", json!({ "id": "match_canary\u{0}" })).await;
        let body = format!("{{\"query\": \"{}", self.canary("broken body", "canary in pieces"));
        let request = mentor.request(Method::POST, "/graphql").header("content-type", "application/json");
        request.body(body).send().await.expect("an answer");
        let elsewhere = self.canary("unknown organization", "org_canarycanarycanarycanary0");
        mentor.in_organization(elsewhere).send("{ organization { id } }", json!({})).await;
        let token = self.canary("token of a socket", "canary.socket.token");
        let url = format!("ws://{}/graphql", self.serving.address);
        let mut request = url.into_client_request().expect("a URL");
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (mut socket, _) = connect_async(request).await.expect("a socket");
        let hello =
            json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } });
        socket.send(Message::text(hello.to_string())).await.expect("sent");
        socket.close(None).await.ok();
    }
}

/// The token of the link in the letter with this number to this address, as soon as it is there.
async fn token_in(mail: &SmtpServer, address: &str, number: usize) -> String {
    for _ in 0..600 {
        let letters = mail.received();
        if let Some(letter) = letters.iter().filter(|letter| letter.contains(address)).nth(number - 1) {
            let letter = letter.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
            let link = letter.split_once("/app/").and_then(|(_, link)| link.split_once('#'));
            let (_, link) = link.unwrap_or_else(|| panic!("no link: {letter}"));
            let end = |character: char| !(character.is_ascii_alphanumeric() || "-_.".contains(character));
            return link.split(end).next().unwrap_or_default().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no letter {number} to {address}");
}

/// How a text may stand in a log: as it is, in JSON, and as bytes that somebody printed.
fn spellings(text: &str) -> Vec<String> {
    let bytes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![text.to_owned(), bytes.join(", "), bytes.join(","), hex]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_carry_request_ids_and_nothing_of_people() {
    let mail = SmtpServer::start([]).await;
    let newcomer = Newcomer::new();
    let serving = newcomer.serve(&[
        ("CAIRN_DEMO_PASSWORD", PASSWORD),
        ("CAIRN_SMTP_URL", &mail.url()),
        ("CAIRN_LOG", "trace"),
        ("CAIRN_LOG_FORMAT", "json"),
    ]);
    let contract = Contract::read().await;
    let mut carrier = Carrier { serving, contract, canaries: BTreeMap::new() };
    carrier.canary("password", PASSWORD);
    carrier.canary("answer of a mail server", "canary-relay");
    let anonymous = carrier.anonymous();

    let address = carrier.canary("address of an account", "canary.owner@canary.example");
    let name = carrier.canary("name of an account", "Canarius Grown");
    let input = json!({ "name": name, "email": address, "password": PASSWORD });
    carrier.run(&anonymous, "signUp", input, "accepted").await;
    let token = token_in(&mail, &address, 1).await;
    let token = carrier.canary("token of an address", token);
    carrier.run(&anonymous, "verifyEmail", json!({ "token": token }), "").await;
    let owner = carrier.sign_in("owner@demo.example").await;
    let guest = carrier.canary("address of a guest", "canary.guest@canary.example");
    carrier.run(&owner, "inviteStaff", json!({ "email": guest, "role": "ADMIN" }), "").await;
    let token = token_in(&mail, &guest, 1).await;
    let token = carrier.canary("token of an invitation", token);
    carrier.run(&anonymous, "declineInvitation", json!({ "token": token }), "").await;
    carrier.run(&anonymous, "requestPasswordReset", json!({ "email": address }), "").await;
    let token = token_in(&mail, &address, 2).await;
    let token = carrier.canary("token of a reset", token);
    let new = carrier.canary("new password", "canary robin stoat fern");
    carrier.run(&anonymous, "resetPassword", json!({ "token": token, "newPassword": new }), "").await;

    carrier.staff(&owner).await;
    let mentor = carrier.sign_in("mentor@demo.example").await;
    carrier.pair(&mentor).await;
    carrier.mistakes(&mentor).await;
    carrier.refresh().await;
    // This letter is refused, and the log says that it was.
    mail.behave([Manner::Refuse(REFUSAL); 20]);
    let input = json!({ "email": guest, "role": "ADMIN" });
    carrier.run(&owner, "inviteStaff", input, "").await;
    let asked = owner.request(Method::POST, "/graphql").header("x-request-id", REQUEST);
    asked.json(&json!({ "query": "{ viewer { account { name } } }" })).send().await.expect("an answer");
    let log = newcomer.path().join("log");
    for _ in 0..600 {
        if fs::read_to_string(&log).expect("the log").contains("a job failed") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The database goes away under a request.
    signal(newcomer.postgres().expect("it runs"), "-KILL");
    let sent = carrier.contract.mutation("updateMyProfile", "");
    mentor.send(&sent, json!({ "input": { "about": carrier.canaries["about"] } })).await;

    let log = fs::read_to_string(&log).expect("the log");
    for line in log.lines().filter(|line| !line.trim().is_empty()) {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
    assert!(log.contains("a job failed"), "the refused letter is not in the log");
    let controlled = log.lines().any(|line| line.contains(REQUEST) && line.contains("\"span\""));
    assert!(controlled, "the search finds nothing at all");
    println!("{} canaries, {} lines", carrier.canaries.len(), log.lines().count());
    assert!(carrier.canaries.len() >= 20);
    let written = log + &carrier.serving.banner.replace(PASSWORD, "");
    let mut found = Vec::new();
    for (name, text) in &carrier.canaries {
        for spelling in spellings(text) {
            if let Some(at) = written.find(&spelling) {
                let around = written[..at].rfind('\n').map_or(0, |start| start + 1);
                let line: String = written[around..].chars().take(300).collect();
                found.push(format!("{name}: {line}"));
            }
        }
    }
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found.join("\n"));
}
