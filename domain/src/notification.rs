//! What are people told, in the app and by mail?
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    account::Account,
    conversation::{Conversation, Message},
    id::{Entity, Id},
};

crate::text_enum! {
    /// What a notification is about. New values may be added: show an unknown one by its subject.
    pub enum Kind as "NotificationKind" {
        /// A match was proposed to you: accept or decline it.
        MatchOffered = "MATCH_OFFERED",
        /// Both sides accepted the match.
        MatchAccepted = "MATCH_ACCEPTED",
        /// The other side declined the match.
        MatchDeclined = "MATCH_DECLINED",
        /// The offer of a match was not answered in time.
        MatchExpired = "MATCH_EXPIRED",
        /// The offer of a match was taken back, or somebody else got the place.
        MatchWithdrawn = "MATCH_WITHDRAWN",
        /// The match was closed.
        MatchClosed = "MATCH_CLOSED",
        /// The other side proposed an objective.
        ObjectiveProposed = "OBJECTIVE_PROPOSED",
        /// The other side agreed to an objective.
        ObjectiveAgreed = "OBJECTIVE_AGREED",
        /// The other side says that an objective is done: rate or return it.
        ObjectiveSubmitted = "OBJECTIVE_SUBMITTED",
        /// The other side said how far an objective was reached.
        ObjectiveRated = "OBJECTIVE_RATED",
        /// A check-in was scheduled or moved.
        CheckInScheduled = "CHECK_IN_SCHEDULED",
        /// A check-in was called off.
        CheckInCancelled = "CHECK_IN_CANCELLED",
        /// A check-in is near.
        CheckInReminder = "CHECK_IN_REMINDER",
        /// A check-in was neither recorded, moved nor called off.
        CheckInMissed = "CHECK_IN_MISSED",
        /// The other side wrote a message.
        MessageReceived = "MESSAGE_RECEIVED",
        /// Something was shared with you.
        ResourceShared = "RESOURCE_SHARED",
        /// You are asked a survey.
        SurveyOpened = "SURVEY_OPENED",
        /// A matching run has ended and waits for review.
        MatchingFinished = "MATCHING_FINISHED",
        /// A roster import has ended.
        ImportFinished = "IMPORT_FINISHED",
    }
}

impl Kind {
    /// The folder of the mail that says it.
    pub fn folder(self) -> String {
        crate::text::TextEnum::as_str(self).to_ascii_lowercase()
    }
}

/// One thing that one account was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub id: Id<Notification>,
    pub account: Id<Account>,
    pub kind: Kind,
    /// The prefix of the subject's ids.
    pub subject_kind: String,
    pub subject: Uuid,
    pub read_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl Entity for Notification {
    const PREFIX: &'static str = "notification";
}

/// Something to tell. The key keeps one event from being told twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub kind: Kind,
    pub subject_kind: &'static str,
    pub subject: Uuid,
    pub key: String,
}

impl Notice {
    /// Messages of one conversation: told once a day at most, and again when the person has read up to another one.
    pub fn of_message(
        message: Id<Message>,
        conversation: Id<Conversation>,
        read: Option<Id<Message>>,
        day: NaiveDate,
    ) -> Self {
        let read = read.map(|read| read.to_string()).unwrap_or_default();
        let kind = Kind::MessageReceived;
        let key = format!("{kind} {conversation} {read} {day}");
        Self { kind, subject_kind: Message::PREFIX, subject: message.uuid(), key }
    }

    /// About a thing; `occasion` tells apart several notices about it, such as the version.
    pub fn about<T: Entity>(kind: Kind, subject: Id<T>, occasion: impl std::fmt::Display) -> Self {
        let key = format!("{kind} {subject} {occasion}");
        Self { kind, subject_kind: T::PREFIX, subject: subject.uuid(), key }
    }
}
