//! Do quarter hours say the same as counting minutes on the wall clocks of both people?
use chrono::{Datelike, Duration, Timelike};
use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::*;

fn draft(weekday: Weekday, start: &str, end: &str, zone: &str) -> WindowDraft {
    let minute = |text| parse_time(text).unwrap();
    WindowDraft { weekday, start: minute(start), end: minute(end), zone: zone.to_owned() }
}

fn week(drafts: &[WindowDraft]) -> Availability {
    Availability::new("availability", drafts).unwrap()
}

fn any_window() -> impl Strategy<Value = WindowDraft> {
    let day = (0..7usize).prop_map(|index| Weekday::ALL[index]);
    let zone = (0..TZ_VARIANTS.len()).prop_map(|index| TZ_VARIANTS[index].name().to_owned());
    (day, 0..96u16, 1..96u16, zone).prop_map(|(weekday, start, length, zone)| WindowDraft {
        weekday,
        start: start * 15,
        end: (start + length).min(96) * 15,
        zone,
    })
}

/// Looks at every minute of a UTC week on the wall clock of each window's zone.
fn free_minutes(drafts: &[WindowDraft]) -> Vec<bool> {
    let monday = REFERENCE.and_time(NaiveTime::MIN).and_utc();
    let windows: Vec<_> = drafts.iter().map(|draft| (draft, draft.zone.parse::<Tz>().unwrap())).collect();
    let free = |minute: i64| {
        windows.iter().any(|(draft, zone)| {
            let local = (monday + Duration::minutes(minute)).with_timezone(zone);
            let day = Weekday::ALL[usize::try_from(local.weekday().num_days_from_monday()).unwrap()];
            let time = u16::try_from(local.hour() * 60 + local.minute()).unwrap();
            day == draft.weekday && (draft.start..draft.end).contains(&time)
        })
    };
    (0..i64::from(MINUTES_PER_WEEK)).map(free).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn overlap_is_what_both_wall_clocks_say(
        mine in prop::collection::vec(any_window(), 0..4),
        theirs in prop::collection::vec(any_window(), 0..4),
    ) {
        let both: Vec<bool> = free_minutes(&mine)
            .into_iter().zip(free_minutes(&theirs)).map(|(mine, theirs)| mine && theirs).collect();
        let counted = both.iter().filter(|&&free| free).count();
        let (mine, theirs) = (week(&mine), week(&theirs));
        prop_assert_eq!(usize::from(mine.overlap(&theirs)), counted);
        prop_assert_eq!(theirs.overlap(&mine), mine.overlap(&theirs));
        let stretches = mine.shared(&theirs);
        prop_assert_eq!(stretches.iter().map(|stretch| usize::from(stretch.minutes)).sum::<usize>(), counted);
        for stretch in stretches {
            let first = usize::from(stretch.weekday.begins() + stretch.start);
            for minute in first..first + usize::from(stretch.minutes) {
                prop_assert!(both[minute % both.len()]);
            }
        }
    }
}

#[test]
fn no_zone_changes_its_offset_near_the_reference_week_and_all_offsets_are_quarters() {
    for zone in TZ_VARIANTS {
        let at = |days| {
            let noon = REFERENCE.and_time(NaiveTime::MIN) + Duration::days(days);
            zone.offset_from_utc_datetime(&noon).fix().local_minus_utc()
        };
        assert!((-2..=9).all(|days| at(days) == at(0)), "{zone}");
        assert_eq!(at(0) % 900, 0, "{zone}");
    }
}

#[test]
fn kathmandu_is_five_hours_and_three_quarters_ahead() {
    let kathmandu = week(&[draft(Weekday::Monday, "17:45", "18:45", "Asia/Kathmandu")]);
    let utc = week(&[draft(Weekday::Monday, "12:00", "13:00", "UTC")]);
    assert_eq!(kathmandu.overlap(&utc), 60);
    assert_eq!(kathmandu.quarters(), utc.quarters());
}

#[test]
fn the_week_wraps_on_both_sides() {
    // Monday morning on Kiritimati (UTC+14) is still Sunday in UTC.
    let kiritimati = week(&[draft(Weekday::Monday, "08:00", "10:00", "Pacific/Kiritimati")]);
    let honolulu = week(&[draft(Weekday::Sunday, "08:00", "09:00", "Pacific/Honolulu")]);
    let sunday = Stretch { weekday: Weekday::Sunday, start: 18 * 60, minutes: 60 };
    assert_eq!(kiritimati.shared(&honolulu), [sunday]);
    // Sunday evening in Honolulu (UTC-10) is already Monday in UTC; the stretch passes the week's end.
    let late = week(&[draft(Weekday::Sunday, "13:00", "15:00", "Pacific/Honolulu")]);
    let across = Stretch { weekday: Weekday::Sunday, start: 23 * 60, minutes: 120 };
    assert_eq!(late.shared(&late), [across]);
}

#[test]
fn a_whole_week_and_an_empty_week() {
    let all: Vec<_> = Weekday::ALL.iter().map(|&day| draft(day, "00:00", "24:00", "Asia/Kolkata")).collect();
    let (all, none) = (week(&all), Availability::default());
    assert_eq!(all.overlap(&all), MINUTES_PER_WEEK);
    assert_eq!(all.shared(&all).len(), 1);
    assert_eq!(all.overlap(&none), 0);
    assert!(none.shared(&none).is_empty());
}

#[test]
fn windows_that_overlap_count_once() {
    let twice = week(&[
        draft(Weekday::Friday, "10:00", "12:00", "UTC"),
        draft(Weekday::Friday, "11:00", "13:00", "UTC"),
    ]);
    assert_eq!(twice.overlap(&twice), 180);
}

#[test]
fn each_fault_names_its_place() {
    let good = draft(Weekday::Monday, "10:00", "11:00", "UTC");
    let bad = |change: fn(&mut WindowDraft)| {
        let mut third = good.clone();
        change(&mut third);
        let refusal = Availability::new("availability", &[good.clone(), good.clone(), third]).unwrap_err();
        (refusal.code(), refusal.path().unwrap())
    };
    let at = |field: &str| format!("availability.2.{field}");
    assert_eq!(bad(|window| window.end = window.start), (Code::Invalid, at("end")));
    assert_eq!(bad(|window| window.end = 1455), (Code::OutOfRange, at("end")));
    assert_eq!(bad(|window| window.start = 601), (Code::Invalid, at("start")));
    assert_eq!(bad(|window| window.zone = "Mars/Olympus".to_owned()), (Code::Invalid, at("zone")));
    let many = vec![good; MAX_WINDOWS + 1];
    let refusal = Availability::new("availability", &many).unwrap_err();
    assert_eq!((refusal.code(), refusal.path()), (Code::TooLong, Some("availability".to_owned())));
    assert!(Availability::new("availability", &many[1..]).is_ok());
}

#[test]
fn times_are_read_and_written() {
    assert_eq!(parse_time("00:00"), Some(0));
    assert_eq!(parse_time("9:05"), Some(545));
    assert_eq!(parse_time("24:00"), Some(1440));
    for text in ["", ":", "24:15", "12:60", "12:5", "+1:00", "12:00:00", "noon", "123:00"] {
        assert_eq!(parse_time(text), None, "{text}");
    }
    assert_eq!(format_time(545), "09:05");
}
