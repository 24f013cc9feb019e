//! How many statements does a request send to the database?
use std::sync::{Arc, Mutex};

use persistence::pool::Observer;

/// Hears all statements of an application that was set up with [`Statements::observer`].
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

/// What opens and ends a transaction and sets it up costs the same for every request.
const AROUND: [&str; 5] = ["BEGIN", "SET ", "COMMIT", "ROLLBACK", "SELECT; COMMIT"];

impl Statements {
    pub fn observer(&self) -> Observer {
        let heard = self.clone();
        Arc::new(move |statement: &str| {
            if !AROUND.iter().any(|word| statement.starts_with(word)) {
                heard.0.lock().expect("the statements").push(statement.to_owned());
            }
        })
    }

    /// Those heard since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("the statements"))
    }
}
