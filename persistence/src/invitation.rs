//! Invitations, and which of them somebody may see.
mod enrolled;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::exists,
    pg::Pg,
    prelude::*,
    sql_types::{Bool, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::{Grant, Role, Scope},
    account::Email,
    id::Id,
    invitation::{Invitation, Purpose, Refusal, Status},
    organization::Organization,
    page::{Page, PageRequest},
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result, hit_one,
    schema::{enrollment, invitation},
    sql::{Sql, uuids},
    stored,
};

pub use enrolled::{Candidate, candidates, insert_all};

/// In no particular order.
pub async fn by_ids(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    ids: &[Id<Invitation>],
) -> Result<Vec<Invitation>> {
    let query = Row::query()
        .filter(invitation::organization_id.eq(organization.uuid()))
        .filter(invitation::id.eq_any(uuids(ids)))
        .filter(visible(scope));
    query.load(&mut conn).await?.into_iter().map(Invitation::try_from).collect()
}

pub async fn find(
    conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Invitation>,
) -> Result<Option<Invitation>> {
    Ok(by_ids(conn, scope, organization, &[id]).await?.pop())
}

/// Newest first; of one state only, when it is given.
pub async fn by_organization(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    status: Option<Status>,
    page: &PageRequest<Id<Invitation>>,
) -> Result<Page<Invitation>> {
    let mut query = Row::query()
        .filter(invitation::organization_id.eq(organization.uuid()))
        .filter(visible(scope))
        .order(invitation::id.desc())
        .limit(page.limit())
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(invitation::status.eq(status.to_string()));
    }
    if let Some(after) = page.after {
        query = query.filter(invitation::id.lt(after.uuid()));
    }
    let rows = query.load::<Row>(&mut conn).await?;
    Ok(Page::of(rows.into_iter().map(Invitation::try_from).collect::<Result<_>>()?, page.first))
}

/// Holds the invitation until the transaction ends.
pub async fn lock(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    id: Id<Invitation>,
) -> Result<Invitation> {
    let query = Row::query().find((organization.uuid(), id.uuid())).filter(visible(scope)).for_update();
    query.first(&mut conn).await.optional()?.ok_or(Error::Missing)?.try_into()
}

/// The invitation to which a link leads.
pub async fn by_token(
    mut conn: &Connection,
    organization: Id<Organization>,
    token_hash: &[u8],
) -> Result<Option<Invitation>> {
    let query = Row::query()
        .filter(invitation::organization_id.eq(organization.uuid()))
        .filter(invitation::token_hash.eq(token_hash.to_vec()));
    query.first(&mut conn).await.optional()?.map(Invitation::try_from).transpose()
}

/// Holds the invitation to which a link leads, so that two who follow it come one after the other.
pub async fn lock_by_token(
    mut conn: &Connection,
    organization: Id<Organization>,
    token_hash: &[u8],
) -> Result<Option<Invitation>> {
    let query = Row::query()
        .filter(invitation::organization_id.eq(organization.uuid()))
        .filter(invitation::token_hash.eq(token_hash.to_vec()))
        .for_update();
    query.first(&mut conn).await.optional()?.map(Invitation::try_from).transpose()
}

pub async fn insert(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &Invitation,
    token_hash: &[u8],
) -> Result<()> {
    let tenant = invitation::organization_id.eq(organization.uuid());
    let values = (tenant, invitation::token_hash.eq(token_hash.to_vec()), Row::from(value));
    diesel::insert_into(invitation::table)
        .values(values)
        .execute(&mut conn)
        .await
        .on_constraint("invitation_one_pending", || Refusal::Pending)?;
    Ok(())
}

/// Saves what became of it; the version rises by one. A new `token_hash` makes the old link dead.
pub async fn update(
    mut conn: &Connection,
    organization: Id<Organization>,
    value: &Invitation,
    token_hash: Option<&[u8]>,
) -> Result<()> {
    let row = Row::from(value);
    let target =
        invitation::table.find((organization.uuid(), row.id)).filter(invitation::version.eq(row.version));
    let changes = (
        invitation::status.eq(row.status),
        invitation::accepted_by.eq(row.accepted_by),
        invitation::expires_at.eq(row.expires_at),
        invitation::version.eq(row.version + 1),
        invitation::updated_at.eq(row.updated_at),
        token_hash.map(|hash| invitation::token_hash.eq(hash.to_vec())),
    );
    hit_one(diesel::update(target).set(changes).execute(&mut conn).await?)
}

/// Ends the pending invitations of an organization whose time is over, and answers which.
pub async fn expire_due(
    mut conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Invitation>>> {
    let expired: Vec<Uuid> = Sql::<SqlUuid>::new(
        "update invitation set status = 'EXPIRED', version = version + 1, updated_at = $2
         where organization_id = $1 and status = 'PENDING' and expires_at <= $2 returning id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Timestamptz, _>(now)
    .load(&mut conn)
    .await?;
    Ok(expired.into_iter().map(Id::new).collect())
}

/// Those of staff for the scope's programs, and those of people enrolled in them.
fn visible(scope: &Scope) -> Box<dyn BoxableExpression<invitation::table, Pg, SqlType = Bool>> {
    let programs = uuids(&scope.programs);
    let enrolled = enrollment::table
        .filter(enrollment::organization_id.eq(invitation::organization_id))
        .filter(enrollment::profile_id.nullable().eq(invitation::profile_id))
        .filter(enrollment::program_id.eq_any(programs.clone()));
    let of_program = invitation::program_id.eq_any(programs).is_not_distinct_from(true);
    Box::new(scope.everything.into_sql::<Bool>().or(of_program).or(exists(enrolled)))
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = invitation)]
struct Row {
    id: Uuid,
    profile_id: Option<Uuid>,
    email: String,
    email_normalized: String,
    role: Option<String>,
    program_id: Option<Uuid>,
    status: String,
    invited_by: Uuid,
    accepted_by: Option<Uuid>,
    expires_at: DateTime<Utc>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Invitation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let purpose = match (row.profile_id, row.role) {
            (Some(profile), _) => Purpose::Person(profile.into()),
            (None, Some(role)) => {
                let role: Role = stored("invitation", "role", &role)?;
                Purpose::Staff(Grant { role, program: row.program_id.map(Id::new) })
            }
            (None, None) => return Err(Error::corrupt("invitation", "role", "neither person nor role")),
        };
        Ok(Self {
            id: row.id.into(),
            email: Email { address: row.email, normalized: row.email_normalized },
            purpose,
            status: stored("invitation", "status", &row.status)?,
            invited_by: row.invited_by.into(),
            accepted_by: row.accepted_by.map(Id::new),
            expires_at: row.expires_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Invitation> for Row {
    fn from(value: &Invitation) -> Self {
        Self {
            id: value.id.uuid(),
            profile_id: value.purpose.profile().map(Id::uuid),
            email: value.email.address.clone(),
            email_normalized: value.email.normalized.clone(),
            role: value.purpose.role().map(|role| role.to_string()),
            program_id: value.purpose.program().map(Id::uuid),
            status: value.status.to_string(),
            invited_by: value.invited_by.uuid(),
            accepted_by: value.accepted_by.map(Id::uuid),
            expires_at: value.expires_at,
            version: value.version,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}
