//! What is wrong in roster files.
use std::collections::HashMap;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    id::Id,
    import::{Problem, RosterImport, column::Column},
    organization::Organization,
    page::{self, Page, PageRequest},
};
use uuid::Uuid;

use crate::{
    Connection, Error, Result,
    schema::roster_import_error,
    sql::{Sql, uuids},
    stored,
};

/// A problem with its place in the list.
type Placed = (i32, Problem);

/// A page of problems for each of several imports; those without any are left out. The caller has seen to it that
/// the imports may be read.
pub async fn by_imports(
    mut conn: &Connection,
    organization: Id<Organization>,
    imports: &[Id<RosterImport>],
    page: &PageRequest<i32>,
) -> Result<HashMap<Id<RosterImport>, Page<Placed>>> {
    let rows: Vec<(Uuid, i32, i32, Option<String>, String, String)> =
        Sql::<(SqlUuid, Integer, Integer, Nullable<Text>, Text, Text)>::new(
            "select e.import_id, e.position, e.line, e.column_name, e.code, e.message
             from unnest($1) p (id) cross join lateral (
                 select * from roster_import_error e
                 where e.organization_id = $2 and e.import_id = p.id and e.position > $3
                 order by e.position limit $4
             ) e order by e.import_id, e.position",
        )
        .bind::<Array<SqlUuid>, _>(uuids(imports))
        .bind::<SqlUuid, _>(organization.uuid())
        .bind::<Integer, _>(page.after.unwrap_or(-1))
        .bind::<BigInt, _>(page.limit())
        .load(&mut conn)
        .await?;
    let problem =
        |(import, position, line, column, code, message): (Uuid, i32, i32, Option<String>, String, _)| {
            let column = column.map(|name| stored::<Column>("roster_import_error", "column_name", &name));
            let code = stored("roster_import_error", "code", &code)?;
            Ok::<_, Error>((import, (position, Problem { line, column: column.transpose()?, code, message })))
        };
    let placed = rows.into_iter().map(problem).collect::<Result<Vec<_>>>()?;
    let pages = page::by_parent(placed, page.first, |(import, _): &(Uuid, Placed)| Id::new(*import));
    let strip = |page: Page<(Uuid, Placed)>| Page {
        items: page.items.into_iter().map(|(_, placed)| placed).collect(),
        has_next: page.has_next,
    };
    Ok(pages.into_iter().map(|(import, page)| (import, strip(page))).collect())
}

/// Puts these in the place of all that were noted for the import.
pub async fn replace(
    mut conn: &Connection,
    organization: Id<Organization>,
    import: Id<RosterImport>,
    problems: &[Problem],
) -> Result<()> {
    let old = roster_import_error::table
        .filter(roster_import_error::organization_id.eq(organization.uuid()))
        .filter(roster_import_error::import_id.eq(import.uuid()));
    diesel::delete(old).execute(&mut conn).await?;
    let all = || problems.iter();
    Sql::<()>::new(
        "insert into roster_import_error (organization_id, import_id, position, line, column_name, code, message)
         select $1, $2, (n - 1)::integer, line, column_name, code, message
         from unnest($3, $4, $5, $6) with ordinality as p (line, column_name, code, message, n)",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(import.uuid())
    .bind::<Array<Integer>, _>(all().map(|it| it.line).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(all().map(|it| it.column.map(|name| name.to_string())).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(all().map(|it| it.code.to_string()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(all().map(|it| it.message.clone()).collect::<Vec<_>>())
    .execute(&mut conn)
    .await?;
    Ok(())
}
