//! The rules, the score and the best plan once more, as slowly and plainly as can be, to compare with.
#![expect(clippy::as_conversions, reason = "counts of a handful of things")]
use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta, TimeZone};

use super::*;
use crate::{
    enrollment::Enrollment,
    id::Id,
    profile::availability::{Availability, Weekday},
    text::TextEnum,
};

fn set(words: &[String]) -> BTreeSet<String> {
    words.iter().map(|word| word.trim().replace("  ", " ").to_lowercase()).collect()
}

/// Quarter hours of a UTC week, from the wall clocks of January 2026.
fn quarters(availability: &Availability) -> BTreeSet<i64> {
    let monday = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let mut result = BTreeSet::new();
    for window in availability.windows() {
        let day = Weekday::ALL.iter().position(|&day| day == window.weekday()).unwrap();
        for minute in (window.start()..window.end()).step_by(15) {
            let local = monday + TimeDelta::days(day.try_into().unwrap()) + TimeDelta::minutes(minute.into());
            let utc = window.zone().from_local_datetime(&local).unwrap().naive_utc();
            result.insert(((utc - monday).num_minutes().div_euclid(15)).rem_euclid(672));
        }
    }
    result
}

/// The points of each criterion, or the first rule broken.
pub fn judge(input: &MatchInput, mentee: &Mentee, mentor: &Mentor) -> Result<[u64; 5], Rule> {
    let overlap =
        quarters(&mentee.availability).intersection(&quarters(&mentor.availability)).count() as u64 * 15;
    let (spoken, heard) = (set(&mentee.languages), set(&mentor.languages));
    let pair = Pair { mentee: mentee.id, mentor: mentor.id };
    let broken = [
        (Rule::SamePerson, mentee.profile == mentor.profile),
        (Rule::Excluded, input.exclusions.contains(&pair)),
        (Rule::ConsentMissing, mentee.minor && !mentee.guardian_consent),
        (Rule::MentorNotVetted, input.rules.vetting_for_minors && mentee.minor && !mentor.vetted),
        (Rule::NoSharedLanguage, input.rules.shared_language && spoken.is_disjoint(&heard)),
        (Rule::InsufficientOverlap, overlap < u64::from(input.rules.minimum_overlap)),
    ];
    if let Some(&(rule, _)) = broken.iter().find(|(_, broken)| *broken) {
        return Err(rule);
    }
    let points = points(input, mentee, mentor, overlap);
    if points.iter().sum::<u64>() < u64::from(input.rules.minimum_score) {
        return Err(Rule::BelowMinimumScore);
    }
    Ok(points)
}

fn points(input: &MatchInput, mentee: &Mentee, mentor: &Mentor, overlap: u64) -> [u64; 5] {
    let (goals, expertise) = (set(&mentee.goals), set(&mentor.expertise));
    let (interests, theirs) = (set(&mentee.interests), set(&mentor.interests));
    let holders =
        |word: &String| input.mentors.iter().filter(|it| set(&it.interests).contains(word)).count() as u64;
    let weigh = |word: &String| rarity::weigh(input.mentors.len() as u64, holders(word));
    let january = NaiveDate::from_ymd_opt(2026, 1, 7).unwrap().and_hms_opt(12, 0, 0).unwrap();
    let clock =
        |zone: chrono_tz::Tz| (zone.from_utc_datetime(&january).naive_local() - january).num_minutes();
    let apart = (clock(mentee.zone) - clock(mentor.zone)).rem_euclid(1440) as u64;
    let first =
        mentee.languages.first().is_some_and(|first| set(&mentor.languages).contains(&first.to_lowercase()));
    let floor =
        |weight: u16, part: u64, whole: u64| (u64::from(weight) * part).checked_div(whole).unwrap_or(0);
    let weights = input.weights;
    [
        floor(weights.goals, goals.intersection(&expertise).count() as u64, goals.len() as u64),
        floor(
            weights.interests,
            interests.intersection(&theirs).map(weigh).sum(),
            interests.iter().map(weigh).sum(),
        ),
        floor(weights.availability, overlap.min(360), 360),
        floor(weights.language, first.into(), 1),
        floor(weights.time_zone, 720 - apart.min(1440 - apart), 720),
    ]
}

/// Scores of allowed pairs: for each mentee by id, the mentors best first, equal ones by id.
pub type Table = Vec<(Id<Enrollment>, Vec<(u64, Id<Enrollment>)>)>;

pub fn table(input: &MatchInput) -> Table {
    let row = |mentee: &Mentee| {
        let scored = input
            .mentors
            .iter()
            .filter_map(|mentor| Some((judge(input, mentee, mentor).ok()?.iter().sum::<u64>(), mentor.id)));
        let mut row: Vec<_> = scored.collect();
        row.sort_by_key(|&(score, id)| (std::cmp::Reverse(score), id));
        (mentee.id, row)
    };
    let mut table: Table = input.mentees.iter().map(row).collect();
    table.sort_by_key(|&(id, _)| id);
    table
}

/// Matched mentees, total score, and the mentor of each mentee.
pub type Plan = (u64, u64, Vec<Option<Id<Enrollment>>>);

/// Tries every plan, in the canonical order, and keeps the first of the best.
pub fn best_plan(input: &MatchInput, table: &Table) -> Plan {
    let mut seats: BTreeMap<_, u16> =
        input.mentors.iter().map(|mentor| (mentor.id, mentor.capacity.saturating_sub(mentor.load))).collect();
    for lock in &input.locks {
        *seats.get_mut(&lock.mentor).unwrap() -= 1;
    }
    let mut best = (0, 0, vec![None; table.len()]);
    let mut found = false;
    extend(input, table, &mut seats, (0, 0, Vec::new()), &mut best, &mut found);
    best
}

fn extend(
    input: &MatchInput,
    table: &Table,
    seats: &mut BTreeMap<Id<Enrollment>, u16>,
    so_far: Plan,
    best: &mut Plan,
    found: &mut bool,
) {
    let (count, total, plan) = so_far;
    let rest = (table.len() - plan.len()) as u64;
    if *found && (count + rest, total + rest * 10_000) <= (best.0, best.1) {
        return;
    }
    let Some((mentee, row)) = table.get(plan.len()) else {
        if !*found || (count, total) > (best.0, best.1) {
            (*best, *found) = ((count, total, plan), true);
        }
        return;
    };
    let and = |mentor| plan.iter().copied().chain([mentor]).collect();
    if let Some(lock) = input.locks.iter().find(|lock| lock.mentee == *mentee) {
        let score = row.iter().find(|(_, mentor)| *mentor == lock.mentor).unwrap().0;
        return extend(input, table, seats, (count + 1, total + score, and(Some(lock.mentor))), best, found);
    }
    for &(score, mentor) in row {
        if seats[&mentor] > 0 {
            *seats.get_mut(&mentor).unwrap() -= 1;
            extend(input, table, seats, (count + 1, total + score, and(Some(mentor))), best, found);
            *seats.get_mut(&mentor).unwrap() += 1;
        }
    }
    extend(input, table, seats, (count, total, and(None)), best, found);
}
