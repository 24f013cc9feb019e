//! `cairn serve`: from nothing to a server that answers, and back.
use std::{fmt::Write as _, process};

use persistence::migration;
use secrecy::ExposeSecret;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Output;
use crate::{
    App, Setup,
    config::Config,
    database::Database,
    demo::{self, Loaded},
    server::{self, Running},
};

/// Serves until a signal asks to stop.
pub(super) async fn serve(config: Config, output: &Output) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let database = Database::open(&config).await?;
    let served = serve_on(&database, config, output, &mut signals).await;
    // Also after a failure: a private server must not be left behind, nor wait for its parent's death.
    database.close().await?;
    served
}

async fn serve_on(
    database: &Database,
    config: Config,
    output: &Output,
    signals: &mut Signals,
) -> anyhow::Result<()> {
    let applied = migration::up(&database.direct_url).await?.len();
    let app = App::open(config, &database.url, Setup::default()).await?;
    let demo = if app.config.demo_mode() {
        Some(demo::load(&app).await?)
    } else {
        demo::remove(&app).await?;
        None
    };
    let running = server::start(app.clone()).await?;
    let mut text = banner(&app.config, database, &running, applied);
    if let Some(demo) = demo {
        text += &sign_ins(&app, &running, &demo);
    }
    output.line(text + "\n  Ctrl-C stops everything")?;
    tokio::select! {
        () = signals.next() => {}
        () = running.stopping() => {}
    }
    tracing::info!("stopping");
    tokio::select! {
        () = running.stop() => Ok(()),
        () = signals.next() => {
            // Whoever asks twice does not want to wait for requests. The kernel stops a private server with us.
            tracing::warn!("stopped at once");
            process::exit(1)
        }
    }
}

/// What a newcomer needs to know, in one look.
fn banner(config: &Config, database: &Database, running: &Running, applied: usize) -> String {
    let mode = if config.demo_mode() { "demo mode " } else { "" };
    let mut text = format!("cairn {}: {mode}({})", env!("CARGO_PKG_VERSION"), database.description());
    let mut add = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {name:<10} {value}");
    };
    if let Some(notice) = database.notice() {
        add("Note", notice);
    }
    if applied > 0 {
        add("Migrations", &format!("{applied} applied"));
    }
    // The port may have been left to the system.
    let page = |path: &str| Config { listen: running.address, ..config.clone() }.page(path);
    add("GraphQL", &page("/graphql"));
    add("GraphiQL", &page("/graphiql"));
    add("Health", &page("/health/ready"));
    if let Some(address) = running.admin_address {
        add("Metrics", &format!("http://{address}/metrics"));
    }
    text
}

/// How to get into the demo.
fn sign_ins(app: &App, running: &Running, demo: &Loaded) -> String {
    let loaded = if demo.new { "loaded" } else { "found" };
    let (programs, people, matches) = (demo.programs, demo.people, demo.matches);
    let mailbox = Config { listen: running.address, ..Config::clone(&app.config) }.page("/dev/mail");
    format!(
        "\n  Mailbox    {mailbox}\n  Demo data  {loaded} ({programs} programs, {people} people, {matches} matches)\n  Sign in as owner@ · admin@ · coordinator@ · mentor@ · mentee@ · guardian@demo.example   password: {}",
        demo.password.expose_secret()
    )
}

/// Ctrl-C and the request of a service manager.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
