//! Honest phones that lose answers, and thieves, against the refresh rule.
use proptest::prelude::*;

use super::*;

/// A small generator, so that each simulated session has its own reproducible luck.
struct Luck(u64);

impl Luck {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// The server's side: a family that may have been ended.
struct Server {
    family: Family,
    ended: bool,
}

impl Server {
    fn new() -> Self {
        Self { family: Family::new(DateTime::UNIX_EPOCH), ended: false }
    }

    /// The generation of the token in the answer; `None` when refused.
    fn refresh(&mut self, generation: i32, milliseconds: i64) -> Option<i32> {
        if self.ended {
            return None;
        }
        match self.family.refresh(generation, DateTime::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds)) {
            Refreshed::Rotated(family) | Refreshed::Repeated(family) => {
                self.family = family;
                Some(family.newest)
            }
            Refreshed::Reused => {
                self.ended = true;
                None
            }
            Refreshed::Unknown => None,
        }
    }

    /// An access token is used.
    fn call(&mut self, generation: i32) -> bool {
        if !self.ended {
            self.family = self.family.prove(generation).unwrap_or(self.family);
        }
        !self.ended
    }
}

/// Two hundred refreshes of an app that refreshes from several places at once and loses answers.
fn honest_session_survives(seed: u64, lost_percent: u64) -> bool {
    let (mut luck, mut server, mut token, mut now) = (Luck(seed), Server::new(), 0, 0_i64);
    for _ in 0..200 {
        now += [600_000, 3_600_000, 30_000_000][usize::try_from(luck.below(3)).expect("small")];
        let calls = [1, 1, 1, 2, 3][usize::try_from(luck.below(5)).expect("small")];
        let mut received = Vec::new();
        for _ in 0..calls {
            let offset = i64::try_from(luck.below(4000)).expect("small");
            let Some(answer) = server.refresh(token, now + offset) else { return false };
            if !luck.percent(lost_percent) {
                received.push(answer);
            }
        }
        if let Some(&first) = received.first() {
            token = first;
            for &generation in &received {
                if luck.percent(70) && !server.call(generation) {
                    return false;
                }
            }
        }
    }
    true
}

#[test]
fn no_honest_session_is_ever_signed_out() {
    for lost_percent in [5, 25] {
        let signed_out = (0..2000).filter(|&seed| !honest_session_survives(seed, lost_percent)).count();
        assert_eq!(signed_out, 0, "at {lost_percent} % lost answers");
    }
}

/// A thief copies the token once, refreshes before or after the owner, and keeps the new access tokens idle until the
/// owner has refreshed. Answers the cycle in which the session was ended.
fn shadow_thief_is_caught_in(seed: u64, early: bool) -> Option<u32> {
    let (mut luck, mut server, mut owner, mut now) = (Luck(seed), Server::new(), 0, 0_i64);
    for _ in 0..5 {
        now += 600_000;
        owner = server.refresh(owner, now).expect("honest");
        server.call(owner);
    }
    let mut thief = owner;
    for cycle in 1..50 {
        now += 600_000;
        let distance = 11_000 + i64::try_from(luck.below(489_000)).expect("small");
        for who_is_thief in if early { [true, false] } else { [false, true] } {
            let (token, at) = match (who_is_thief, early) {
                (true, true) => (&mut thief, now - distance),
                (true, false) => (&mut thief, now + distance),
                (false, _) => (&mut owner, now),
            };
            match server.refresh(*token, at) {
                Some(answer) => *token = answer,
                None => return Some(cycle),
            }
        }
        server.call(owner);
        server.call(thief);
        if server.ended {
            return Some(cycle);
        }
    }
    None
}

#[test]
fn a_shadow_thief_is_caught_within_two_cycles() {
    for early in [true, false] {
        for seed in 0..500 {
            let caught = shadow_thief_is_caught_in(seed, early);
            assert!(caught.is_some_and(|cycle| cycle <= 2), "seed {seed}, early {early}: {caught:?}");
        }
    }
}

#[test]
fn a_replaced_token_is_a_tripwire_after_ten_seconds() {
    for later in [11_000, 86_400_000] {
        let mut server = Server::new();
        let first = server.refresh(0, 0).expect("honest");
        let second = server.refresh(first, 600_000).expect("honest");
        server.call(second);
        assert_eq!(server.refresh(first, 600_000 + later), None);
        assert!(server.ended, "after {later} ms");
    }
}

#[test]
fn a_forged_generation_does_not_hurt_the_owner() {
    let mut server = Server::new();
    for generation in [1, 7, i32::MAX, -1, i32::MIN] {
        assert_eq!(server.refresh(generation, 0), None);
    }
    assert_eq!(server.refresh(0, 0), Some(1));
}

proptest! {
    /// The four rules, stated once more and independently of the code's order.
    #[test]
    fn the_rule_is_what_the_specification_says(
        newest in 0..6_i32, proven in 0..6_i32, presented in -1..6_i32, repeats in 0..12_i32,
        generation in -1..8_i32, milliseconds in 0..20_000_i64,
    ) {
        let rotated_at = DateTime::UNIX_EPOCH;
        let family = Family { newest, proven: proven.min(newest), presented: presented.min(newest), repeats, rotated_at };
        let outcome = family.refresh(generation, rotated_at + TimeDelta::milliseconds(milliseconds));
        let issued = (0..=newest).contains(&generation);
        let parallel = generation == family.presented && milliseconds <= 10_000 && repeats < 10;
        match outcome {
            Refreshed::Unknown => prop_assert!(!issued),
            Refreshed::Repeated(next) => prop_assert!(issued && parallel && next.newest == newest),
            Refreshed::Reused => prop_assert!(issued && !parallel && generation < family.proven),
            Refreshed::Rotated(next) => {
                prop_assert!(issued && !parallel && generation >= family.proven);
                prop_assert_eq!((next.newest, next.proven, next.presented), (newest + 1, generation, generation));
            }
        }
    }
}
