//! How are the figures that every screen shows of a pair kept right? Counted anew in the transaction that changes
//! them, by one statement, and compared by a job.
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use domain::{id::Id, matches::Match, organization::Organization};
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// Counts the check-ins and objectives of a match anew. Its version stays: nobody edits figures.
pub async fn refresh(mut conn: &Connection, organization: Id<Organization>, id: Id<Match>) -> Result<()> {
    Sql::<()>::new(
        "update matches m set
             check_ins_held = c.held, check_ins_missed = c.missed, minutes_held = c.minutes,
             objectives_agreed = o.agreed, objectives_reached = o.reached,
             last_check_in_id = l.id, last_check_in_at = l.starts_at,
             next_check_in_id = n.id, next_check_in_at = n.starts_at
         from (select count(*) filter (where status = 'HELD') as held,
                      count(*) filter (where status = 'MISSED') as missed,
                      coalesce(sum(minutes) filter (where status = 'HELD'), 0) as minutes
               from check_in where organization_id = $1 and match_id = $2) c,
              (select count(*) filter (where status not in ('PROPOSED', 'DROPPED')) as agreed,
                      count(*) filter (where rating >= 0) as reached
               from objective where organization_id = $1 and match_id = $2) o,
              (select 1) one
              left join lateral (select id, starts_at from check_in
                  where organization_id = $1 and match_id = $2 and status = 'HELD'
                  order by starts_at desc, id desc limit 1) l on true
              left join lateral (select id, starts_at from check_in
                  where organization_id = $1 and match_id = $2 and status = 'SCHEDULED'
                  order by starts_at, id limit 1) n on true
         where m.organization_id = $1 and m.id = $2",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(id.uuid())
    .execute(&mut conn)
    .await?;
    Ok(())
}

/// The matches whose figures are not those of their rows; none, unless somebody wrote past this program.
pub async fn verify(mut conn: &Connection, organization: Id<Organization>) -> Result<Vec<Id<Match>>> {
    let ids: Vec<Uuid> = Sql::<SqlUuid>::new(
        "select m.id from matches m
         cross join lateral (
             select count(*) filter (where status = 'HELD') as held,
                    count(*) filter (where status = 'MISSED') as missed,
                    coalesce(sum(minutes) filter (where status = 'HELD'), 0) as minutes,
                    max(starts_at) filter (where status = 'HELD') as last,
                    min(starts_at) filter (where status = 'SCHEDULED') as next
             from check_in where organization_id = m.organization_id and match_id = m.id) c
         cross join lateral (
             select count(*) filter (where status not in ('PROPOSED', 'DROPPED')) as agreed,
                    count(*) filter (where rating >= 0) as reached
             from objective where organization_id = m.organization_id and match_id = m.id) o
         where m.organization_id = $1
         and (m.check_ins_held, m.check_ins_missed, m.minutes_held, m.objectives_agreed, m.objectives_reached,
              m.last_check_in_at, m.next_check_in_at)
             is distinct from (c.held, c.missed, c.minutes, o.agreed, o.reached, c.last, c.next)
         order by m.id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .load(&mut conn)
    .await?;
    Ok(ids.into_iter().map(Id::new).collect())
}
