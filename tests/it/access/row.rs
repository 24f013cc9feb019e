//! Which rows does the table have, and which fields of the schema are missing in it?
use domain::access::Action;

use super::{
    expectation::Rule,
    file,
    golden::{Mark, Row},
    mutation::{Mutation, mutations},
    object::{EMBEDDED, ENTITIES, Entity, FIELDS, OTHERS, Own, VARYING},
    persona::{Persona, Where},
    query::{QUERIES, Query, SUBSCRIPTIONS, Subscription},
    served::{Field, Served},
};

/// Every row of the golden file.
pub fn all(served: &Served) -> Vec<Row> {
    let mut rows: Vec<Row> = QUERIES.iter().map(query).collect();
    rows.extend(mutations().map(mutation));
    rows.extend(SUBSCRIPTIONS.iter().map(subscription));
    rows.extend(file::rows());
    rows.extend(ENTITIES.iter().flat_map(|entity| object(served, entity)));
    for (name, by) in EMBEDDED {
        let found = rows.iter().find(|row| row.name == *by).unwrap_or_else(|| panic!("no row {by}"));
        rows.push(Row { name: format!("{name} *"), words: format!("as {by}"), marks: found.marks.clone() });
    }
    rows
}

pub fn query(query: &Query) -> Row {
    Row::new(format!("Query.{}", query.name), query.rule.words(), |persona, place| {
        expected(query.rule, persona, place, query.is_loud)
    })
}

pub fn subscription(subscription: &Subscription) -> Row {
    Row::new(format!("Subscription.{}", subscription.name), subscription.rule.words(), |persona, place| {
        match expected(subscription.rule, persona, place, false) {
            _ if subscription.name == "organizationChanged" && place == Where::Theirs => Mark::Same,
            mark => mark,
        }
    })
}

pub fn object(served: &Served, entity: &Entity) -> Vec<Row> {
    let row = |field: &Field| {
        let path = format!("{}.{}", entity.name, field.name);
        let rule = own(&path).map(|own| own.rule);
        let words = rule.map_or_else(|| entity.rule.words(), |rule| format!("and {}", rule.words()));
        Row::new(path, words, |persona, place| {
            let seen = rule.is_none_or(|rule| rule.allows(persona, place));
            match expected(entity.rule, persona, place, entity.is_loud()) {
                Mark::Yes if !seen => Mark::No,
                mark => mark,
            }
        })
    };
    served.fields(entity.name).iter().map(row).collect()
}

pub fn own(path: &str) -> Option<&'static Own> {
    FIELDS.iter().find(|own| own.path == path)
}

fn expected(rule: Rule, persona: &Persona, place: Where, is_loud: bool) -> Mark {
    if rule.is_about_oneself() && place != Where::Ours {
        return Mark::Same;
    }
    match (persona.home, rule) {
        _ if rule.allows(persona, place) => Mark::Yes,
        (None, Rule::Yourself) => Mark::No,
        (None, _) => Mark::SignIn,
        _ if is_loud && !rule.allows_anything(persona) => Mark::Forbidden,
        _ => Mark::No,
    }
}

pub fn mutation(mutation: &Mutation) -> Row {
    let Mutation { name, case, rule, read, at_home, .. } = mutation;
    let case = if case.is_empty() { String::new() } else { format!(" ({case})") };
    Row::new(format!("Mutation.{name}{case}"), rule.words(), |persona, place| {
        let is_single = *at_home || rule.is_about_oneself();
        if is_single && place != Where::Ours {
            return Mark::Same;
        }
        let place = if *at_home { persona.home.unwrap_or(place) } else { place };
        match persona.home {
            _ if rule.allows(persona, place) => Mark::Yes,
            None => Mark::SignIn,
            Some(_) if read.allows(persona, place) => Mark::Forbidden,
            Some(_) => Mark::No,
        }
    })
}

/// The actions that stand behind the fields.
pub fn actions() -> impl Iterator<Item = Action> {
    let rules = QUERIES.iter().map(|query| query.rule);
    let rules = rules.chain(SUBSCRIPTIONS.iter().map(|told| told.rule));
    let rules = rules.chain(mutations().map(|mutation| mutation.rule));
    let rules =
        rules.chain(ENTITIES.iter().map(|entity| entity.rule)).chain(FIELDS.iter().map(|own| own.rule));
    rules.flat_map(Rule::actions).chain([Action::EditOwnProfile, Action::UploadFile])
}

/// What the schema has and the table does not, or the other way round.
pub fn gaps(served: &Served) -> Vec<String> {
    let mut gaps = Vec::new();
    let queries = QUERIES.iter().map(|query| query.name).collect::<Vec<_>>();
    let changes = mutations().map(|mutation| mutation.name).collect::<Vec<_>>();
    let told = SUBSCRIPTIONS.iter().map(|told| told.name).collect::<Vec<_>>();
    for (root, listed) in [("Query", queries), ("Mutation", changes), ("Subscription", told)] {
        for field in served.fields(root).iter().filter(|field| !listed.contains(&field.name.as_str())) {
            gaps.push(format!("{root}.{} has no row", field.name));
        }
        for name in listed.iter().filter(|name| !served.has(root, name)) {
            gaps.push(format!("{root}.{name} is not served"));
        }
    }
    let is_listed = |name: &str| {
        ENTITIES.iter().any(|entity| entity.name == name)
            || EMBEDDED.iter().chain(OTHERS).any(|(listed, _)| *listed == name)
    };
    let is_shell = |name: &str| {
        ["Query", "Mutation", "Subscription"].contains(&name)
            || name.ends_with("Connection")
            || name.ends_with("Edge")
            || name.ends_with("Payload") && served.has(name, "userErrors")
    };
    gaps.extend(
        served
            .types()
            .filter(|name| !is_listed(name) && !is_shell(name))
            .map(|name| format!("{name} has no row")),
    );
    for entity in ENTITIES {
        for field in served.fields(entity.name).iter().filter(|field| field.is_object) {
            let path = format!("{}.{}", entity.name, field.name);
            let of = field.of.strip_suffix("Connection").unwrap_or(&field.of);
            let is_plain =
                EMBEDDED.iter().any(|(name, _)| *name == of) || VARYING.contains(&field.name.as_str());
            if own(&path).is_none() && !is_plain {
                gaps.push(format!("{path} leads to another object and has no rule of its own"));
            }
        }
    }
    for (name, _) in EMBEDDED {
        let is_plain = |field: &&Field| EMBEDDED.iter().any(|(embedded, _)| *embedded == field.of);
        let leading = served.fields(name).iter().filter(|field| field.is_object && !is_plain(field));
        gaps.extend(leading.map(|field| format!("{name}.{} leads to another object", field.name)));
    }
    for own in FIELDS {
        let (of, field) = own.path.split_once('.').expect("a path");
        if !served.has(of, field) {
            gaps.push(format!("{} is not served", own.path));
        }
    }
    gaps
}
