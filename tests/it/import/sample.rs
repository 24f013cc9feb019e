//! A roster as a school would have it, of any size and the same each time.
use std::fmt::Write;

const COLUMNS: &str = "name,email,role,external_id,birth_date,time_zone,languages,interests,goals,expertise,availability,capacity,guardian_contact";

const GIVEN: [&str; 40] = [
    "Amara",
    "Bruno",
    "Chiara",
    "Daniel",
    "Elif",
    "Farid",
    "Grace",
    "Hugo",
    "Inês",
    "Jonas",
    "Kavya",
    "Liam",
    "Maja",
    "Nuno",
    "Olivia",
    "Pedro",
    "Quinn",
    "Rosa",
    "Samir",
    "Tomás",
    "Uma",
    "Valentina",
    "Wanjiru",
    "Xavier",
    "Yara",
    "Zoe",
    "Aarav",
    "Beatriz",
    "Clara",
    "Diego",
    "Emma",
    "Filipa",
    "Gabriel",
    "Hannah",
    "Ibrahim",
    "Joana",
    "Kofi",
    "Leonor",
    "Mateus",
    "Nadia",
];
const FAMILY: [&str; 37] = [
    "Almeida", "Becker", "Costa", "Dias", "Eriksen", "Ferreira", "Gomes", "Haddad", "Ivanova", "Jansen",
    "Khan", "Lopes", "Martins", "Nakamura", "Okafor", "Pereira", "Quist", "Rocha", "Silva", "Teixeira",
    "Ueda", "Vieira", "Weber", "Xu", "Yilmaz", "Ziegler", "Araújo", "Bianchi", "Carvalho", "Duarte",
    "Esposito", "Fonseca", "Garcia", "Hoffmann", "Iyer", "Joshi", "Keller",
];
const INTERESTS: [&str; 19] = [
    "robotics",
    "chess",
    "football",
    "music production",
    "photography",
    "creative writing",
    "cooking",
    "hiking",
    "coding",
    "astronomy",
    "theater",
    "drawing",
    "volunteering",
    "gardening",
    "podcasts",
    "debating",
    "swimming",
    "history",
    "game design",
];
const TOPICS: [&str; 13] = [
    "apply to university",
    "write better essays",
    "learn to program",
    "prepare for exams",
    "speak in public",
    "find an apprenticeship",
    "improve English",
    "choose a career",
    "manage time",
    "build a portfolio",
    "understand mathematics",
    "get through interviews",
    "work in a team",
];
/// A zone, the languages spoken there, and the free afternoons and evenings of its people.
const PLACES: [(&str, &str, [&str; 3]); 5] = [
    ("Europe/Lisbon", "pt; en", ["Mon 16:00-18:30", "Wed 15:30-18:00", "Sat 10:00-12:00"]),
    ("Europe/Berlin", "de; en", ["Mon 17:00-19:30", "Thu 16:00-18:30", "Sat 11:00-13:00"]),
    ("Europe/London", "en", ["Mon 16:00-18:30", "Wed 16:00-18:00", "Thu 15:30-17:30"]),
    ("Asia/Kolkata", "hi; en", ["Mon 21:00-23:30", "Wed 20:30-23:00", "Sat 15:00-18:00"]),
    ("America/New_York", "en; es", ["Mon 11:00-13:30", "Thu 10:30-13:00", "Sat 08:00-10:00"]),
];

/// Mentees first, then mentors. One mentee of five is a minor.
pub fn roster(mentees: usize, mentors: usize) -> String {
    let mut csv = format!("{COLUMNS}\n");
    for number in 0..mentees {
        mentee(&mut csv, number);
    }
    for number in 0..mentors {
        mentor(&mut csv, number);
    }
    csv
}

fn mentee(csv: &mut String, number: usize) {
    let (name, address) = person(number * 3, number);
    let (zone, languages, windows) = place(number);
    let interests = some(&INTERESTS, number * 5, 3);
    let goals = some(&TOPICS, number * 2, 2);
    let (first, second) = (windows[0], windows[1 + number % 2]);
    let born = format!(
        "{}-{:02}-{:02}",
        [2012, 2007, 2008, 2008, 2009][number % 5],
        1 + number % 12,
        1 + number % 28
    );
    let family = name.rsplit(' ').next().expect("a family name");
    let guardian = if number.is_multiple_of(5) {
        format!("Family {family} +351 555 {number:04}")
    } else {
        String::new()
    };
    writeln!(
        csv,
        "{name},{address}@pupils.example,mentee,P-{number:04},{born},{zone},{languages},{interests},{goals},,{first}; {second},,{guardian}",
    )
    .expect("text");
}

fn mentor(csv: &mut String, number: usize) {
    let (name, address) = person(number * 7 + 1, number + 20_000);
    let (zone, languages, windows) = place(number + 1);
    let interests = some(&INTERESTS, number * 3 + 1, 4);
    let expertise = some(&TOPICS, number * 2, 4);
    let capacity = 2 + number % 3;
    writeln!(
        csv,
        "{name},{address}@mentors.example,mentor,M-{number:04},,{zone},{languages},{interests},,{expertise},{},{capacity},",
        windows.join("; "),
    )
    .expect("text");
}

/// A name, and an address that nobody else has.
fn person(seed: usize, number: usize) -> (String, String) {
    let (given, family) = (GIVEN[seed % GIVEN.len()], FAMILY[(seed * 5 + number) % FAMILY.len()]);
    let plain = |text: &str| text.to_lowercase().replace('ê', "e").replace('á', "a").replace('ú', "u");
    (format!("{given} {family}"), format!("{}.{}.{number}", plain(given), plain(family)))
}

fn place(number: usize) -> (&'static str, &'static str, [&'static str; 3]) {
    // Most people live near each other; some do not.
    PLACES[[0, 1, 0, 2, 0, 1, 2, 3, 0, 4][number % 10]]
}

fn some(list: &[&str], from: usize, count: usize) -> String {
    (0..count).map(|step| list[(from + step * 4) % list.len()]).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_committed_roster_is_this_one() {
    crate::schema::assert_golden("tests/data/roster.csv", &roster(60, 25));
}
