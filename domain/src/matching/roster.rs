//! Is the input sound, and what is its one normal form? Everything after this works on that form only, so
//! the order in which people were given cannot matter.
use std::collections::{BTreeMap, BTreeSet};

use super::{
    fault::Fault,
    input::{MatchInput, Mentee, Mentor, Pair, Rules},
    rarity,
    weights::Weights,
};
use crate::{
    enrollment::Enrollment,
    id::Id,
    profile::{
        Profile,
        availability::{Availability, utc_offset},
    },
};

/// Mentees, and mentors, of one run.
pub const MAX_PEOPLE: usize = 10_000;
/// Pairs of one run: each may become an arc of 16 bytes.
pub const MAX_PAIRS: usize = 10_000_000;

// The largest figures of a run stay far below 2^63: a pair's value of MAX_PEOPLE x 10,001 is multiplied by 8 in
// the auction, and summed over all seats (2^16 for each mentor) in the certificate.
const _: () = assert!(MAX_PEOPLE.pow(2) * 10_001 * 65_536 < 1 << 62);

/// A word's place in [`Roster::words`].
pub type Word = u32;

pub struct Person {
    pub id: Id<Enrollment>,
    pub profile: Id<Profile>,
    /// Goals of a mentee, expertise of a mentor.
    pub subjects: Vec<Word>,
    pub interests: Vec<Word>,
    pub languages: Vec<Word>,
    pub availability: Availability,
    /// Minutes ahead of UTC.
    pub offset: i32,
}

pub struct Seeker {
    pub person: Person,
    pub first_language: Option<Word>,
    pub minor: bool,
    pub guardian_consent: bool,
    /// Places of mentors in [`Roster::mentors`], ascending.
    pub excluded: Vec<usize>,
    /// Place of the mentor that a coordinator has locked the mentee to.
    pub locked: Option<usize>,
    /// Sum of the rarity of the mentee's interests.
    pub interest_rarity: u64,
}

pub struct Guide {
    pub person: Person,
    pub vetted: bool,
    pub capacity: u16,
    pub load: u16,
    /// Places left after present matches and locked pairs.
    pub seats: u16,
}

/// People sorted by id, their words replaced by numbers.
pub struct Roster {
    pub mentees: Vec<Seeker>,
    pub mentors: Vec<Guide>,
    pub words: Vec<String>,
    /// How much a shared interest counts, by word.
    pub rarity: Vec<u64>,
    pub weights: Weights,
    pub rules: Rules,
    pub alternates: usize,
}

