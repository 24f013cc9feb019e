//! What two people do with each other: accept, agree, meet, write, share, and reach something.
use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Journey, nodes,
    person::{Person, mails},
    socket::Socket,
    text,
};
use crate::harness::Client;

pub struct Pair {
    pub id: Value,
    pub mentor: Person,
    pub mentee: Person,
}

fn step(name: &str, thing: &str) -> String {
    format!(
        "mutation($id: ID!) {{ {name}(input: {{ id: $id }}) {{ {thing} {{ id status }} userErrors {{ code }} }} }}"
    )
}

impl Pair {
    /// Pairs of a run whose mentors differ; their people open the invitations in their mail.
    pub async fn choose(journey: &Journey, run: &Value, count: usize) -> Vec<Self> {
        let mut mentors = BTreeSet::new();
        let mut pairs = Vec::new();
        for pair in nodes(&run["proposals"]) {
            if pairs.len() == count || !mentors.insert(text(&pair["mentor"]["id"]).to_owned()) {
                continue;
            }
            let mentor = Person::invited(&journey.test, text(&pair["mentor"]["email"])).await;
            let mentee = Person::invited(&journey.test, text(&pair["mentee"]["email"])).await;
            let client = mentee.client(&journey.test).await;
            let hidden = "query($id: ID!) { match(id: $id) { id } }";
            assert_eq!(client.data(hidden, json!({ "id": pair["id"] })).await["match"], Value::Null);
            pairs.push(Self { id: pair["id"].clone(), mentor, mentee });
        }
        assert_eq!(pairs.len(), count);
        pairs
    }

    async fn clients(&self, journey: &Journey) -> (Client, Client) {
        (self.mentor.client(&journey.test).await, self.mentee.client(&journey.test).await)
    }

    async fn has_mail(&self, journey: &Journey, person: &Person, beginning: &str) {
        journey.test.work().await;
        let mails = mails(&journey.test, &person.email).await;
        assert!(mails.iter().any(|(subject, _)| subject.starts_with(beginning)), "{beginning}: {mails:?}");
    }

    /// Both were told of the offer by mail, and say yes.
    pub async fn accept(&self, journey: &Journey) {
        let (mentor, mentee) = self.clients(journey).await;
        for person in [&self.mentor, &self.mentee] {
            self.has_mail(journey, person, "A match for you").await;
        }
        let accept = step("acceptMatch", "match");
        let half = mentor.done(&accept, json!({ "id": self.id })).await;
        assert_eq!(half["match"]["status"], "OFFERED");
        let whole = mentee.done(&accept, json!({ "id": self.id })).await;
        assert_eq!(whole["match"]["status"], "ACCEPTED");
        for person in [&self.mentor, &self.mentee] {
            self.has_mail(journey, person, "You and ").await;
        }
    }

    async fn objective(&self, client: &Client) -> Value {
        let list = "query($id: ID!) { match(id: $id) { status objectives { nodes { id status } } } }";
        let found = client.data(list, json!({ "id": self.id })).await["match"].clone();
        assert_eq!(found["status"], "ACTIVE");
        nodes(&found["objectives"])[0]["id"].clone()
    }

