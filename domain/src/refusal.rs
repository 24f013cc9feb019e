//! How does a rule say no? With a stable code, the field at fault and a sentence for a person.
use std::{error::Error, fmt};

crate::text_enum! {
    /// Why an input or a wish was refused. New values may be added: treat an unknown one like INVALID.
    pub enum Code as "UserErrorCode" {
        /// A value that is needed is missing or blank.
        Required = "REQUIRED",
        /// A value is not acceptable; the message says which values are.
        Invalid = "INVALID",
        /// A text or list is longer than allowed; `params` has `max`.
        TooLong = "TOO_LONG",
        /// A number or date is outside its range; `params` has `min` and `max`.
        OutOfRange = "OUT_OF_RANGE",
        /// A value or id that must be unique is already in use.
        Taken = "TAKEN",
        /// No such thing exists, or you may not see it.
        NotFound = "NOT_FOUND",
        /// You may see it, but not do this with it.
        NotAllowed = "NOT_ALLOWED",
        /// The thing is in a state that does not allow this; `params` has `state` and `allowed`.
        WrongState = "WRONG_STATE",
        /// Somebody changed the thing since you read it; read it again and repeat.
        StaleVersion = "STALE_VERSION",
        /// The person does not meet a condition of the program.
        NotEligible = "NOT_ELIGIBLE",
        /// A recorded consent of a guardian is missing.
        ConsentRequired = "CONSENT_REQUIRED",
        /// All places are taken.
        CapacityReached = "CAPACITY_REACHED",
        /// The mentee already has a mentor in this cohort.
        AlreadyMatched = "ALREADY_MATCHED",
        /// These two people must not be matched.
        Excluded = "EXCLUDED",
        /// The time in which this was possible is over or has not begun.
        WindowClosed = "WINDOW_CLOSED",
        /// The link, code or invitation is not valid any more.
        Expired = "EXPIRED",
        /// The credentials are not right.
        InvalidCredentials = "INVALID_CREDENTIALS",
        /// Confirm your own e-mail address first; `resendVerification` sends the link again.
        EmailUnverified = "EMAIL_UNVERIFIED",
        /// The password is too short, too common or too easy to guess.
        PasswordWeak = "PASSWORD_WEAK",
        /// The refresh token is not valid; sign in again.
        InvalidGrant = "INVALID_GRANT",
        /// A refresh token was used twice; the session was ended. Sign in again.
        RefreshReused = "REFRESH_REUSED",
        /// The last owner cannot leave the organization.
        LastOwner = "LAST_OWNER",
        /// The file has errors; the import result lists them by row.
        ImportInvalid = "IMPORT_INVALID",
        /// Too few people answered to show a result without revealing who said what.
        TooFewAnswers = "TOO_FEW_ANSWERS",
        /// A quota is used up; `params` has `max`.
        LimitReached = "LIMIT_REACHED",
    }
}

/// A rule broken, in the words of the person who broke it. `Display` is the sentence.
pub trait Refuse: Error + Send + Sync + 'static {
    fn code(&self) -> Code;

    /// The input field at fault, relative to the input object, with dots for nesting: `questions.3.text`.
    fn path(&self) -> Option<String> {
        None
    }

    /// Values that an app needs to word its own message.
    fn params(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// Any refusal, after its feature has been forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub message: String,
    pub path: Option<String>,
    pub params: Vec<(String, String)>,
}

impl<R: Refuse> From<R> for Refusal {
    fn from(refused: R) -> Self {
        let params = refused.params().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { code: refused.code(), message: refused.to_string(), path: refused.path(), params }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// An event that the current state of a thing does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not possible while {state}; possible now: {}", if allowed.is_empty() { "nothing" } else { allowed })]
pub struct WrongState {
    pub state: &'static str,
    /// The events that are allowed now, separated by commas.
    pub allowed: String,
}

impl Refuse for WrongState {
    fn code(&self) -> Code {
        Code::WrongState
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        vec![("state", self.state.to_owned()), ("allowed", self.allowed.clone())]
    }
}

/// Somebody else changed the thing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this was changed since you read it: it is now version {actual}")]
pub struct StaleVersion {
    pub actual: i32,
}

impl Refuse for StaleVersion {
    fn code(&self) -> Code {
        Code::StaleVersion
    }

    fn path(&self) -> Option<String> {
        Some("expectedVersion".to_owned())
    }

    fn params(&self) -> Vec<(&'static str, String)> {
        vec![("actual", self.actual.to_string())]
    }
}

/// Compares the version that a client read, when it sent one, with the present one.
pub fn check_version(expected: Option<i32>, actual: i32) -> Result<(), StaleVersion> {
    if expected.is_none_or(|version| version == actual) { Ok(()) } else { Err(StaleVersion { actual }) }
}
