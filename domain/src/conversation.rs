//! What do the two sides of a pair write to each other?
use chrono::{DateTime, Utc};

use crate::{
    id::{Entity, Id},
    machine::Machine,
    matches::{self, Match},
    profile::Profile,
    refusal::{Code, Refuse, WrongState},
    text::{self, TextFault},
};

crate::text_enum! {
    /// Whether a message can be read.
    pub enum Status as "MessageStatus" {
        /// It can be read.
        Visible = "VISIBLE",
        /// Its sender took it back: it keeps its place and is shown without its text.
        Retracted = "RETRACTED",
    }
}

crate::text_enum! {
    /// What can happen to a message, named by the mutation that does it.
    pub enum Event as "MessageEvent" {
        /// Its sender takes it back.
        Retract = "retractMessage",
    }
}

crate::text_enum! {
    /// In which order messages are listed.
    pub enum Order as "MessageOrder" {
        /// The last message first.
        NewestFirst = "NEWEST_FIRST",
        /// The first message first.
        OldestFirst = "OLDEST_FIRST",
    }
}

#[expect(clippy::derivable_impls, reason = "text_enum! derives the same for every enum")]
impl Default for Order {
    fn default() -> Self {
        Self::NewestFirst
    }
}

/// The life of a message. Only its sender may retract it.
pub const MACHINE: Machine<Status, Event> = Machine(&[(Status::Visible, Event::Retract, Status::Retracted)]);

/// The state that follows `event`, or why it cannot happen now.
pub fn transition(status: Status, event: Event) -> Result<Status, WrongState> {
    MACHINE.transition(status, event)
}

/// The messages of a pair, from the time when both accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub id: Id<Conversation>,
    pub of: Id<Match>,
    pub message_count: i32,
    pub last_message_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl Entity for Conversation {
    const PREFIX: &'static str = "conversation";
}

/// One message.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub id: Id<Message>,
    pub conversation: Id<Conversation>,
    pub of: Id<Match>,
    pub sender: Id<Profile>,
    pub body: String,
    pub status: Status,
    pub created_at: DateTime<Utc>,
    pub retracted_at: Option<DateTime<Utc>>,
}

/// Its `Debug` does not show what was written.
impl std::fmt::Debug for Message {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Entity for Message {
    const PREFIX: &'static str = "message";
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("{0}")]
    State(#[from] WrongState),
    #[error("{0}")]
    Match(#[from] matches::Refusal),
    #[error("only who wrote a message takes it back")]
    NotSender,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::State(wrong) => wrong.code(),
            Self::Match(refusal) => refusal.code(),
            Self::NotSender => Code::NotAllowed,
        }
    }

    fn path(&self) -> Option<String> {
        if let Self::Text(fault) = self { fault.path() } else { None }
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Text(fault) => fault.params(),
            Self::State(wrong) => wrong.params(),
            Self::Match(refusal) => refusal.params(),
            Self::NotSender => Vec::new(),
        }
    }
}

impl Message {
    pub fn send(
        id: Id<Message>,
        of: &Match,
        conversation: Id<Conversation>,
        body: &str,
        sender: Id<Profile>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        of.working()?;
        Ok(Self {
            id,
            conversation,
            of: of.id,
            sender,
            body: text::prose("body", body, 4_000)?,
            status: Status::Visible,
            created_at: now,
            retracted_at: None,
        })
    }

    /// May this person take it back now? The same rule for the mutation and `allowedActions`.
    pub fn may_retract(&self, by: Option<Id<Profile>>) -> Result<Status, Refusal> {
        if by != Some(self.sender) {
            return Err(Refusal::NotSender);
        }
        Ok(transition(self.status, Event::Retract)?)
    }

    pub fn retract(mut self, by: Id<Profile>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.status = self.may_retract(Some(by))?;
        self.retracted_at = Some(now);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{machine::assert_machine, matches::sample, text::TextEnum};
    use uuid::Uuid;

    fn send(status: matches::Status, body: &str) -> Result<Message, Refusal> {
        let of = sample(status);
        let (id, conversation) = (Id::new(Uuid::from_u128(20)), Id::new(Uuid::from_u128(21)));
        Message::send(id, &of, conversation, body, of.mentor, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_message_lives_as_the_table_says() {
        assert_machine(MACHINE, &["VISIBLE: retractMessage RETRACTED"]);
    }

    #[test]
    fn only_pairs_whose_match_holds_write() {
        for &status in matches::Status::ALL {
            assert_eq!(send(status, "Hello").is_ok(), sample(status).holds_place(), "{status}");
        }
        let empty = send(matches::Status::Active, " ").expect_err("nothing said");
        assert_eq!((empty.code(), empty.path().as_deref()), (Code::Required, Some("body")));
    }

    #[test]
    fn a_message_is_taken_back_by_its_sender_once() {
        let message = send(matches::Status::Active, "Hello").expect("valid");
        let other = sample(matches::Status::Active).mentee;
        assert_eq!(message.clone().retract(other, DateTime::UNIX_EPOCH).err(), Some(Refusal::NotSender));
        let sender = message.sender;
        let retracted = message.retract(sender, DateTime::UNIX_EPOCH).expect("its own");
        assert!(retracted.retract(sender, DateTime::UNIX_EPOCH).is_err());
    }
}
