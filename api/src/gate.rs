//! Where transport, identity and schema meet: whose request is it, and what runs it?
use std::sync::Arc;

use async_graphql::{Request as GraphqlRequest, Response};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::{
    App,
    error::Result,
    graphql::{
        CairnSchema,
        context::{Envelope, Request},
    },
    identity::SignedIn,
    transport::{
        arrival::Arrival,
        fault::Fault,
        gate::{Ended, Gate},
    },
};

/// The application as the transport sees it.
#[derive(Clone)]
pub struct House {
    app: Arc<App>,
    schema: CairnSchema,
}

/// Somebody who asks, anonymous or signed in, with what their transport said.
#[derive(Clone)]
pub struct Caller {
    signed_in: Option<SignedIn>,
    envelope: Envelope,
}

impl House {
    pub fn new(app: Arc<App>, schema: CairnSchema) -> Self {
        Self { app, schema }
    }

    fn request(&self, caller: Caller) -> Result<Arc<Request>> {
        Ok(Arc::new(Request::new(Arc::clone(&self.app), caller.signed_in, caller.envelope)?))
    }
}

fn envelope(arrival: &Arrival) -> Envelope {
    let header = |name| arrival.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Envelope {
        request_id: arrival.request_id.to_string(),
        client: arrival.address,
        organization: header("cairn-organization"),
        idempotency_key: header("idempotency-key"),
    }
}

fn refused(failure: crate::error::Failure) -> Response {
    Response::from_errors(vec![Fault::from(failure).into()])
}

impl Gate for House {
    type Caller = Caller;

    async fn authenticate(&self, bearer: Option<&str>, arrival: &Arrival) -> Result<Caller, Fault> {
        let signed_in = match bearer {
            Some(token) => Some(self.app.identity.authenticate(token).await?),
            None => None,
        };
        Ok(Caller { signed_in, envelope: envelope(arrival) })
    }

    fn is_anonymous(&self, caller: &Caller) -> bool {
        caller.signed_in.is_none()
    }

    async fn execute(&self, caller: Caller, request: GraphqlRequest) -> Response {
        let context = match self.request(caller) {
            Ok(context) => context,
            Err(failure) => return refused(failure),
        };
        let response = self.schema.execute(request.data(Arc::clone(&context))).await;
        // The client need not wait until the snapshot is closed.
        tokio::spawn(async move { context.finish().await });
        response
    }

    fn subscribe(&self, caller: Caller, request: GraphqlRequest) -> BoxStream<'static, Response> {
        match self.request(caller) {
            Ok(context) => {
                let responses = self.schema.execute_stream(request.data(Arc::clone(&context)));
                // Each event is read on a snapshot of its own, which ends with its answer.
                let answered = responses.then(move |response| {
                    let context = Arc::clone(&context);
                    async move {
                        context.prefetched.clear();
                        context.finish().await;
                        response
                    }
                });
                answered.boxed()
            }
            Err(failure) => stream::once(async { refused(failure) }).boxed(),
        }
    }

    fn ended(&self, caller: &Caller) -> impl Future<Output = Ended> + Send + 'static {
        let watch = caller.signed_in.as_ref().map(|signed_in| self.app.identity.ended(signed_in));
        async move {
            match watch {
                Some(ended) => ended.await,
                None => std::future::pending().await,
            }
        }
    }
}
