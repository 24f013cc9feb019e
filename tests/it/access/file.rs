//! Who sends and gets files? They come and go beside GraphQL, over HTTP with a real token.
use std::collections::BTreeMap;

use domain::{access::Action as A, session};
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;

use super::{
    compare,
    expectation::{Rule, Rule::May, Thing as T},
    golden::{Mark, Row},
    house::House,
    persona::{Asker, Persona, Where},
};
use crate::harness::Client;

const SEND: Rule = May(A::UploadFile, T::Organization);
const GET: Rule = May(A::ReadResource, T::Pair);

/// What these fields of HTTP are in the golden file.
pub fn rows() -> [Row; 2] {
    [
        Row::new("POST /files".to_owned(), SEND.words(), |persona, place| match persona.home {
            _ if place != Where::Ours => Mark::Same,
            None => Mark::SignIn,
            Some(_) if SEND.allows_anything(persona) => Mark::Yes,
            Some(_) => Mark::Forbidden,
        }),
        Row::new("GET /files/{id}".to_owned(), GET.words(), |persona, place| match persona.home {
            _ if GET.allows(persona, place) => Mark::Yes,
            None => Mark::SignIn,
            Some(_) => Mark::No,
        }),
    ]
}

pub async fn all(house: &House) -> Vec<String> {
    let (mut sent, mut got) = (Vec::new(), Vec::new());
    for (persona, asker, _) in &house.people {
        let client = client(house, persona, asker).await;
        let send = client.request(Method::POST, "/files?name=note.txt").body("Hello");
        sent.push([mark(send).await, Mark::Same, Mark::Same]);
        let mut of = [Mark::Same; 3];
        for (seen, place) in of.iter_mut().zip(Where::ALL) {
            let path = format!("/files/{}", house.place(place).thing("file"));
            *seen = mark(client.request(Method::GET, &path)).await;
        }
        got.push(of);
    }
    let got = BTreeMap::from([("POST /files".to_owned(), sent), ("GET /files/{id}".to_owned(), got)]);
    compare(&rows(), &got)
}

/// The persona with a token, at the socket of the server.
async fn client(house: &House, persona: &Persona, asker: &Asker) -> Client {
    let here = &house.place(persona.home.unwrap_or(Where::Ours)).stage;
    let anonymous = here.test.anonymous();
    let Some(signed_in) = &asker.signed_in else { return anonymous };
    let identity = &here.test.app.identity;
    let begun = here.inside(async |conn| {
        let origin = api::identity::limit::Origin::default();
        let issued =
            identity.begin_session(conn, signed_in.account, session::Client::App, None, &origin).await;
        Ok(issued.unwrap_or_else(|failure| panic!("{failure:?}")))
    });
    anonymous.with_token(begun.await.access_token.expose_secret())
}

async fn mark(request: reqwest::RequestBuilder) -> Mark {
    let response = request.send().await.expect("an answer");
    match response.status() {
        status if status.is_success() => Mark::Yes,
        StatusCode::UNAUTHORIZED => Mark::SignIn,
        StatusCode::FORBIDDEN => Mark::Forbidden,
        StatusCode::NOT_FOUND => Mark::No,
        other => panic!("{other}: {}", response.text().await.unwrap_or_default()),
    }
}
