//! What does everybody change? Each mutation is tried by each persona at each place, and all rows are put back after
//! each success, so that everybody finds the same.
use std::collections::BTreeMap;

use domain::id::{decode, encode};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{
    compare,
    golden::Mark,
    house::House,
    kept::Kept,
    mutation::{Mutation, mutations},
    persona::{Answer, Asker, Persona, Where},
    place::{Place, fill, names},
    read::refusal,
    row,
};

/// What came of a try.
struct Outcome {
    mark: Mark,
    succeeded: bool,
    answer: Answer,
}

/// One persona at one place.
struct Try<'a> {
    persona: &'static Persona,
    asker: &'a Asker,
    file: &'a str,
    place: &'a Place,
    /// Where the mark goes: the persona's row and the place's column.
    cell: (usize, usize),
}

/// Tries that run at the same time, where nothing is changed.
const AT_ONCE: usize = 4;

pub async fn all(house: &House) -> Vec<String> {
    let url = &house.place(Where::Ours).stage.test.database_url;
    let mut kept = Kept::rows_of(url).await;
    let (mut wrong, mut count, mut successes) = (Vec::new(), 0, 0);
    for mutation in mutations() {
        if !mutation.given.is_empty() {
            kept.restore(mutation.given).await;
        }
        let row = row::mutation(mutation);
        let mut marks = vec![[Mark::Same; 3]; house.people.len()];
        let (allowed, denied): (Vec<Try<'_>>, Vec<Try<'_>>) = tries(house, mutation)
            .into_iter()
            .partition(|one| row.marks[one.cell.0][one.cell.1] == Mark::Yes);
        count += allowed.len() + denied.len();
        let mut refused = stream::iter(denied.iter().map(|one| deny(house, one, mutation))).buffered(AT_ONCE);
        while let Some((cell, mark, differs)) = refused.next().await {
            marks[cell.0][cell.1] = mark;
            wrong.extend(differs);
        }
        let mut succeeded = 0;
        for one in &allowed {
            let outcome = attempt(one.asker, mutation, |name| named(one.place, one.file, name)).await;
            marks[one.cell.0][one.cell.1] = outcome.mark;
            if outcome.succeeded {
                succeeded += 1;
                kept.restore(mutation.given).await;
            }
        }
        match mutation.never_succeeds {
            None if succeeded == 0 => wrong.push(format!("{} succeeds for nobody", label(mutation))),
            Some(why) if succeeded > 0 => wrong.push(format!("{} succeeds, although {why}", label(mutation))),
            _ => successes += succeeded,
        }
        wrong.extend(foreign_parts(house, &mut kept, mutation).await);
        wrong.extend(compare(&[row], &BTreeMap::from([(row::mutation(mutation).name, marks)])));
        if !mutation.given.is_empty() {
            kept.restore("").await;
        }
    }
    eprintln!("{count} tries, {successes} successes");
    wrong
}

/// Each persona at each place; at the own place only, where it is about oneself or one's organization.
fn tries<'a>(house: &'a House, mutation: &Mutation) -> Vec<Try<'a>> {
    let is_single = mutation.at_home || mutation.rule.is_about_oneself();
    let mut tries = Vec::new();
    for (index, (persona, asker, file)) in house.people.iter().enumerate() {
        for (column, place) in Where::ALL.into_iter().enumerate().take(if is_single { 1 } else { 3 }) {
            let place = house.place(if is_single { persona.home.unwrap_or(place) } else { place });
            tries.push(Try { persona, asker, file, place, cell: (index, column) });
        }
    }
    tries
}

/// A try that the table denies, and whether it tells that something exists.
async fn deny(house: &House, one: &Try<'_>, mutation: &Mutation) -> ((usize, usize), Mark, Option<String>) {
    let outcome = attempt(one.asker, mutation, |name| named(one.place, one.file, name)).await;
    let differs = match outcome.mark {
        Mark::No => tells_that_it_exists(house, one, mutation, &outcome).await,
        _ => None,
    };
    (one.cell, outcome.mark, differs)
}

fn label(mutation: &Mutation) -> String {
    format!("{} {}", mutation.name, mutation.case).trim().to_owned()
}

