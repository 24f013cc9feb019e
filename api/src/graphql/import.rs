//! Roster imports: ask for one, watch it, read what is wrong with a file.
use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, SelectionField};
use domain::{
    access::Action,
    cohort::Cohort,
    file::{File, Kind},
    id::Id,
    import::{Problem, Refusal, RosterImport, Status, column::Column},
    page::{Page, PageRequest},
    refusal::Code,
};

use super::{
    cohort::CohortObject,
    context::{Cx, Request},
    enumeration::E,
    nested::{self, Listed},
    page::{self, Connection},
    prefetch::Prefetch,
    program,
    scalar::{DateTime, Wire},
    stored::Stored,
    write::write,
};
use crate::{
    error::{Failure, Result},
    job::Task,
    payload,
};

/// One reading of a roster file into a cohort, as a trial or for good.
#[derive(Debug, Clone)]
pub struct RosterImportObject(pub RosterImport);

/// One reading of a roster file into a cohort, as a trial or for good.
#[Object(name = "RosterImport")]
impl RosterImportObject {
    /// Names the import.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The cohort whose people the file has; null when you may not see it.
    async fn cohort(&self, context: &Context<'_>) -> Result<Option<CohortObject>> {
        CohortObject::find(context.request(), self.0.cohort).await
    }

    /// Whether it was a trial, which stores nobody.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// What became of it.
    async fn status(&self) -> E<Status> {
        E(self.0.status)
    }

    /// How far it is, in percent.
    async fn progress(&self) -> i16 {
        self.0.progress
    }

    /// Rows of the file, without the header and empty lines; 0 when the file was rejected.
    async fn row_count(&self) -> i32 {
        self.0.counts.rows
    }

    /// People who are new to the organization.
    async fn created_count(&self) -> i32 {
        self.0.counts.created
    }

    /// People who were known and were changed or enrolled.
    async fn updated_count(&self) -> i32 {
        self.0.counts.updated
    }

    /// People for whom there was nothing to do.
    async fn unchanged_count(&self) -> i32 {
        self.0.counts.unchanged
    }

    /// Errors in the file. With one, nobody is stored.
    async fn error_count(&self) -> i32 {
        self.0.counts.errors
    }

    /// What is wrong in the file, by line; the first 1,000 errors are kept.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn errors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<RosterErrorObject>> {
        nested::list(context, self.0.id, (), first, after).await
    }

    /// When it ended; null while it waits or runs.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// Rises with each change.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it last got on.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

/// Something that is wrong in a roster file.
#[derive(Debug, Clone)]
pub struct RosterErrorObject {
    position: i32,
    problem: Problem,
}

/// Something that is wrong in a roster file.
#[Object(name = "RosterError")]
impl RosterErrorObject {
    /// The line, as an editor counts them: the header is line 1.
    async fn line(&self) -> i32 {
        self.problem.line
    }

    /// The column, as it is spelled in the header; null when it is the line as a whole.
    async fn column(&self) -> Option<String> {
        self.problem.column.map(|column: Column| column.to_string())
    }

    /// What kind of problem it is; act on this, not on the message.
    async fn code(&self) -> E<Code> {
        E(self.problem.code)
    }

    /// A sentence for a person, in English.
    async fn message(&self) -> &str {
        &self.problem.message
    }
}

impl Prefetch for RosterErrorObject {}

impl Listed<RosterImport> for RosterErrorObject {
    type Place = i32;
    type Filter = ();

    fn place(&self) -> i32 {
        self.position
    }

    async fn by_parents(
        request: &Request,
        parents: Vec<Id<RosterImport>>,
        _all: (),
        page: PageRequest<i32>,
    ) -> Result<HashMap<Id<RosterImport>, Page<Self>>> {
        let organization = request.organization()?;
        let pages = request
            .load(async move |conn| {
                persistence::import::problems_by_imports(conn, organization, &parents, &page).await
            })
            .await?;
        let object = |(position, problem)| Self { position, problem };
        Ok(pages.into_iter().map(|(import, page)| (import, page.map(object))).collect())
    }
}

