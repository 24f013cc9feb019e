//! What programs want to reach.
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    id::Id,
    organization::Organization,
    program::{Program, ProgramObjective},
};
use uuid::Uuid;

use crate::{Connection, Result, schema::program_objective};

/// Of several programs, each in its own order.
pub async fn by_programs(
    mut conn: &Connection,
    organization: Id<Organization>,
    programs: &[Id<Program>],
) -> Result<Vec<ProgramObjective>> {
    let programs: Vec<Uuid> = programs.iter().map(|id| id.uuid()).collect();
    let rows = Row::query()
        .filter(program_objective::organization_id.eq(organization.uuid()))
        .filter(program_objective::program_id.eq_any(programs))
        .order((program_objective::program_id, program_objective::position))
        .load(&mut conn)
        .await?;
    Ok(rows.into_iter().map(ProgramObjective::from).collect())
}

/// Puts these in the place of all that the program had.
pub async fn replace(
    mut conn: &Connection,
    organization: Id<Organization>,
    program: Id<Program>,
    objectives: &[ProgramObjective],
) -> Result<()> {
    let old = program_objective::table
        .filter(program_objective::organization_id.eq(organization.uuid()))
        .filter(program_objective::program_id.eq(program.uuid()));
    diesel::delete(old).execute(&mut conn).await?;
    let tenant = program_objective::organization_id.eq(organization.uuid());
    let rows: Vec<_> = objectives.iter().map(|objective| (tenant, Row::from(objective))).collect();
    diesel::insert_into(program_objective::table).values(rows).execute(&mut conn).await?;
    Ok(())
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = program_objective)]
struct Row {
    id: Uuid,
    program_id: Uuid,
    position: i16,
    title: String,
    measure: Option<String>,
}

impl From<Row> for ProgramObjective {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            program: row.program_id.into(),
            position: row.position,
            title: row.title,
            measure: row.measure,
        }
    }
}

impl From<&ProgramObjective> for Row {
    fn from(value: &ProgramObjective) -> Self {
        Self {
            id: value.id.uuid(),
            program_id: value.program.uuid(),
            position: value.position,
            title: value.title.clone(),
            measure: value.measure.clone(),
        }
    }
}
