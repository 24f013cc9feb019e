//! What the answers of a wave say, as far as it can be said without naming anybody.
use std::collections::HashMap;

use async_graphql::{ID, SimpleObject};
use domain::{
    access::{Action, Facts, Role},
    id::Id,
    survey::{
        question::Question,
        result::{Figures, Tally, split},
        wave::{Status, Wave},
    },
};
use persistence::survey::result::Part;

use super::SurveyWaveObject;
use crate::{error::Result, graphql::context::Request};

/// What the answers to one question say.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "SurveyQuestionResult")]
pub struct QuestionResult {
    /// The question.
    question_id: ID,
    /// Its text.
    text: String,
    /// Of everybody who answered it.
    all: FiguresObject,
    /// Of the mentors. Hidden together with those of the mentees when either group is too small.
    mentors: FiguresObject,
    /// Of the mentees. Hidden together with those of the mentors when either group is too small.
    mentees: FiguresObject,
}

/// Figures of one question in one group of people.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "SurveyFigures")]
pub struct FiguresObject {
    /// How many people answered.
    n: i32,
    /// Are the figures hidden because the group is smaller than the program's policy allows, at least 5?
    hidden: bool,
    /// The mean, of scales and numbers.
    mean: Option<f64>,
    /// The sample standard deviation, of scales and numbers, from two answers on.
    standard_deviation: Option<f64>,
    /// How often each value or option was chosen; empty when hidden or for text.
    counts: Vec<ValueCount>,
}

/// How often one value or option was chosen.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "SurveyValueCount")]
pub struct ValueCount {
    /// The value of a scale or number, or the position of an option, from 0.
    value: i32,
    /// By how many people.
    count: i32,
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl From<Figures> for FiguresObject {
    fn from(figures: Figures) -> Self {
        let shown = figures.shown.as_ref();
        let counts = shown.map(|shown| shown.counts.as_slice()).unwrap_or_default();
        Self {
            n: count(figures.n),
            hidden: shown.is_none(),
            mean: shown.and_then(|shown| shown.mean),
            standard_deviation: shown.and_then(|shown| shown.standard_deviation),
            counts: counts
                .iter()
                .map(|&(value, people)| ValueCount { value, count: count(people) })
                .collect(),
        }
    }
}

/// Everything that the results of one wave are made of.
#[derive(Debug, Clone)]
struct Material {
    questions: Vec<Question>,
    parts: Vec<Part>,
    minimum: u32,
}

async fn material(request: &Request, wave: &Wave) -> Result<Material> {
    if let Some(known) = request.prefetched.get::<Material>(wave.id) {
        return Ok(known);
    }
    prefetch(request, &[SurveyWaveObject(wave.clone())]).await?;
    let loaded = request.prefetched.get::<Material>(wave.id);
    Ok(loaded.unwrap_or(Material { questions: Vec::new(), parts: Vec::new(), minimum: u32::MAX }))
}

fn readable(request: &Request, wave: &Wave) -> Result<bool> {
    let facts = Facts { program: Some(wave.program), ..Facts::default() };
    Ok(wave.status == Status::Closed && request.may(Action::ReadImpact, &facts)?)
}

/// Loads what the results of many waves are made of, in a fixed number of statements.
pub async fn prefetch(request: &Request, waves: &[SurveyWaveObject]) -> Result<()> {
    let mut wanted = Vec::new();
    for wave in waves {
        if readable(request, &wave.0)? {
            wanted.push(wave.0.clone());
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let organization = request.organization()?;
    let loaded = request
        .load(async move |conn| persistence::survey::result::by_waves(conn, organization, &wanted).await)
        .await?;
    for (id, parts) in loaded {
        let material = Material { questions: parts.questions, parts: parts.parts, minimum: parts.minimum };
        request.prefetched.put(id, material);
    }
    Ok(())
}

/// The results, for who may read them once the wave is closed.
pub async fn of_wave(request: &Request, wave: &Wave) -> Result<Option<Vec<QuestionResult>>> {
    if !readable(request, wave)? {
        return Ok(None);
    }
    let Material { questions, parts, minimum } = material(request, wave).await?;
    let by_place: HashMap<(Id<Question>, Role), Tally> =
        parts.into_iter().map(|part| ((part.question, part.role), part.tally)).collect();
    let tally = |question: &Question, role| {
        let none = Tally { n: 0, counts: Vec::new(), numeric: true };
        by_place.get(&(question.id, role)).cloned().unwrap_or(none)
    };
    let results = questions.iter().map(|question| {
        let (mentors, mentees) = (tally(question, Role::Mentor), tally(question, Role::Mentee));
        let all = mentors.with(&mentees).figures(minimum);
        let (mentors, mentees) = split(&mentors, &mentees, minimum);
        QuestionResult {
            question_id: ID(question.id.to_string()),
            text: question.text.clone(),
            all: all.into(),
            mentors: mentors.into(),
            mentees: mentees.into(),
        }
    });
    Ok(Some(results.collect()))
}
