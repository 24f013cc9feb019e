//! Who takes part in the program of the demo? A roster as its coordinator would have it.
use std::fmt::Write;

use chrono::{Months, NaiveDate};

use super::people;

/// Mentors, the demo's own first; they are `M-1`, `M-2` and so on in the roster.
pub const MENTORS: [&str; 8] = [
    "Maria Mentor",
    "Amara Diallo",
    "Ben Okafor",
    "Chiara Rossi",
    "Deniz Yilmaz",
    "Eva Lindqvist",
    "Farid Haddad",
    "Greta Braun",
];
/// Mentees, the demo's own first: `P-1`, `P-2` and so on. The second and third are minors; only the guardian of the
/// second has consented.
pub const MENTEES: [&str; 18] = [
    "Milo Mentee",
    "Mina Guardian",
    "Otto Adler",
    "Elif Kaya",
    "Finn Jansen",
    "Grace Mensah",
    "Hugo Lefevre",
    "Ines Costa",
    "Jonas Weber",
    "Keiko Tanaka",
    "Luca Moretti",
    "Nadia Petrova",
    "Oskar Nowak",
    "Priya Iyer",
    "Quinn Murphy",
    "Rosa Alvarez",
    "Samir Khan",
    "Tessa Vermeer",
];
const INTERESTS: [&str; 6] = ["football", "music", "coding", "chess", "cooking", "photography"];
const TOPICS: [&str; 5] =
    ["choose a career", "mathematics", "speak in public", "find an apprenticeship", "apply to university"];
const COLUMNS: &str = "name,email,role,external_id,birth_date,time_zone,languages,interests,goals,expertise,availability,capacity,guardian_contact";

/// The address of somebody: those who sign in have short ones.
pub fn address(name: &str) -> String {
    match name {
        "Maria Mentor" => people::address("mentor"),
        "Milo Mentee" => people::address("mentee"),
        _ => people::address(&name.to_lowercase().replace(' ', ".")),
    }
}

/// The roster as a file. Only Maria and Milo are free on Sundays, so that they find each other.
pub fn csv(today: NaiveDate) -> String {
    let mut csv = format!("{COLUMNS}\n");
    for (number, name) in MENTORS.iter().enumerate() {
        let hours = if number == 0 { "Sun 10:00-13:00" } else { "Tue 16:00-19:00; Thu 16:00-19:00" };
        let (interests, expertise) = (some(&INTERESTS, number, 3), some(&TOPICS, number, 3));
        // Writing to a string cannot fail.
        let _ = writeln!(
            csv,
            "{name},{},mentor,M-{},,Europe/Berlin,de; en,{interests},,{expertise},{hours},3,",
            address(name),
            number + 1
        );
    }
    for (number, name) in MENTEES.iter().enumerate() {
        let hours = match number {
            0 => "Sun 10:00-12:00",
            _ if number.is_multiple_of(2) => "Tue 16:00-18:00",
            _ => "Thu 16:00-18:00",
        };
        let minor = matches!(number, 1 | 2);
        let years = if minor { 13 } else { 17 };
        let born = today.checked_sub_months(Months::new(years * 12 + 5)).unwrap_or(today);
        let guardian = if minor { "a guardian; +49 30 555 0100" } else { "" };
        let (interests, goals) = (some(&INTERESTS, number, 2), some(&TOPICS, number, 2));
        let _ = writeln!(
            csv,
            "{name},{},mentee,P-{},{born},Europe/Berlin,de; en,{interests},{goals},,{hours},,{guardian}",
            address(name),
            number + 1
        );
    }
    csv
}

/// A roster that nobody has imported yet: three more pupils.
pub fn next() -> String {
    let mut csv = String::from("name,role,external_id,languages,interests,goals,availability\n");
    for (number, name) in ["Uma Svensson", "Viktor Horvat", "Wanda Fischer"].iter().enumerate() {
        let (interests, goals) = (some(&INTERESTS, number, 2), some(&TOPICS, number, 2));
        let _ = writeln!(csv, "{name},mentee,N-{},de; en,{interests},{goals},Tue 16:00-18:00", number + 1);
    }
    csv
}

fn some(list: &[&str], from: usize, count: usize) -> String {
    list.iter().copied().cycle().skip(from).take(count).collect::<Vec<_>>().join("; ")
}
