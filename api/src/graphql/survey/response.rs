//! What the viewer was asked, and answered.
use async_graphql::{Context, ID, Object, SelectionField, SimpleObject};
use domain::{
    id::Id,
    survey::{
        answer::{Answer, Value},
        wave::{Response, ResponseStatus},
    },
};

use super::SurveyWaveObject;
use crate::{
    error::Result,
    graphql::{
        context::{Cx, Request},
        enumeration::E,
        page::{Connection, page_request},
        prefetch::{Prefetch, below},
        scalar::DateTime,
        stored::Stored,
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

impl Stored for SurveyResponseObject {
    type Entity = Response;

    fn key(&self) -> Id<Response> {
        self.0.id
    }

    /// The viewer's own; nobody sees another's.
    async fn by_ids(request: &Request, ids: Vec<Id<Response>>) -> Result<Vec<Self>> {
        let actor = request.actor()?;
        let (Some(profile), organization) = (actor.profile, actor.organization) else {
            return Ok(Vec::new());
        };
        let found = request
            .load(async move |conn| {
                persistence::survey::response::by_ids(conn, organization, profile, &ids).await
            })
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Prefetch for SurveyResponseObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let waves = items.iter().map(|item| item.0.wave).collect();
        SurveyWaveObject::prefetch_by_ids(request, fields, "wave", waves).await?;
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
