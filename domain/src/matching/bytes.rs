//! When are two inputs the same question? When these bytes are equal. Every text and list begins with its
//! length, so that no two inputs share their bytes; the engine's version is part of them.
use super::{
    ENGINE_VERSION,
    roster::{Person, Roster, Word},
    weights::Criterion,
};
use crate::text::TextEnum;

impl Roster {
    /// The input in its normal form. Whoever needs a fingerprint hashes this.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Bytes(Vec::new());
        bytes.text(ENGINE_VERSION);
        for &criterion in Criterion::ALL {
            bytes.number(self.weights.of(criterion));
        }
        bytes.flag(self.rules.shared_language);
        bytes.flag(self.rules.vetting_for_minors);
        bytes.number(self.rules.minimum_overlap);
        bytes.number(self.rules.minimum_score);
        bytes.length(self.alternates);
        bytes.length(self.mentees.len());
        for mentee in &self.mentees {
            bytes.person(self, &mentee.person);
            bytes.words(self, mentee.first_language.as_slice());
            bytes.flag(mentee.minor);
            bytes.flag(mentee.guardian_consent);
            bytes.length(mentee.excluded.len());
            mentee.excluded.iter().for_each(|&mentor| bytes.length(mentor));
            bytes.length(mentee.locked.map_or(0, |mentor| mentor + 1));
        }
        bytes.length(self.mentors.len());
        for mentor in &self.mentors {
            bytes.person(self, &mentor.person);
            bytes.flag(mentor.vetted);
            bytes.number(mentor.capacity);
            bytes.number(mentor.load);
        }
        bytes.0
    }
}

struct Bytes(Vec<u8>);

impl Bytes {
    fn person(&mut self, roster: &Roster, person: &Person) {
        self.0.extend(person.id.uuid().as_bytes());
        self.0.extend(person.profile.uuid().as_bytes());
        for words in [&person.subjects, &person.interests, &person.languages] {
            self.words(roster, words);
        }
        person.availability.quarters().iter().for_each(|word| self.0.extend(word.to_be_bytes()));
        self.0.extend(person.offset.to_be_bytes());
    }

    fn words(&mut self, roster: &Roster, words: &[Word]) {
        self.length(words.len());
        for &word in words {
            let text = usize::try_from(word).ok().and_then(|word| roster.words.get(word));
            self.text(text.map_or("", String::as_str));
        }
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend(text.as_bytes());
    }

    fn length(&mut self, length: usize) {
        self.0.extend(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
    }

    fn number(&mut self, number: u16) {
        self.0.extend(number.to_be_bytes());
    }

    fn flag(&mut self, flag: bool) {
        self.0.push(flag.into());
    }
}
