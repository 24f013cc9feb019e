//! What a run proposes: stored, judged again, offered or discarded, each for all pairs in one statement.
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, Json, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    id::Id,
    matches::Match,
    matching::{Assigned, publish::Proposal, run::Run},
    organization::Organization,
    profile::Profile,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Connection, Error, Result,
    sql::{Sql, uuids},
};

/// Stores the pairs of a run as suggestions, but for those excluded since it began, and answers their scores.
/// `ids` are the new matches', in the order of the pairs. The run must be locked.
pub async fn insert(
    mut conn: &Connection,
    organization: Id<Organization>,
    run: Id<Run>,
    pairs: &[Assigned],
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<i16>> {
    let criteria: Result<Vec<Value>, _> =
        pairs.iter().map(|pair| serde_json::to_value(&pair.criteria)).collect();
    let criteria = criteria.map_err(|error| Error::corrupt("matches", "criteria", error))?;
    let score = |pair: &Assigned| i16::try_from(pair.score).unwrap_or(i16::MAX);
    let scores = Sql::<SmallInt>::new(
        "insert into matches (organization_id, id, program_id, cohort_id, run_id, policy_number,
             mentor_enrollment_id, mentee_enrollment_id, mentor_id, mentee_id, status, score, criteria,
             created_at, updated_at)
         select $1, pair.id, run.program_id, run.cohort_id, run.id, run.policy_number, mentor.id, mentee.id,
             mentor.profile_id, mentee.profile_id, 'SUGGESTED', pair.score, pair.criteria, $8, $8
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[], $7::json[])
             as pair (id, mentor, mentee, score, criteria)
         join matching_run run on run.organization_id = $1 and run.id = $2
         join enrollment mentor on mentor.organization_id = $1 and mentor.id = pair.mentor
         join enrollment mentee on mentee.organization_id = $1 and mentee.id = pair.mentee
         where not exists (select from exclusion x where x.organization_id = $1
             and ((x.mentor_id = mentor.profile_id and x.mentee_id = mentee.profile_id)
                  or (x.mentor_id = mentee.profile_id and x.mentee_id = mentor.profile_id)))
         returning score",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(run.uuid())
    .bind::<Array<SqlUuid>, _>(ids.to_vec())
    .bind::<Array<SqlUuid>, _>(pairs.iter().map(|pair| pair.mentor.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(pairs.iter().map(|pair| pair.mentee.uuid()).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(pairs.iter().map(score).collect::<Vec<_>>())
    .bind::<Array<Json>, _>(criteria)
    .bind::<Timestamptz, _>(now)
    .load::<i16>(&mut conn)
    .await?;
    Ok(scores)
}

/// Holds the open proposals of a run until the transaction ends.
pub async fn lock(mut conn: &Connection, organization: Id<Organization>, run: Id<Run>) -> Result<()> {
    Sql::<SqlUuid>::new(
        "select id from matches where organization_id = $1 and run_id = $2 and status = 'SUGGESTED'
         order by id for update",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(run.uuid())
    .load::<Uuid>(&mut conn)
    .await?;
    Ok(())
}

/// An open proposal as things stand now, and whose it is.
#[derive(Debug, Clone)]
pub struct Standing {
    pub proposal: Proposal,
    pub mentor: Id<Profile>,
    pub mentee: Id<Profile>,
}

/// The open proposals of a run, oldest first. Whether a consent is missing is told as if every mentee were a minor;
/// that is for the caller to find out.
pub async fn standing(
    mut conn: &Connection,
    organization: Id<Organization>,
    run: Id<Run>,
) -> Result<Vec<Standing>> {
    type People = (SqlUuid, SqlUuid, SqlUuid, SqlUuid);
    type Facts = (Bool, Bool, Bool, Bool, SmallInt);
    type Row = (Uuid, (Uuid, Uuid, Uuid, Uuid), i16, (bool, bool, bool, bool, i16));
    let rows = Sql::<(SqlUuid, People, SmallInt, Facts)>::new(
        "select m.id, m.mentor_enrollment_id, m.mentee_enrollment_id, m.mentor_id, m.mentee_id, m.score,
             exists (select from exclusion x where x.organization_id = $1
                 and ((x.mentor_id = m.mentor_id and x.mentee_id = m.mentee_id)
                      or (x.mentor_id = m.mentee_id and x.mentee_id = m.mentor_id))),
             not exists (select from consent c where c.organization_id = $1 and c.profile_id = m.mentee_id
                 and c.purpose = 'PARTICIPATION' and c.status = 'GRANTED'),
             mentor.status = 'APPROVED' and mentee.status = 'APPROVED',
             exists (select from matches other where other.organization_id = $1
                 and other.mentee_enrollment_id = m.mentee_enrollment_id
                 and other.status in ('OFFERED', 'ACCEPTED', 'ACTIVE')),
             (mentor.capacity - (select count(*) from matches other where other.organization_id = $1
                 and other.mentor_enrollment_id = m.mentor_enrollment_id
                 and other.status in ('OFFERED', 'ACCEPTED', 'ACTIVE')))::smallint
         from matches m
         join enrollment mentor on mentor.organization_id = $1 and mentor.id = m.mentor_enrollment_id
         join enrollment mentee on mentee.organization_id = $1 and mentee.id = m.mentee_enrollment_id
         where m.organization_id = $1 and m.run_id = $2 and m.status = 'SUGGESTED'
         order by m.id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(run.uuid())
    .load::<Row>(&mut conn)
    .await?;
    let standing = |(id, (mentor, mentee, guide, seeker), score, facts): Row| {
        let (excluded, consent_missing, taking_part, mentee_matched, mentor_free) = facts;
        let (id, mentor, mentee) = (id.into(), mentor.into(), mentee.into());
        let proposal = Proposal {
            id,
            mentor,
            mentee,
            score,
            excluded,
            consent_missing,
            taking_part,
            mentee_matched,
            mentor_free,
        };
        Standing { proposal, mentor: guide.into(), mentee: seeker.into() }
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// Offers suggestions to both sides until `expires_at`.
pub async fn offer(
    mut conn: &Connection,
    organization: Id<Organization>,
    ids: &[Id<Match>],
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let offered = Sql::<()>::new(
        "update matches set status = 'OFFERED', offered_at = $4, offer_expires_at = $3, updated_at = $4,
             version = version + 1
         where organization_id = $1 and id = any($2) and status = 'SUGGESTED'",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(ids))
    .bind::<Timestamptz, _>(expires_at)
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    if offered == ids.len() { Ok(()) } else { Err(Error::Missing) }
}

/// Discards suggestions.
pub async fn discard(
    mut conn: &Connection,
    organization: Id<Organization>,
    ids: &[Id<Match>],
    now: DateTime<Utc>,
) -> Result<()> {
    let discarded = Sql::<()>::new(
        "update matches set status = 'DISCARDED', updated_at = $3, version = version + 1
         where organization_id = $1 and id = any($2) and status = 'SUGGESTED'",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(ids))
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    if discarded == ids.len() { Ok(()) } else { Err(Error::Missing) }
}

/// Discards all suggestions of a run.
pub async fn discard_all(
    mut conn: &Connection,
    organization: Id<Organization>,
    run: Id<Run>,
    now: DateTime<Utc>,
) -> Result<()> {
    Sql::<()>::new(
        "update matches set status = 'DISCARDED', updated_at = $3, version = version + 1
         where organization_id = $1 and run_id = $2 and status = 'SUGGESTED'",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(run.uuid())
    .bind::<Timestamptz, _>(now)
    .execute(&mut conn)
    .await?;
    Ok(())
}
