//! How does a test get its copy of the template, and get rid of it?
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc as blocking,
    },
    thread,
};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use persistence::{connect, migration};
use tokio::sync::{mpsc, oneshot};

/// Taken while the template is made. Spells "tmpl".
const LOCK: i64 = 0x746d_706c;

/// Makes and removes databases, one at a time, over one connection and on a thread of its own: tests have runtimes
/// that end, and a test's end cannot wait for async work.
pub struct Cloner {
    /// URL of a database of the server.
    pub server: String,
    orders: mpsc::UnboundedSender<Order>,
    count: AtomicU32,
    /// File that asks the keeper for more time.
    note: Option<PathBuf>,
}

enum Order {
    Create(String, oneshot::Sender<()>),
    Remove(String, blocking::SyncSender<()>),
}

impl Cloner {
    pub fn start(server: &str, note: Option<PathBuf>) -> Arc<Self> {
        let (orders, received) = mpsc::unbounded_channel();
        let url = server.to_owned();
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(work(&url, received));
        });
        Arc::new(Self { server: server.to_owned(), orders, count: AtomicU32::new(0), note })
    }

    /// The name of a new clone.
    pub async fn create(&self) -> String {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("t_{}_{number}", std::process::id());
        let (done, wait) = oneshot::channel();
        self.orders.send(Order::Create(name.clone(), done)).expect("the cloner works");
        wait.await.expect("the cloner works; see its panic above");
        name
    }

    /// Lets the server live on for a while, so that somebody can look at a failed test's database.
    pub fn keep(&self) {
        if let Some(note) = &self.note {
            std::fs::write(note, "").expect("a note to the keeper");
        }
    }

    pub fn remove(&self, name: &str) {
        let (done, wait) = blocking::sync_channel(1);
        let sent = self.orders.send(Order::Remove(name.to_owned(), done)).is_ok();
        if !sent || wait.recv().is_err() {
            eprintln!("the database {name} could not be removed");
        }
    }
}

async fn work(url: &str, mut orders: mpsc::UnboundedReceiver<Order>) {
    let mut server = connect::connect(url).await.expect("the test server answers");
    let template = template(url, &mut server).await;
    while let Some(order) = orders.recv().await {
        match order {
            Order::Create(name, done) => {
                let copy = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY");
                // A killed process of the same number may have left one.
                run(&mut server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                run(&mut server, &copy).await;
                done.send(()).ok();
            }
            Order::Remove(name, done) => {
                run(&mut server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                done.send(()).ok();
            }
        }
    }
}

async fn run(server: &mut AsyncPgConnection, statement: &str) {
    server.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Name of the migrated database that clones are made of; whoever comes first makes it.
async fn template(url: &str, server: &mut AsyncPgConnection) -> String {
    let name = format!("template_{}", migration::FINGERPRINT);
    run(server, &format!("SELECT pg_advisory_lock({LOCK})")).await;
    if !exists(server, &name).await {
        let unfinished = format!("{name}_new");
        run(server, &format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        run(server, &format!("CREATE DATABASE {unfinished} TEMPLATE template0 ENCODING 'UTF8'")).await;
        let applied = migration::up(&connect::with_database(url, &unfinished)).await;
        applied.unwrap_or_else(|error| panic!("the template cannot be migrated: {error}"));
        rename(server, &unfinished, &name).await;
    }
    run(server, &format!("SELECT pg_advisory_unlock({LOCK})")).await;
    name
}

/// The connection that migrated may take a moment to leave.
async fn rename(server: &mut AsyncPgConnection, from: &str, to: &str) {
    let statement = format!("ALTER DATABASE {from} RENAME TO {to}");
    for _ in 0..100 {
        if server.batch_execute(&statement).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    run(server, &statement).await;
}

async fn exists(server: &mut AsyncPgConnection, name: &str) -> bool {
    // Works without reading rows: a division by zero says yes.
    let question = format!("SELECT 1 / (count(*) - 1) FROM pg_database WHERE datname = '{name}'");
    server.batch_execute(&question).await.is_err()
}
