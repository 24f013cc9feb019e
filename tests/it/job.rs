//! Jobs: is each done once, by one worker, and never lost?
use std::collections::HashSet;

use api::{Setup, job};
use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use persistence::{
    Connection,
    job::{Claimed, NewJob},
    request::RequestConnection,
};
use serde_json::json;
use uuid::Uuid;

use crate::harness::TestApp;

async fn quiet() -> TestApp {
    TestApp::with(Setup { workers: false, ..Setup::default() }).await
}

async fn inside<T>(
    test: &TestApp,
    work: impl AsyncFnOnce(&mut Connection) -> persistence::Result<T> + Send,
) -> T {
    let connection = RequestConnection::new(test.app.pool.clone(), None);
    connection.write(work).await.unwrap_or_else(|error| panic!("{error:?}"))
}

fn new(test: &TestApp, key: Option<&str>) -> NewJob {
    NewJob {
        id: test.app.clock.uuid(),
        organization: None,
        kind: "TEST".to_owned(),
        payload: json!({ "kind": "TEST" }),
        dedupe_key: key.map(str::to_owned),
        run_at: test.app.clock.now(),
    }
}

async fn enqueue(test: &TestApp, jobs: &[NewJob]) {
    let now = test.app.clock.now();
    inside(test, async |conn| persistence::job::enqueue(conn, jobs, now).await).await;
}

async fn claim(test: &TestApp) -> Option<Claimed> {
    let (token, now) = (test.app.clock.uuid(), test.app.clock.now());
    inside(test, async |conn| persistence::job::claim(conn, token, persistence::job::LEASE, now).await).await
}

#[tokio::test]
async fn two_workers_never_have_the_same_job() {
    let test = quiet().await;
    let jobs: Vec<NewJob> = (0..60).map(|_| new(&test, None)).collect();
    enqueue(&test, &jobs).await;
    let other = test.beside().await;
    let drain = async |test: &TestApp| {
        let mut had = Vec::new();
        while let Some(claimed) = claim(test).await {
            let now = test.app.clock.now();
            assert!(inside(test, async |conn| persistence::job::complete(conn, &claimed, now).await).await);
            had.push(claimed.id);
        }
        had
    };
    let (a, b, c) = tokio::join!(drain(&test), drain(&other), drain(&test));
    let all: Vec<Uuid> = [a, b, c].concat();
    assert_eq!(all.len(), 60);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 60);
}

#[tokio::test]
async fn a_job_of_a_dead_worker_is_rescued_and_the_dead_worker_cannot_end_it() {
    let test = quiet().await;
    enqueue(&test, &[new(&test, None)]).await;
    let lost = claim(&test).await.expect("the job");
    assert_eq!(claim(&test).await, None, "the lease holds");
    // A day on the clock of this instance moves no lease: those run by the clock of the database.
    test.advance(TimeDelta::days(1));
    assert_eq!(claim(&test).await, None);
    inside(&test, async |conn| {
        Ok(conn.batch_execute("update job set lease_until = clock_timestamp() - interval '1 second'").await?)
    })
    .await;
    let rescued = claim(&test).await.expect("the job again");
    assert_eq!((rescued.id, rescued.attempts), (lost.id, 1));
    let now = test.app.clock.now();
    assert!(!inside(&test, async |conn| persistence::job::heartbeat(conn, &lost).await).await);
    assert!(!inside(&test, async |conn| persistence::job::complete(conn, &lost, now).await).await);
    assert!(inside(&test, async |conn| persistence::job::complete(conn, &rescued, now).await).await);
    assert_eq!(claim(&test).await, None);
}

#[tokio::test]
async fn a_key_keeps_a_job_single_and_time_makes_it_due() {
    let test = quiet().await;
    let mut later = new(&test, Some("once"));
    later.run_at = test.app.clock.now() + TimeDelta::hours(1);
    enqueue(&test, &[later, new(&test, Some("once"))]).await;
    assert_eq!(claim(&test).await, None);
    test.advance(TimeDelta::hours(2));
    assert!(claim(&test).await.is_some());
    assert_eq!(claim(&test).await, None);
}

#[tokio::test]
async fn two_instances_keep_one_schedule() {
    let test = TestApp::with(Setup::default()).await;
    let other = test.beside().await;
    let connection = RequestConnection::new(test.app.pool.clone(), None);
    let mut ticks = 0;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        ticks = connection
            .load(async |conn| {
                use diesel_async::RunQueryDsl;
                let count = persistence::sql::Sql::<diesel::sql_types::BigInt>::new(
                    "select count(*) from job where kind = 'TICK' and done_at is not null",
                );
                let mut conn = conn;
                Ok(count.get_result::<i64>(&mut conn).await?)
            })
            .await
            .unwrap_or_else(|error| panic!("{error:?}"));
        connection.finish().await;
        if ticks > 0 {
            break;
        }
    }
    // Both started in the same minute, or in two that follow each other.
    assert!((1..=2).contains(&ticks), "{ticks}");
    other.stop().await;
}

#[tokio::test]
async fn a_job_that_nobody_knows_is_given_up_at_once() {
    let test = quiet().await;
    enqueue(&test, &[new(&test, None)]).await;
    job::run_due(&test.app).await.unwrap_or_else(|failure| panic!("{failure:?}"));
    let now = test.app.clock.now();
    let standing = inside(&test, async |conn| persistence::job::standing(conn, now).await).await;
    assert_eq!((standing.waiting, standing.dead), (0, 1));
    let again = inside(&test, async |conn| persistence::job::retry_dead(conn, now).await).await;
    assert_eq!(again, 1);
}
