//! The objectives of programs.
use std::collections::HashMap;

use async_graphql::{ID, InputObject, Object};
use domain::{
    id::Id,
    program::{ObjectiveDraft, Program, ProgramObjective},
};

use crate::{error::Result, graphql::context::Request};

/// What a program wants to reach.
#[derive(Debug, Clone)]
pub struct ObjectiveObject(pub ProgramObjective);

/// What a program wants to reach.
#[Object(name = "ProgramObjective")]
impl ObjectiveObject {
    /// Names the objective, until the list of objectives is replaced.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What is to be reached, in one line.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// How one will see that it was reached.
    async fn measure(&self) -> Option<&str> {
        self.0.measure.as_deref()
    }
}

/// All objectives of one program.
#[derive(Debug, Clone, Default)]
pub struct Objectives(pub Vec<ProgramObjective>);

impl Objectives {
    /// One entry for each of the programs.
    pub async fn load(request: &Request, programs: &[Id<Program>]) -> Result<HashMap<Id<Program>, Self>> {
        let organization = request.organization()?;
        let wanted = programs.to_vec();
        let all = request
            .load(async move |conn| {
                persistence::program::objective::by_programs(conn, organization, &wanted).await
            })
            .await?;
        let mut lists: HashMap<_, _> = programs.iter().map(|&id| (id, Self::default())).collect();
        for objective in all {
            lists.entry(objective.program).or_default().0.push(objective);
        }
        Ok(lists)
    }
}

/// An objective of a program.
#[derive(InputObject)]
pub struct ProgramObjectiveInput {
    /// What is to be reached, in one line of at most 200 characters.
    title: String,
    /// How one will see that it was reached; at most 1,000 characters.
    measure: Option<String>,
}

impl From<ProgramObjectiveInput> for ObjectiveDraft {
    fn from(input: ProgramObjectiveInput) -> Self {
        Self { title: input.title, measure: input.measure }
    }
}
