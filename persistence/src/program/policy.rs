//! The rules of programs, in versions.
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    id::Id,
    organization::Organization,
    program::{
        Program,
        policy::{Policy, Rules},
    },
};
use serde_json::Value;
use uuid::Uuid;

use crate::{Connection, Error, Result, schema::program_policy, sql::uuids};

pub async fn find(
    mut conn: &Connection,
    organization: Id<Organization>,
    program: Id<Program>,
    number: i32,
) -> Result<Option<Policy>> {
    let query = Row::query().find((organization.uuid(), program.uuid(), number));
    query.first(&mut conn).await.optional()?.map(Policy::try_from).transpose()
}

/// A policy that some row names, so it must be there.
pub async fn get(
    conn: &Connection,
    organization: Id<Organization>,
    program: Id<Program>,
    number: i32,
) -> Result<Policy> {
    find(conn, organization, program, number).await?.ok_or(Error::Missing)
}

/// Those among the policies of these programs that have one of these numbers.
pub async fn by_numbers(
    mut conn: &Connection,
    organization: Id<Organization>,
    programs: &[Id<Program>],
    numbers: &[i32],
) -> Result<Vec<Policy>> {
    let rows = Row::query()
        .filter(program_policy::organization_id.eq(organization.uuid()))
        .filter(program_policy::program_id.eq_any(uuids(programs)))
        .filter(program_policy::number.eq_any(numbers))
        .load(&mut conn)
        .await?;
    rows.into_iter().map(Policy::try_from).collect()
}

pub async fn insert(mut conn: &Connection, organization: Id<Organization>, value: &Policy) -> Result<()> {
    let values = (program_policy::organization_id.eq(organization.uuid()), Row::from(value));
    diesel::insert_into(program_policy::table).values(values).execute(&mut conn).await?;
    Ok(())
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = program_policy)]
struct Row {
    program_id: Uuid,
    number: i32,
    cadence_days: i16,
    check_in_minutes: i16,
    missed_after_hours: i16,
    offer_days: i16,
    minimum_score: i16,
    minimum_overlap_minutes: i16,
    weights: Value,
    anonymity_minimum: i16,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Policy {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let no_weights = |error| Error::corrupt("program_policy", "weights", error);
        Ok(Self {
            program: row.program_id.into(),
            number: row.number,
            rules: Rules {
                cadence_days: row.cadence_days,
                check_in_minutes: row.check_in_minutes,
                missed_after_hours: row.missed_after_hours,
                offer_days: row.offer_days,
                minimum_score: row.minimum_score,
                minimum_overlap_minutes: row.minimum_overlap_minutes,
                weights: serde_json::from_value(row.weights).map_err(no_weights)?,
                anonymity_minimum: row.anonymity_minimum,
            },
            created_by: row.created_by.map(Id::new),
            created_at: row.created_at,
        })
    }
}

impl From<&Policy> for Row {
    fn from(value: &Policy) -> Self {
        let rules = &value.rules;
        Self {
            program_id: value.program.uuid(),
            number: value.number,
            cadence_days: rules.cadence_days,
            check_in_minutes: rules.check_in_minutes,
            missed_after_hours: rules.missed_after_hours,
            offer_days: rules.offer_days,
            minimum_score: rules.minimum_score,
            minimum_overlap_minutes: rules.minimum_overlap_minutes,
            // Five numbers always become JSON.
            weights: serde_json::to_value(rules.weights).unwrap_or_default(),
            anonymity_minimum: rules.anonymity_minimum,
            created_by: value.created_by.map(Id::uuid),
            created_at: value.created_at,
        }
    }
}
