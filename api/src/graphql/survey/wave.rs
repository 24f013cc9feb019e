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
        nested,
        page::{Connection, page_request},
        prefetch::{Prefetch, below, node_fields},
        scalar::DateTime,
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

impl SurveyWaveObject {
    /// The wave, if the caller may see it.
    pub async fn find(request: &Request, id: Id<Wave>) -> Result<Option<Self>> {
        if let Some(known) = request.prefetched.get::<Self>(id) {
            return Ok(Some(known));
        }
        Ok(load(request, vec![id]).await?.pop())
    }
}

/// Waves by their ids, in one statement.
pub async fn load(request: &Request, ids: Vec<Id<Wave>>) -> Result<Vec<SurveyWaveObject>> {
    let (scope, organization) = (request.scope(Action::ReadSurvey)?, request.organization()?);
    let waves = request
        .load(async move |conn| persistence::survey::wave::by_ids(conn, &scope, organization, &ids).await)
        .await?;
    Ok(waves.into_iter().map(SurveyWaveObject).collect())
}

impl Prefetch for SurveyWaveObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        if let Some(wanted) = below(fields, "survey") {
            let ids: Vec<Id<Survey>> = items.iter().map(|item| item.0.survey).collect();
            let (scope, organization) = (request.scope(Action::ReadSurvey)?, request.organization()?);
            let surveys = request
                .load(async move |conn| persistence::survey::by_ids(conn, &scope, organization, &ids).await)
                .await?;
            let surveys: Vec<SurveyObject> = surveys.into_iter().map(SurveyObject).collect();
            nested::prefetch(request, &surveys, &wanted).await?;
            for survey in surveys {
                request.prefetched.put(survey.0.id, survey);
            }
        }
        if below(fields, "results").is_some() {
            super::result::prefetch(request, items).await?;
        }
        Ok(())
    }
}

/// The waves of one survey, from what was loaded ahead or by a statement of its own.
pub async fn of_survey(
    context: &Context<'_>,
    survey: Id<Survey>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<SurveyWaveObject>> {
    let request = context.request();
    let list = format!("waves of {survey}");
    let page = page_request(&list, first, after.as_deref())?;
    let waves = match request.prefetched.get::<Page<Wave>>(nested::key(survey, &context.field())) {
        Some(waves) => waves,
        None => {
            by_surveys(request, vec![survey], page.clone()).await?.remove(&survey).unwrap_or_else(Page::empty)
        }
    };
    Connection::new(&list, waves, &page, |wave| wave.id, SurveyWaveObject).prefetched(context).await
}

async fn by_surveys(
    request: &Request,
    surveys: Vec<Id<Survey>>,
    page: PageRequest<Id<Wave>>,
) -> Result<HashMap<Id<Survey>, Page<Wave>>> {
    let (scope, organization) = (request.scope(Action::ReadSurvey)?, request.organization()?);
    request
        .load(async move |conn| {
            persistence::survey::wave::by_surveys(conn, &scope, organization, &surveys, &page).await
        })
        .await
}

/// Loads the wanted page of waves of many surveys in one statement.
pub async fn prefetch_for_surveys(
    request: &Request,
    surveys: &[Id<Survey>],
    fields: &[SelectionField<'_>],
) -> Result<()> {
    for field in fields.iter().filter(|field| field.name() == "waves") {
        let Some(page) = nested::first_page(field) else { continue };
        let mut loaded = by_surveys(request, surveys.to_vec(), page).await?;
        let waves = loaded.values().flat_map(|page| page.items.iter().cloned());
        let waves: Vec<SurveyWaveObject> = waves.map(SurveyWaveObject).collect();
        nested::prefetch(request, &waves, &node_fields(field)).await?;
        for survey in surveys {
            let page = loaded.remove(survey).unwrap_or_else(Page::empty);
            request.prefetched.put(nested::key(survey, field), page);
        }
    }
    Ok(())
}
