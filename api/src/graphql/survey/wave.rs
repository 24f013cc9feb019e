//! The times that a cohort is asked a survey.
use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SelectionField};
use domain::{
    access::{Action, Facts},
    id::Id,
    page::{Page, PageRequest},
    survey::{
        Survey,
        wave::{Event, Status, Wave, transition},
    },
};

use super::{SurveyObject, result::QuestionResult};
use crate::{
    error::Result,
    graphql::{
        allowed::{self, AllowedAction},
        context::{Cx, Request},
        enumeration::E,
        nested::Listed,
        prefetch::{Prefetch, below},
        scalar::DateTime,
        stored::Stored,
    },
};

/// One time that a cohort is asked a survey.
#[derive(Debug, Clone)]
pub struct SurveyWaveObject(pub Wave);

/// One time that a cohort is asked a survey.
#[Object(name = "SurveyWave")]
impl SurveyWaveObject {
    /// Names the wave.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The survey that is asked.
    async fn survey(&self, context: &Context<'_>) -> Result<Option<SurveyObject>> {
        SurveyObject::find(context.request(), self.0.survey).await
    }

    /// The cohort that is asked.
    async fn cohort_id(&self) -> ID {
        ID(self.0.cohort.to_string())
    }

    /// The version of the program's policy that it follows, such as how small a group may be shown.
    async fn policy_number(&self) -> i32 {
        self.0.policy_number
    }

    /// Where it is in its life.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// From when it can be answered.
    async fn opens_at(&self) -> DateTime {
        DateTime(self.0.opens_at)
    }

    /// Until when it can be answered.
    async fn closes_at(&self) -> DateTime {
        DateTime(self.0.closes_at)
    }

    /// How many people were asked.
    async fn invited_count(&self) -> i32 {
        self.0.invited_count
    }

    /// How many people have answered.
    async fn submitted_count(&self) -> i32 {
        self.0.submitted_count
    }

    /// What the answers say, question by question, without saying who said what. Null until the wave is closed, and
    /// for people who may not read results; figures of small groups are hidden.
    async fn results(&self, context: &Context<'_>) -> Result<Option<Vec<QuestionResult>>> {
        super::result::of_wave(context.request(), &self.0).await
    }

    /// What you can do with it now, and why not the rest.
    async fn allowed_actions(&self, context: &Context<'_>) -> Result<Vec<AllowedAction>> {
        let facts = Facts { program: Some(self.0.program), ..Facts::default() };
        let permitted = context.request().may(Action::ManageSurvey, &facts)?;
        let step = |name, event| allowed::action(name, permitted, transition(self.0.status, event));
        Ok(vec![
            step("openSurveyWave", Event::Open),
            step("closeSurveyWave", Event::Close),
            step("cancelSurveyWave", Event::Cancel),
            step("extendSurveyWave", Event::Extend),
        ])
    }

    /// Rises with each change; pass it as `expectedVersion` to be told of changes in between.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

impl Stored for SurveyWaveObject {
    type Entity = Wave;

    fn key(&self) -> Id<Wave> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<Wave>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadSurvey)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::survey::wave::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

impl Listed<Survey> for SurveyWaveObject {
    type Place = Id<Wave>;
    type Filter = ();

    fn place(&self) -> Self::Place {
        self.0.id
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<Survey>>,
        _all: (),
        page: PageRequest<Self::Place>,
    ) -> Result<HashMap<Id<Survey>, Page<Self>>> {
        let (scope, organization) = (request.scope(Action::ReadSurvey)?, request.organization()?);
        let pages = request
            .load(async move |conn| {
                persistence::survey::wave::by_surveys(conn, &scope, organization, &parents, &page).await
            })
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(Self))).collect())
    }
}

impl Prefetch for SurveyWaveObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let surveys = items.iter().map(|item| item.0.survey).collect();
        SurveyObject::prefetch_by_ids(request, fields, "survey", surveys).await?;
        if below(fields, "results").is_some() {
            super::result::prefetch(request, items).await?;
        }
        Ok(())
    }
}
