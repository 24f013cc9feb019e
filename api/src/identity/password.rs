//! How is a password stored and checked, without stopping everything else?
//!
//! Argon2id costs 19 MiB and some 20 ms by intent. It runs beside the runtime, on at most as many threads as there
//! are processors; whoever would wait for too long is turned away, so that a rush of sign-ins is no outage.
use std::{sync::Arc, time::Duration};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use domain::account::{Refusal, check_password};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Failure, Result};

/// How long somebody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many may wait for each thread.
const QUEUE: usize = 32;
/// Of the scale from 0 to 4 of zxcvbn.
const MIN_SCORE: zxcvbn::Score = zxcvbn::Score::Three;

/// Hashes and checks passwords, a few at a time.
#[derive(Debug, Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// Checked for accounts that do not exist, so that they take as long. It is written down, as computing one would make
/// every start of the server wait; nobody knows a password for it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Default for Hasher {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            turns: Arc::new(Semaphore::new(threads)),
            queue: Arc::new(Semaphore::new(threads.saturating_mul(QUEUE))),
        }
    }
}

impl Hasher {
    /// The hash of a new password, in PHC form; refuses one that is too short or easily guessed. `about` are words
    /// that others know of the person, such as the name.
    pub async fn accept(
        &self,
        path: &'static str,
        password: SecretString,
        about: Vec<String>,
    ) -> Result<String> {
        self.run(move || {
            let password = normalized(&password);
            check_password(path, &password)?;
            if is_about(&password, &about) {
                return Err(Refusal::PasswordWeak { path: path.to_owned() }.into());
            }
            let about: Vec<&str> =
                about.iter().map(String::as_str).chain(["cairn", "mentor", "mentee"]).collect();
            if zxcvbn::zxcvbn(&password, &about).score() < MIN_SCORE {
                return Err(Refusal::PasswordWeak { path: path.to_owned() }.into());
            }
            hash(&password)
        })
        .await
    }

    /// Whether this is the password behind `stored`; `None` takes as long and is never right.
    pub async fn matches(&self, password: SecretString, stored: Option<String>) -> Result<bool> {
        // No stored password is longer, and hashing a megabyte is work that somebody else would choose.
        let absurd = password.expose_secret().len() > 4 * domain::account::PASSWORD_MAX;
        self.run(move || {
            let known = stored.is_some() && !absurd;
            let password = if absurd { String::new() } else { normalized(&password) };
            let stored = stored.as_deref().unwrap_or(NOBODY);
            let hash = PasswordHash::new(stored).map_err(Failure::internal)?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let waiting = self.queue.try_acquire().map_err(|_full| Failure::Unavailable)?;
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_late| Failure::Unavailable)?.map_err(Failure::internal)?;
        drop(waiting);
        // The turn moves into the thread: a dropped request does not free it while the work goes on.
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(turn);
            outcome
        });
        done.await.map_err(Failure::internal)?
    }
}

/// Whether hardly anything is left of a password without the words that others know of the person.
fn is_about(password: &str, about: &[String]) -> bool {
    let mut rest = password.to_lowercase();
    for text in about {
        let text = text.to_lowercase();
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 3) {
            rest = rest.replace(word, "");
        }
    }
    rest.chars().filter(|c| c.is_alphanumeric()).count() < 8
}

/// One form for letters that can be typed as one character or as two.
fn normalized(password: &SecretString) -> String {
    password.expose_secret().nfc().collect()
}

fn hash(password: &str) -> Result<String> {
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(Failure::internal)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "wren otter kelp lantern";

    #[tokio::test]
    async fn the_right_password_matches_in_any_unicode_form_and_nothing_else_does() {
        let hasher = Hasher::default();
        let stored =
            hasher.accept("password", "grün otter kelp lantern".into(), Vec::new()).await.expect("good");
        let costs = "$argon2id$v=19$m=19456,t=2,p=1$";
        assert!(stored.starts_with(costs) && NOBODY.starts_with(costs), "{stored}");
        assert_eq!(stored.len(), NOBODY.len());
        let matches = async |text: &str| {
            hasher.matches(text.to_owned().into(), Some(stored.clone())).await.expect("checked")
        };
        assert!(matches("grün otter kelp lantern").await);
        assert!(matches("gru\u{308}n otter kelp lantern").await, "the decomposed form");
        assert!(!matches("grun otter kelp lantern").await);
        assert!(!matches(&"x".repeat(1_000_000)).await);
        assert!(!hasher.matches("nobody has this password".into(), None).await.expect("checked"));
    }

    #[tokio::test]
    async fn passwords_that_are_short_common_or_about_the_person_are_refused() {
        let hasher = Hasher::default();
        let about = vec!["Ana Sousa".to_owned(), "ana.sousa@school.example".to_owned()];
        for bad in [
            "short",
            "ana sousa ana sousa",
            "passwordpassword",
            "123456789012345678",
            "ana.sousa@school.example",
            "aaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(hasher.accept("password", bad.into(), about.clone()).await.is_err(), "{bad}");
        }
        assert!(hasher.accept("password", GOOD.into(), about).await.is_ok());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_rush_is_served_or_turned_away_and_never_piles_up() {
        let hasher = Hasher { turns: Arc::new(Semaphore::new(1)), queue: Arc::new(Semaphore::new(2)) };
        let held = Arc::clone(&hasher.turns).acquire_owned().await.expect("a turn");
        let waiting = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.run(|| Ok(())).await }
        });
        let other = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.run(|| Ok(())).await }
        });
        while hasher.queue.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(hasher.run(|| Ok(())).await, Err(Failure::Unavailable)), "the queue is full");
        drop(held);
        assert!(waiting.await.expect("ends").is_ok() && other.await.expect("ends").is_ok());
    }
}
