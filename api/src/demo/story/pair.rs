//! The pairs at work, for eight weeks.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{COHORT, FIRST_WAVE, SURVEY, Story, nodes, text};
use crate::{demo::world::Person, error::Result};

/// A pair whose offer was accepted.
pub(super) struct Pair<'a> {
    pub(super) id: String,
    pub(super) mentor: Person<'a>,
    pub(super) mentee: Person<'a>,
}

/// What the two of a pair wanted, by turns.
const OBJECTIVES: [&str; 4] = [
    "Visit two universities",
    "Write an application",
    "Pass the next mathematics test",
    "Speak in front of the class",
];

impl Story<'_> {
    /// From the answers to the offers on.
    pub async fn pairs(&self, offers: &[Value]) -> Result<()> {
        self.world.pass(2).await?;
        let mut pairs = Vec::new();
        for (number, offer) in offers.iter().enumerate() {
            pairs.extend(self.answer(number, offer).await?);
        }
        self.world.pass(2).await?;
        for (number, pair) in pairs.iter().enumerate() {
            pair.agree(number).await?;
        }
        self.world.pass(6).await?;
        for (number, pair) in pairs.iter().enumerate() {
            pair.meet(number, -1).await?;
        }
        self.milo_plans().await?;
        self.survey(&pairs).await?;
        for (number, pair) in pairs.iter().enumerate().skip(1).step_by(3) {
            pair.reach(number).await?;
        }
        for (number, pair) in pairs.iter().enumerate().filter(|(number, _)| number % 4 != 3) {
            pair.meet(number + 1, -2).await?;
        }
        let share = json!({
            "programId": super::PROGRAM.to_string(), "title": "How pairs work together",
            "url": "https://guide.example/pairs",
        });
        self.coordinator.done("shareResource", "ShareResource", share, "").await?;
        self.world.pass(10).await?;
        if let Some(pair) = pairs.last() {
            let close = json!({ "id": pair.id, "outcome": "ENDED_EARLY" });
            pair.mentor.done("closeMatch", "CloseMatch", close, "").await?;
        }
        Ok(())
    }

    /// One says no, one does not answer, all others say yes. Maria, Milo and the minor always do.
    async fn answer(&self, number: usize, offer: &Value) -> Result<Option<Pair<'_>>> {
        let id = text(offer.get("id"))?;
        let mentee = text(offer.pointer("/mentee/externalId"))?;
        let always = matches!(mentee.as_str(), "P-1" | "P-2");
        let mentor = self.person(&text(offer.pointer("/mentor/externalId"))?).await?;
        let accept = json!({ "id": id });
        if !always && number % 6 == 5 {
            return Ok(None);
        }
        let mentee = self.person(&mentee).await?;
        if !always && number % 6 == 4 {
            mentee.done("declineMatch", "DeclineMatch", accept, "").await?;
            return Ok(None);
        }
        mentor.done("acceptMatch", "MatchOffer", accept.clone(), "").await?;
        mentee.done("acceptMatch", "MatchOffer", accept, "").await?;
        Ok(Some(Pair { id, mentor, mentee }))
    }

    /// The match of Maria and Milo.
    pub(super) async fn milo(&self) -> Result<Pair<'_>> {
        let mentee = self.person("P-1").await?;
        let found = mentee.ask("{ matches { nodes { id } } }", json!({})).await?;
        let id = text(nodes(&found, "matches").first().and_then(|of| of.get("id")))?;
        Ok(Pair { id, mentor: self.person("M-1").await?, mentee })
    }

    /// One meeting was held as planned, one nobody came to.
    async fn milo_plans(&self) -> Result<()> {
        let pair = self.milo().await?;
        let first = pair.plan(self.at(2, 10), "IN_PERSON").await?;
        pair.plan(self.at(6, 10), "ONLINE").await?;
        self.world.pass(3).await?;
        let held = json!({ "id": first, "summary": "We talked about what comes after school.", "rating": 5 });
        pair.mentee.done("recordCheckIn", "RecordCheckIn", held, "").await?;
        self.world.pass(7).await
    }

    /// The first wave, answered by all pairs and closed.
    async fn survey(&self, pairs: &[Pair<'_>]) -> Result<()> {
        let wave = json!({
            "id": FIRST_WAVE.to_string(), "surveyId": SURVEY.to_string(), "cohortId": COHORT.to_string(),
            "closesAt": self.at(7, 18),
        });
        self.coordinator.done("scheduleSurveyWave", "ScheduleSurveyWave", wave, "").await?;
        let questions = self.questions().await?;
        let mut answered = BTreeSet::new();
        let people = pairs.iter().flat_map(|pair| [&pair.mentor, &pair.mentee]);
        // A mentor of two pairs answers once.
        let people = people.filter(|person| answered.insert(person.account));
        for (number, person) in people.enumerate() {
            let mut answers = vec![json!({ "questionId": questions.first(), "number": 3 + number % 3 })];
            if number.is_multiple_of(8) {
                answers.push(json!({ "questionId": questions.get(1), "choices": [number % 2] }));
            }
            let input = json!({ "waveId": FIRST_WAVE.to_string(), "answers": answers });
            person.done("submitSurveyResponse", "SubmitSurveyResponse", input, "").await?;
        }
        self.world.pass(8).await
    }

    async fn questions(&self) -> Result<Vec<String>> {
        let found = "query($id: ID!) { survey(id: $id) { questions { id } } }";
        let found = self.coordinator.ask(found, json!({ "id": SURVEY.to_string() })).await?;
        let questions = found.pointer("/survey/questions").and_then(Value::as_array);
        questions.into_iter().flatten().map(|question| text(question.get("id"))).collect()
    }
}

