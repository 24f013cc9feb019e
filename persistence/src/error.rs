//! What can go wrong between us and the database, and which of it is a person's doing?
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use domain::{
    refusal::{Refusal, Refuse},
    text::UnknownText,
};

/// Why the database did not answer. It has no `Display` on purpose: async-graphql turns whatever has one
/// into a message for clients.
#[derive(Debug)]
pub enum Error {
    /// A named constraint was broken that stands for a rule, or a rule was broken in the transaction.
    Refused(Refusal),
    /// Something that must exist does not, within what the actor may see.
    Missing,
    Query(DieselError),
    /// No connection could be had in time.
    Pool(String),
    /// What is stored is not what we store.
    Corrupt {
        table: &'static str,
        column: &'static str,
        problem: String,
    },
    /// A fault of ours in the use of a request's connection.
    Misuse(&'static str),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// For values that can only be wrong when somebody else wrote to the table.
    pub fn corrupt(table: &'static str, column: &'static str, problem: impl std::fmt::Display) -> Self {
        Self::Corrupt { table, column, problem: problem.to_string() }
    }

    /// Is it worth trying again on another connection or a moment later?
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Pool(_) => true,
            Self::Query(DieselError::DatabaseError(kind, information)) => match kind {
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::UnableToSendCommand => true,
                _ => PASSING.iter().any(|start| information.message().starts_with(start)),
            },
            Self::Query(DieselError::BrokenTransactionManager) => true,
            _ => false,
        }
    }

    /// The statement itself took too long; a repeat would too.
    pub fn is_timeout(&self) -> bool {
        let Self::Query(DieselError::DatabaseError(_, information)) = self else { return false };
        information.message().starts_with("canceling statement due to statement timeout")
    }
}

/// What PostgreSQL says when it stops, starts or recovers, and when two transactions are in each other's way. Diesel
/// hides the codes. The texts are English, as in [`crate::request`].
const PASSING: [&str; 4] = [
    "terminating connection",
    "the database system is",
    "canceling statement due to lock timeout",
    "deadlock detected",
];

impl Error {
    /// The server cannot write, but reads go on.
    pub fn is_disk_full(&self) -> bool {
        let Self::Query(DieselError::DatabaseError(_, information)) = self else { return false };
        information.message().contains("No space left")
            || information.message().contains("could not extend file")
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        Self::Query(error)
    }
}

/// Reads a stored enum, naming table and column when it is none.
pub fn stored<T: std::str::FromStr<Err = UnknownText>>(
    table: &'static str,
    column: &'static str,
    text: &str,
) -> Result<T> {
    text.parse().map_err(|unknown: UnknownText| Error::corrupt(table, column, unknown))
}

/// Turns a broken constraint into the rule that it stands for; use it next to the insert.
pub trait OnConstraint<T> {
    fn on_constraint<R: Refuse>(self, name: &str, refusal: impl FnOnce() -> R) -> Result<T>;
}

impl<T, E: Into<Error>> OnConstraint<T> for Result<T, E> {
    fn on_constraint<R: Refuse>(self, name: &str, refusal: impl FnOnce() -> R) -> Result<T> {
        self.map_err(|error| match error.into() {
            Error::Query(DieselError::DatabaseError(_, ref information))
                if information.constraint_name() == Some(name) =>
            {
                Error::Refused(refusal().into())
            }
            other => other,
        })
    }
}

/// For updates and deletes that must hit exactly one row.
pub fn hit_one(count: usize) -> Result<()> {
    if count == 1 { Ok(()) } else { Err(Error::Missing) }
}
