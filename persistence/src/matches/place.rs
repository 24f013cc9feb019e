//! Who takes a place, who frees it, and which other offers fall with it?
use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    enrollment::Enrollment,
    id::Id,
    matches::{Match, Refusal},
    organization::Organization,
};
use uuid::Uuid;

use crate::{Connection, Error, OnConstraint, Result, sql::Sql};

/// How many places an enrollment has and gives away.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    pub approved: bool,
    pub capacity: i16,
    pub load: i16,
}

impl Room {
    pub const fn is_free(self) -> bool {
        self.load < self.capacity
    }

    /// Is this its last place?
    pub const fn is_last(self) -> bool {
        self.load + 1 >= self.capacity
    }
}

/// Holds the enrollments of both sides until the transaction ends: the mentor's room, and the mentee's. Always in
/// the order of their ids, so that two pairs never wait for each other.
pub async fn lock(mut conn: &Connection, organization: Id<Organization>, of: &Match) -> Result<(Room, Room)> {
    let rows: Vec<(Uuid, String, i16, i16)> = Sql::<(SqlUuid, Text, SmallInt, SmallInt)>::new(
        "select id, status, capacity, load from enrollment
         where organization_id = $1 and id in ($2, $3) order by id for update",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(of.mentor_enrollment.uuid())
    .bind::<SqlUuid, _>(of.mentee_enrollment.uuid())
    .load(&mut conn)
    .await?;
    let room = |wanted: Id<Enrollment>| {
        let row = rows.iter().find(|(id, ..)| *id == wanted.uuid()).ok_or(Error::Missing)?;
        Ok::<_, Error>(Room { approved: row.1 == "APPROVED", capacity: row.2, load: row.3 })
    };
    Ok((room(of.mentor_enrollment)?, room(of.mentee_enrollment)?))
}

/// Takes a place of both sides; the check of the table refuses one too many.
pub async fn take(conn: &Connection, organization: Id<Organization>, of: &Match) -> Result<()> {
    change(conn, organization, of.mentor_enrollment, 1)
        .await
        .on_constraint("enrollment_capacity", || Refusal::CapacityReached)?;
    change(conn, organization, of.mentee_enrollment, 1)
        .await
        .on_constraint("enrollment_capacity", || Refusal::AlreadyMatched)
}

/// Gives the places back.
pub async fn free(conn: &Connection, organization: Id<Organization>, of: &Match) -> Result<()> {
    change(conn, organization, of.mentor_enrollment, -1).await?;
    change(conn, organization, of.mentee_enrollment, -1).await
}

async fn change(
    mut conn: &Connection,
    organization: Id<Organization>,
    id: Id<Enrollment>,
    by: i16,
) -> Result<()> {
    Sql::<()>::new("update enrollment set load = load + $3 where organization_id = $1 and id = $2")
        .bind::<SqlUuid, _>(organization.uuid())
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<SmallInt, _>(by)
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// Ends the other offers of the mentee, and those of the mentor who has no place left; answers which they were.
pub async fn supersede_others(
    mut conn: &Connection,
    organization: Id<Organization>,
    of: &Match,
    mentor_full: bool,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Match>>> {
    let ids: Vec<Uuid> = Sql::<SqlUuid>::new(
        "with others as (
             select id from matches
             where organization_id = $1 and id <> $2 and status = 'OFFERED'
             and (mentee_enrollment_id = $3 or $4 and mentor_enrollment_id = $5)
             order by id for update
         )
         update matches set status = 'SUPERSEDED', version = version + 1, updated_at = $6
         where organization_id = $1 and id in (select id from others) returning id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(of.id.uuid())
    .bind::<SqlUuid, _>(of.mentee_enrollment.uuid())
    .bind::<Bool, _>(mentor_full)
    .bind::<SqlUuid, _>(of.mentor_enrollment.uuid())
    .bind::<Timestamptz, _>(now)
    .load(&mut conn)
    .await?;
    Ok(ids.into_iter().map(Id::new).collect())
}
