//! What the viewer was asked, and answered.
use async_graphql::{Context, ID, Object, SelectionField, SimpleObject};
use domain::{
    id::Id,
    survey::{
        answer::{Answer, Value},
        wave::{Response, ResponseStatus, Wave},
    },
};

use super::{SurveyWaveObject, wave};
use crate::{
    error::Result,
    graphql::{
        context::{Cx, Request},
        enumeration::E,
        page::{Connection, page_request},
        prefetch::{Prefetch, below},
        scalar::DateTime,
    },
};

/// That you were asked in a survey wave, and what you answered. Nobody else can read it.
#[derive(Debug, Clone)]
pub struct SurveyResponseObject(pub Response);

/// That you were asked in a survey wave, and what you answered. Nobody else can read it.
#[Object(name = "SurveyResponse")]
impl SurveyResponseObject {
    /// Names the response.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The wave in which you were asked; its survey has the questions.
    async fn wave(&self, context: &Context<'_>) -> Result<Option<SurveyWaveObject>> {
        SurveyWaveObject::find(context.request(), self.0.wave).await
    }

    /// Whether you have answered.
    async fn status(&self) -> E<ResponseStatus> {
        E(self.0.status)
    }

    /// When you answered.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.submitted_at.map(DateTime)
    }

    /// What you answered, at most one answer for each question.
    async fn answers(&self, context: &Context<'_>) -> Result<Vec<AnswerObject>> {
        let request = context.request();
        if request.prefetched.get::<Vec<Answer>>(self.0.id).is_none() {
            prefetch_answers(request, &[self.0.id]).await?;
        }
        let answers = request.prefetched.get::<Vec<Answer>>(self.0.id).unwrap_or_default();
        Ok(answers.into_iter().map(AnswerObject::from).collect())
    }
}

/// Your answer to one question.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "SurveyAnswer")]
pub struct AnswerObject {
    /// The question.
    question_id: ID,
    /// The value, of scales and numbers.
    number: Option<i32>,
    /// Your words, of text questions.
    text: Option<String>,
    /// The positions of the options that you chose, from 0.
    choices: Option<Vec<i16>>,
}

impl From<Answer> for AnswerObject {
    fn from(answer: Answer) -> Self {
        let question_id = ID(answer.question.to_string());
        let empty = Self { question_id, number: None, text: None, choices: None };
        match answer.value {
            Value::Number(number) => Self { number: Some(number), ..empty },
            Value::Text(text) => Self { text: Some(text), ..empty },
            Value::Choices(choices) => Self { choices: Some(choices), ..empty },
        }
    }
}

impl SurveyResponseObject {
    /// The viewer's own response; nobody sees another's.
    pub async fn find(request: &Request, id: Id<Response>) -> Result<Option<Self>> {
        let actor = request.actor()?;
        let (Some(profile), organization) = (actor.profile, actor.organization) else { return Ok(None) };
        let found = request
            .load(async move |conn| {
                persistence::survey::response::find(conn, organization, id, profile).await
            })
            .await?;
        Ok(found.map(Self))
    }
}

impl Prefetch for SurveyResponseObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        if let Some(wanted) = below(fields, "wave") {
            let ids: Vec<Id<Wave>> = items.iter().map(|item| item.0.wave).collect();
            let waves = wave::load(request, ids).await?;
            SurveyWaveObject::prefetch(request, &waves, &wanted).await?;
            for wave in waves {
                request.prefetched.put(wave.0.id, wave);
            }
        }
        if below(fields, "answers").is_some() {
            let ids: Vec<Id<Response>> = items.iter().map(|item| item.0.id).collect();
            prefetch_answers(request, &ids).await?;
        }
        Ok(())
    }
}

async fn prefetch_answers(request: &Request, ids: &[Id<Response>]) -> Result<()> {
    let (organization, wanted) = (request.organization()?, ids.to_vec());
    let loaded = request
        .load(async move |conn| persistence::survey::response::answers(conn, organization, &wanted).await)
        .await?;
    for id in ids {
        let of_one = loaded.iter().filter(|(response, _)| response == id);
        request.prefetched.put(*id, of_one.map(|(_, answer)| answer.clone()).collect::<Vec<Answer>>());
    }
    Ok(())
}

/// What the viewer was asked, newest first.
pub async fn mine(
    context: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<SurveyResponseObject>> {
    let request = context.request();
    let actor = request.actor()?;
    let organization = actor.organization;
    let list = format!("survey responses of {:?}", actor.profile);
    let page = page_request(&list, first, after.as_deref())?;
    let responses = match actor.profile {
        None => domain::page::Page::of(Vec::new(), page.first),
        Some(profile) => {
            let wanted = page.clone();
            let load = async move |conn: &persistence::Connection| {
                persistence::survey::response::by_profile(conn, organization, profile, &wanted).await
            };
            request.load(load).await?
        }
    };
    Connection::new(&list, responses, &page, |response| response.id, SurveyResponseObject)
        .prefetched(context)
        .await
}
