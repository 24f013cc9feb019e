//! What is there to see and to change? A program with a pair, everything the pair has made, and what staff prepare.
use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use chrono::TimeDelta;
use domain::{
    access::Role,
    account::Account,
    file::{File, Kind},
    id::Id,
    session::Client,
};
use serde_json::{Value, json};

use crate::harness::{Person, Stage};

/// One program of one organization, and the names of everything in it.
pub struct Place {
    pub stage: Arc<Stage>,
    pub mentor: Person,
    pub mentee: Person,
    pub guardian: Person,
    things: BTreeMap<&'static str, String>,
}

const FIT: &str = r#"interests: ["chess", "music"], goals: ["mathematics"], expertise: ["mathematics"],
    languages: ["en"], availability: [{ weekday: MONDAY, start: "16:00", end: "19:00" }]"#;
const FITS_LESS: &str = r#"interests: ["chess"], goals: ["mathematics"], languages: ["en"],
    availability: [{ weekday: MONDAY, start: "16:00", end: "19:00" }]"#;

impl Place {
    pub async fn set(stage: Arc<Stage>, name: &str) -> Self {
        let mut things = BTreeMap::new();
        let clock = stage.test.clock();
        let (now, today) = (clock.now(), clock.now().date_naive());
        things.insert("today", today.to_string());
        things.insert("next_year", (today + TimeDelta::days(300)).to_string());
        for (name, hours) in [("hour", 1), ("soon", 48), ("later", 900), ("much_later", 1800)] {
            things.insert(name, (now + TimeDelta::hours(hours)).to_rfc3339());
        }
        things.insert("organization", stage.organization.to_string());
        things.insert("program", text(&stage.program(name).await));
        things.insert("cohort", text(&stage.cohort(&json!(things["program"])).await));
        let mut people = Vec::new();
        let birthday = today - TimeDelta::days(14 * 365);
        for (who, more) in [
            ("mentor", format!("capacity: 2, {FIT}")),
            (
                "mentee",
                format!(
                    r#"birthDate: "{birthday}", guardianContact: "Kim, 555 0100", externalId: "x-{name}", {FIT}"#
                ),
            ),
            ("guardian", String::new()),
        ] {
            let profile = create(&stage, name, who, &more).await;
            people.push(stage.person(&profile).await);
            things.insert(who, text(&profile));
        }
        for (who, more) in [("seeker", FIT), ("left", FITS_LESS), ("newcomer", FITS_LESS)] {
            things.insert(who, text(&create(&stage, name, who, more).await));
        }
        let [mentor, mentee, guardian] = <[Person; 3]>::try_from(people).ok().expect("three people");
        let mut place = Self { stage, mentor, mentee, guardian, things };
        place.match_up().await;
        place.prepare().await;
        place.meet().await;
        place.ask().await;
        place.keep().await;
        place
    }

