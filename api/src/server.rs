//! What does one running Cairn serve, where, and how does it stop?
use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, middleware, response::Redirect, routing::get};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    App, console, file,
    gate::House,
    graphql, health,
    health::Draining,
    identity, job,
    mail::mailbox,
    metric, news,
    transport::{
        arrival,
        client_address::TrustedProxies,
        endpoint::Endpoint,
        limits::Rules,
        origin::Origins,
        overload::{self, InFlight},
        serve::{self, Stop},
    },
};

/// Mutations that take or give credentials: each must be alone in its request, so that limits count real tries.
pub const CREDENTIAL_MUTATIONS: &[&str] = &[
    "acceptInvitation",
    "changePassword",
    "refreshSession",
    "requestPasswordReset",
    "resetPassword",
    "signIn",
    "signUp",
    "verifyEmail",
];

/// A server that takes requests until it is stopped.
pub struct Running {
    pub address: SocketAddr,
    pub admin_address: Option<SocketAddr>,
    stop: Stop,
    draining: Draining,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Takes no more requests, answers those in flight, closes sockets, ends jobs.
    pub async fn stop(self) {
        self.draining.begin();
        self.stop.token().cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the server failed");
            }
        }
    }

    /// Resolves when the server was told to stop by somebody else.
    pub fn stopping(&self) -> impl Future<Output = ()> + use<> {
        self.stop.token().clone().cancelled_owned()
    }
}

/// Listens on the configured addresses and begins to serve.
pub async fn start(app: Arc<App>) -> anyhow::Result<Running> {
    let config = Arc::clone(&app.config);
    let listener = listen(config.listen).await?;
    let address = listener.local_addr()?;
    let (stop, draining) = (Stop::default(), Draining::default());
    let mut tasks = vec![news::start(&app, &stop)];
    if app.workers {
        tasks.extend(job::start(&app, stop.token()));
    }
    let mut public = Vec::new();
    let admin_address = match config.admin_listen {
        Some(wanted) => {
            let admin = listen(wanted).await?;
            let bound = admin.local_addr()?;
            let routes = metric::router().merge(health::router(Arc::clone(&app), draining.clone()));
            tasks.push(spawn_server(admin, routes, stop.clone(), config.drain_timeout));
            Some(bound)
        }
        None => {
            public.push(metric::loopback_router());
            None
        }
    };
    public.push(health::router(Arc::clone(&app), draining.clone()));
    public.push(mailbox::router(Arc::clone(&app)));
    let router = router(&app, &stop, public);
    tasks.push(spawn_server(listener, router, stop.clone(), config.drain_timeout));
    Ok(Running { address, admin_address, stop, draining, tasks })
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

fn spawn_server(listener: TcpListener, router: Router, stop: Stop, drain: Duration) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = serve::serve(listener, router, &stop, drain).await {
            tracing::error!(%error, "the server ended");
        }
    })
}

/// Everything that is served, below the configured path. `unlimited` routes answer also when the server is full.
fn router(app: &Arc<App>, stop: &Stop, unlimited: Vec<Router>) -> Router {
    let config = &app.config;
    let origins = Origins::new(config.allowed_origins.iter().chain(&config.public_url));
    let rules = Rules {
        limits: (&config.limits).into(),
        standing_alone: CREDENTIAL_MUTATIONS.to_vec(),
        directives: vec!["include", "skip", "idempotent"],
    };
    let house = House::new(Arc::clone(app), graphql::schema(&config.limits));
    let limited = Router::new()
        .merge(Endpoint::new(house, rules, origins.clone(), stop.clone()).routes())
        .merge(file::router(Arc::clone(app)))
        .layer(middleware::from_fn_with_state(InFlight::new(config.limits.in_flight), overload::shed));
    let home = config.base_path.prefix().to_owned() + "/graphiql";
    let routes = unlimited.into_iter().fold(
        limited
            .merge(console::router())
            .merge(identity::http::router(Arc::clone(app)))
            .merge(console::cookbook(Arc::clone(app))),
        Router::merge,
    );
    let routes = routes.route("/", get(async move || Redirect::temporary(&home)));
    let routes = routes.layer(Arc::new(origins).cors()).layer(middleware::from_fn(metric::count));
    let prefix = config.base_path.prefix();
    let routes = if prefix.is_empty() { routes } else { Router::new().nest(prefix, routes) };
    let proxies = Arc::new(TrustedProxies(config.trusted_proxies.clone()));
    routes.fallback(arrival::not_found).layer(middleware::from_fn_with_state(proxies, arrival::receive))
}
