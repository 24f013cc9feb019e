//! Do points say what a coordinator would say?
use super::super::{
    sample::{Dice, cohort},
    *,
};
use super::{CriterionPoints, Evidence};
use crate::{
    matching::roster::Roster,
    profile::availability::{Availability, Weekday, WindowDraft},
};

fn window(start: u16, end: u16, zone: &str) -> Availability {
    let weekday = Weekday::Tuesday;
    Availability::new("availability", &[WindowDraft { weekday, start, end, zone: zone.to_owned() }]).unwrap()
}

fn pair() -> MatchInput {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut input = cohort(&mut Dice(11), 1, 2);
    let mentee = &mut input.mentees[0];
    mentee.goals = words(&["University application", "public speaking", "chemistry"]);
    mentee.interests = words(&["chess", "Football"]);
    mentee.languages = words(&["Portuguese", "English"]);
    mentee.availability = window(17 * 60, 20 * 60, "Europe/Lisbon");
    mentee.zone = chrono_tz::Europe::Lisbon;
    for mentor in &mut input.mentors {
        mentor.expertise = words(&["Public  Speaking", "Chemistry"]);
        mentor.interests = words(&["football"]);
        mentor.languages = words(&["english", "french"]);
        mentor.availability = window(19 * 60, 21 * 60, "Europe/Paris");
        mentor.zone = chrono_tz::Europe::Paris;
    }
    input.mentors[1].interests.push("Chess".to_owned());
    input.weights = Weights::default();
    input.exclusions.clear();
    input
}

fn lines(input: &MatchInput, mentor: usize) -> Vec<CriterionPoints> {
    let place = {
        let mut ids: Vec<_> = input.mentors.iter().map(|mentor| mentor.id).collect();
        ids.sort();
        ids.binary_search(&input.mentors[mentor].id).unwrap()
    };
    Roster::new(input).ok().unwrap().breakdown(0, place)
}

#[test]
fn each_criterion_gives_its_share_with_evidence() {
    let lines = lines(&pair(), 0);
    let points: Vec<_> = lines.iter().map(|line| line.points).collect();
    // 2 of 3 goals; football (everybody has it, 256) of football and chess (half have it, 512); 2 of 6 hours;
    // not the first language; 1 of 12 hours apart.
    assert_eq!(points, [2_666, 1_166, 500, 0, 458]);
    assert_eq!(
        lines[0].evidence,
        Evidence::Shared { words: vec!["chemistry".into(), "public speaking".into()] }
    );
    assert_eq!((lines[1].part, lines[1].whole), (256, 768));
    let stretch =
        crate::profile::availability::Stretch { weekday: Weekday::Tuesday, start: 18 * 60, minutes: 120 };
    assert_eq!(lines[2].evidence, Evidence::Overlap { minutes: 120, windows: vec![stretch] });
    assert_eq!(lines[3].evidence, Evidence::Languages { first: None, shared: vec!["english".into()] });
    assert_eq!(lines[4].evidence, Evidence::Apart { minutes: 60 });
}

#[test]
fn a_perfect_pair_scores_exactly_ten_thousand() {
    let mut input = pair();
    let mentee = input.mentees[0].clone();
    for mentor in &mut input.mentors {
        mentor.expertise = mentee.goals.clone();
        mentor.interests = mentee.interests.clone();
        mentor.languages = mentee.languages.clone();
        mentor.availability = window(0, 1440, "Europe/Lisbon");
        mentor.zone = mentee.zone;
    }
    input.mentees[0].availability = window(0, 1440, "Europe/Lisbon");
    assert_eq!(lines(&input, 0).iter().map(|line| line.points).sum::<u16>(), PERFECT);
}

#[test]
fn a_mentee_with_nothing_to_compare_gets_no_points_and_no_error() {
    let mut input = pair();
    let mentee = &mut input.mentees[0];
    (mentee.goals, mentee.interests, mentee.languages) = (Vec::new(), Vec::new(), Vec::new());
    mentee.availability = Availability::default();
    let points: Vec<_> = lines(&input, 0).iter().map(|line| (line.points, line.whole)).collect();
    assert_eq!(points, [(0, 0), (0, 0), (0, 360), (0, 1), (458, 720)]);
}

#[test]
fn blanks_are_nothing_to_have_in_common() {
    let mut input = pair();
    let plain = lines(&input, 0);
    let mentee = &mut input.mentees[0];
    mentee.goals.push("  ".to_owned());
    mentee.interests.push("  ".to_owned());
    for mentor in &mut input.mentors {
        mentor.expertise.push(String::new());
        mentor.interests.push(" ".to_owned());
    }
    assert_eq!(lines(&input, 0), plain);
}

#[test]
fn having_more_in_common_never_lowers_the_score() {
    for seed in 0..100 {
        let mut dice = Dice(seed);
        let mut input = cohort(&mut dice, 1, 6);
        input.rules = Rules { minimum_overlap: 0, shared_language: false, ..Rules::default() };
        let roster = |input: &MatchInput| Roster::new(input).ok().unwrap();
        let score = |roster: &Roster| {
            let (seeker, guide) = roster.pair(0, 0);
            let overlap = seeker.person.availability.overlap(&guide.person.availability);
            roster.score(seeker, guide, overlap)
        };
        let before = roster(&input);
        input.mentors.sort_by_key(|mentor| mentor.id);
        let (mentee, mentor) = (&input.mentees[0], &mut input.mentors[0]);
        mentor.expertise.extend(mentee.goals.iter().take(1).cloned());
        mentor.interests.extend(mentee.interests.iter().take(1).cloned());
        mentor.languages.extend(mentee.languages.iter().take(1).cloned());
        let windows =
            mentor.availability.windows().iter().chain(mentee.availability.windows().iter().take(1));
        mentor.availability = windows.copied().collect::<Vec<_>>().into();
        let mut after = roster(&input);
        // How much an interest counts depends on everybody; here only the pair changes.
        after.rarity.clone_from(&before.rarity);
        after.mentees[0].interest_rarity = before.mentees[0].interest_rarity;
        assert!(score(&after) >= score(&before), "seed {seed}");
        assert!(score(&after) <= PERFECT);
    }
}
