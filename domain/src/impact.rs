//! What does a program achieve, in figures that name what they count?
#![expect(clippy::as_conversions, reason = "statistics turn whole numbers below 2^53 into floating point")]

use chrono::{DateTime, Utc};

/// The counts from which all figures of a program or cohort follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub mentors_enrolled: i64,
    pub mentees_enrolled: i64,
    pub mentees_matched: i64,
    pub matches_offered: i64,
    pub matches_accepted: i64,
    pub matches_active: i64,
    pub matches_closed: i64,
    pub check_ins_held: i64,
    pub check_ins_missed: i64,
    pub minutes_held: i64,
    pub objectives_agreed: i64,
    pub objectives_reached: i64,
}

/// What a program has achieved until `as_of`.
#[derive(Debug, Clone, PartialEq)]
pub struct Impact {
    pub as_of: DateTime<Utc>,
    pub counts: Counts,
    /// Part of the mentees who have or had a mentor, 0 to 1.
    pub match_rate: Option<f64>,
    /// Part of the check-ins that were held, among those held or missed, 0 to 1.
    pub attendance_rate: Option<f64>,
    /// Part of the agreed objectives that were rated as reached, 0 to 1.
    pub objective_rate: Option<f64>,
}

impl Impact {
    pub fn of(counts: Counts, as_of: DateTime<Utc>) -> Self {
        Self {
            as_of,
            counts,
            match_rate: ratio(counts.mentees_matched, counts.mentees_enrolled),
            attendance_rate: ratio(counts.check_ins_held, counts.check_ins_held + counts.check_ins_missed),
            objective_rate: ratio(counts.objectives_reached, counts.objectives_agreed),
        }
    }
}

/// `None` when there is nothing to take a part of.
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_is_no_rate() {
        let impact = Impact::of(Counts::default(), DateTime::UNIX_EPOCH);
        assert_eq!((impact.match_rate, impact.attendance_rate, impact.objective_rate), (None, None, None));
        let counts = Counts { check_ins_held: 3, check_ins_missed: 1, ..Counts::default() };
        assert_eq!(Impact::of(counts, DateTime::UNIX_EPOCH).attendance_rate, Some(0.75));
    }
}