    /// The first agreed objective makes the match active.
    pub async fn agree_objective(&self, journey: &Journey) {
        let (mentor, mentee) = self.clients(journey).await;
        let propose = "mutation($id: ID!) { proposeObjective(input: { matchId: $id, title: \"Visit two universities\" }) {
            objective { id status } userErrors { code } } }";
        let objective = mentor.done(propose, json!({ "id": self.id })).await["objective"]["id"].clone();
        mentee.done(&step("agreeObjective", "objective"), json!({ "id": objective })).await;
        assert_eq!(self.objective(&mentee).await, objective);
        self.has_mail(journey, &self.mentor, "").await;
    }

    /// Once in person, once online, and once nobody comes.
    pub async fn meet(&self, journey: &Journey) {
        let now = journey.test.clock().now();
        let plan = |days: i64, more: Value| {
            let mut input =
                json!({ "matchId": self.id, "startsAt": (now + TimeDelta::days(days)).to_rfc3339() });
            input.as_object_mut().expect("fields").extend(more.as_object().cloned().unwrap_or_default());
            json!({ "input": input })
        };
        let schedule = "mutation($input: ScheduleCheckInInput!) { scheduleCheckIn(input: $input) {
            checkIn { id status minutes } userErrors { code path } } }";
        let (mentor, mentee) = self.clients(journey).await;
        let in_person =
            plan(3, json!({ "mode": "IN_PERSON", "place": "Library, room 3", "agenda": "Who are you?" }));
        let first = mentor.done(schedule, in_person).await["checkIn"].clone();
        assert_eq!(first["minutes"], 45, "as the policy says");
        let online = plan(10, json!({ "mode": "ONLINE", "videoUrl": "https://meet.example/ab" }));
        let second = mentee.done(schedule, online).await["checkIn"].clone();
        let third = mentor.done(schedule, plan(13, json!({ "mode": "PHONE" }))).await["checkIn"].clone();
        self.has_mail(journey, &self.mentee, "Check-in with ").await;

        let record = "mutation($input: RecordCheckInInput!) { recordCheckIn(input: $input) { checkIn { id status } userErrors { code path } } }";
        journey.days(3).await;
        self.has_mail(journey, &self.mentee, "Soon: check-in with").await;
        let (mentor, _) = self.clients(journey).await;
        let told = json!({ "id": first["id"], "summary": "We made a plan", "rating": 5 });
        mentor.done(record, json!({ "input": told })).await;
        journey.days(7).await;
        let (mentor, mentee) = self.clients(journey).await;
        let told = json!({ "id": second["id"], "summary": "We wrote a letter", "rating": 4 });
        mentee.done(record, json!({ "input": told })).await;
        let rate = "mutation($id: ID!) { rateCheckIn(input: { id: $id, rating: 4 }) { checkIn { mentorRating menteeRating } userErrors { code } } }";
        let rated = mentor.done(rate, json!({ "id": second["id"] })).await["checkIn"].clone();
        assert_eq!(rated, json!({ "mentorRating": 4, "menteeRating": null }), "each side reads its own");
        journey.days(5).await;
        let (mentor, _) = self.clients(journey).await;
        let seen = "query($id: ID!) { checkIn(id: $id) { status } }";
        let missed = mentor.data(seen, json!({ "id": third["id"] })).await;
        assert_eq!(missed["checkIn"]["status"], "MISSED");
        self.has_mail(journey, &self.mentee, "Did your check-in with").await;
    }

    /// A message arrives by subscription the moment it is written.
    pub async fn write(&self, journey: &Journey) {
        let added = "subscription($id: ID!) { messageAdded(matchId: $id) { body sender { name } } }";
        let mut socket =
            Socket::subscribe(&journey.test, &self.mentee, added, json!({ "id": self.id })).await;
        let (mentor, mentee) = self.clients(journey).await;
        let send = "mutation($id: ID!, $body: String!) { sendMessage(input: { matchId: $id, body: $body }) {
            message { id } userErrors { code } } }";
        mentor.done(send, json!({ "id": self.id, "body": "See you on Friday" })).await;
        let event = socket.next().await["messageAdded"].clone();
        assert_eq!(event["body"], "See you on Friday");
        mentee.done(send, json!({ "id": self.id, "body": "I will be there" })).await;
        assert_eq!(socket.next().await["messageAdded"]["body"], "I will be there");
        self.has_mail(journey, &self.mentor, "").await;
    }

    /// A link that the mentor shares is there for the mentee.
    pub async fn share(&self, journey: &Journey) {
        let (mentor, mentee) = self.clients(journey).await;
        let share = "mutation($id: ID!) { shareResource(input: { matchId: $id, title: \"Open days\", url: \"https://open.example/days\" }) {
            resource { id } userErrors { code } } }";
        mentor.done(share, json!({ "id": self.id })).await;
        let list = "query($id: ID!) { match(id: $id) { resources { nodes { title url } } } }";
        let found = mentee.data(list, json!({ "id": self.id })).await["match"]["resources"].clone();
        assert_eq!(nodes(&found)[0]["url"], "https://open.example/days");
        self.has_mail(journey, &self.mentee, "Something was shared").await;
    }

    /// The mentee says that it is done, and the mentor how far it was reached.
    pub async fn reach_objective(&self, journey: &Journey) {
        let (mentor, mentee) = self.clients(journey).await;
        let objective = json!({ "id": self.objective(&mentee).await });
        mentee.done(&step("startObjective", "objective"), objective.clone()).await;
        mentee.done(&step("submitObjective", "objective"), objective.clone()).await;
        let rate = "mutation($id: ID!) { rateObjective(input: { id: $id, rating: 1 }) { objective { rating status } userErrors { code } } }";
        let rated = mentor.done(rate, objective).await["objective"].clone();
        assert_eq!(rated, json!({ "rating": 1, "status": "RATED" }));
    }
}
