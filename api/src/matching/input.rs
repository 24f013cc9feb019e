//! What does the engine get to know of a cohort? What counts for a match, and no name.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{
    enrollment::Role,
    id::Id,
    matching::{DEFAULT_ALTERNATES, MatchInput, Mentee, Mentor, Pair, Rules},
    organization::Organization,
    profile::Profile,
    program::policy,
};
use persistence::matching::market::{Market, Person};

use crate::{
    App,
    error::{Failure, Result},
    graphql::profile::private,
};

/// The question of a run over this market, as of `now`.
pub fn from(
    app: &App,
    market: Market,
    policy: &policy::Rules,
    tenant: &Organization,
    now: DateTime<Utc>,
) -> Result<MatchInput> {
    let Market { people, profiles, apart, consented } = market;
    let profiles: HashMap<Id<Profile>, Profile> =
        profiles.into_iter().map(|profile| (profile.id, profile)).collect();
    let today = tenant.today(now);
    let (mut mentees, mut mentors) = (Vec::new(), Vec::new());
    for person in people {
        let profile = profiles.get(&person.profile).ok_or(Failure::NotFound { path: None })?.clone();
        match person.role {
            Role::Mentor => mentors.push(mentor(person, profile)),
            Role::Mentee => {
                let minor =
                    private::open_with(&app.vault, &profile)?.is_minor(tenant.digital_consent_age, today);
                mentees.push(mentee(person, profile, minor, consented.contains(&person.profile)));
            }
        }
    }
    let present: HashSet<_> =
        mentees.iter().map(|mentee| mentee.id).chain(mentors.iter().map(|mentor| mentor.id)).collect();
    let known = |pair: &Pair| present.contains(&pair.mentee) && present.contains(&pair.mentor);
    let exclusions = apart.into_iter().filter(known).collect();
    Ok(MatchInput {
        exclusions,
        locks: Vec::new(),
        weights: policy.weights,
        rules: Rules {
            shared_language: true,
            vetting_for_minors: false,
            minimum_overlap: figure(policy.minimum_overlap_minutes),
            minimum_score: figure(policy.minimum_score),
        },
        alternates: DEFAULT_ALTERNATES,
        mentees,
        mentors,
    })
}

/// Figures that the policy keeps from 0 up.
fn figure(value: i16) -> u16 {
    u16::try_from(value).unwrap_or_default()
}

fn mentor(person: Person, profile: Profile) -> Mentor {
    Mentor {
        id: person.enrollment,
        profile: person.profile,
        expertise: profile.expertise,
        interests: profile.interests,
        languages: profile.languages,
        availability: profile.availability,
        zone: profile.time_zone,
        vetted: false,
        capacity: figure(person.capacity),
        load: u16::try_from(person.held).unwrap_or(u16::MAX),
    }
}

fn mentee(person: Person, profile: Profile, minor: bool, guardian_consent: bool) -> Mentee {
    Mentee {
        id: person.enrollment,
        profile: person.profile,
        goals: profile.goals,
        interests: profile.interests,
        languages: profile.languages,
        availability: profile.availability,
        zone: profile.time_zone,
        minor,
        guardian_consent,
    }
}
