//! Who hears news? Each subscription is begun by each persona at each place, and the event comes until it tells
//! something or is refused.
use std::{collections::BTreeMap, sync::Arc, time::Duration};

use api::graphql::events::Event;
use futures_util::{StreamExt, future::join_all};

use super::{
    compare,
    golden::Mark,
    house::House,
    persona::{Answer, Asker, Where},
    place::Place,
    query::{SUBSCRIPTIONS, Subscription},
    read::{contains, refusal},
    row,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// Who sees the pair and not its messages is not refused, and hears nothing for as long as this.
const SILENCE: Duration = Duration::from_millis(500);

pub async fn all(house: &House) -> Vec<String> {
    let mut got = BTreeMap::new();
    for subscription in SUBSCRIPTIONS {
        let heard = house.people.iter().map(|(persona, asker, _)| {
            join_all(Where::ALL.map(|place| {
                let patience = if subscription.rule.allows(persona, place) { PATIENCE } else { SILENCE };
                hear(asker, house.place(place), subscription, patience)
            }))
        });
        let marks: Vec<[Mark; 3]> =
            join_all(heard).await.into_iter().map(|marks| marks.try_into().expect("three places")).collect();
        got.insert(format!("Subscription.{}", subscription.name), marks);
    }
    compare(&SUBSCRIPTIONS.iter().map(row::subscription).collect::<Vec<_>>(), &got)
}

async fn hear(asker: &Asker, place: &Place, subscription: &Subscription, patience: Duration) -> Mark {
    let document = place.fill(&format!("subscription {{ {} }}", subscription.ask));
    let request = asker.request();
    let stream = async_graphql::Request::new(document.clone()).data(Arc::clone(&request));
    let mut news = asker.schema.execute_stream(stream);
    let (kind, object, context) = subscription.event;
    let uuid = |name: &str| domain::id::decode(place.thing(name)).expect("an id").1;
    let event = Event {
        organization: place.thing("organization").parse().expect("an id"),
        kind: kind.to_owned(),
        object: uuid(object),
        context: Some(uuid(context)),
    };
    let told = tokio::time::timeout(patience, async {
        loop {
            tokio::select! {
                response = news.next() => return response,
                () = tokio::time::sleep(Duration::from_millis(10)) => asker.app.events.publish(event.clone()),
            }
        }
    });
    let Ok(told) = told.await else { return Mark::No };
    request.finish().await;
    let response = told.expect("news or a refusal");
    let answer = Answer::of(response, &document);
    let seen = contains(&answer.data, place.thing(subscription.shows));
    refusal(&answer).unwrap_or(if seen { Mark::Yes } else { Mark::No })
}
