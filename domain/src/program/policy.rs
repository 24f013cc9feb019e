//! By which rules does a program run? In versions that never change, so that what was done under one stays true.
use chrono::{DateTime, Utc};

use super::Program;
use crate::{
    account::Account,
    id::Id,
    matching::{PERFECT, Weights},
    refusal::{Code, Refuse},
};

/// One version of a program's rules. Matches, matching runs and survey waves keep the number they followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub program: Id<Program>,
    /// 1, 2, 3, …
    pub number: i32,
    pub rules: Rules,
    /// `None` when the account is gone.
    pub created_by: Option<Id<Account>>,
    pub created_at: DateTime<Utc>,
}

/// What a policy rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Days between two check-ins of a pair.
    pub cadence_days: i16,
    /// How long a check-in lasts when nobody says otherwise.
    pub check_in_minutes: i16,
    /// Hours after which a check-in that nobody recorded counts as missed.
    pub missed_after_hours: i16,
    /// Days in which both sides can accept an offered match.
    pub offer_days: i16,
    /// Basis points below which no pair is proposed.
    pub minimum_score: i16,
    /// Minutes of the week that a pair must both be free.
    pub minimum_overlap_minutes: i16,
    pub weights: Weights,
    /// Results of fewer people are hidden.
    pub anonymity_minimum: i16,
}

impl Default for Rules {
    /// Every two weeks for an hour, as most school-based programs do.
    fn default() -> Self {
        Self {
            cadence_days: 14,
            check_in_minutes: 60,
            missed_after_hours: 48,
            offer_days: 7,
            minimum_score: 2_000,
            minimum_overlap_minutes: 60,
            weights: Weights::default(),
            anonymity_minimum: 5,
        }
    }
}

/// Rules as somebody typed them; `None` keeps those of the version before, or the default.
#[derive(Debug, Clone, Default)]
pub struct RulesDraft {
    pub cadence_days: Option<i32>,
    pub check_in_minutes: Option<i32>,
    pub missed_after_hours: Option<i32>,
    pub offer_days: Option<i32>,
    pub minimum_score: Option<i32>,
    pub minimum_overlap_minutes: Option<i32>,
    pub weights: Option<WeightsDraft>,
    pub anonymity_minimum: Option<i32>,
}

/// Basis points per criterion as somebody typed them.
#[derive(Debug, Clone)]
pub struct WeightsDraft {
    pub goals: i32,
    pub interests: i32,
    pub availability: i32,
    pub language: i32,
    pub time_zone: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("must be from {min} to {max}")]
    OutOfRange { field: &'static str, min: i16, max: i16 },
    #[error("the weights must add up to {PERFECT}, and add up to {sum}")]
    Weights { sum: i64 },
    #[error("these are the rules in force already")]
    Unchanged,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::OutOfRange { .. } => Code::OutOfRange,
            Self::Weights { .. } | Self::Unchanged => Code::Invalid,
        }
    }

    fn path(&self) -> Option<String> {
        match self {
            Self::OutOfRange { field, .. } => Some(format!("policy.{field}")),
            Self::Weights { .. } => Some("policy.weights".to_owned()),
            Self::Unchanged => Some("policy".to_owned()),
        }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::OutOfRange { min, max, .. } => vec![("min", min.to_string()), ("max", max.to_string())],
            Self::Weights { sum } => vec![("sum", sum.to_string()), ("expected", PERFECT.to_string())],
            Self::Unchanged => Vec::new(),
        }
    }
}

impl Policy {
    /// Version 1 of a new program.
    pub fn first(
        program: Id<Program>,
        draft: &RulesDraft,
        by: Id<Account>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let rules = Rules::default().change(draft)?;
        Ok(Self { program, number: 1, rules, created_by: Some(by), created_at: now })
    }

    /// The version after this one.
    pub fn change(&self, draft: &RulesDraft, by: Id<Account>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let rules = self.rules.change(draft)?;
        if rules == self.rules {
            return Err(Refusal::Unchanged);
        }
        Ok(Self {
            program: self.program,
            number: self.number + 1,
            rules,
            created_by: Some(by),
            created_at: now,
        })
    }
}

