//! Which rule forbids a pair, whatever its score?
use super::roster::Roster;

crate::text_enum! {
    /// A rule that no proposed pair breaks, in the order in which they are looked at.
    pub enum Rule as "MatchingRule" {
        /// Nobody is their own mentor.
        SamePerson = "SAME_PERSON",
        /// A coordinator has excluded the pair.
        Excluded = "EXCLUDED",
        /// The mentee is a minor without a recorded consent of a guardian.
        ConsentMissing = "CONSENT_MISSING",
        /// The mentee is a minor and the mentor is not cleared to work with minors.
        MentorNotVetted = "MENTOR_NOT_VETTED",
        /// They have no language in common.
        NoSharedLanguage = "NO_SHARED_LANGUAGE",
        /// Too little of the week is free for both.
        InsufficientOverlap = "INSUFFICIENT_OVERLAP",
        /// The score is below the least that the program accepts.
        BelowMinimumScore = "BELOW_MINIMUM_SCORE",
        /// The mentor's places are taken by present matches and locked pairs.
        MentorFull = "MENTOR_FULL",
    }
}

/// A rule that a pair breaks, with the figures at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    SamePerson,
    Excluded,
    ConsentMissing,
    MentorNotVetted,
    NoSharedLanguage,
    /// Minutes per week.
    InsufficientOverlap {
        have: u16,
        need: u16,
    },
    BelowMinimumScore {
        have: u16,
        need: u16,
    },
    MentorFull,
}

impl Breach {
    pub const fn rule(self) -> Rule {
        match self {
            Self::SamePerson => Rule::SamePerson,
            Self::Excluded => Rule::Excluded,
            Self::ConsentMissing => Rule::ConsentMissing,
            Self::MentorNotVetted => Rule::MentorNotVetted,
            Self::NoSharedLanguage => Rule::NoSharedLanguage,
            Self::InsufficientOverlap { .. } => Rule::InsufficientOverlap,
            Self::BelowMinimumScore { .. } => Rule::BelowMinimumScore,
            Self::MentorFull => Rule::MentorFull,
        }
    }
}

impl Roster {
    /// The score of a pair, or the first rule that it breaks. Whether the mentor has room is not asked.
    pub fn judge(&self, mentee: usize, mentor: usize) -> Result<u16, Breach> {
        let (seeker, guide) = self.pair(mentee, mentor);
        if seeker.person.profile == guide.person.profile {
            return Err(Breach::SamePerson);
        }
        if seeker.excluded.binary_search(&mentor).is_ok() {
            return Err(Breach::Excluded);
        }
        if seeker.minor && !seeker.guardian_consent {
            return Err(Breach::ConsentMissing);
        }
        if self.rules.vetting_for_minors && seeker.minor && !guide.vetted {
            return Err(Breach::MentorNotVetted);
        }
        let languages = (&seeker.person.languages, &guide.person.languages);
        if self.rules.shared_language && !languages.0.iter().any(|word| languages.1.contains(word)) {
            return Err(Breach::NoSharedLanguage);
        }
        let overlap = seeker.person.availability.overlap(&guide.person.availability);
        if overlap < self.rules.minimum_overlap {
            return Err(Breach::InsufficientOverlap { have: overlap, need: self.rules.minimum_overlap });
        }
        let score = self.score(seeker, guide, overlap);
        if score < self.rules.minimum_score {
            return Err(Breach::BelowMinimumScore { have: score, need: self.rules.minimum_score });
        }
        Ok(score)
    }
}
