//! Who is it? Accounts, sessions, tokens and the keys behind them.
mod signed_in;

pub use signed_in::SignedIn;
