//! Who of a cohort can be matched, and who must not be matched with whom? In four statements, however many there are.
use std::collections::BTreeSet;

use diesel::sql_types::{Array, BigInt, SmallInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    cohort::Cohort,
    enrollment::{Enrollment, Role},
    id::Id,
    matching::Pair,
    organization::Organization,
    profile::Profile,
};
use uuid::Uuid;

use crate::{
    Connection, Result,
    sql::{Sql, uuids},
    stored,
};

/// Everything of a cohort that a matching run asks.
#[derive(Debug, Clone)]
pub struct Market {
    pub people: Vec<Person>,
    pub profiles: Vec<Profile>,
    /// Pairs that must not be: excluded ones, and those that said no to each other or have parted.
    pub apart: Vec<Pair>,
    /// For whom a guardian's consent is in force.
    pub consented: BTreeSet<Id<Profile>>,
}

/// A mentor, or a mentee who has no match that is offered, accepted or active.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub enrollment: Id<Enrollment>,
    pub profile: Id<Profile>,
    pub role: Role,
    pub capacity: i16,
    /// Places that an offered, accepted or active match holds.
    pub held: i64,
}

pub async fn load(conn: &Connection, organization: Id<Organization>, cohort: Id<Cohort>) -> Result<Market> {
    let (people, apart) =
        futures_util::try_join!(people(conn, organization, cohort), apart(conn, organization, cohort))?;
    let ids: Vec<Id<Profile>> = people.iter().map(|person| person.profile).collect();
    let everybody = Scope::organization();
    let (profiles, consented) = futures_util::try_join!(
        crate::profile::by_ids(conn, &everybody, organization, &ids),
        consented(conn, organization, &ids),
    )?;
    Ok(Market { people, profiles, apart, consented })
}

async fn people(
    mut conn: &Connection,
    organization: Id<Organization>,
    cohort: Id<Cohort>,
) -> Result<Vec<Person>> {
    let rows = Sql::<(SqlUuid, SqlUuid, Text, SmallInt, BigInt)>::new(
        "select e.id, e.profile_id, e.role, e.capacity,
             (select count(*) from matches m
              where m.organization_id = $1 and m.mentor_enrollment_id = e.id
              and m.status in ('OFFERED', 'ACCEPTED', 'ACTIVE'))
         from enrollment e
         where e.organization_id = $1 and e.cohort_id = $2 and e.status = 'APPROVED' and e.role = 'MENTOR'
         union all
         select e.id, e.profile_id, e.role, e.capacity, 0
         from enrollment e
         where e.organization_id = $1 and e.cohort_id = $2 and e.status = 'APPROVED' and e.role = 'MENTEE'
         and not exists (select from matches m
                         where m.organization_id = $1 and m.mentee_enrollment_id = e.id
                         and m.status in ('OFFERED', 'ACCEPTED', 'ACTIVE'))",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(cohort.uuid())
    .load::<(Uuid, Uuid, String, i16, i64)>(&mut conn)
    .await?;
    let person = |(enrollment, profile, role, capacity, held): (Uuid, Uuid, String, i16, i64)| {
        let role = stored("enrollment", "role", &role)?;
        Ok(Person { enrollment: enrollment.into(), profile: profile.into(), role, capacity, held })
    };
    rows.into_iter().map(person).collect()
}

/// An exclusion keeps two people apart whoever of them is the mentor this time.
async fn apart(
    mut conn: &Connection,
    organization: Id<Organization>,
    cohort: Id<Cohort>,
) -> Result<Vec<Pair>> {
    let rows = Sql::<(SqlUuid, SqlUuid)>::new(
        "select mentee.id, mentor.id
         from exclusion x
         join enrollment mentee on mentee.organization_id = $1 and mentee.cohort_id = $2
             and mentee.role = 'MENTEE' and mentee.profile_id in (x.mentor_id, x.mentee_id)
         join enrollment mentor on mentor.organization_id = $1 and mentor.cohort_id = $2
             and mentor.role = 'MENTOR' and mentor.profile_id in (x.mentor_id, x.mentee_id)
         where x.organization_id = $1
         union
         select m.mentee_enrollment_id, m.mentor_enrollment_id
         from matches m
         where m.organization_id = $1 and m.cohort_id = $2 and m.status in ('DECLINED', 'CLOSED')",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(cohort.uuid())
    .load::<(Uuid, Uuid)>(&mut conn)
    .await?;
    let pair = |(mentee, mentor): (Uuid, Uuid)| Pair { mentee: mentee.into(), mentor: mentor.into() };
    Ok(rows.into_iter().map(pair).collect())
}

async fn consented(
    mut conn: &Connection,
    organization: Id<Organization>,
    people: &[Id<Profile>],
) -> Result<BTreeSet<Id<Profile>>> {
    let rows = Sql::<SqlUuid>::new(
        "select distinct profile_id from consent
         where organization_id = $1 and profile_id = any($2) and purpose = 'PARTICIPATION' and status = 'GRANTED'",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(uuids(people))
    .load::<Uuid>(&mut conn)
    .await?;
    Ok(rows.into_iter().map(Id::new).collect())
}
