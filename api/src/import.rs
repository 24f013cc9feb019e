//! How is a roster file read into a cohort? As a job: everything that is good is stored in one transaction, and a
//! file with one wrong cell stores nobody.
mod table;

use domain::{
    access::Scope,
    enrollment::Role,
    id::Id,
    import::{
        Counts, MAX_PROBLEMS, Problem, RosterImport, Status,
        plan::{Known, Plan, Setting, plan},
        row::Row,
    },
    notification::{Kind, Notice},
    organization::Organization,
    profile::Profile,
};
use persistence::{
    Connection,
    history::{self, Change},
    request::RequestConnection,
};

use crate::{
    App,
    error::{Failure, Result},
    graphql::profile::private,
    notify,
};

/// Reads the file of an import and stores its people, unless it is a trial. An import that is over stays as it is.
pub async fn run(app: &App, organization: Id<Organization>, id: Id<RosterImport>) -> Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), Some(organization.uuid()));
    let started = connection.write(async |conn| start(app, conn, organization, id).await).await?;
    if let Some(bytes) = started {
        connection.write(async |conn| work(app, conn, organization, id, &bytes).await).await?;
    }
    connection.finish().await;
    Ok(())
}

/// Notes that an import was given up; the person may ask again.
pub async fn give_up(app: &App, organization: Id<Organization>, id: Id<RosterImport>) -> Result<()> {
    let connection = RequestConnection::new(app.pool.clone(), Some(organization.uuid()));
    connection
        .write(async |conn| {
            let import = persistence::import::lock(conn, &Scope::organization(), organization, id).await?;
            if import.is_over() {
                return Ok::<(), Failure>(());
            }
            finish(app, conn, organization, import, Status::Failed, Counts::default()).await
        })
        .await?;
    connection.finish().await;
    Ok(())
}

/// The content of the file, when there is something to do.
async fn start(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    id: Id<RosterImport>,
) -> Result<Option<Vec<u8>>> {
    let import = persistence::import::lock(conn, &Scope::organization(), organization, id).await?;
    if import.is_over() {
        return Ok(None);
    }
    let file = import.file;
    persistence::import::update(conn, organization, &import.run(app.clock.now())).await?;
    Ok(Some(persistence::file::content(conn, organization, file).await?))
}

async fn work(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    id: Id<RosterImport>,
    bytes: &[u8],
) -> Result<()> {
    let everything = Scope::organization();
    let import = persistence::import::lock(conn, &everything, organization, id).await?;
    let tenant = persistence::organization::find(conn, organization).await?;
    let tenant = tenant.ok_or(Failure::NotFound { path: None })?;
    let now = app.clock.now();
    // Two imports into one cohort come one after the other.
    let cohort = persistence::cohort::lock(conn, &everything, organization, import.cohort).await?;
    let planned = match table::read(bytes, tenant.today(now)) {
        Err(problems) => Err(problems),
        Ok(rows) => match cohort.joinable() {
            Err(refusal) => {
                Err(vec![Problem::new(0, None, domain::refusal::Code::WrongState, refusal.to_string())])
            }
            Ok(()) => {
                let known = persistence::import::known(conn, organization, cohort.id, &rows).await?;
                let known = known.into_iter().map(|person| open(app, person)).collect::<Result<Vec<_>>>()?;
                let setting = Setting { cohort: &cohort, time_zone: tenant.time_zone, now };
                plan_rows(app, &rows, &known, setting)
            }
        },
    };
    let (status, counts, problems) = match planned {
        Ok(plan) => {
            let counts = plan.counts;
            if !import.dry_run {
                store(app, conn, organization, plan).await?;
            }
            (Status::Completed, counts, Vec::new())
        }
        Err(mut problems) => {
            problems.sort_by_key(|problem| problem.line);
            let errors = i32::try_from(problems.len()).unwrap_or(i32::MAX);
            problems.truncate(MAX_PROBLEMS);
            (Status::Rejected, Counts { errors, ..Counts::default() }, problems)
        }
    };
    persistence::import::replace_problems(conn, organization, id, &problems).await?;
    finish(app, conn, organization, import, status, counts).await
}

fn plan_rows(app: &App, rows: &[Row], known: &[Known], setting: Setting<'_>) -> Result<Plan, Vec<Problem>> {
    plan(rows, known, setting, || app.clock.uuid())
}

fn open(app: &App, (profile, role): (Profile, Option<Role>)) -> Result<Known> {
    let private = private::open_with(&app.vault, &profile)?;
    Ok(Known { profile, private, role })
}

async fn store(app: &App, conn: &Connection, organization: Id<Organization>, plan: Plan) -> Result<()> {
    let seal = |(mut profile, private)| {
        private::seal_with(&app.vault, &mut profile, &private)?;
        Ok(profile)
    };
    let new: Vec<Profile> = plan.new.into_iter().map(seal).collect::<Result<_>>()?;
    let changed: Vec<Profile> = plan.changed.into_iter().map(seal).collect::<Result<_>>()?;
    persistence::import::insert_people(conn, organization, &new).await?;
    persistence::import::change_people(conn, organization, &changed).await?;
    persistence::import::enroll_people(conn, organization, &plan.enrollments).await?;
    Ok(())
}

async fn finish(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    import: RosterImport,
    status: Status,
    counts: Counts,
) -> Result<()> {
    let now = app.clock.now();
    let import = import.finish(status, counts, now);
    persistence::import::update(conn, organization, &import).await?;
    let who = history::Who {
        account: Some(import.requested_by),
        action: "importRoster".to_owned(),
        request_id: import.id.to_string(),
    };
    let notice = Notice::about(Kind::ImportFinished, import.id, "finished");
    notify::tell_accounts(app, conn, organization, &[import.requested_by], &notice, now).await?;
    let change = Change { kind: "import", object: import.id.uuid(), context: Some(import.cohort.uuid()) };
    history::record(conn, organization, &who, &[change], &[app.clock.uuid()], now).await?;
    Ok(())
}
