//! What was acknowledged, and is it answered the same again?
use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::client::insist;
use crate::harness::Client;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    CreateProfile,
    Invite,
    Enroll,
    CreateProgram,
    UpdateProfile,
}

impl Kind {
    pub const ALL: [Self; 5] =
        [Self::CreateProfile, Self::Invite, Self::Enroll, Self::CreateProgram, Self::UpdateProfile];

    pub fn field(self) -> &'static str {
        match self {
            Self::CreateProfile => "createProfile",
            Self::Invite => "invitePerson",
            Self::Enroll => "enroll",
            Self::CreateProgram => "createProgram",
            Self::UpdateProfile => "updateProfile",
        }
    }

    pub fn object(self) -> &'static str {
        match self {
            Self::CreateProfile | Self::UpdateProfile => "profile",
            Self::Invite => "invitation",
            Self::Enroll => "enrollment",
            Self::CreateProgram => "program",
        }
    }

    pub fn document(self) -> String {
        let (field, object) = (self.field(), self.object());
        let input = match self {
            Self::Invite => "InvitePersonInput".to_owned(),
            _ => format!("{}{}Input", field[..1].to_uppercase(), &field[1..]),
        };
        format!(
            "mutation($input: {input}!) {{ {field}(input: $input) {{ {object} {{ id }} userErrors {{ code path message }} }} }}"
        )
    }
}

/// Something that a client wants done once.
#[derive(Debug, Clone)]
pub struct Wish {
    pub kind: Kind,
    pub key: String,
    pub input: Value,
}

/// Everything that was acknowledged.
#[derive(Default)]
pub struct Ledger {
    entries: Mutex<Vec<(Wish, String)>>,
    pub acknowledged: AtomicUsize,
    repeats: AtomicUsize,
    pub stop: AtomicBool,
    failed: AtomicBool,
}

impl Ledger {
    pub fn note(&self, wish: Wish, id: String, repeats: usize) {
        self.entries.lock().unwrap().push((wish, id));
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        self.repeats.fetch_add(repeats, Ordering::Relaxed);
    }

    pub fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    pub fn summary(&self) -> String {
        let entries = self.entries.lock().unwrap();
        let count = |kind: Kind| entries.iter().filter(|(wish, _)| wish.kind == kind).count();
        let kinds: Vec<String> =
            Kind::ALL.iter().map(|kind| format!("{} {}", count(*kind), kind.field())).collect();
        let repeats = self.repeats.load(Ordering::Relaxed);
        format!("{} writes acknowledged ({}), {repeats} repeats", entries.len(), kinds.join(", "))
    }

    /// Sends every wish once more: each answers the id that it answered before.
    pub async fn replay(&self, client: &Client) {
        let entries = self.entries.lock().unwrap().clone();
        let again = stream::iter(entries).map(async |(wish, id)| {
            let (replayed, _) = insist(client, &wish).await;
            assert_eq!(replayed, id, "{wish:?}");
        });
        again.buffer_unordered(8).collect::<Vec<()>>().await;
    }

    /// What was acknowledged of one kind.
    pub fn ids(&self, kind: Kind) -> Vec<String> {
        let entries = self.entries.lock().unwrap();
        entries.iter().filter(|(wish, _)| wish.kind == kind).map(|(_, id)| id.clone()).collect()
    }
}
