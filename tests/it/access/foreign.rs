//! Does each wall between organizations hold alone? Everything that the schema can show is asked for, with everything
//! below it, and no row of another organization may come back.
//!
//! Three things stand between two organizations: the policy, the organization that each statement names, and
//! row-level security. To see the last one alone, somebody of the foreign organization asks for their own things, so
//! that policy and statements let them through, on a connection that is confined to ours. Without row-level security
//! the very same questions bring the rows: so the test can fail.
use std::collections::BTreeSet;

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::id::decode;
use persistence::sql::Sql;
use serde_json::Value;
use uuid::Uuid;

use super::{
    house::{House, Walls},
    object::{EMBEDDED, ENTITIES},
    persona::{Asker, Where},
    place::Place,
    query::QUERIES,
    served::Served,
};

/// Organizations, memberships and roles belong to accounts, which act in several organizations: row-level security
/// does not part them.
const OF_ACCOUNTS: [&str; 6] = [
    "Query.organization",
    "Organization",
    "Query.roleGrants",
    "RoleGrant",
    "Viewer.memberships",
    "Membership.organization",
];
/// Levels of objects below the one asked for.
const DEPTH: usize = 3;

/// What came back: where rows of the foreign organization were, and which lists had something in them.
#[derive(Default)]
struct Seen {
    foreign: BTreeSet<String>,
    filled: BTreeSet<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_level_security_alone_holds_back_every_foreign_row() {
    let house = House::set().await;
    let ours = house.place(Where::Ours).stage.organization;
    let open = Walls { policy: false, row_level_security: false };
    let mut without = Seen::default();
    for asker in house.askers_behind(open, Where::Foreign).await {
        look(&house, &Asker { confined_to: Some(ours), ..asker }, &mut without).await;
    }
    assert_eq!(
        uncovered(&house.served, &without),
        Vec::<String>::new(),
        "the house has nothing of this to hold back"
    );
    let wall = Walls { policy: false, row_level_security: true };
    let mut with = Seen::default();
    for asker in house.askers_behind(wall, Where::Foreign).await {
        look(&house, &Asker { confined_to: Some(ours), ..asker }, &mut with).await;
    }
    println!("{} places with foreign rows without the wall", without.foreign.len());
    with.foreign.retain(|place| !OF_ACCOUNTS.contains(&place.as_str()));
    assert_eq!(with.foreign, BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_policy_or_without_row_level_security_nobody_sees_a_foreign_row() {
    let house = House::set().await;
    for walls in [
        Walls { policy: false, row_level_security: true },
        Walls { policy: true, row_level_security: false },
        // What each statement names is a wall of its own.
        Walls { policy: false, row_level_security: false },
    ] {
        let mut seen = Seen::default();
        for asker in house.askers_behind(walls, Where::Ours).await {
            look(&house, &asker, &mut seen).await;
        }
        assert_eq!(seen.foreign, BTreeSet::new(), "{walls:?}");
        assert!(seen.filled.contains("Query.matches"), "{walls:?}: our own rows are there");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_level_security_holds_back_the_foreign_rows_of_every_tenant_table() {
    let house = House::set().await;
    let url = &house.place(Where::Ours).stage.test.database_url;
    let (ours, foreign) = (organization(&house, Where::Ours), organization(&house, Where::Foreign));
    let mut connection = persistence::connect::connect(url).await.expect("a connection");
    let mut tables = Vec::new();
    for table in protected(&mut connection).await {
        let there = count(&mut connection, &table, foreign).await;
        tables.push((table, there));
    }
    let behind = format!("set role cairn_app; set cairn.organization = '{ours}'");
    connection.batch_execute(&behind).await.expect("behind the wall");
    let mut empty = Vec::new();
    for (table, there) in &tables {
        assert_eq!(count(&mut connection, table, foreign).await, 0, "{table}");
        if *there == 0 {
            empty.push(table.as_str());
        }
    }
    println!("{} tables behind the wall", tables.len());
    assert_eq!(empty, Vec::<&str>::new(), "tables without a foreign row prove nothing");
}

/// Asks for everything of the foreign place, and for every list.
async fn look(house: &House, asker: &Asker, seen: &mut Seen) {
    let (served, place) = (&house.served, house.place(Where::Foreign));
    let foreign = house.foreign_ids().await;
    for query in QUERIES.iter().filter(|query| !["node", "nodes"].contains(&query.name)) {
        let field = served.field("Query", query.name);
        let call = query.ask.split('{').next().unwrap_or_default().trim();
        let document = format!("{{ {call} {} }}", below(served, &field.of, &mut Vec::new()));
        let data = answer(asker, place, &document).await;
        walk(served, "Query", &data, &foreign, seen);
    }
    for entity in ENTITIES.iter().filter(|entity| entity.ask.is_empty()) {
        for root in ["node(id: $)", "nodes(ids: [$])"] {
            let selection = below(served, entity.name, &mut Vec::new());
            let call = root.replace('$', &format!("${}", entity.key));
            let data =
                answer(asker, place, &format!("{{ {call} {{ ... on {} {selection} }} }}", entity.name)).await;
            let found = &data[root.split('(').next().unwrap_or_default()];
            let found = if found.is_array() { &found[0] } else { found };
            if found.is_object() {
                object(served, entity.name, entity.name, found, &foreign, seen);
            }
        }
    }
}

async fn answer(asker: &Asker, place: &Place, document: &str) -> Value {
    let document = place.fill(document);
    let answer = asker.ask(&document).await;
    assert_ne!(answer.error.as_deref(), Some("INTERNAL"), "{document}");
    answer.data
}

/// Selects all fields of a type, and everything below them that is not above already.
fn below(served: &Served, of: &str, above: &mut Vec<String>) -> String {
    if served.types().all(|name| name != of) {
        return String::new();
    }
    above.push(of.to_owned());
    let mut parts = Vec::new();
    for field in served.fields(of) {
        let named = field.of.strip_suffix("Connection").unwrap_or(&field.of);
        let is_known = above.iter().any(|name| name == named) || above.len() > DEPTH;
        let has_id = field.is_object && served.types().any(|name| name == named) && served.has(named, "id");
        if !field.is_object || is_known && has_id {
            parts.push(served.select(field));
        } else if !is_known && field.name != "edges" {
            let page = if field.of.ends_with("Connection") { "(first: 100)" } else { "" };
            let (above_connection, of) = (above.clone(), &field.of);
            let selection = if of.ends_with("Connection") {
                format!("{{ nodes {} }}", below(served, named, above))
            } else {
                below(served, of, above)
            };
            *above = above_connection;
            parts.push(format!("{}{page} {selection}", field.name));
        }
    }
    above.pop();
    format!("{{ {} }}", parts.join(" "))
}

fn walk(served: &Served, of: &str, value: &Value, foreign: &BTreeSet<Uuid>, seen: &mut Seen) {
    for field in served.fields(of) {
        let Some(value) = value.get(&field.name).filter(|_| field.is_object) else { continue };
        let path = format!("{of}.{}", field.name);
        let named = field.of.strip_suffix("Connection").unwrap_or(&field.of);
        let value = value.get("nodes").filter(|_| field.of.ends_with("Connection")).unwrap_or(value);
        let items = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        for item in items.iter().filter(|item| item.is_object()) {
            seen.filled.insert(path.clone());
            object(served, named, &path, item, foreign, seen);
        }
    }
}

fn object(served: &Served, of: &str, path: &str, value: &Value, foreign: &BTreeSet<Uuid>, seen: &mut Seen) {
    let ids = value.as_object().into_iter().flat_map(|fields| fields.values());
    let is_foreign = |value: &Value| {
        let text = value.as_str().and_then(decode);
        text.is_some_and(|(_, uuid)| foreign.contains(&uuid))
    };
    if ids.into_iter().any(is_foreign) {
        seen.foreign.insert(path.to_owned());
    }
    walk(served, of, value, foreign, seen);
}

/// The lists of tenant data that had nothing in them, and the objects that were not found.
fn uncovered(served: &Served, seen: &Seen) -> Vec<String> {
    let types = ENTITIES.iter().map(|entity| entity.name).chain(EMBEDDED.iter().map(|(name, _)| *name));
    let mut missing = Vec::new();
    for of in types.chain(["Query"]) {
        for field in served.fields(of).iter().filter(|field| field.is_object && field.is_list) {
            let path = format!("{of}.{}", field.name);
            let named = field.of.strip_suffix("Connection").unwrap_or(&field.of);
            // Values of an object have no rows of their own.
            let has_rows =
                field.of.ends_with("Connection") || ENTITIES.iter().any(|entity| entity.name == named);
            let is_asked = has_rows && path != "Query.nodes";
            if is_asked && !seen.filled.contains(&path) {
                missing.push(path);
            }
        }
    }
    let nodes = ENTITIES.iter().filter(|entity| entity.ask.is_empty()).map(|entity| entity.name);
    missing.extend(nodes.filter(|name| !seen.foreign.contains(*name)).map(str::to_owned));
    missing
}

fn organization(house: &House, place: Where) -> Uuid {
    house.place(place).stage.organization.uuid()
}

async fn protected(connection: &mut AsyncPgConnection) -> Vec<String> {
    let query = Sql::<Text>::new(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity order by 1",
    );
    query.load(connection).await.expect("tables")
}

async fn count(connection: &mut AsyncPgConnection, table: &str, organization: Uuid) -> i64 {
    let sql = format!("select count(*) from {table} where organization_id = $1");
    let counted = diesel::sql_query(sql).bind::<SqlUuid, _>(organization).get_result::<Count>(connection);
    counted.await.expect("a count").count
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl House {
    /// The ids of all rows of the foreign organization.
    async fn foreign_ids(&self) -> BTreeSet<Uuid> {
        let place = self.place(Where::Foreign);
        let mut connection =
            persistence::connect::connect(&place.stage.test.database_url).await.expect("a connection");
        let mut ids = BTreeSet::from([organization(self, Where::Foreign)]);
        for table in protected(&mut connection).await.into_iter().chain(["role_grant".to_owned()]) {
            let sql = format!("select to_jsonb(t)->>'id' as id from {table} t where organization_id = $1");
            let rows: Vec<Key> = diesel::sql_query(sql)
                .bind::<SqlUuid, _>(organization(self, Where::Foreign))
                .load(&mut connection)
                .await
                .expect("ids");
            ids.extend(rows.into_iter().filter_map(|row| row.id.and_then(|id| Uuid::parse_str(&id).ok())));
        }
        ids
    }

    /// The owner and the pair of a place, who ask a server with these walls.
    async fn askers_behind(&self, walls: Walls, place: Where) -> Vec<Asker> {
        let owner = self.asker_behind(walls, place).await;
        let place = self.place(place);
        let mut askers = Vec::new();
        for person in [&place.mentor, &place.mentee] {
            askers.push(Asker { signed_in: Some(person.signed_in().await), ..owner.clone() });
        }
        askers.push(owner);
        askers
    }
}

#[derive(diesel::QueryableByName)]
struct Key {
    #[diesel(sql_type = diesel::sql_types::Nullable<Text>)]
    id: Option<String>,
}
