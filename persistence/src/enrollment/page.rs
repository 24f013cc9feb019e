//! Pages of enrollments, for several cohorts or people at once.
use std::collections::HashMap;

use diesel::{
    dsl::count_star,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    access::Scope,
    cohort::Cohort,
    enrollment::{Enrollment, Role, Status},
    id::Id,
    organization::Organization,
    page::{self, Page, PageRequest},
    profile::Profile,
};
use uuid::Uuid;

use super::{Row, visible};
use crate::{
    Connection, Result,
    schema::enrollment,
    sql::{Sql, uuids},
};

/// Which enrollments of a list are wanted; `None` is all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub role: Option<Role>,
    pub status: Option<Status>,
}

type Columns = crate::sql::Columns<Row>;

/// A page for each of several cohorts, in the order in which people came; cohorts without any are left out.
pub async fn by_cohorts(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    cohorts: &[Id<Cohort>],
    filter: Filter,
    page: &PageRequest<Id<Enrollment>>,
) -> Result<HashMap<Id<Cohort>, Page<Enrollment>>> {
    let rows = Sql::<Columns>::new(
        "select e.id, e.program_id, e.cohort_id, e.profile_id, e.role, e.status, e.capacity, e.load,
             e.version, e.created_at, e.updated_at
         from unnest($1) p (id) cross join lateral (
             select * from enrollment e
             where e.organization_id = $2 and e.cohort_id = p.id and ($3::uuid is null or e.id > $3)
             and ($4 or e.program_id = any($5) or e.profile_id = any($6))
             and ($7::text is null or e.role = $7) and ($8::text is null or e.status = $8)
             order by e.id limit $9
         ) e order by e.cohort_id, e.id",
    )
    .bind::<Array<SqlUuid>, _>(uuids(cohorts))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<Bool, _>(scope.everything)
    .bind::<Array<SqlUuid>, _>(uuids(&scope.programs))
    .bind::<Array<SqlUuid>, _>(uuids(&scope.people))
    .bind::<Nullable<Text>, _>(filter.role.map(|role| role.to_string()))
    .bind::<Nullable<Text>, _>(filter.status.map(|status| status.to_string()))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let enrollments = rows.into_iter().map(Enrollment::try_from).collect::<Result<_>>()?;
    Ok(page::by_parent(enrollments, page.first, |enrollment: &Enrollment| enrollment.cohort))
}

/// A page for each of several people, newest first; people without any are left out.
pub async fn by_profiles(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    profiles: &[Id<Profile>],
    page: &PageRequest<Id<Enrollment>>,
) -> Result<HashMap<Id<Profile>, Page<Enrollment>>> {
    let rows = Sql::<Columns>::new(
        "select e.id, e.program_id, e.cohort_id, e.profile_id, e.role, e.status, e.capacity, e.load,
             e.version, e.created_at, e.updated_at
         from unnest($1) p (id) cross join lateral (
             select * from enrollment e
             where e.organization_id = $2 and e.profile_id = p.id and ($3::uuid is null or e.id < $3)
             and ($4 or e.program_id = any($5) or e.profile_id = any($6))
             order by e.id desc limit $7
         ) e order by e.profile_id, e.id desc",
    )
    .bind::<Array<SqlUuid>, _>(uuids(profiles))
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Nullable<SqlUuid>, _>(page.after.map(Id::uuid))
    .bind::<Bool, _>(scope.everything)
    .bind::<Array<SqlUuid>, _>(uuids(&scope.programs))
    .bind::<Array<SqlUuid>, _>(uuids(&scope.people))
    .bind::<BigInt, _>(page.limit())
    .load::<Row>(&mut conn)
    .await?;
    let enrollments = rows.into_iter().map(Enrollment::try_from).collect::<Result<_>>()?;
    Ok(page::by_parent(enrollments, page.first, |enrollment: &Enrollment| enrollment.profile))
}

/// How many enrollments each cohort has in the scope; cohorts without any are left out.
pub async fn count_by_cohorts(
    mut conn: &Connection,
    scope: &Scope,
    organization: Id<Organization>,
    cohorts: &[Id<Cohort>],
    filter: Filter,
) -> Result<HashMap<Id<Cohort>, i64>> {
    let cohorts: Vec<Uuid> = cohorts.iter().map(|id| id.uuid()).collect();
    let role = filter.role.map(|role| role.to_string());
    let status = filter.status.map(|status| status.to_string());
    let counts: Vec<(Uuid, i64)> = enrollment::table
        .filter(enrollment::organization_id.eq(organization.uuid()))
        .filter(enrollment::cohort_id.eq_any(cohorts))
        .filter(visible(scope))
        .filter(role.is_none().into_sql::<Bool>().or(enrollment::role.eq(role.unwrap_or_default())))
        .filter(status.is_none().into_sql::<Bool>().or(enrollment::status.eq(status.unwrap_or_default())))
        .group_by(enrollment::cohort_id)
        .select((enrollment::cohort_id, count_star()))
        .load(&mut conn)
        .await?;
    Ok(counts.into_iter().map(|(cohort, count)| (cohort.into(), count)).collect())
}
