//! Resources: who shares what with whom, and who reads it?
use domain::access::Role;
use serde_json::{Value, json};

use crate::matches::Pair;

#[tokio::test]
async fn a_resource_is_read_by_its_pair_and_its_staff_and_nobody_else() {
    let pair = Pair::accepted().await;
    let share = "mutation($input: ShareResourceInput!) { shareResource(input: $input) {
        resource { id title url } userErrors { code path } } }";
    let link = |url: &str| json!({ "input": { "matchId": pair.id, "title": "How to debug", "url": url } });
    assert_eq!(pair.mentor.refused(share, link("javascript:alert(1)")).await, "INVALID input.url");
    let both = json!({ "input": { "matchId": pair.id, "title": "Neither a link nor a file" } });
    assert_eq!(pair.mentor.refused(share, both).await, "INVALID input.url");
    let shared = pair.mentor.done(share, link("https://example.org/debug")).await["resource"].clone();
    let seen = pair.read(&pair.mentee, "resources { nodes { title url } }").await;
    assert_eq!(seen["resources"]["nodes"][0]["url"], "https://example.org/debug");

    let read = "query($id: ID!) { resource(id: $id) { title } }";
    let house = &pair.stage.house;
    let outsider = house.outsider().await;
    let analyst = house.staff(Role::Analyst, None).await;
    for stranger in [&outsider, &analyst] {
        assert_eq!(stranger.data(read, json!({ "id": shared["id"] })).await["resource"], Value::Null);
        assert!(stranger.refused(share, link("https://example.org")).await.starts_with("NOT_FOUND"));
    }
    let archive = "mutation($id: ID!) { archiveResource(input: { id: $id }) { resource { archivedAt } userErrors { code } } }";
    assert!(pair.mentee.refused(archive, json!({ "id": shared["id"] })).await.starts_with("NOT_ALLOWED"));
    pair.mentor.done(archive, json!({ "id": shared["id"] })).await;
    assert_eq!(
        pair.read(&pair.mentee, "resources { nodes { title } }").await["resources"]["nodes"],
        json!([])
    );
}