    /// The mentor and the mentee become a pair; others wait with a suggestion or without one.
    async fn match_up(&mut self) {
        let owner = self.stage.owner.clone();
        self.make(
            &owner,
            "consent",
            "recordConsent",
            r#"{ profileId: $mentee, purpose: PARTICIPATION, method: PAPER, textVersion: "2026-1", givenBy: "Kim",
                 grantedOn: $today }"#,
            "consent",
        )
        .await;
        self.does(&owner, "linkGuardian", "{ wardId: $mentee, guardianId: $guardian }").await;
        let enroll =
            |who: &str, role: &str| format!("{{ cohortId: $cohort, profileId: ${who}, role: {role} }}");
        for (key, who, role) in
            [("mentor_enrollment", "mentor", "MENTOR"), ("enrollment", "mentee", "MENTEE")]
        {
            self.make(&owner, key, "enroll", &enroll(who, role), "enrollment").await;
        }
        let first = self.propose(&owner).await;
        let both = "{ id: $match }";
        self.things.insert("match", first);
        self.things.insert("published_run", self.things["run"].clone());
        self.does(&owner, "publishMatchingRun", "{ id: $run }").await;
        let (mentor, mentee) = (self.mentor.clone(), self.mentee.clone());
        self.does(&mentor, "acceptMatch", both).await;
        self.does(&mentee, "acceptMatch", both).await;
        self.does(&owner, "enroll", &enroll("seeker", "MENTEE")).await;
        self.make(&owner, "left_enrollment", "enroll", &enroll("left", "MENTEE"), "enrollment").await;
        let suggestion = self.propose(&owner).await;
        self.things.insert("suggestion", suggestion);
    }

    /// Has a run done, and answers its only proposal.
    async fn propose(&mut self, by: &Person) -> String {
        self.make(by, "run", "startMatchingRun", "{ cohortId: $cohort }", "run").await;
        self.stage.work().await;
        let read = "{ matchingRun(id: $run) { proposals { nodes { id } } unmatched { nodes { alternates { score } } } } }";
        let run = by.data(&self.fill(read), json!({})).await["matchingRun"].clone();
        let proposals = run["proposals"]["nodes"].as_array().expect("proposals");
        assert_eq!(proposals.len(), 1, "{run}");
        text(&proposals[0]["id"])
    }

    /// What only staff see.
    async fn prepare(&mut self) {
        let owner = self.stage.owner.clone();
        let other = r#"{ programId: $program, name: "Summer", startsOn: $today, endsOn: $next_year }"#;
        self.make(&owner, "cohort2", "createCohort", other, "cohort").await;
        self.does(&owner, "openCohort", "{ id: $cohort2 }").await;
        self.does(&owner, "enroll", "{ cohortId: $cohort2, profileId: $newcomer, role: MENTOR }").await;
        let apart = r#"{ mentorId: $left, menteeId: $seeker, reason: "Siblings" }"#;
        self.make(&owner, "exclusion", "addExclusion", apart, "exclusion").await;
        self.make(&owner, "invitation", "invitePerson", "{ profileId: $left }", "invitation").await;
        let staff = format!(
            r#"{{ email: "{}@staff.example", role: COORDINATOR, programId: $program }}"#,
            self.things["program"]
        );
        self.make(&owner, "staff_invitation", "inviteStaff", &staff, "invitation").await;
        let roster = upload(&self.stage, owner.account, "name,role\n").await;
        self.things.insert("roster", roster);
        let input = "{ cohortId: $cohort, fileId: $roster, dryRun: true }";
        self.make(&owner, "import", "importRoster", input, "import").await;
        let url = r#"{ programId: $program, title: "Ideas for a first hour", url: "https://ideas.example" }"#;
        self.make(&owner, "program_resource", "shareResource", url, "resource").await;
        self.stage.work().await;
    }

    /// What the pair has made together.
    async fn meet(&mut self) {
        let (mentor, mentee) = (self.mentor.clone(), self.mentee.clone());
        let wish = r#"{ matchId: $match, title: "Read a book", description: "Any" }"#;
        self.make(&mentor, "objective", "proposeObjective", wish, "objective").await;
        self.does(&mentee, "agreeObjective", "{ id: $objective }").await;
        let plan = r#"{ matchId: $match, mode: IN_PERSON, place: "Library", startsAt: $hour }"#;
        for key in ["held", "due"] {
            self.make(&mentor, key, "scheduleCheckIn", plan, "checkIn").await;
        }
        self.stage.test.advance(TimeDelta::hours(2));
        let mine = r#"{ id: $held, summary: "We read.", rating: 5, feedback: "Fun" }"#;
        self.does(&mentee, "recordCheckIn", mine).await;
        self.does(&mentor, "rateCheckIn", r#"{ id: $held, rating: 4, feedback: "Quiet" }"#).await;
        let hello = r#"{ matchId: $match, body: "Hello" }"#;
        self.make(&mentor, "message", "sendMessage", hello, "message").await;
        self.does(&mentee, "markConversationRead", "{ matchId: $match, messageId: $message }").await;
        let file = upload(&self.stage, mentor.account, "Chapter one").await;
        self.things.insert("file", file);
        let share = r#"{ matchId: $match, title: "Chapter one", fileId: $file }"#;
        self.make(&mentor, "resource", "shareResource", share, "resource").await;
    }

    /// A survey that both have answered once, and are asked again.
    async fn ask(&mut self) {
        let owner = self.stage.owner.clone();
        let survey = r#"{ programId: $program, title: "How is it?", questions: [{ kind: SCALE, minimum: 1, maximum: 5,
            text: "Do you like it?" }] }"#;
        self.make(&owner, "survey", "createSurvey", survey, "survey").await;
        self.does(&owner, "publishSurvey", "{ surveyId: $survey }").await;
        self.make(&owner, "draft_survey", "createSurvey", survey, "survey").await;
        let read = "{ survey(id: $survey) { questions { id } } }";
        let read = owner.data(&self.fill(read), json!({})).await;
        self.things.insert("question", text(&read["survey"]["questions"][0]["id"]));
        let wave = "{ surveyId: $survey, cohortId: $cohort, closesAt: $later }";
        self.make(&owner, "closed_wave", "scheduleSurveyWave", wave, "wave").await;
        let (mentor, mentee) = (self.mentor.clone(), self.mentee.clone());
        let answer = "{ waveId: $closed_wave, answers: [{ questionId: $question, number: 4 }] }";
        self.does(&mentor, "submitSurveyResponse", answer).await;
        self.make(&mentee, "response", "submitSurveyResponse", answer, "response").await;
        self.does(&owner, "closeSurveyWave", "{ waveId: $closed_wave }").await;
        self.make(&owner, "wave", "scheduleSurveyWave", wave, "wave").await;
    }

    /// What is found by reading, and the things of the organization as a whole.
    async fn keep(&mut self) {
        let (owner, mentee) = (self.stage.owner.clone(), self.mentee.clone());
        let told = mentee.data("{ notifications(first: 1) { nodes { id } } }", json!({})).await;
        self.things.insert("notification", text(&told["notifications"]["nodes"][0]["id"]));
        let talk = self.fill("{ match(id: $match) { conversation { id } } }");
        let talk = mentee.data(&talk, json!({})).await;
        self.things.insert("conversation", text(&talk["match"]["conversation"]["id"]));
        let done = self.fill("{ auditEvents(first: 1, objectId: $program) { nodes { id } } }");
        let done = owner.data(&done, json!({})).await;
        self.things.insert("audit", text(&done["auditEvents"]["nodes"][0]["id"]));
        let spare = self.stage.staff(Role::Analyst, None).await;
        self.things.insert("account", spare.account.to_string());
        let staff = owner.data("{ roleGrants(first: 100) { nodes { id accountId role } } }", json!({})).await;
        let grants = staff["roleGrants"]["nodes"].as_array().expect("grants");
        let of = |account: Id<Account>| {
            let found = grants.iter().find(|grant| grant["accountId"] == account.to_string().as_str());
            text(&found.expect("a grant")["id"])
        };
        self.things.insert("grant", of(spare.account));
        self.things.insert("owner_grant", of(owner.account));
        let (app, account) = (&self.stage.test.app, mentee.account);
        let begun = self.stage.inside(async |conn| {
            let origin = api::identity::limit::Origin::default();
            let issued = app.identity.begin_session(conn, account, Client::App, None, &origin).await;
            Ok(issued.unwrap_or_else(|failure| panic!("{failure:?}")).session.id)
        });
        self.things.insert("session", begun.await.to_string());
    }

    /// Does a mutation and keeps the id of what came of it.
    async fn make(&mut self, by: &Person, key: &'static str, mutation: &str, input: &str, pick: &str) {
        let document = format!(
            "mutation {{ {mutation}(input: {input}) {{ {pick} {{ id }} userErrors {{ code path message }} }} }}"
        );
        let payload = by.done(&self.fill(&document), json!({})).await;
        self.things.insert(key, text(&payload[pick]["id"]));
    }

    async fn does(&self, by: &Person, mutation: &str, input: &str) {
        let document =
            format!("mutation {{ {mutation}(input: {input}) {{ userErrors {{ code path message }} }} }}");
        by.done(&self.fill(&document), json!({})).await;
    }

    pub fn thing(&self, name: &str) -> &str {
        self.things.get(name).unwrap_or_else(|| panic!("no {name} in this place"))
    }

    /// A text with each `$name` replaced by that thing.
    pub fn fill(&self, text: &str) -> String {
        fill(text, |name| self.thing(name).to_owned())
    }
}

