//! One Cairn for one test: its own database, its own clock, a real socket.
use std::sync::Arc;

use api::{App, Setup, clock::Clock, config::Config, job::Task, server::Running};
use chrono::TimeDelta;
use persistence::request::RequestConnection;

use super::{Client, server::TestDatabase};

pub struct TestApp {
    pub app: Arc<App>,
    /// Such as `http://127.0.0.1:43210`, without a slash at its end.
    pub base: String,
    pub database_url: String,
    running: Running,
    setup: Setup,
    database: Option<Arc<TestDatabase>>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(Setup { workers: false, ..Setup::default() }).await
    }

    /// With another policy, role or observer.
    pub async fn with(setup: Setup) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        Self::on(database, setup, Config::for_tests()).await
    }

    /// With other settings.
    pub async fn configured(config: Config) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        Self::on(database, Setup { workers: false, ..Setup::default() }, config).await
    }

    /// With all of these.
    pub async fn set_up(setup: Setup, config: Config) -> Self {
        Self::on(Arc::new(TestDatabase::create().await), setup, config).await
    }

    /// A second instance on the same database, with the same clock.
    pub async fn beside(&self) -> Self {
        let database = Arc::clone(self.database.as_ref().expect("the database of this test"));
        Self::on(database, self.setup.clone(), Config::for_tests()).await
    }

    /// Like [`TestApp::beside`], with other settings.
    pub async fn beside_with(&self, config: Config) -> Self {
        let database = Arc::clone(self.database.as_ref().expect("the database of this test"));
        Self::on(database, self.setup.clone(), config).await
    }

    /// Like [`TestApp::beside`], with other walls.
    pub async fn beside_behind(&self, setup: Setup) -> Self {
        let database = Arc::clone(self.database.as_ref().expect("the database of this test"));
        Self::on(database, Setup { clock: self.setup.clock.clone(), ..setup }, Config::for_tests()).await
    }

    async fn on(database: Arc<TestDatabase>, setup: Setup, config: Config) -> Self {
        let database_url = database.url.clone();
        let app = App::open(config, &database_url, setup.clone()).await.expect("the application opens");
        let running = api::server::start(Arc::clone(&app)).await.expect("the server starts");
        let base = format!("http://{}", running.address);
        Self { app, base, database_url, running, setup, database: Some(database) }
    }

    pub fn clock(&self) -> &Clock {
        &self.app.clock
    }

    /// Lets time pass, for all instances of this test.
    pub fn advance(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    /// Does what workers do, until nothing is left to do.
    pub async fn work(&self) {
        let done = api::job::run_due(&self.app).await;
        done.unwrap_or_else(|failure| panic!("{failure:?}"));
    }

    /// Does what has fallen due by now, as the schedule would within a minute.
    pub async fn tick(&self) {
        let now = self.clock().now();
        let row = Task::Tick.row(self.clock().uuid(), None, None, now);
        let row = row.unwrap_or_else(|failure| panic!("{failure:?}"));
        let connection = RequestConnection::new(self.app.pool.clone(), None);
        let enqueued = connection.write(async |conn| persistence::job::enqueue(conn, &[row], now).await);
        enqueued.await.unwrap_or_else(|error| panic!("{error:?}"));
        self.work().await;
    }

    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base)
    }

    /// Stops the server as a signal would, and waits for it.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
