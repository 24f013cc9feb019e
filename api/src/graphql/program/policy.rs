//! The rules of programs, in versions.
use async_graphql::{InputObject, Object, SimpleObject};
use domain::{
    id::Id,
    matching::Weights,
    program::{
        Program,
        policy::{Policy, RulesDraft, WeightsDraft},
    },
};

use crate::{
    error::Result,
    graphql::{context::Request, scalar::DateTime},
};

/// One version of a program's rules. It never changes; matches, matching runs and survey waves keep the number
/// of the version that they followed.
#[derive(Debug, Clone)]
pub struct PolicyObject(pub Policy);

/// One version of a program's rules. It never changes; matches, matching runs and survey waves keep the number
/// of the version that they followed.
#[Object(name = "ProgramPolicy")]
impl PolicyObject {
    /// The version: 1, 2, 3, …
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// Days between two check-ins of a pair.
    async fn cadence_days(&self) -> i16 {
        self.0.rules.cadence_days
    }

    /// How many minutes a check-in lasts when nobody says otherwise.
    async fn check_in_minutes(&self) -> i16 {
        self.0.rules.check_in_minutes
    }

    /// Hours after which a check-in that nobody recorded counts as missed.
    async fn missed_after_hours(&self) -> i16 {
        self.0.rules.missed_after_hours
    }

    /// Days in which both sides can accept an offered match.
    async fn offer_days(&self) -> i16 {
        self.0.rules.offer_days
    }

    /// Points out of 10,000 below which no pair is proposed.
    async fn minimum_score(&self) -> i16 {
        self.0.rules.minimum_score
    }

    /// Minutes of the week in which a pair must both be free.
    async fn minimum_overlap_minutes(&self) -> i16 {
        self.0.rules.minimum_overlap_minutes
    }

    /// What counts how much when pairs are proposed.
    async fn weights(&self) -> MatchingWeights {
        self.0.rules.weights.into()
    }

    /// Survey results of fewer people than this are hidden.
    async fn anonymity_minimum(&self) -> i16 {
        self.0.rules.anonymity_minimum
    }

    /// Since when it exists.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

/// The most points that each criterion can give to a pair; together 10,000.
#[derive(Debug, Clone, SimpleObject)]
pub struct MatchingWeights {
    /// For goals of the mentee in which the mentor is an expert.
    goals: i32,
    /// For interests that both share.
    interests: i32,
    /// For time in which both are free.
    availability: i32,
    /// For the mentee's first language.
    language: i32,
    /// For clocks that are close.
    time_zone: i32,
}

impl From<Weights> for MatchingWeights {
    fn from(weights: Weights) -> Self {
        let Weights { goals, interests, availability, language, time_zone } = weights;
        Self {
            goals: goals.into(),
            interests: interests.into(),
            availability: availability.into(),
            language: language.into(),
            time_zone: time_zone.into(),
        }
    }
}

/// A version of the rules that was looked for, or that there is none.
#[derive(Clone)]
struct Kept(Option<Policy>);

impl PolicyObject {
    pub async fn find(request: &Request, program: Id<Program>, number: i32) -> Result<Option<Self>> {
        let known = request.prefetched.get::<Kept>(key(program, number));
        if known.is_none() {
            Self::prefetch(request, &[(program, number)]).await?;
        }
        let known = known.or_else(|| request.prefetched.get(key(program, number)));
        Ok(known.and_then(|Kept(policy)| policy).map(Self))
    }

    /// Loads versions of the rules of many programs, in one statement.
    pub async fn prefetch(request: &Request, wanted: &[(Id<Program>, i32)]) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        let organization = request.organization()?;
        let (programs, mut numbers): (Vec<_>, Vec<_>) = wanted.iter().copied().unzip();
        numbers.sort_unstable();
        numbers.dedup();
        let found = request
            .load(async move |conn| {
                persistence::program::policy::by_numbers(conn, organization, &programs, &numbers).await
            })
            .await?;
        for &(program, number) in wanted {
            let policy = found.iter().find(|it| it.program == program && it.number == number);
            request.prefetched.put(key(program, number), Kept(policy.cloned()));
        }
        Ok(())
    }
}

fn key(program: Id<Program>, number: i32) -> String {
    format!("{program} {number}")
}

/// Rules of a program. What you leave out keeps its value, or gets the default in a new program.
#[derive(InputObject)]
pub struct ProgramPolicyInput {
    /// Days between two check-ins of a pair: 1 to 90, by default 14.
    cadence_days: Option<i32>,
    /// Minutes that a check-in lasts: 10 to 480, by default 60.
    check_in_minutes: Option<i32>,
    /// Hours after which a check-in that nobody recorded counts as missed: 1 to 336, by default 48.
    missed_after_hours: Option<i32>,
    /// Days in which both sides can accept an offered match: 1 to 60, by default 7.
    offer_days: Option<i32>,
    /// Points out of 10,000 below which no pair is proposed; by default 2,000.
    minimum_score: Option<i32>,
    /// Minutes of the week in which a pair must both be free: 0 to 10,080, by default 60.
    minimum_overlap_minutes: Option<i32>,
    /// What counts how much when pairs are proposed.
    weights: Option<MatchingWeightsInput>,
    /// Survey results of fewer people than this are hidden: 5 to 50, by default 5.
    anonymity_minimum: Option<i32>,
}

/// The most points that each criterion can give to a pair; together they must be 10,000.
#[derive(InputObject)]
pub struct MatchingWeightsInput {
    /// For goals of the mentee in which the mentor is an expert.
    goals: i32,
    /// For interests that both share.
    interests: i32,
    /// For time in which both are free.
    availability: i32,
    /// For the mentee's first language.
    language: i32,
    /// For clocks that are close.
    time_zone: i32,
}

impl From<ProgramPolicyInput> for RulesDraft {
    fn from(input: ProgramPolicyInput) -> Self {
        let weights = input.weights.map(|weights| WeightsDraft {
            goals: weights.goals,
            interests: weights.interests,
            availability: weights.availability,
            language: weights.language,
            time_zone: weights.time_zone,
        });
        Self {
            cadence_days: input.cadence_days,
            check_in_minutes: input.check_in_minutes,
            missed_after_hours: input.missed_after_hours,
            offer_days: input.offer_days,
            minimum_score: input.minimum_score,
            minimum_overlap_minutes: input.minimum_overlap_minutes,
            weights,
            anonymity_minimum: input.anonymity_minimum,
        }
    }
}
