//! Cohorts for tests: small and large, with many equal scores, from a seed.
use chrono_tz::TZ_VARIANTS;
use uuid::Uuid;

use super::*;
use crate::{
    id::Id,
    profile::availability::{Availability, Weekday, WindowDraft},
    text::TextEnum,
};

/// Numbers that look random and are the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }

    pub fn small(&mut self, below: u64) -> u16 {
        u16::try_from(self.roll(below)).unwrap()
    }

    pub fn index(&mut self, below: usize) -> usize {
        usize::try_from(self.roll(u64::try_from(below).unwrap())).unwrap()
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.index(last + 1));
        }
    }

    fn words(&mut self, kind: &str, kinds: u64, most: u64) -> Vec<String> {
        (0..self.roll(most + 1)).map(|_| format!("{kind} {}", self.roll(kinds))).collect()
    }

    fn languages(&mut self) -> Vec<String> {
        let mut languages = self.words("language", 3, 2);
        if self.chance(90) {
            languages.push("English".to_owned());
        }
        languages
    }

    fn id<T>(&mut self) -> Id<T> {
        Id::new(Uuid::from_u128(u128::from(self.roll(u64::MAX)) << 64 | u128::from(self.roll(u64::MAX))))
    }

    fn availability(&mut self) -> Availability {
        let zone = TZ_VARIANTS[self.index(TZ_VARIANTS.len())].name();
        let window = |dice: &mut Self| {
            let start = dice.small(80) * 15;
            let weekday = Weekday::ALL[dice.index(7)];
            WindowDraft { weekday, start, end: start + 15 * (1 + dice.small(16)), zone: zone.to_owned() }
        };
        let drafts: Vec<_> = (0..self.roll(5)).map(|_| window(self)).collect();
        Availability::new("availability", &drafts).unwrap()
    }
}

pub fn mentee(dice: &mut Dice) -> Mentee {
    Mentee {
        id: dice.id(),
        profile: dice.id(),
        goals: dice.words("goal", 5, 3),
        interests: dice.words("interest", 8, 5),
        languages: dice.languages(),
        availability: dice.availability(),
        zone: TZ_VARIANTS[dice.index(TZ_VARIANTS.len())],
        minor: dice.chance(30),
        guardian_consent: dice.chance(70),
    }
}

pub fn mentor(dice: &mut Dice) -> Mentor {
    Mentor {
        id: dice.id(),
        profile: dice.id(),
        expertise: dice.words("Goal", 5, 4),
        interests: dice.words(" interest ", 8, 6),
        languages: dice.languages(),
        availability: dice.availability(),
        zone: TZ_VARIANTS[dice.index(TZ_VARIANTS.len())],
        vetted: dice.chance(80),
        capacity: dice.small(5),
        load: dice.small(2),
    }
}

/// People at random; the weights, and how strict the rules are, too.
pub fn cohort(dice: &mut Dice, mentees: u64, mentors: u64) -> MatchInput {
    let weights = match dice.roll(3) {
        0 => Weights::default(),
        1 => Weights { goals: 10_000, interests: 0, availability: 0, language: 0, time_zone: 0 },
        _ => Weights { goals: 0, interests: 5_000, availability: 0, language: 5_000, time_zone: 0 },
    };
    let rules = Rules {
        shared_language: dice.chance(50),
        vetting_for_minors: dice.chance(50),
        minimum_overlap: if dice.chance(20) { 30 } else { 0 },
        minimum_score: if dice.chance(20) { 1_500 } else { 0 },
    };
    let mut input = MatchInput {
        mentees: (0..mentees).map(|_| mentee(dice)).collect(),
        mentors: (0..mentors).map(|_| mentor(dice)).collect(),
        exclusions: Vec::new(),
        locks: Vec::new(),
        weights,
        rules,
        alternates: DEFAULT_ALTERNATES,
    };
    for index in 0..input.mentees.len().min(input.mentors.len()) {
        if dice.chance(10) {
            input.mentors[index].profile = input.mentees[index].profile;
        }
        if dice.chance(30) {
            input.exclusions.push(any_pair(dice, &input));
        }
    }
    input
}

/// A pair that may or may not be allowed.
pub fn any_pair(dice: &mut Dice, input: &MatchInput) -> Pair {
    let mentee = input.mentees[dice.index(input.mentees.len())].id;
    Pair { mentee, mentor: input.mentors[dice.index(input.mentors.len())].id }
}

/// The same input in another order.
pub fn shuffled(dice: &mut Dice, input: &MatchInput) -> MatchInput {
    let mut input = input.clone();
    dice.shuffle(&mut input.mentees);
    dice.shuffle(&mut input.mentors);
    dice.shuffle(&mut input.exclusions);
    dice.shuffle(&mut input.locks);
    for mentee in &mut input.mentees {
        dice.shuffle(&mut mentee.goals);
        dice.shuffle(&mut mentee.interests);
    }
    for mentor in &mut input.mentors {
        dice.shuffle(&mut mentor.expertise);
        dice.shuffle(&mut mentor.interests);
        dice.shuffle(&mut mentor.languages);
    }
    input
}