/// A text with each `$name` replaced by what `thing` says, as a string of GraphQL.
pub fn fill(text: &str, mut thing: impl FnMut(&str) -> String) -> String {
    let mut parts = text.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let end = part.find(|letter| !name(letter)).unwrap_or(part.len());
        write!(filled, "{:?}{}", thing(&part[..end]), &part[end..]).expect("text");
    }
    filled
}

/// The names that [`fill`] would ask for.
pub fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    fill(text, |name| {
        names.push(name.to_owned());
        String::new()
    });
    names
}

async fn create(stage: &Stage, place: &str, who: &str, more: &str) -> Value {
    let email = format!("{who}.{}@people.example", place.replace(' ', "").to_lowercase());
    let document = format!(
        r#"mutation {{ createProfile(input: {{ name: "{who}", email: "{email}", about: "Hello", {more} }}) {{
            profile {{ id }} userErrors {{ code path message }} }} }}"#
    );
    stage.owner.done(&document, json!({})).await["profile"]["id"].clone()
}

/// A text file of this account, as if it had been uploaded.
pub async fn upload(stage: &Stage, by: Id<Account>, content: &str) -> String {
    let (app, organization) = (&stage.test.app, stage.organization);
    let file = File {
        id: app.clock.id(),
        uploaded_by: by,
        name: "file.csv".into(),
        kind: Kind::Csv,
        size: i32::try_from(content.len()).expect("small"),
        sha256: vec![0; 32],
        created_at: app.clock.now(),
    };
    stage
        .inside(async |conn| {
            persistence::file::insert(conn, organization, &file).await?;
            persistence::file::insert_piece(conn, organization, file.id, 0, content.as_bytes().to_vec()).await
        })
        .await;
    file.id.to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
