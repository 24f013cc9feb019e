//! What a program has achieved, for its staff and analysts.
use async_graphql::{Context, Object};
use domain::{
    access::{Action, Facts, Scope},
    cohort::Cohort,
    id::Id,
    impact::Impact,
    program::Program,
};
use persistence::survey::wave;

use super::{
    context::Cx,
    page::{self, Connection, page_request},
    scalar::{DateTime, Wire},
    survey::SurveyWaveObject,
};
use crate::error::Result;

/// What a program, or one of its cohorts, has achieved until now. Every figure says what it counts.
pub struct ImpactObject {
    figures: Impact,
    program: Id<Program>,
    cohort: Option<Id<Cohort>>,
}

fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// What a program, or one of its cohorts, has achieved until now. Every figure says what it counts.
#[Object(name = "Impact")]
impl ImpactObject {
    /// The moment for which the figures hold.
    async fn as_of(&self) -> DateTime {
        DateTime(self.figures.as_of)
    }

    /// Mentors who are enrolled and have not withdrawn.
    async fn mentors_enrolled(&self) -> i32 {
        count(self.figures.counts.mentors_enrolled)
    }

    /// Mentees who are enrolled and have not withdrawn.
    async fn mentees_enrolled(&self) -> i32 {
        count(self.figures.counts.mentees_enrolled)
    }

    /// Of those mentees, the ones who have or had a match that both sides accepted.
    async fn mentees_matched(&self) -> i32 {
        count(self.figures.counts.mentees_matched)
    }

    /// Part of the enrolled mentees who have or had a mentor: `menteesMatched` / `menteesEnrolled`; null without
    /// mentees.
    async fn match_rate(&self) -> Option<f64> {
        self.figures.match_rate
    }

    /// Matches that were ever offered to both sides.
    async fn matches_offered(&self) -> i32 {
        count(self.figures.counts.matches_offered)
    }

    /// Matches that both sides ever accepted.
    async fn matches_accepted(&self) -> i32 {
        count(self.figures.counts.matches_accepted)
    }

    /// Matches that are active now: accepted, with at least one agreed objective.
    async fn matches_active(&self) -> i32 {
        count(self.figures.counts.matches_active)
    }

    /// Matches that were closed.
    async fn matches_closed(&self) -> i32 {
        count(self.figures.counts.matches_closed)
    }

    /// Check-ins that were held.
    async fn check_ins_held(&self) -> i32 {
        count(self.figures.counts.check_ins_held)
    }

    /// Check-ins that were planned and neither held, moved nor cancelled.
    async fn check_ins_missed(&self) -> i32 {
        count(self.figures.counts.check_ins_missed)
    }

    /// Part of the check-ins that were held: `checkInsHeld` / (`checkInsHeld` + `checkInsMissed`); null without any.
    async fn attendance_rate(&self) -> Option<f64> {
        self.figures.attendance_rate
    }

    /// Minutes that pairs have spent in check-ins.
    async fn minutes_held(&self) -> i32 {
        count(self.figures.counts.minutes_held)
    }

    /// Objectives that both sides of a pair agreed on.
    async fn objectives_agreed(&self) -> i32 {
        count(self.figures.counts.objectives_agreed)
    }

    /// Of those, the ones rated 0 (as expected) or better by the other side.
    async fn objectives_reached(&self) -> i32 {
        count(self.figures.counts.objectives_reached)
    }

    /// Part of the agreed objectives that were reached: `objectivesReached` / `objectivesAgreed`; null without any.
    async fn objective_rate(&self) -> Option<f64> {
        self.figures.objective_rate
    }

    /// The survey waves that are closed, newest first: their `results` give each question's mean and how many answered,
    /// hidden where fewer than 5 people did.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn survey_waves(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<SurveyWaveObject>> {
        let request = context.request();
        let (scope, organization) = (request.scope(Action::ReadImpact)?, request.organization()?);
        let (program, cohort) = (self.program, self.cohort);
        let list = format!("survey waves of {program} {cohort:?}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let waves = request
            .load(async move |conn| {
                wave::closed_by_program(conn, &scope, organization, program, cohort, &wanted).await
            })
            .await?;
        Connection::new(&list, waves, &page, |wave| wave.id, SurveyWaveObject).prefetched(context).await
    }
}

#[derive(Default)]
pub struct ImpactQuery;

#[Object]
impl ImpactQuery {
    /// What a program has achieved; null when it does not exist or you may not read its results. What people said in
    /// surveys is in `surveyWaves`.
    async fn impact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The program.")] program_id: Wire<Program>,
        #[graphql(desc = "Only this cohort of it.")] cohort_id: Option<Wire<Cohort>>,
    ) -> Result<Option<ImpactObject>> {
        let request = context.request();
        let facts = Facts { program: Some(program_id.0), ..Facts::default() };
        if !request.may(Action::ReadImpact, &facts)? {
            return match request.require_scope(Action::ReadImpact) {
                Ok(_other_programs) => Ok(None),
                Err(denied) => Err(denied),
            };
        }
        let (organization, program, cohort) =
            (request.organization()?, program_id.0, cohort_id.map(|id| id.0));
        let found = request
            .load(async move |conn| {
                let everything = Scope::organization();
                let program_row =
                    persistence::program::find(conn, &everything, organization, program).await?;
                let counts = persistence::impact::counts(conn, organization, program, cohort).await?;
                Ok(program_row.map(|_exists| counts))
            })
            .await?;
        let as_of = request.app.clock.now();
        Ok(found.map(|counts| ImpactObject { figures: Impact::of(counts, as_of), program, cohort }))
    }
}