impl Pair<'_> {
    async fn agree(&self, number: usize) -> Result<()> {
        let title = OBJECTIVES.iter().cycle().nth(number).copied().unwrap_or_default();
        let wish = json!({ "matchId": self.id, "title": title });
        let made = self.mentee.done("proposeObjective", "ProposeObjective", wish, "objective { id }").await?;
        let id = json!({ "id": made.pointer("/objective/id") });
        self.mentor.done("agreeObjective", "ObjectiveStep", id.clone(), "").await?;
        self.mentee.done("startObjective", "ObjectiveStep", id, "").await?;
        Ok(())
    }

    /// They met some days ago.
    async fn meet(&self, number: usize, days: i64) -> Result<()> {
        let at = self.mentor.now() + chrono::TimeDelta::days(days);
        let mode = ["IN_PERSON", "ONLINE", "PHONE"].iter().cycle().nth(number).copied();
        let held = json!({ "matchId": self.id, "mode": mode, "startsAt": at.to_rfc3339(), "minutes": 45 });
        self.mentor.done("recordCheckIn", "RecordCheckIn", held, "").await?;
        Ok(())
    }

    pub(super) async fn plan(&self, at: String, mode: &str) -> Result<String> {
        let plan = json!({
            "matchId": self.id, "mode": mode, "startsAt": at, "agenda": "How was the week?",
            "place": (mode == "IN_PERSON").then_some("Library, room 3"),
            "videoUrl": (mode == "ONLINE").then_some("https://meet.example/first-steps"),
        });
        let made = self.mentor.done("scheduleCheckIn", "ScheduleCheckIn", plan, "checkIn { id }").await?;
        text(made.pointer("/checkIn/id"))
    }

    async fn reach(&self, number: usize) -> Result<()> {
        let found = "query($id: ID!) { match(id: $id) { objectives { nodes { id } } } }";
        let found = self.mentee.ask(found, json!({ "id": self.id })).await?;
        let id = json!({ "id": found.pointer("/match/objectives/nodes/0/id") });
        self.mentee.done("submitObjective", "ObjectiveStep", id.clone(), "").await?;
        let rating = if number.is_multiple_of(2) { -1 } else { 1 };
        let rated = json!({ "id": id.get("id"), "rating": rating });
        self.mentor.done("rateObjective", "RateObjective", rated, "").await?;
        Ok(())
    }

    pub(super) async fn write(&self, by_mentor: bool, body: &str) -> Result<()> {
        let (from, message) = (
            if by_mentor { &self.mentor } else { &self.mentee },
            json!({ "matchId": self.id, "body": body }),
        );
        from.done("sendMessage", "SendMessage", message, "").await?;
        Ok(())
    }

    pub(super) async fn share(&self) -> Result<()> {
        let share = json!({
            "matchId": self.id, "title": "Open days of the universities",
            "url": "https://universities.example/open-days",
        });
        self.mentor.done("shareResource", "ShareResource", share, "").await?;
        Ok(())
    }
}
