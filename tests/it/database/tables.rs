//! Prints the tables of a database as diesel wants to read them.
use std::fmt::Write;

use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use persistence::sql::Sql;

/// The content of `persistence/src/schema.rs`.
pub async fn print(connection: &mut AsyncPgConnection) -> String {
    let tables: Vec<(String, String)> = Sql::<(Text, Text)>::new(
        "select c.relname::text, string_agg(a.attname, ', ' order by k.place)
         from pg_class c join pg_index i on i.indrelid = c.oid and i.indisprimary
         cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like '\\_\\_diesel%'
         group by c.relname order by c.relname",
    )
    .load(connection)
    .await
    .expect("tables");
    let mut text = String::from(
        "//! Tables and columns as the migrations leave them; generated, compared with the database by a test.\n\n",
    );
    for (table, key) in &tables {
        let columns: Vec<(String, String, bool)> = Sql::<(Text, Text, Bool)>::new(
            "select a.attname::text, t.typname::text, a.attnotnull from pg_attribute a
             join pg_type t on t.oid = a.atttypid
             where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum",
        )
        .bind::<Text, _>(table.clone())
        .load(connection)
        .await
        .expect("columns");
        writeln!(text, "diesel::table! {{\n    {table} ({key}) {{").expect("text");
        for (column, kind, required) in columns {
            let Some(kind) = diesel_type(&kind) else { continue };
            let kind = if required { kind.to_owned() } else { format!("Nullable<{kind}>") };
            writeln!(text, "        {column} -> {kind},").expect("text");
        }
        text.push_str("    }\n}\n\n");
    }
    text.push_str("diesel::allow_tables_to_appear_in_same_query!(\n");
    for (table, _) in &tables {
        writeln!(text, "    {table},").expect("text");
    }
    text.push_str(");\n");
    text
}

/// `None` for columns that the code never reads.
fn diesel_type(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "_int2" => "Array<Int2>",
        "_text" => "Array<Text>",
        "bool" => "Bool",
        "bytea" => "Bytea",
        "date" => "Date",
        "float8" => "Float8",
        "int2" => "Int2",
        "int4" => "Int4",
        "int8" => "Int8",
        "json" => "Json",
        "text" => "Text",
        "timestamptz" => "Timestamptz",
        "uuid" => "Uuid",
        "xid8" => return None,
        other => panic!("no diesel type is known for {other}"),
    })
}
