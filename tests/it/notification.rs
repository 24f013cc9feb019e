//! Notifications: does everybody see their own, newest first, and what they have not read?
mod told;

use api::{Setup, error::Failure, notify};
use domain::{
    access::Role,
    id::Id,
    matching::run::Run,
    notification::{Kind, Notice},
};
use persistence::request::RequestConnection;
use serde_json::{Value, json};

use crate::harness::{Stage, TestApp, stage::Person};

const LIST: &str = "query($after: String) { unreadNotificationCount
    notifications(first: 2, after: $after) { nodes { id kind subjectId readAt } pageInfo { hasNextPage endCursor } } }";
const READ: &str = "mutation($until: ID!) { markNotificationsRead(input: { until: $until }) {
    unreadCount userErrors { code } } }";

async fn tell(stage: &Stage, person: &Person, run: Id<Run>) {
    let app = &stage.test.app;
    let connection = RequestConnection::new(app.pool.clone(), Some(stage.organization.uuid()));
    let notice = Notice::about(Kind::MatchingFinished, run, 1);
    let accounts = [person.account];
    let now = app.clock.now();
    let told = connection
        .write(async |conn| {
            notify::tell_accounts(app, conn, stage.organization, &accounts, &notice, now).await?;
            Ok::<_, Failure>(())
        })
        .await;
    told.unwrap_or_else(|failure| panic!("{failure:?}"));
}

async fn stage() -> Stage {
    Stage::on(TestApp::with(Setup { workers: false, ..Setup::default() }).await).await
}

#[tokio::test]
async fn everybody_sees_their_own_newest_first() {
    let stage = stage().await;
    let coordinator = stage.staff(Role::Coordinator, None).await;
    let runs: Vec<Id<Run>> = (0..3).map(|_| stage.test.app.clock.id()).collect();
    for run in &runs {
        tell(&stage, &coordinator, *run).await;
    }
    // The same news twice is one notification.
    tell(&stage, &coordinator, runs[0]).await;
    let page = coordinator.data(LIST, json!({})).await;
    assert_eq!(page["unreadNotificationCount"], 3);
    let subjects = |page: &Value| -> Vec<String> {
        let nodes = page["notifications"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["subjectId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects(&page), [runs[2].to_string(), runs[1].to_string()]);
    let after = page["notifications"]["pageInfo"]["endCursor"].clone();
    let rest = coordinator.data(LIST, json!({ "after": after })).await;
    assert_eq!(subjects(&rest), [runs[0].to_string()]);
    let nothing = stage.owner.data(LIST, json!({})).await;
    assert_eq!((nothing["unreadNotificationCount"].as_i64(), subjects(&nothing).len()), (Some(0), 0));
}

#[tokio::test]
async fn reading_up_to_one_leaves_newer_ones_and_those_of_others() {
    let stage = stage().await;
    let (ana, ben) = (stage.staff(Role::Coordinator, None).await, stage.staff(Role::Coordinator, None).await);
    for _ in 0..2 {
        let run = stage.test.app.clock.id();
        tell(&stage, &ana, run).await;
        tell(&stage, &ben, run).await;
    }
    let page = ana.data(LIST, json!({})).await;
    let older = page["notifications"]["nodes"][1]["id"].clone();
    assert_eq!(ana.done(READ, json!({ "until": older })).await["unreadCount"], 1);
    let page = ana.data(LIST, json!({})).await;
    assert!(page["notifications"]["nodes"][0]["readAt"].is_null());
    assert!(page["notifications"]["nodes"][1]["readAt"].is_string());
    assert_eq!(ben.data(LIST, json!({})).await["unreadNotificationCount"], 2);
}
