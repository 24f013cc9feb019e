//! Are people described as they typed it, and is what cannot be refused by its field?
use super::*;
use crate::refusal::Refuse;
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn draft() -> Draft {
    Draft { name: "Ana Müller".into(), time_zone: "Europe/Lisbon".into(), ..Draft::default() }
}

fn create(draft: &Draft) -> Result<(Profile, Private), Refusal> {
    Profile::create(Id::new(Uuid::from_u128(1)), draft, day("2026-03-01"), DateTime::UNIX_EPOCH)
}

fn fault(draft: &Draft) -> (Code, Option<String>) {
    let refusal = create(draft).expect_err("refused");
    (refusal.code(), refusal.path())
}

#[test]
fn words_are_kept_once_and_as_typed() {
    let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let interests = words(&["Robotics", " robotics ", "Open  water", "open water"]);
    let languages = words(&["pt-BR", "EN", "en"]);
    let (profile, _) = create(&Draft { interests, languages, ..draft() }).expect("valid");
    assert_eq!(profile.interests, ["Robotics", "Open  water"]);
    assert_eq!(profile.languages, ["pt-BR", "EN"]);
    assert_eq!(profile.capacity, 1);
}

#[test]
fn a_fault_names_its_field_and_its_place_in_a_list() {
    let word = || vec!["chess".to_owned(), " ".to_owned()];
    let cases = [
        (Draft { name: " ".into(), ..draft() }, Code::Required, "name"),
        (Draft { email: Some("ana".into()), ..draft() }, Code::Invalid, "email"),
        (Draft { time_zone: "Mars/North".into(), ..draft() }, Code::Invalid, "timeZone"),
        (Draft { goals: word(), ..draft() }, Code::Required, "goals.1"),
        (Draft { expertise: vec!["x".into(); 31], ..draft() }, Code::TooLong, "expertise"),
        (Draft { languages: vec!["en".into(), "klingon!".into()], ..draft() }, Code::Invalid, "languages.1"),
        (Draft { capacity: Some(51), ..draft() }, Code::OutOfRange, "capacity"),
        (Draft { capacity: Some(-1), ..draft() }, Code::OutOfRange, "capacity"),
        (Draft { birth_date: Some(day("2026-03-02")), ..draft() }, Code::OutOfRange, "birthDate"),
        (Draft { birth_date: Some(day("1905-01-01")), ..draft() }, Code::OutOfRange, "birthDate"),
        (Draft { guardian_contact: Some("x".repeat(501)), ..draft() }, Code::TooLong, "guardianContact"),
    ];
    for (draft, code, path) in cases {
        assert_eq!(fault(&draft), (code, Some(path.to_owned())), "{draft:?}");
    }
}

#[test]
fn an_edit_keeps_what_it_does_not_name_and_blank_text_removes() {
    let full = Draft { email: Some("ana@example.org".into()), about: Some("Hi".into()), ..draft() };
    let (profile, private) = create(&full).expect("valid");
    let edit =
        Edit { about: Some(String::new()), birth_date: Some(Some(day("2012-05-05"))), ..Edit::default() };
    let edited = profile.clone().edit(&edit, Some(1), DateTime::UNIX_EPOCH).expect("valid");
    assert_eq!(edited.about, None);
    assert_eq!(edited.email, profile.email);
    let private = private.edit(&edit, day("2026-03-01")).expect("valid");
    assert_eq!(private.birth_date, Some(day("2012-05-05")));
    let cleared = Edit { birth_date: Some(None), ..Edit::default() };
    assert_eq!(private.edit(&cleared, day("2026-03-01")).expect("valid"), Private::default());
    let stale = profile.edit(&edit, Some(2), DateTime::UNIX_EPOCH);
    assert_eq!(stale, Err(Refusal::Stale(StaleVersion { actual: 1 })));
}

#[test]
fn a_minor_comes_of_age_on_the_birthday() {
    let born = |text| Private { birth_date: Some(day(text)), guardian_contact: None };
    assert!(born("2010-03-02").is_minor(16, day("2026-03-01")));
    assert!(!born("2010-03-01").is_minor(16, day("2026-03-01")));
    // Born on a leap day: of age on March 1 of a common year.
    assert!(born("2012-02-29").is_minor(14, day("2026-02-28")));
    assert!(!born("2012-02-29").is_minor(14, day("2026-03-01")));
    assert!(!Private::default().is_minor(16, day("2026-03-01")));
}

#[test]
fn of_age_is_who_is_known_to_be_so() {
    let born = |date| Private { birth_date: Some(day(date)), ..Private::default() };
    assert!(!born("2010-03-02").has_come_of_age(16, day("2026-03-01")));
    assert!(born("2010-03-01").has_come_of_age(16, day("2026-03-01")));
    assert!(!Private::default().has_come_of_age(16, day("2026-03-01")));
}

#[test]
fn what_is_private_does_not_reach_logs() {
    let secret = Private { birth_date: None, guardian_contact: Some("+351 555".into()) };
    assert!(!format!("{secret:?}").contains("555"));
}
