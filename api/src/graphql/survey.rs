//! Surveys: write one, ask a cohort, answer it, read the results.
mod mutation;
mod response;
mod result;
mod wave;

use async_graphql::{Context, ID, Object, SelectionField, SimpleObject};
use domain::{
    access::{Action, Facts},
    id::Id,
    program::Program,
    survey::{Event, Survey, question::Question, transition},
};

use super::{
    allowed::{self, AllowedAction},
    context::{Cx, Request},
    enumeration::E,
    nested,
    page::{self, Connection, page_request},
    prefetch::Prefetch,
    scalar::{DateTime, Wire},
    stored::Stored,
};
use crate::error::Result;

pub use mutation::SurveyMutation;
pub use response::SurveyResponseObject;
pub use wave::SurveyWaveObject;

/// A questionnaire of a program. Once published it never changes, so that answers stay comparable.
#[derive(Debug, Clone)]
pub struct SurveyObject(pub Survey);

/// A questionnaire of a program. Once published it never changes, so that answers stay comparable.
#[Object(name = "Survey")]
impl SurveyObject {
    /// Names the survey.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The program whose people it asks.
    async fn program_id(&self) -> ID {
        ID(self.0.program.to_string())
    }

    /// What it is about, in one line.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What people read before they answer.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Where it is in its life.
    async fn status(&self) -> E<domain::survey::Status> {
        E(self.0.status)
    }

    /// Its questions, in the order in which they are asked; at most 50.
    async fn questions(&self) -> Vec<QuestionObject> {
        self.0.questions.iter().map(QuestionObject::from).collect()
    }

    /// The times that a cohort was or will be asked, oldest first. You see those that you may manage or were asked in.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn waves(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<SurveyWaveObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// What you can do with it now, and why not the rest.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let request = context.request();
        let facts = Facts { program: Some(self.0.program), ..Facts::default() };
        let permitted = request.may(Action::ManageSurvey, &facts)?;
        let step = |name, event| allowed::action(name, permitted, transition(self.0.status, event));
        Ok(vec![
            step("updateSurvey", Event::Edit),
            step("publishSurvey", Event::Publish),
            step("retireSurvey", Event::Retire),
        ])
    }

    /// Rises with each change; pass it as `expectedVersion` to be told of changes in between.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl Prefetch for SurveyObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let ids: Vec<Id<Survey>> = items.iter().map(|item| item.0.id).collect();
        nested::ahead::<_, SurveyWaveObject>(request, &ids, fields, "waves").await
    }
}

impl Stored for SurveyObject {
    type Entity = Survey;

    fn key(&self) -> Id<Survey> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Survey>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadSurvey)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::survey::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

/// One question of a survey.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "SurveyQuestion")]
pub struct QuestionObject {
    /// Names the question; pass it with the answer.
    id: ID,
    /// How it is answered.
    kind: E<domain::survey::question::Kind>,
    /// The question itself.
    text: String,
    /// Must it be answered?
    required: bool,
    /// The smallest value of a scale or number.
    minimum: Option<i32>,
    /// The largest value of a scale or number.
    maximum: Option<i32>,
    /// What the smallest value means, such as "never".
    minimum_label: Option<String>,
    /// What the largest value means, such as "always".
    maximum_label: Option<String>,
    /// The options of a choice; answers name them by position, from 0.
    options: Vec<String>,
}

impl From<&Question> for QuestionObject {
    fn from(question: &Question) -> Self {
        let range = question.range.as_ref();
        Self {
            id: ID(question.id.to_string()),
            kind: E(question.kind),
            text: question.text.clone(),
            required: question.required,
            minimum: range.map(|range| range.minimum),
            maximum: range.map(|range| range.maximum),
            minimum_label: range.and_then(|range| range.minimum_label.clone()),
            maximum_label: range.and_then(|range| range.maximum_label.clone()),
            options: question.options.clone(),
        }
    }
}

#[derive(Default)]
pub struct SurveyQuery;

#[Object]
impl SurveyQuery {
    /// A survey by its id; null when it does not exist or you may not see it.
    async fn survey(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the survey.")] id: Wire<Survey>,
    ) -> Result<Option<SurveyObject>> {
        SurveyObject::one(context, id.0).await
    }

    /// The surveys that you may manage or were asked, oldest first.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn surveys(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "Only those of this program.")] program_id: Option<Wire<Program>>,
    ) -> Result<Connection<SurveyObject>> {
        let request = context.request();
        let (scope, organization) = (request.scope(Action::ReadSurvey)?, request.organization()?);
        let program = program_id.map(|id| id.0);
        let list = format!("surveys of {organization} {program:?}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let surveys = request
            .load(async move |conn| {
                persistence::survey::by_program(conn, &scope, organization, program, &wanted).await
            })
            .await?;
        Connection::new(&list, surveys, &page, |survey| survey.id, SurveyObject).prefetched(context).await
    }

    /// A survey wave by its id; null when it does not exist or you may not see it.
    async fn survey_wave(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the wave.")] id: Wire<domain::survey::wave::Wave>,
    ) -> Result<Option<SurveyWaveObject>> {
        SurveyWaveObject::one(context, id.0).await
    }

    /// What you were asked, newest first, with your own answers.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn my_survey_responses(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<SurveyResponseObject>> {
        response::mine(context, first, after).await
    }
}