impl Prefetch for RosterImportObject {
    async fn prefetch(request: &Request, items: &[Self], fields: &[SelectionField<'_>]) -> Result<()> {
        let cohorts = items.iter().map(|item| item.0.cohort).collect();
        CohortObject::prefetch_by_ids(request, fields, "cohort", cohorts).await?;
        let ids: Vec<Id<RosterImport>> = items.iter().map(|item| item.0.id).collect();
        nested::ahead::<_, RosterErrorObject>(request, &ids, fields, "errors").await
    }
}

impl Stored for RosterImportObject {
    type Entity = RosterImport;

    fn key(&self) -> Id<RosterImport> {
        self.0.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<RosterImport>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ImportRoster)?, request.organization()?);
        let found = request
            .load(async move |conn| persistence::import::by_ids(conn, &scope, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

#[derive(Default)]
pub struct ImportQuery;

#[Object]
impl ImportQuery {
    /// A roster import, to watch how far it is; null when it does not exist or you may not see it.
    async fn roster_import(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the import.")] id: Wire<RosterImport>,
    ) -> Result<Option<RosterImportObject>> {
        RosterImportObject::one(context, id.0).await
    }
}

/// Which file to read into which cohort.
#[derive(InputObject)]
pub struct ImportRosterInput {
    /// An id made by you (`import_` and a UUIDv7 in Crockford base32), so that a repeat cannot import twice.
    id: Option<Wire<RosterImport>>,
    /// The cohort, open or running.
    cohort_id: Wire<Cohort>,
    /// A CSV file that you uploaded with `POST /files`.
    file_id: Wire<File>,
    /// True tells what would happen, with an error for each wrong cell, and stores nobody.
    dry_run: bool,
}

payload! {
    /// The answer of `importRoster`.
    ImportRosterPayload {
        /// The import, waiting for its turn: read it again with `rosterImport`; null when it was refused.
        import as "import": RosterImportObject
    }
}

#[derive(Default)]
pub struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Reads a roster into a cohort: creates, changes and enrolls the people in it. Either all of the file is good
    /// and stored, or nothing is. Importing the same file again changes nothing.
    async fn import_roster(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which file to read into which cohort.")] input: ImportRosterInput,
    ) -> Result<ImportRosterPayload> {
        ImportRosterPayload::of(import_roster(context, input).await)
    }
}

async fn import_roster(context: &Context<'_>, input: ImportRosterInput) -> Result<RosterImportObject> {
    let id = write(context, async move |tx| {
        let scope = tx.request.scope(Action::ReadCohort)?;
        let (organization, now, by) = (tx.organization()?, tx.now, tx.actor()?.account);
        let found = persistence::cohort::find(tx.conn(), &scope, organization, input.cohort_id.0).await?;
        let cohort = found.ok_or_else(|| Failure::not_found("cohortId"))?;
        tx.permit(Action::ImportRoster, &program::facts(cohort.program))?;
        let file = persistence::file::get_own(tx.conn(), organization, by, input.file_id.0).await;
        let file = file.map_err(|error| Failure::from(error).at("fileId"))?;
        if !matches!(file.kind, Kind::Csv | Kind::Text) {
            return Err(Refusal::NotCsv.into());
        }
        let id = tx.id(input.id.map(|id| id.0));
        let import = RosterImport::request(id, &cohort, file.id, input.dry_run, by, now)?;
        persistence::import::insert(tx.conn(), organization, &import).await?;
        tx.enqueue(&Task::ImportRoster { import: import.id }).await?;
        tx.changed(import.id, Some(cohort.id.uuid()));
        Ok(import.id)
    })
    .await?;
    RosterImportObject::get(context.request(), id).await
}
