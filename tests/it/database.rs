//! Is the database what the code and the design say: the same columns, a wall around each tenant, an index for
//! each reference, a reason for each table?
mod tables;

use std::collections::BTreeSet;

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::catalogue;
use persistence::sql::Sql;

use crate::{harness::server::TestDatabase, schema::assert_golden};

async fn connect(database: &TestDatabase) -> AsyncPgConnection {
    persistence::connect::connect(&database.url).await.expect("a connection")
}

async fn texts(connection: &mut AsyncPgConnection, query: &'static str) -> Vec<String> {
    Sql::<diesel::sql_types::Text>::new(query).load(connection).await.expect("rows")
}

#[tokio::test]
async fn the_columns_in_the_code_are_those_of_the_migrated_database() {
    let database = TestDatabase::create().await;
    let text = tables::print(&mut connect(&database).await).await;
    assert_golden("persistence/src/schema.rs", &text);
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let database = TestDatabase::create().await;
    // A unique index on a part of the columns finds at most one row, so it serves as well.
    let bare = texts(
        &mut connect(&database).await,
        "select conrelid::regclass || ' ' || conname from pg_constraint c
         where contype = 'f' and not exists (
             select from pg_index i where i.indrelid = c.conrelid and i.indpred is null and (
                 (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
                 or i.indisunique and c.conkey @> i.indkey::int2[]))",
    )
    .await;
    assert_eq!(bare, Vec::<String>::new());
}

#[tokio::test]
async fn every_foreign_key_of_a_tenant_is_bound_to_its_organization() {
    let database = TestDatabase::create().await;
    let loose = texts(
        &mut connect(&database).await,
        "select c.conrelid::regclass || ' ' || c.conname from pg_constraint c
         join pg_attribute mine on mine.attrelid = c.conrelid and mine.attname = 'organization_id'
         join pg_attribute theirs on theirs.attrelid = c.confrelid and theirs.attname = 'organization_id'
         join pg_class t on t.oid = c.confrelid and t.relrowsecurity
         where c.contype = 'f' and not (c.conkey @> array[mine.attnum] and c.confkey @> array[theirs.attnum])",
    )
    .await;
    assert_eq!(loose, Vec::<String>::new());
}

#[tokio::test]
async fn every_tenant_table_is_behind_forced_row_level_security() {
    let database = TestDatabase::create().await;
    let mut connection = connect(&database).await;
    let open = texts(
        &mut connection,
        "select c.relname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and a.attnotnull
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
           and not (c.relrowsecurity and c.relforcerowsecurity) order by 1",
    )
    .await;
    // These belong to accounts, which act in several organizations.
    assert_eq!(open, ["membership", "role_grant"]);
    let organization_first = texts(
        &mut connection,
        "select c.relname::text from pg_class c join pg_index i on i.indrelid = c.oid and i.indisprimary
         join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
         where c.relrowsecurity and a.attname <> 'organization_id'",
    )
    .await;
    assert_eq!(organization_first, Vec::<String>::new(), "keys of tenant tables begin with the organization");
}

#[tokio::test]
async fn the_role_of_requests_owns_nothing_and_cannot_pass_the_wall() {
    let database = TestDatabase::create().await;
    let mut connection = connect(&database).await;
    let owned = texts(
        &mut connection,
        "select c.relname::text from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'cairn_app'",
    )
    .await;
    assert_eq!(owned, Vec::<String>::new());
    let powers = texts(
        &mut connection,
        "select concat_ws(' ', rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin) from pg_roles
         where rolname = 'cairn_app'",
    )
    .await;
    assert_eq!(powers, ["f f f f f"]);
}

#[tokio::test]
async fn tables_indexes_and_rules_of_deletion_are_explained() {
    let database = TestDatabase::create().await;
    let mut connection = connect(&database).await;
    let silent = texts(
        &mut connection,
        "select c.relname::text from pg_class c
         left join pg_constraint k on k.conindid = c.oid
         where c.relnamespace = 'public'::regnamespace and c.relname not like '\\_\\_diesel%'
           and (c.relkind = 'r' or c.relkind = 'i' and k.oid is null)
           and c.relname not in (select relname from pg_class join pg_index on indexrelid = pg_class.oid where indisprimary)
           and coalesce(obj_description(c.oid, 'pg_class'), '') = '' order by 1",
    )
    .await;
    assert_eq!(silent, Vec::<String>::new(), "without a comment");
    let undecided = texts(
        &mut connection,
        "select c.relname::text from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like '\\_\\_diesel%'
           and obj_description(c.oid, 'pg_class') not like '%Deletion: %' order by 1",
    )
    .await;
    assert_eq!(undecided, Vec::<String>::new(), "does not say how its rows are deleted");
}

#[tokio::test]
async fn the_privacy_catalogue_names_every_column() {
    let database = TestDatabase::create().await;
    let stored = texts(
        &mut connect(&database).await,
        "select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like '\\_\\_diesel%'
           and a.attnum > 0 and not a.attisdropped",
    )
    .await;
    let stored: BTreeSet<String> = stored.into_iter().collect();
    let named: BTreeSet<String> = catalogue::tables()
        .flat_map(|table| table.columns().map(move |column| format!("{}.{column}", table.name)))
        .collect();
    let (unnamed, gone) =
        (stored.difference(&named).collect::<Vec<_>>(), named.difference(&stored).collect::<Vec<_>>());
    assert!(
        unnamed.is_empty() && gone.is_empty(),
        "not in the catalogue: {unnamed:?}; not in the database: {gone:?}"
    );
}

#[tokio::test]
async fn the_catalogue_and_the_database_agree_on_deletion() {
    let database = TestDatabase::create().await;
    let mut connection = connect(&database).await;
    for table in catalogue::tables() {
        let comment: String =
            Sql::<diesel::sql_types::Text>::new("select obj_description($1::regclass, 'pg_class')")
                .bind::<diesel::sql_types::Text, _>(table.name)
                .get_result(&mut connection)
                .await
                .expect("a comment");
        assert!(comment.ends_with(&format!("Deletion: {}.", table.deletion)), "{}: {comment}", table.name);
    }
}
