//! How do the points of a pair read to a person?
use super::{
    score::{CriterionPoints, Evidence},
    weights::Criterion,
};
use crate::profile::availability::format_time;

impl CriterionPoints {
    /// What the points rest on, in a sentence, in English.
    pub fn sentence(&self) -> String {
        match &self.evidence {
            _ if self.whole == 0 => "There is nothing to compare.".to_owned(),
            Evidence::Shared { words } if words.is_empty() => match self.criterion {
                Criterion::Goals => "The mentor is an expert for none of the goals.".to_owned(),
                _ => "They share no interest.".to_owned(),
            },
            Evidence::Shared { words } => match self.criterion {
                Criterion::Goals => format!("The mentor can help with {}.", words.join(", ")),
                _ => format!("Both like {}.", words.join(", ")),
            },
            Evidence::Overlap { minutes, .. } => {
                format!("Both are free for {} hours a week.", format_time(*minutes))
            }
            Evidence::Languages { first: Some(first), .. } => {
                format!("The mentor speaks the mentee's first language, {first}.")
            }
            Evidence::Languages { shared, .. } if shared.is_empty() => "They share no language.".to_owned(),
            Evidence::Languages { shared, .. } => format!("Both speak {}.", shared.join(", ")),
            Evidence::Apart { minutes: 0 } => "Their clocks show the same time.".to_owned(),
            Evidence::Apart { minutes } => format!("Their clocks are {} hours apart.", format_time(*minutes)),
        }
    }

    /// What the points rest on, piece by piece: shared words, languages, or stretches of the week in UTC.
    pub fn evidence_words(&self) -> Vec<String> {
        match &self.evidence {
            Evidence::Shared { words } => words.clone(),
            Evidence::Languages { shared, .. } => shared.clone(),
            Evidence::Apart { .. } => Vec::new(),
            Evidence::Overlap { windows, .. } => {
                let window = |stretch: &crate::profile::availability::Stretch| {
                    let (day, start, minutes) =
                        (stretch.weekday, format_time(stretch.start), stretch.minutes);
                    format!("{day} {start} UTC, {minutes} minutes")
                };
                windows.iter().map(window).collect()
            }
        }
    }

    /// Minutes a week that both are free, or minutes between their clocks.
    pub const fn minutes(&self) -> Option<u16> {
        match self.evidence {
            Evidence::Overlap { minutes, .. } | Evidence::Apart { minutes } => Some(minutes),
            Evidence::Shared { .. } | Evidence::Languages { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::availability::{Stretch, Weekday};

    fn points(criterion: Criterion, whole: u64, evidence: Evidence) -> CriterionPoints {
        CriterionPoints { criterion, weight: 100, points: 50, part: 1, whole, evidence }
    }

    #[test]
    fn points_read_as_sentences() {
        let words =
            |words: &[&str]| Evidence::Shared { words: words.iter().map(ToString::to_string).collect() };
        for (criterion, whole, evidence, sentence) in [
            (Criterion::Goals, 2, words(&["chess", "essays"]), "The mentor can help with chess, essays."),
            (Criterion::Goals, 2, words(&[]), "The mentor is an expert for none of the goals."),
            (Criterion::Interests, 2, words(&["music"]), "Both like music."),
            (Criterion::Interests, 0, words(&[]), "There is nothing to compare."),
            (
                Criterion::TimeZone,
                720,
                Evidence::Apart { minutes: 90 },
                "Their clocks are 01:30 hours apart.",
            ),
        ] {
            assert_eq!(points(criterion, whole, evidence).sentence(), sentence);
        }
    }

    #[test]
    fn shared_hours_are_listed() {
        let windows = vec![Stretch { weekday: Weekday::Monday, start: 17 * 60, minutes: 90 }];
        let overlap = points(Criterion::Availability, 360, Evidence::Overlap { minutes: 90, windows });
        assert_eq!(overlap.sentence(), "Both are free for 01:30 hours a week.");
        assert_eq!(overlap.evidence_words(), ["MONDAY 17:00 UTC, 90 minutes"]);
        assert_eq!(overlap.minutes(), Some(90));
    }
}
