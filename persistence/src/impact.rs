//! What a program has achieved, counted in the rows themselves.
use diesel::sql_types::{BigInt, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{cohort::Cohort, id::Id, impact::Counts, organization::Organization, program::Program};

use crate::{Connection, Result, sql::Sql};

type Figures =
    (BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt);

/// The counts of a program, or of one of its cohorts.
pub async fn counts(
    mut conn: &Connection,
    organization: Id<Organization>,
    program: Id<Program>,
    cohort: Option<Id<Cohort>>,
) -> Result<Counts> {
    let row: (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) = Sql::<Figures>::new(
        "with person as (
             select role, id from enrollment
             where organization_id = $1 and program_id = $2 and ($3::uuid is null or cohort_id = $3)
               and status <> 'WITHDRAWN'
         ), pair as (
             select * from matches
             where organization_id = $1 and program_id = $2 and ($3::uuid is null or cohort_id = $3)
         )
         select (select count(*) from person where role = 'MENTOR'),
                (select count(*) from person where role = 'MENTEE'),
                (select count(*) from person where role = 'MENTEE' and exists (
                     select from pair where pair.mentee_enrollment_id = person.id and pair.accepted_at is not null)),
                count(*) filter (where offered_at is not null),
                count(*) filter (where accepted_at is not null),
                count(*) filter (where status = 'ACTIVE'),
                count(*) filter (where status = 'CLOSED'),
                coalesce(sum(check_ins_held), 0)::bigint,
                coalesce(sum(check_ins_missed), 0)::bigint,
                coalesce(sum(minutes_held), 0)::bigint,
                coalesce(sum(objectives_agreed), 0)::bigint,
                coalesce(sum(objectives_reached), 0)::bigint
         from pair",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(program.uuid())
    .bind::<Nullable<SqlUuid>, _>(cohort.map(Id::uuid))
    .get_result(&mut conn)
    .await?;
    Ok(Counts {
        mentors_enrolled: row.0,
        mentees_enrolled: row.1,
        mentees_matched: row.2,
        matches_offered: row.3,
        matches_accepted: row.4,
        matches_active: row.5,
        matches_closed: row.6,
        check_ins_held: row.7,
        check_ins_missed: row.8,
        minutes_held: row.9,
        objectives_agreed: row.10,
        objectives_reached: row.11,
    })
}
