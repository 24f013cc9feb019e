//! How is a thing named? By a typed id that knows its prefix and its text form.
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Something that has an id of its own. The prefix is part of the public text form and never changes.
pub trait Entity {
    const PREFIX: &'static str;
}

/// The id of a `T`: a UUID in storage, `prefix_` and 26 characters of Crockford base32 in text.
pub struct Id<T> {
    uuid: Uuid,
    kind: PhantomData<fn() -> T>,
}

/// The text is not the id of a thing of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ followed by 26 letters and digits")]
pub struct MalformedId {
    pub prefix: &'static str,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 128 bits in groups of five.
const LENGTH: usize = 26;

impl<T> Id<T> {
    pub const fn new(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// The same id read as that of another kind, for polymorphic references such as audit rows.
    pub const fn cast<U>(self) -> Id<U> {
        Id::new(self.uuid)
    }
}

/// Writes `uuid` as `prefix_` and 26 characters of Crockford base32, lower case.
pub fn encode(prefix: &str, uuid: Uuid) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + LENGTH);
    text.push_str(prefix);
    text.push('_');
    let bits = uuid.as_u128();
    for group in (0..LENGTH).rev() {
        let index = usize::try_from((bits >> (group * 5)) & 31).unwrap_or_default();
        text.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'0')));
    }
    text
}

/// Splits an id into its prefix and UUID; `None` when it is malformed.
pub fn decode(text: &str) -> Option<(&str, Uuid)> {
    let (prefix, digits) = text.rsplit_once('_')?;
    if digits.len() != LENGTH {
        return None;
    }
    let mut bits: u128 = 0;
    for (position, byte) in digits.bytes().enumerate() {
        let value = ALPHABET.iter().position(|&letter| letter == byte)?;
        // 26 groups hold 130 bits: the first character may only use three of its five.
        if position == 0 && value > 7 {
            return None;
        }
        bits = (bits << 5) | u128::try_from(value).ok()?;
    }
    Some((prefix, Uuid::from_u128(bits)))
}

impl<T: Entity> FromStr for Id<T> {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        match decode(text) {
            Some((prefix, uuid)) if prefix == T::PREFIX => Ok(Self::new(uuid)),
            _ => Err(MalformedId { prefix: T::PREFIX }),
        }
    }
}

impl<T: Entity> fmt::Display for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&encode(T::PREFIX, self.uuid))
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.uuid, formatter)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<T> From<Uuid> for Id<T> {
    fn from(uuid: Uuid) -> Self {
        Self::new(uuid)
    }
}
impl<T> From<Id<T>> for Uuid {
    fn from(id: Id<T>) -> Self {
        id.uuid
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.uuid.serialize(serializer)
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Thing;
    impl Entity for Thing {
        const PREFIX: &'static str = "thing";
    }

    proptest! {
        #[test]
        fn text_form_round_trips(bits: u128) {
            let id = Id::<Thing>::new(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<Id<Thing>>(), Ok(id));
        }

        #[test]
        fn text_order_is_id_order(a: u128, b: u128) {
            let (a, b) = (Id::<Thing>::new(Uuid::from_u128(a)), Id::<Thing>::new(Uuid::from_u128(b)));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }

    #[test]
    fn other_kinds_and_malformed_text_are_refused() {
        for text in [
            "",
            "thing",
            "thing_",
            "match_00000000000000000000000000",
            "thing_0000000000000000000000000",
            "thing_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "thing_0000000000000000000000000U",
        ] {
            assert!(text.parse::<Id<Thing>>().is_err(), "{text}");
        }
    }
}
