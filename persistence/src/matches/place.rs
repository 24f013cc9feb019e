//! Who takes a place, who frees it, and which other offers fall with it?
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    enrollment::Enrollment,
    id::Id,
    matches::{Match, Refusal},
    organization::Organization,
};
use uuid::Uuid;

use crate::{
    Connection, Error, OnConstraint, Result,
    sql::{Sql, uuids},
};

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

/// What decides about accepting an offer, as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    pub mentor: Room,
    pub mentee: Room,
    /// Is a guardian's consent for the mentee in force?
    pub consented: bool,
}

/// How it stands with each of these matches, in one statement. Nothing is held: accepting looks again.
pub async fn standing(
    mut conn: &Connection,
    organization: Id<Organization>,
    ids: &[Id<Match>],
) -> Result<HashMap<Id<Match>, Standing>> {
    type Columns = (SqlUuid, Text, SmallInt, SmallInt, Text, SmallInt, SmallInt, Bool);
    let rows: Vec<(Uuid, String, i16, i16, String, i16, i16, bool)> = Sql::<Columns>::new(
        "select m.id, a.status, a.capacity, a.load, b.status, b.capacity, b.load, exists (
             select from consent c where c.organization_id = $1 and c.profile_id = m.mentee_id
             and c.purpose = 'PARTICIPATION' and c.status = 'GRANTED')
         from matches m
         join enrollment a on a.organization_id = m.organization_id and a.id = m.mentor_enrollment_id
         join enrollment b on b.organization_id = m.organization_id and b.id = m.mentee_enrollment_id
         where m.organization_id = $1 and m.id = any($2)",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(ids))
    .load(&mut conn)
    .await?;
    let room = |status: &str, capacity, load| Room { approved: status == "APPROVED", capacity, load };
    let standing = |row: (Uuid, String, i16, i16, String, i16, i16, bool)| {
        let (mentor, mentee) = (room(&row.1, row.2, row.3), room(&row.4, row.5, row.6));
        (row.0.into(), Standing { mentor, mentee, consented: row.7 })
    };
    Ok(rows.into_iter().map(standing).collect())
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
