//! A client as an app should be: each wish has a key of its own and is repeated until it is acknowledged.
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use api::clock::Clock;
use domain::{cohort::Cohort, enrollment::Enrollment, id::Id, profile::Profile};
use reqwest::Method;
use serde_json::{Value, json};

use super::ledger::{Kind, Ledger, Wish};
use crate::harness::Client;

/// Longer than the server lets a request run.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(25);

/// Writes one thing after the other.
pub struct Writer {
    number: usize,
    client: Client,
    cohort: Id<Cohort>,
    clock: Clock,
    ledger: Arc<Ledger>,
}

impl Writer {
    pub fn new(number: usize, client: Client, cohort: Id<Cohort>, clock: Clock, ledger: Arc<Ledger>) -> Self {
        Self { number, client, cohort, clock, ledger }
    }

    /// Until it is told to stop, and then to the end of the round, so that nothing is left open.
    pub async fn write(self) {
        let _watch = Alarm(Arc::clone(&self.ledger));
        let mine = self.profile(usize::MAX).await;
        for round in 0.. {
            if self.ledger.stop.load(Ordering::Relaxed) {
                break;
            }
            let person = self.profile(round).await;
            self.acknowledged(Kind::Invite, json!({ "profileId": person })).await;
            let id: Id<Enrollment> = self.clock.id();
            let input = json!({ "id": id.to_string(), "cohortId": self.cohort.to_string(), "profileId": person, "role": "MENTEE" });
            let enrolled = self.acknowledged(Kind::Enroll, input).await;
            assert_eq!(enrolled, id.to_string());
            let name = format!("Program {round} of {}", self.number);
            let input = json!({ "name": name, "objectives": [{ "title": "Confidence" }] });
            self.acknowledged(Kind::CreateProgram, input).await;
            let about = format!("in round {round}");
            let input = json!({ "id": mine, "about": about, "expectedVersion": round + 1 });
            assert_eq!(self.acknowledged(Kind::UpdateProfile, input).await, mine);
        }
    }

    async fn profile(&self, round: usize) -> String {
        let id: Id<Profile> = self.clock.id();
        let email = format!("{}@people.example", id.uuid().simple());
        let name = format!("Person {round} of {}", self.number);
        let input = json!({ "id": id.to_string(), "name": name, "email": email });
        let made = self.acknowledged(Kind::CreateProfile, input).await;
        assert_eq!(made, id.to_string());
        made
    }

    /// Repeats one wish until there is an answer, and notes it.
    async fn acknowledged(&self, kind: Kind, input: Value) -> String {
        let wish = Wish { kind, key: self.clock.uuid().to_string(), input };
        let (id, repeats) = insist(&self.client, &wish).await;
        self.ledger.note(wish, id.clone(), repeats);
        id
    }
}

/// Tells the others when a writer panics, as they would wait for it.
struct Alarm(Arc<Ledger>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail();
        }
    }
}

/// The id in the answer, and how often the wish was repeated.
pub async fn insist(client: &Client, wish: &Wish) -> (String, usize) {
    let body = json!({ "query": wish.kind.document(), "variables": { "input": wish.input } });
    for repeats in 0.. {
        if repeats > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let request = client.request(Method::POST, "/graphql").header("idempotency-key", &wish.key);
        let Ok(response) = request.timeout(PATIENCE).json(&body).send().await else { continue };
        let Ok(answer) = response.json::<Value>().await else { continue };
        if let Some(error) = answer["errors"].get(0) {
            let retryable = &error["extensions"]["retryable"];
            assert_eq!(retryable, true, "{:?} is given up: {answer}", wish.kind);
            continue;
        }
        let payload = &answer["data"][wish.kind.field()];
        assert_eq!(payload["userErrors"], json!([]), "{:?} {}", wish.kind, wish.input);
        let id = payload[wish.kind.object()]["id"].as_str().expect("an id");
        return (id.to_owned(), repeats);
    }
    panic!("a loop without end has ended")
}