/// A thing of the place; each persona has a file of their own.
fn named(place: &Place, file: &str, name: &str) -> String {
    if name == "own_file" { file.to_owned() } else { place.thing(name).to_owned() }
}

async fn attempt(asker: &Asker, mutation: &Mutation, thing: impl FnMut(&str) -> String) -> Outcome {
    let Mutation { name, input, .. } = mutation;
    let input = if input.is_empty() { String::new() } else { format!("(input: {})", fill(input, thing)) };
    let document = format!("mutation {{ {name}{input} {{ userErrors {{ code message path }} }} }}");
    let answer = asker.ask(&document).await;
    let errors = answer.data[name]["userErrors"].as_array().cloned();
    let (mark, succeeded) = match errors.as_deref() {
        None if answer.error.as_deref() == Some("RATE_LIMITED") => (Mark::Yes, false),
        None if answer.error.as_deref() == Some("INTERNAL") => (Mark::Broken, false),
        None => (refusal(&answer).unwrap_or_else(|| panic!("{document}: {}", answer.data)), false),
        Some([]) => (Mark::Yes, true),
        Some([error, ..]) if error["code"] == "NOT_FOUND" => (Mark::No, false),
        Some([error, ..]) if error["code"] == "NOT_ALLOWED" => (Mark::Forbidden, false),
        Some(_) => (Mark::Yes, false),
    };
    Outcome { mark, succeeded, answer }
}

/// An id of the same kind that nothing has.
fn made_up(house: &House, thing: &str) -> String {
    let fresh = house.place(Where::Ours).stage.test.clock().uuid();
    decode(thing).map_or_else(|| thing.to_owned(), |(prefix, _)| encode(prefix, fresh))
}

/// A thing that may not be seen must look like one that is not there, to the byte.
async fn tells_that_it_exists(
    house: &House,
    one: &Try<'_>,
    mutation: &Mutation,
    outcome: &Outcome,
) -> Option<String> {
    let nothing = |name: &str| made_up(house, &named(one.place, one.file, name));
    let nothing = attempt(one.asker, mutation, nothing).await;
    (nothing.answer != outcome.answer).then(|| {
        let (seen, nothing) = (&outcome.answer.data, &nothing.answer.data);
        let (mutation, persona) = (label(mutation), one.persona.mark);
        format!("{mutation} as {persona}: {seen} for what may not be seen, {nothing} for nothing")
    })
}

/// With everything else its own, no mutation takes a thing of another organization, or tells that it exists.
async fn foreign_parts(house: &House, kept: &mut Kept, mutation: &Mutation) -> Vec<String> {
    let mut wrong = Vec::new();
    if mutation.rule.is_about_oneself() {
        return wrong;
    }
    let may = |(persona, _, _): &&(&'static Persona, Asker, String)| {
        persona.home == Some(Where::Ours) && mutation.rule.allows(persona, Where::Ours)
    };
    let Some((_, asker, file)) = house.people.iter().find(may) else {
        return vec![format!("{} is allowed to nobody", label(mutation))];
    };
    let (ours, theirs) = (house.place(Where::Ours), house.place(Where::Foreign));
    let is_id = |name: &String| name != "own_file" && decode(ours.thing(name)).is_some();
    for part in names(mutation.input).into_iter().filter(is_id) {
        let with = |other: &dyn Fn() -> String| {
            let other = other();
            attempt(asker, mutation, {
                let part = part.clone();
                move |name| if name == part { other.clone() } else { named(ours, file, name) }
            })
        };
        let foreign = with(&|| theirs.thing(&part).to_owned()).await;
        if foreign.succeeded {
            wrong.push(format!("{} takes a foreign {part}", label(mutation)));
            kept.restore(mutation.given).await;
        }
        let nothing = with(&|| made_up(house, theirs.thing(&part))).await;
        if nothing.succeeded {
            kept.restore(mutation.given).await;
        }
        let same = |answer: &Answer| json!([answer.data, answer.error]);
        let (foreign, nothing): (Value, Value) = (same(&foreign.answer), same(&nothing.answer));
        if foreign != nothing {
            wrong.push(format!("{}: {foreign} for a foreign {part}, {nothing} for none", label(mutation)));
        }
    }
    wrong
}
