//! Does a newcomer find a program that lives, and does it take what people do with it?
use std::{collections::BTreeMap, time::Instant};

use api::{config::Config, demo};
use serde_json::{Value, json};

use crate::{
    harness::{Client, TestApp},
    journey::socket::Socket,
};

/// A server with demo data, and its password.
pub async fn house() -> (TestApp, Client, String) {
    let mut config = Config::for_tests();
    config.demo = Some(true);
    let test = TestApp::configured(config).await;
    let begun = Instant::now();
    let loaded = demo::load(&test.app).await.unwrap_or_else(|error| panic!("{error:#}"));
    eprintln!("the demo was loaded in {} ms", begun.elapsed().as_millis());
    let anonymous = test.anonymous();
    let password = secrecy::ExposeSecret::expose_secret(&loaded.password).to_owned();
    (test, anonymous, password)
}

/// The demo people, signed in when they are needed.
pub struct People<'a> {
    anonymous: &'a Client,
    password: &'a str,
    known: BTreeMap<String, (Client, String)>,
}

impl<'a> People<'a> {
    pub fn new(anonymous: &'a Client, password: &'a str) -> Self {
        Self { anonymous, password, known: BTreeMap::new() }
    }

    /// Somebody by address, and the organization in which they act.
    pub async fn get(&mut self, email: &str) -> (Client, String) {
        if let Some(known) = self.known.get(email) {
            return known.clone();
        }
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { code } } }";
        let input = json!({ "email": email, "password": self.password });
        let signed_in = self.anonymous.done(sign_in, json!({ "input": input })).await;
        let token = signed_in["tokens"]["accessToken"].as_str().expect("a token");
        let client = self.anonymous.with_token(token);
        let organization = client.data("{ organization { id } }", json!({})).await["organization"].clone();
        let organization = organization["id"].as_str().expect("an id").to_owned();
        let known = (client.in_organization(&organization), organization);
        self.known.insert(email.to_owned(), known.clone());
        known
    }
}

/// An answer in which nothing is.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_loaded_once_and_whole() {
    let (test, anonymous, password) = house().await;
    let named = &test.app.demo.get().expect("a demo").named;
    for name in [
        "program",
        "cohort",
        "survey",
        "wave",
        "question",
        "offer",
        "match",
        "objective",
        "checkIn",
        "conversation",
        "roster",
        "run",
        "mentor",
        "mentee",
        "newcomer",
    ] {
        assert!(named.contains_key(&format!("demo.{name}")), "{name} in {named:?}");
    }
    let mut people = People::new(&anonymous, &password);
    let (guardian, _) = people.get("guardian@demo.example").await;
    let wards =
        guardian.data("{ profiles { nodes { name minor consents { nodes { status } } } } }", json!({})).await;
    let ward = wards["profiles"]["nodes"].as_array().expect("a list").iter().find(|one| one["minor"] == true);
    assert_eq!(ward.expect("a ward")["consents"]["nodes"][0]["status"], "GRANTED");
    let (coordinator, _) = people.get("coordinator@demo.example").await;
    let impact = "query($id: ID!) { impact(programId: $id) { matchesActive matchesClosed checkInsHeld checkInsMissed objectivesReached } }";
    let impact = coordinator.data(impact, json!({ "id": named["demo.program"] })).await["impact"].clone();
    assert!(
        impact.as_object().expect("figures").values().all(|figure| figure.as_i64() > Some(0)),
        "{impact}"
    );

    let again = demo::load(&test.app).await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(!again.new && again.matches > 0);
    demo::remove(&test.app).await.unwrap_or_else(|error| panic!("{error:#}"));
    let back = demo::load(&test.app).await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(!back.new, "its people come back to what is there");
    let password = secrecy::ExposeSecret::expose_secret(&back.password).to_owned();
    let (mentor, _) = People::new(&anonymous, &password).get("mentor@demo.example").await;
    let seen = mentor.data("{ matches { nodes { id } } }", json!({})).await;
    assert!(!is_empty(&seen), "{seen}");

    cut_off(&test).await;
    let anew = demo::load(&test.app).await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(anew.new, "half a story is told again");
    assert_eq!((anew.programs, anew.people, anew.matches), (again.programs, again.people, again.matches));
}

/// Takes the last thing of the story away, as if the first start had been killed before it.
async fn cut_off(test: &TestApp) {
    use diesel_async::SimpleAsyncConnection;
    let mut connection = persistence::connect::connect(&test.database_url).await.expect("connects");
    let cut = "delete from file where name = 'next-pupils.csv'";
    connection.batch_execute(cut).await.expect("the file is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recipe_of_the_console_runs_on_the_demo_in_its_order() {
    let (test, anonymous, password) = house().await;
    let mut people = People::new(&anonymous, &password);
    let book = anonymous.request(reqwest::Method::GET, "/console/recipes.json");
    let book: Value = book.send().await.expect("an answer").json().await.expect("JSON");
    let recipes = book["recipes"].as_array().expect("recipes");
    assert!(recipes.len() >= 30, "{} recipes", recipes.len());
    for recipe in recipes {
        let title = format!("{} {}", recipe["number"], recipe["title"]);
        assert!(!recipe["variables"].to_string().contains("{{"), "{title}: {}", recipe["variables"]);
        let query = recipe["query"].as_str().expect("a query");
        let (client, organization) = match recipe["as"].as_str() {
            Some(email) => people.get(email).await,
            None => (anonymous.clone(), String::new()),
        };
        if query.starts_with("subscription") {
            let variables = recipe["variables"].clone();
            Socket::open(&test.base, client.token(), &organization, query, variables).await;
            continue;
        }
        let data = client.data(query, recipe["variables"].clone()).await;
        for (field, answer) in data.as_object().expect("fields") {
            assert!(answer["userErrors"].as_array().is_none_or(Vec::is_empty), "{title}: {answer}");
            assert!(!is_empty(answer), "{title}: {field} is empty: {data}");
        }
        test.work().await;
    }
}
