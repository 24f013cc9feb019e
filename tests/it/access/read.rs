//! What does everybody read? Each query, and each object with all its fields, asked as each persona at each place.
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    compare,
    golden::Mark,
    house::House,
    object::{ELSEWHERE, ENTITIES, Entity, VARYING},
    persona::{Answer, Asker, Where},
    place::Place,
    query::{QUERIES, Query},
    row,
};

type Marks = BTreeMap<String, Vec<[Mark; 3]>>;

pub async fn queries(house: &House) -> Vec<String> {
    let mut got = Marks::new();
    for query in QUERIES {
        let marks = got.entry(format!("Query.{}", query.name)).or_default();
        for (_, asker, _) in &house.people {
            let mut of = [Mark::Same; 3];
            for (mark, place) in of.iter_mut().zip(Where::ALL) {
                *mark = queried(asker, house.place(place), query).await;
            }
            marks.push(of);
        }
    }
    compare(&QUERIES.iter().map(row::query).collect::<Vec<_>>(), &got)
}

async fn queried(asker: &Asker, place: &Place, query: &Query) -> Mark {
    let answer = asker.ask(&place.fill(&format!("{{ {} }}", query.ask))).await;
    let wanted = (!query.shows.is_empty()).then(|| place.thing(query.shows));
    refusal(&answer).unwrap_or_else(|| {
        let seen = match wanted {
            Some(id) => contains(&answer.data, id),
            None => answer.data.as_object().is_some_and(|data| data.values().all(|value| !value.is_null())),
        };
        if seen { Mark::Yes } else { Mark::No }
    })
}

/// What an error says of access; other errors do not belong here.
pub fn refusal(answer: &Answer) -> Option<Mark> {
    match answer.error.as_deref() {
        None => None,
        Some("UNAUTHENTICATED") => Some(Mark::SignIn),
        Some("FORBIDDEN") => Some(Mark::Forbidden),
        Some("NOT_FOUND") => Some(Mark::No),
        Some(other) => panic!("{other}: {}", answer.data),
    }
}

pub fn contains(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => text == id,
        Value::Array(items) => items.iter().any(|item| contains(item, id)),
        Value::Object(fields) => fields.values().any(|value| contains(value, id)),
        _ => false,
    }
}

/// The object that has this text in this field, wherever it is.
fn object_with<'a>(value: &'a Value, field: &str, text: &str) -> Option<&'a Map<String, Value>> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| object_with(item, field, text)),
        Value::Object(fields) if fields.get(field).is_some_and(|found| found == text) => Some(fields),
        Value::Object(fields) => fields.values().find_map(|value| object_with(value, field, text)),
        _ => None,
    }
}

pub async fn objects(house: &House) -> Vec<String> {
    let (mut got, mut rows, mut wrong) = (Marks::new(), Vec::new(), Vec::new());
    for entity in ENTITIES {
        rows.extend(row::object(&house.served, entity));
        // What those who see the object see of its plain fields, by place.
        let mut plain: BTreeMap<(usize, String), Value> = BTreeMap::new();
        for (persona, asker, _) in &house.people {
            let mut marks: BTreeMap<String, [Mark; 3]> = BTreeMap::new();
            for (index, place) in Where::ALL.into_iter().enumerate() {
                for (field, mark, value) in looked_at(house, entity, asker, house.place(place)).await {
                    let path = format!("{}.{field}", entity.name);
                    if let Some(value) = value
                        && row::own(&path).is_none()
                        && !VARYING.contains(&field.as_str())
                    {
                        let first = plain.entry((index, field)).or_insert_with(|| value.clone());
                        if *first != value {
                            wrong.push(format!(
                                "{path} as {}: {value} where others read {first}; does it need a rule of its own?",
                                persona.mark
                            ));
                        }
                    }
                    marks.entry(path).or_insert([Mark::Same; 3])[index] = mark;
                }
            }
            for (path, marks) in marks {
                got.entry(path).or_default().push(marks);
            }
        }
    }
    wrong.extend(compare(&rows, &got));
    wrong
}

/// Each field of an object: how it looks, and what it says to those who see the object.
async fn looked_at(
    house: &House,
    entity: &Entity,
    asker: &Asker,
    place: &Place,
) -> Vec<(String, Mark, Option<Value>)> {
    let served = &house.served;
    let fields = served.fields(entity.name);
    let selection: Vec<String> = fields.iter().map(|field| served.select(field)).collect();
    let answer = asker.ask(&place.fill(&entity.document(&selection.join(" ")))).await;
    let found = match entity.key {
        "" => object_with(&answer.data, "__typename", entity.name),
        key => object_with(&answer.data, "id", place.thing(key)),
    };
    let unseen = refusal(&answer).unwrap_or(Mark::No);
    let mut looks = Vec::new();
    for field in fields {
        let path = format!("{}.{}", entity.name, field.name);
        let look = match (found, ELSEWHERE.iter().find(|(of, _)| *of == path)) {
            (None, _) => (unseen, None),
            (Some(_), Some((_, key))) => {
                let other = entity.document(&format!("id {}", served.select(field)));
                let other = other.replace(&format!("${}", entity.key), &format!("${key}"));
                let answer = asker.ask(&place.fill(&other)).await;
                let found = object_with(&answer.data, "id", place.thing(key));
                (shown(&path, found.and_then(|object| object.get(&field.name)), place), None)
            }
            (Some(object), None) => {
                let value = object.get(&field.name);
                (shown(&path, value, place), value.cloned())
            }
        };
        looks.push((field.name.clone(), look.0, look.1));
    }
    looks
}

/// Is the field there to be seen?
fn shown(path: &str, value: Option<&Value>, place: &Place) -> Mark {
    let seen = match (row::own(path), value) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(own), Some(value)) if own.shows.is_empty() => !value.is_null(),
        (Some(own), Some(value)) => contains(value, place.thing(own.shows)),
    };
    if seen { Mark::Yes } else { Mark::No }
}
