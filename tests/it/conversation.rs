//! Do the two sides of a pair read each other, and nobody else? And what they share?
use serde_json::{Value, json};

use crate::{harness::Person, matches::Pair};

const SEND: &str = "mutation($id: ID!, $body: String!) { sendMessage(input: { matchId: $id, body: $body }) { message { id } userErrors { code path } } }";
const CONVERSATION: &str = "conversation { unreadCount messages(first: 2) { nodes { id body sender { name } } pageInfo { hasNextPage } } }";

async fn send(pair: &Pair, who: &Person, body: &str) -> Value {
    who.done(SEND, json!({ "id": pair.id, "body": body })).await["message"]["id"].clone()
}

#[tokio::test]
async fn messages_come_newest_first_and_are_counted_until_read() {
    let pair = Pair::accepted().await;
    for body in ["one", "two", "three"] {
        send(&pair, &pair.mentor, body).await;
    }
    let seen = pair.read(&pair.mentee, CONVERSATION).await["conversation"].clone();
    assert_eq!(seen["unreadCount"], 3);
    assert_eq!(seen["messages"]["nodes"][0]["body"], "three");
    assert_eq!(seen["messages"]["pageInfo"]["hasNextPage"], true);
    let read = "mutation($id: ID!, $message: ID!) { markConversationRead(input: { matchId: $id, messageId: $message }) { match { conversation { unreadCount } } userErrors { code } } }";
    let last = seen["messages"]["nodes"][1]["id"].clone();
    let marked = pair.mentee.done(read, json!({ "id": pair.id, "message": last })).await;
    assert_eq!(marked["match"]["conversation"]["unreadCount"], 1);
}

#[tokio::test]
async fn staff_and_strangers_neither_read_nor_write() {
    let pair = Pair::accepted().await;
    let message = send(&pair, &pair.mentor, "between us").await;
    let owner = &pair.stage.owner.0;
    assert_eq!(pair.read(owner, CONVERSATION).await["conversation"], Value::Null);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(owner.data(node, json!({ "id": message })).await["node"], Value::Null);
    let refused = owner.refused(SEND, json!({ "id": pair.id, "body": "hello" })).await;
    assert!(refused.starts_with("NOT_ALLOWED"), "{refused}");
}

#[tokio::test]
async fn a_message_is_taken_back_by_its_sender_only() {
    let pair = Pair::accepted().await;
    let message = send(&pair, &pair.mentor, "oops").await;
    let retract = "mutation($id: ID!) { retractMessage(input: { id: $id }) { message { body status } userErrors { code } } }";
    let refused = pair.mentee.refused(retract, json!({ "id": message })).await;
    assert!(refused.starts_with("NOT_ALLOWED"), "{refused}");
    let retracted = pair.mentor.done(retract, json!({ "id": message })).await;
    assert_eq!(retracted["message"], json!({ "body": null, "status": "RETRACTED" }));
}

#[tokio::test]
async fn a_link_is_shared_with_the_pair_and_archived() {
    let pair = Pair::accepted().await;
    let share = "mutation($id: ID!, $url: String!) { shareResource(input: { matchId: $id, title: \"Guide\", url: $url }) { resource { id url } userErrors { code path } } }";
    let refused = pair.mentor.refused(share, json!({ "id": pair.id, "url": "http://a.example" })).await;
    assert_eq!(refused, "INVALID input.url");
    let shared = pair.mentor.done(share, json!({ "id": pair.id, "url": "https://a.example" })).await;
    let list = "resources { nodes { title url } }";
    assert_eq!(pair.read(&pair.mentee, list).await["resources"]["nodes"][0]["url"], "https://a.example");
    let archive = "mutation($id: ID!) { archiveResource(input: { id: $id }) { resource { archivedAt } userErrors { code } } }";
    pair.mentor.done(archive, json!({ "id": shared["resource"]["id"] })).await;
    assert_eq!(pair.read(&pair.mentee, list).await["resources"]["nodes"], json!([]));
}
