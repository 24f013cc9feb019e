//! Which values may the fields of a profile have? One function per field, shared by forms and roster files.
use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::Refusal;
use crate::{
    account::Email,
    matching::normalize,
    organization,
    text::{self, TextFault},
};

/// More words than this describe nobody.
pub const MAX_WORDS: usize = 30;
/// Characters of one interest, goal or field of expertise.
pub const MAX_WORD: usize = 80;
pub const MAX_LANGUAGES: usize = 10;
/// Mentees that one mentor can take.
pub const MAX_CAPACITY: i16 = 50;
const MAX_AGE: u32 = 120;

pub fn name(raw: &str) -> Result<String, TextFault> {
    text::line("name", raw, 120)
}

pub fn email(raw: Option<&str>) -> Result<Option<Email>, Refusal> {
    let given = raw.filter(|text| !text.trim().is_empty());
    Ok(given.map(|text| Email::parse("email", text)).transpose()?)
}

pub fn external_id(raw: Option<&str>) -> Result<Option<String>, TextFault> {
    text::optional_line("externalId", raw, 100)
}

pub fn about(raw: Option<&str>) -> Result<Option<String>, TextFault> {
    text::optional_prose("about", raw, 2_000)
}

pub fn guardian_contact(raw: Option<&str>) -> Result<Option<String>, TextFault> {
    text::optional_prose("guardianContact", raw, 500)
}

pub fn time_zone(name: &str) -> Result<Tz, Refusal> {
    name.trim().parse().map_err(|_unknown| Refusal::UnknownTimeZone)
}

pub fn birth_date(date: NaiveDate, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    let age = today.years_since(date).filter(|&years| years <= MAX_AGE);
    age.map(|_| date).ok_or(Refusal::BirthDate)
}

pub fn capacity(mentees: i32) -> Result<i16, Refusal> {
    let fits = i16::try_from(mentees).ok().filter(|mentees| (0..=MAX_CAPACITY).contains(mentees));
    fits.ok_or(Refusal::Capacity)
}

/// Interests, goals or fields of expertise: each once, however it is spelled.
pub fn words(path: &str, raw: &[String]) -> Result<Vec<String>, Refusal> {
    few(path, raw, MAX_WORDS)?;
    let mut seen = BTreeSet::new();
    let mut words = Vec::with_capacity(raw.len());
    for (index, word) in raw.iter().enumerate() {
        let word = text::line(&format!("{path}.{index}"), word, MAX_WORD)?;
        if seen.insert(normalize(&word)) {
            words.push(word);
        }
    }
    Ok(words)
}

/// Language tags, each once; their order stays, since the first one is the first language.
pub fn languages(raw: &[String]) -> Result<Vec<String>, Refusal> {
    few("languages", raw, MAX_LANGUAGES)?;
    let mut tags = Vec::with_capacity(raw.len());
    for (index, tag) in raw.iter().enumerate() {
        let unknown = |_| Refusal::UnknownLanguage { path: format!("languages.{index}") };
        let tag = organization::locale("languages", tag.trim()).map_err(unknown)?;
        if !tags.iter().any(|known: &String| known.eq_ignore_ascii_case(&tag)) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

fn few(path: &str, list: &[String], max: usize) -> Result<(), Refusal> {
    let length = list.len();
    if length > max { Err(Refusal::TooMany { path: path.to_owned(), max, length }) } else { Ok(()) }
}