impl Roster {
    /// The normal form of an input, or everything that is wrong with it.
    pub fn new(input: &MatchInput) -> Result<Self, Vec<Fault>> {
        let mut faults = too_large(input);
        faults.extend(duplicates(input));
        faults.extend(input.weights.check().err());
        let exclusions = resolve(input, "exclusions", &input.exclusions, &mut faults);
        let locks = resolve(input, "locks", &input.locks, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut roster = Self::encode(input);
        roster.exclude(&exclusions);
        roster.lock(&locks)?;
        Ok(roster)
    }

    fn encode(input: &MatchInput) -> Self {
        let dictionary = Dictionary::of(input);
        let mut mentees: Vec<Seeker> = input.mentees.iter().map(|mentee| dictionary.seeker(mentee)).collect();
        let mut mentors: Vec<Guide> = input.mentors.iter().map(|mentor| dictionary.guide(mentor)).collect();
        mentees.sort_unstable_by_key(|mentee| mentee.person.id);
        mentors.sort_unstable_by_key(|mentor| mentor.person.id);
        let interests = mentors.iter().map(|mentor| mentor.person.interests.as_slice());
        let rarity = rarity::of_words(dictionary.0.len(), interests);
        for mentee in &mut mentees {
            let weigh = |&word: &Word| rarity::of(&rarity, word);
            mentee.interest_rarity = mentee.person.interests.iter().map(weigh).sum();
        }
        let MatchInput { weights, rules, alternates, .. } = *input;
        let words = dictionary.0.into_keys().collect();
        Self { mentees, mentors, words, rarity, weights, rules, alternates: usize::from(alternates) }
    }

    fn exclude(&mut self, exclusions: &BTreeSet<Pair>) {
        for pair in exclusions {
            let mentor = self.mentors.binary_search_by_key(&pair.mentor, |mentor| mentor.person.id);
            if let (Some(mentee), Ok(mentor)) = (self.mentee_mut(pair.mentee), mentor) {
                mentee.excluded.push(mentor);
            }
        }
    }

    /// Sets locked pairs and takes their places. They must keep every rule: a lock is no way around one.
    fn lock(&mut self, locks: &BTreeSet<Pair>) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        let mut mentors = BTreeMap::<usize, usize>::new();
        for pair in locks {
            let place = (
                self.mentees.binary_search_by_key(&pair.mentee, |mentee| mentee.person.id),
                self.mentors.binary_search_by_key(&pair.mentor, |mentor| mentor.person.id),
            );
            let (Ok(mentee), Ok(mentor)) = place else { continue };
            if let Err(breach) = self.judge(mentee, mentor) {
                faults.push(Fault::LockViolatesRule { mentee: pair.mentee, mentor: pair.mentor, breach });
            }
            *mentors.entry(mentor).or_default() += 1;
            if let Some(mentee) = self.mentees.get_mut(mentee)
                && mentee.locked.replace(mentor).is_some()
            {
                faults.push(Fault::ConflictingLocks { mentee: pair.mentee });
            }
        }
        for (mentor, locked) in mentors {
            let Some(mentor) = self.mentors.get_mut(mentor) else { continue };
            match u16::try_from(locked).ok().and_then(|locked| mentor.seats.checked_sub(locked)) {
                Some(rest) => mentor.seats = rest,
                None => {
                    let free = mentor.seats;
                    faults.push(Fault::LockOverCapacity { mentor: mentor.person.id, free, locked });
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn mentee_mut(&mut self, id: Id<Enrollment>) -> Option<&mut Seeker> {
        let place = self.mentees.binary_search_by_key(&id, |mentee| mentee.person.id).ok()?;
        self.mentees.get_mut(place)
    }

    #[expect(clippy::indexing_slicing, reason = "places come from loops over these very lists")]
    pub fn pair(&self, mentee: usize, mentor: usize) -> (&Seeker, &Guide) {
        (&self.mentees[mentee], &self.mentors[mentor])
    }
}

/// The form in which words are compared: one spelling of case and spaces.
pub fn normalize(word: &str) -> String {
    word.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Numbers for words, in alphabetical order, so that numbers and words sort alike.
struct Dictionary(BTreeMap<String, Word>);

impl Dictionary {
    fn of(input: &MatchInput) -> Self {
        let of_mentees = input.mentees.iter().flat_map(|it| [&it.goals, &it.interests, &it.languages]);
        let of_mentors = input.mentors.iter().flat_map(|it| [&it.expertise, &it.interests, &it.languages]);
        let mut words: BTreeSet<String> =
            of_mentees.chain(of_mentors).flatten().map(|word| normalize(word)).collect();
        // A blank is no word, and nothing to have in common.
        words.remove("");
        Self(words.into_iter().zip(0..).collect())
    }

    fn word(&self, word: &str) -> Option<Word> {
        self.0.get(&normalize(word)).copied()
    }

    /// Sorted and without repetitions.
    fn set(&self, words: &[String]) -> Vec<Word> {
        let words: BTreeSet<Word> = words.iter().filter_map(|word| self.word(word)).collect();
        words.into_iter().collect()
    }

    fn seeker(&self, mentee: &Mentee) -> Seeker {
        let person = Person {
            id: mentee.id,
            profile: mentee.profile,
            subjects: self.set(&mentee.goals),
            interests: self.set(&mentee.interests),
            languages: self.set(&mentee.languages),
            availability: mentee.availability.clone(),
            offset: utc_offset(mentee.zone),
        };
        let Mentee { minor, guardian_consent, .. } = *mentee;
        let first_language = mentee.languages.first().and_then(|language| self.word(language));
        Seeker {
            person,
            first_language,
            minor,
            guardian_consent,
            excluded: Vec::new(),
            locked: None,
            interest_rarity: 0,
        }
    }

    fn guide(&self, mentor: &Mentor) -> Guide {
        let person = Person {
            id: mentor.id,
            profile: mentor.profile,
            subjects: self.set(&mentor.expertise),
            interests: self.set(&mentor.interests),
            languages: self.set(&mentor.languages),
            availability: mentor.availability.clone(),
            offset: utc_offset(mentor.zone),
        };
        let Mentor { vetted, capacity, load, .. } = *mentor;
        Guide { person, vetted, capacity, load, seats: capacity.saturating_sub(load) }
    }
}

fn too_large(input: &MatchInput) -> Vec<Fault> {
    let (mentees, mentors) = (input.mentees.len(), input.mentors.len());
    let limits = [
        ("mentees", MAX_PEOPLE, mentees),
        ("mentors", MAX_PEOPLE, mentors),
        ("pairs of a mentee and a mentor", MAX_PAIRS, mentees.saturating_mul(mentors)),
    ];
    let over = limits.into_iter().filter(|&(_, max, count)| count > max);
    over.map(|(what, max, count)| Fault::TooLarge { what, max, count }).collect()
}

fn duplicates(input: &MatchInput) -> Vec<Fault> {
    let ids =
        input.mentees.iter().map(|mentee| mentee.id).chain(input.mentors.iter().map(|mentor| mentor.id));
    let mut seen = BTreeSet::new();
    let repeated: BTreeSet<_> = ids.filter(|&id| !seen.insert(id)).collect();
    repeated.into_iter().map(|id| Fault::DuplicateId { id }).collect()
}

/// The pairs without repetitions; ids of nobody in the run become faults.
fn resolve(
    input: &MatchInput,
    list: &'static str,
    pairs: &[Pair],
    faults: &mut Vec<Fault>,
) -> BTreeSet<Pair> {
    let mentees: BTreeSet<_> = input.mentees.iter().map(|mentee| mentee.id).collect();
    let mentors: BTreeSet<_> = input.mentors.iter().map(|mentor| mentor.id).collect();
    let pairs: BTreeSet<Pair> = pairs.iter().copied().collect();
    let sides =
        pairs.iter().flat_map(|pair| [("mentee", &mentees, pair.mentee), ("mentor", &mentors, pair.mentor)]);
    let strangers: BTreeSet<_> =
        sides.filter(|(_, known, id)| !known.contains(id)).map(|(side, _, id)| (side, id)).collect();
    faults.extend(strangers.into_iter().map(|(side, id)| Fault::UnknownId { list, side, id }));
    pairs
}
