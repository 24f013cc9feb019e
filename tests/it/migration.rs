//! Migrations go up and down, and several servers may start at once.
use diesel_async::SimpleAsyncConnection;
use persistence::{connect::connect, migration, migration::State};

use crate::harness::server::TestDatabase;

#[tokio::test]
async fn a_fresh_database_has_every_migration() {
    let database = TestDatabase::create().await;
    let entries = migration::status(&database.url).await.unwrap();
    assert!(entries.len() >= 15, "{entries:?}");
    assert!(entries.iter().all(|entry| entry.state == State::Applied), "{entries:?}");
}

#[tokio::test]
async fn every_migration_can_be_reverted_and_applied_again() {
    let database = TestDatabase::create().await;
    let all = migration::status(&database.url).await.unwrap().len();
    let reverted = migration::down(&database.url, all).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(reverted.len(), all);
    let mut connection = connect(&database.url).await.unwrap();
    // Fails by a division by zero unless nothing but Diesel's own table is left.
    let nothing_left = "SELECT 1 / (count(*) = 0)::int FROM pg_class
                        WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_diesel%'";
    connection.batch_execute(nothing_left).await.unwrap();
    let applied = migration::up(&database.url).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(applied.len(), all);
}

#[tokio::test]
async fn only_one_of_several_servers_that_start_at_once_migrates() {
    let database = TestDatabase::create().await;
    migration::down(&database.url, 3).await.unwrap();
    let (first, second, third) = tokio::join!(
        migration::up(&database.url),
        migration::up(&database.url),
        migration::up(&database.url)
    );
    let counts = [first, second, third].map(|applied| applied.unwrap().len());
    assert_eq!(counts.iter().sum::<usize>(), 3, "{counts:?}");
    assert!(counts.contains(&3), "{counts:?}");
}

#[tokio::test]
async fn a_migration_of_a_newer_release_is_shown_and_does_no_harm() {
    let database = TestDatabase::create().await;
    let mut connection = connect(&database.url).await.unwrap();
    let insert = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')";
    connection.batch_execute(insert).await.unwrap();
    let entries = migration::status(&database.url).await.unwrap();
    let newest = entries.last().unwrap();
    assert_eq!((newest.name.as_str(), newest.state), ("20991231000001", State::Unknown));
    assert!(migration::up(&database.url).await.unwrap().is_empty());
}
