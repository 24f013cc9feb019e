//! A small schema behind the real transport, so that the protocols can be tested without a database.
use std::{net::SocketAddr, time::Duration};

use api::{
    error::AuthReason,
    transport::{
        arrival::{self, Arrival},
        client_address::TrustedProxies,
        endpoint::Endpoint,
        fault::Fault,
        gate::{Ended, Gate},
        limits::{Limits, Rules},
        origin::Origins,
        overload::{self, InFlight},
        serve::{Stop, serve},
    },
};
use async_graphql::{Context, ErrorExtensions, Object, Request, Response, Schema, Subscription};
use axum::{Router, middleware::from_fn_with_state};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream, Stream},
};
use tokio::net::TcpListener;

pub struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_else(|| "you".to_owned()))
    }

    async fn zebra(&self) -> i32 {
        1
    }

    async fn apple(&self) -> i32 {
        2
    }

    async fn double(&self, number: i32) -> i32 {
        number.saturating_mul(2)
    }

    async fn me(&self, context: &Context<'_>) -> String {
        context.data_unchecked::<Caller>().0.to_owned()
    }

    async fn address(&self, context: &Context<'_>) -> Option<String> {
        context.data_unchecked::<std::sync::Arc<Arrival>>().address.map(|address| address.to_string())
    }

    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        1
    }

    async fn soon(&self) -> i32 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        1
    }

    async fn panics(&self) -> i32 {
        let nothing = std::hint::black_box(None::<i32>);
        nothing.expect("a secret in a panic")
    }

    async fn leaks(&self) -> async_graphql::Result<i32> {
        Err(async_graphql::Error::new("password of the database"))
    }

    async fn forbidden(&self) -> async_graphql::Result<Option<i32>> {
        Err(async_graphql::Error::new("no").extend_with(|_, values| values.set("code", "FORBIDDEN")))
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn sign_in(&self) -> bool {
        true
    }

    async fn change(&self) -> bool {
        true
    }
}

pub struct Events;

#[Subscription]
impl Events {
    /// Counts to `to`, then ends.
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    async fn silence(&self) -> impl Stream<Item = i32> {
        stream::pending()
    }

    /// Large events without end, for readers that do not read.
    async fn flood(&self) -> impl Stream<Item = String> {
        stream::repeat_with(|| "x".repeat(20_000))
    }

    async fn broken(&self) -> impl Stream<Item = i32> {
        stream::iter([1, 2]).map(|number| if number == 2 { panic!("a secret in a panic") } else { number })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(pub &'static str);

#[derive(Clone)]
pub struct SampleGate(Schema<Query, Mutation, Events>);

impl SampleGate {
    pub fn new() -> Self {
        Self(Schema::build(Query, Mutation, Events).limit_recursive_depth(64).finish())
    }
}

impl Gate for SampleGate {
    type Caller = Caller;

    async fn authenticate(&self, bearer: Option<&str>, _: &Arrival) -> Result<Caller, Fault> {
        match bearer {
            None => Ok(Caller("anonymous")),
            Some("good") => Ok(Caller("good")),
            Some("expiring") => Ok(Caller("expiring")),
            Some("old") => Err(Fault::unauthenticated(AuthReason::Expired, "the token has expired")),
            Some(_) => Err(Fault::unauthenticated(AuthReason::Invalid, "the token is not valid")),
        }
    }

    fn is_anonymous(&self, caller: &Caller) -> bool {
        caller.0 == "anonymous"
    }

    async fn execute(&self, caller: Caller, request: Request) -> Response {
        self.0.execute(request.data(caller)).await
    }

    fn subscribe(&self, caller: Caller, request: Request) -> BoxStream<'static, Response> {
        self.0.execute_stream(request.data(caller))
    }

    fn ended(&self, caller: &Caller) -> impl Future<Output = Ended> + Send + 'static {
        let expires = caller.0 == "expiring";
        async move {
            if expires {
                tokio::time::sleep(Duration::from_millis(300)).await;
                return Ended::Expired;
            }
            std::future::pending().await
        }
    }
}

pub fn limits() -> Limits {
    Limits {
        request: Duration::from_millis(1_500),
        socket_init: Duration::from_millis(400),
        socket_queue: 8,
        socket_patience: Duration::from_millis(500),
        ..Limits::default()
    }
}

/// A server on a free port. It stops when `stop` is cancelled.
pub struct Server {
    pub address: SocketAddr,
    pub stop: Stop,
    pub stopped: tokio::task::JoinHandle<std::io::Result<()>>,
}

pub async fn start(address: &str, limits: Limits, places: usize) -> Server {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Stop::default();
    let rules =
        Rules { limits, standing_alone: vec!["signIn"], directives: vec!["include", "skip", "idempotent"] };
    let page = url::Url::parse("https://app.example.org").unwrap();
    let origins = std::sync::Arc::new(Origins::new([&page]));
    let endpoint = Endpoint::new(SampleGate::new(), rules, (*origins).clone(), stop.clone());
    let proxies = std::sync::Arc::new(TrustedProxies(vec!["127.0.0.0/8".parse().unwrap()]));
    let router = Router::new()
        .merge(endpoint.routes())
        .fallback(arrival::not_found)
        .layer(origins.cors())
        .layer(from_fn_with_state(InFlight::new(places), overload::shed))
        .layer(from_fn_with_state(proxies, arrival::receive));
    let serving = stop.clone();
    let stopped =
        tokio::spawn(async move { serve(listener, router, &serving, Duration::from_secs(5)).await });
    Server { address, stop, stopped }
}