impl Rules {
    fn change(self, draft: &RulesDraft) -> Result<Self, Refusal> {
        let pick = |field, wanted: Option<i32>, kept: i16, min, max| {
            wanted.map_or(Ok(kept), |value| {
                let fits = i16::try_from(value).ok().filter(|value| (min..=max).contains(value));
                fits.ok_or(Refusal::OutOfRange { field, min, max })
            })
        };
        Ok(Self {
            cadence_days: pick("cadenceDays", draft.cadence_days, self.cadence_days, 1, 90)?,
            check_in_minutes: pick("checkInMinutes", draft.check_in_minutes, self.check_in_minutes, 10, 480)?,
            missed_after_hours: pick(
                "missedAfterHours",
                draft.missed_after_hours,
                self.missed_after_hours,
                1,
                336,
            )?,
            offer_days: pick("offerDays", draft.offer_days, self.offer_days, 1, 60)?,
            minimum_score: pick("minimumScore", draft.minimum_score, self.minimum_score, 0, 10_000)?,
            minimum_overlap_minutes: pick(
                "minimumOverlapMinutes",
                draft.minimum_overlap_minutes,
                self.minimum_overlap_minutes,
                0,
                10_080,
            )?,
            weights: draft.weights.as_ref().map_or(Ok(self.weights), weights)?,
            anonymity_minimum: pick(
                "anonymityMinimum",
                draft.anonymity_minimum,
                self.anonymity_minimum,
                5,
                50,
            )?,
        })
    }
}

fn weights(draft: &WeightsDraft) -> Result<Weights, Refusal> {
    let WeightsDraft { goals, interests, availability, language, time_zone } = *draft;
    let sum: i64 = [goals, interests, availability, language, time_zone].map(i64::from).iter().sum();
    let part = |points: i32| u16::try_from(points).map_err(|_negative| Refusal::Weights { sum });
    let weights = Weights {
        goals: part(goals)?,
        interests: part(interests)?,
        availability: part(availability)?,
        language: part(language)?,
        time_zone: part(time_zone)?,
    };
    weights.check().map_err(|_fault| Refusal::Weights { sum })?;
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn first(draft: &RulesDraft) -> Result<Policy, Refusal> {
        Policy::first(Id::new(Uuid::from_u128(1)), draft, Id::new(Uuid::from_u128(2)), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn the_default_rules_are_valid_and_keep_small_groups_hidden() {
        let policy = first(&RulesDraft::default()).expect("valid");
        assert_eq!((policy.number, policy.rules.anonymity_minimum), (1, 5));
        let four = RulesDraft { anonymity_minimum: Some(4), ..RulesDraft::default() };
        assert_eq!(first(&four), Err(Refusal::OutOfRange { field: "anonymityMinimum", min: 5, max: 50 }));
    }

    #[test]
    fn a_change_makes_the_next_version_and_keeps_what_it_does_not_name() {
        let policy = first(&RulesDraft { offer_days: Some(10), ..RulesDraft::default() }).expect("valid");
        let weekly = RulesDraft { cadence_days: Some(7), ..RulesDraft::default() };
        let by = Id::new(Uuid::from_u128(3));
        let next = policy.change(&weekly, by, DateTime::UNIX_EPOCH).expect("valid");
        assert_eq!((next.number, next.rules.cadence_days, next.rules.offer_days), (2, 7, 10));
        assert_eq!(next.change(&weekly, by, DateTime::UNIX_EPOCH), Err(Refusal::Unchanged));
    }

    #[test]
    fn every_rule_has_its_bounds() {
        let cases: [(&str, fn(&mut RulesDraft, i32), i32, i32); 7] = [
            ("cadenceDays", |draft, value| draft.cadence_days = Some(value), 1, 90),
            ("checkInMinutes", |draft, value| draft.check_in_minutes = Some(value), 10, 480),
            ("missedAfterHours", |draft, value| draft.missed_after_hours = Some(value), 1, 336),
            ("offerDays", |draft, value| draft.offer_days = Some(value), 1, 60),
            ("minimumScore", |draft, value| draft.minimum_score = Some(value), 0, 10_000),
            ("minimumOverlapMinutes", |draft, value| draft.minimum_overlap_minutes = Some(value), 0, 10_080),
            ("anonymityMinimum", |draft, value| draft.anonymity_minimum = Some(value), 5, 50),
        ];
        for (field, set, min, max) in cases {
            for (value, good) in
                [(min, true), (max, true), (min - 1, false), (max + 1, false), (i32::MAX, false)]
            {
                let mut draft = RulesDraft::default();
                set(&mut draft, value);
                let outcome = first(&draft).map_err(|refusal| refusal.path());
                let expected = Some(format!("policy.{field}"));
                assert_eq!(outcome.err(), if good { None } else { Some(expected) }, "{field} {value}");
            }
        }
    }

    #[test]
    fn weights_add_up_to_a_perfect_score() {
        let draft = |goals, interests| RulesDraft {
            weights: Some(WeightsDraft { goals, interests, availability: 0, language: 0, time_zone: 0 }),
            ..RulesDraft::default()
        };
        assert!(first(&draft(6_000, 4_000)).is_ok());
        assert_eq!(first(&draft(6_000, 3_999)), Err(Refusal::Weights { sum: 9_999 }));
        assert_eq!(first(&draft(10_001, -1)), Err(Refusal::Weights { sum: 10_000 }));
    }
}
