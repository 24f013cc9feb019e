//! How do things stand today? Something to look at, to answer, to accept and to decide in each corner.
use chrono::TimeDelta;
use serde_json::json;

use super::{COHORT, DRAFT, NEWCOMER, NEXT_COHORT, OPEN_WAVE, ROSTER, SURVEY, Story, text};
use crate::{
    demo::{people, roster},
    error::{Failure, Result},
};

impl Story<'_> {
    /// The last weeks, up to now.
    pub async fn present(&self) -> Result<()> {
        let pair = self.milo().await?;
        pair.share().await?;
        pair.write(true, "Hello Milo! The open days are in the list of resources.").await?;
        pair.write(false, "Thank you! Shall we go to the first one together?").await?;
        let held = pair.plan(self.at(2, 10), "IN_PERSON").await?;
        self.world.pass(3).await?;
        let record = json!({ "id": held, "summary": "We have a plan for the open day.", "rating": 4 });
        pair.mentor.done("recordCheckIn", "RecordCheckIn", record, "").await?;
        self.world.until(2).await?;
        self.wave().await?;
        self.next_cohort().await?;
        self.newcomers().await?;
        self.world.until(1).await?;
        self.offers(COHORT, None).await?;
        self.world.until(0).await?;
        pair.plan(self.at(3, 10), "ONLINE").await?;
        pair.write(true, "Let us meet there at ten. I will bring the leaflets.").await?;
        self.upload(ROSTER, "next-pupils.csv", roster::next()).await
    }

    /// Can be answered for two weeks.
    async fn wave(&self) -> Result<()> {
        let closes = self.world.app.clock.now() + TimeDelta::days(16);
        let wave = json!({
            "id": OPEN_WAVE.to_string(), "surveyId": SURVEY.to_string(), "cohortId": COHORT.to_string(),
            "closesAt": closes.to_rfc3339(),
        });
        self.coordinator.done("scheduleSurveyWave", "ScheduleSurveyWave", wave, "").await?;
        Ok(())
    }

    /// Proposals for the next term, in draft.
    async fn next_cohort(&self) -> Result<()> {
        let today = self.today();
        self.cohort(NEXT_COHORT, "Next term", today + TimeDelta::days(120), today + TimeDelta::days(300))
            .await?;
        let people =
            [("M-2", "MENTOR"), ("M-3", "MENTOR"), ("P-4", "MENTEE"), ("P-5", "MENTEE"), ("P-6", "MENTEE")];
        for (person, role) in people {
            let unknown = || Failure::internal("demo: somebody is missing");
            let profile = &self.people.get(person).ok_or_else(unknown)?.profile;
            let input = json!({ "cohortId": NEXT_COHORT.to_string(), "profileId": profile, "role": role });
            self.coordinator.done("enroll", "Enroll", input, "").await?;
        }
        self.run(NEXT_COHORT, Some(DRAFT)).await?;
        Ok(())
    }

    /// One has just joined and has an offer with Maria, which both can answer; one takes part in nothing yet.
    async fn newcomers(&self) -> Result<()> {
        let profile = |id: Option<String>, name: &str| {
            json!({
                "id": id, "name": name, "email": roster::address(name), "externalId": name,
                "languages": ["en", "de"], "interests": ["football", "music"], "goals": ["choose a career"],
                "timeZone": "Europe/Berlin",
                "availability": [{ "weekday": "SUNDAY", "start": "10:00", "end": "12:00" }],
            })
        };
        let newcomer = profile(Some(NEWCOMER.to_string()), "Eva Newcomer");
        self.coordinator.done("createProfile", "CreateProfile", newcomer, "").await?;
        let nora = profile(None, "Nora Neumann");
        let made = self.coordinator.done("createProfile", "CreateProfile", nora, "profile { id }").await?;
        let made = text(made.pointer("/profile/id"))?;
        let id = made.parse().map_err(Failure::internal)?;
        people::belong(&self.world.app, id, "Nora Neumann", &roster::address("Nora Neumann")).await?;
        let enroll = json!({ "cohortId": COHORT.to_string(), "profileId": made, "role": "MENTEE" });
        self.coordinator.done("enroll", "Enroll", enroll, "").await?;
        Ok(())
    }
}
