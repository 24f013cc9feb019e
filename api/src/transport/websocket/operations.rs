//! Which operations run on a socket? They end with it.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::AbortHandle;
use tracing::Instrument;

/// Running operations by the id that the client gave them.
#[derive(Debug, Clone, Default)]
pub struct Operations(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    by_id: HashMap<String, (u64, AbortHandle)>,
    started: u64,
}

/// Why an operation was not started.
#[derive(Debug, PartialEq, Eq)]
pub enum NotStarted {
    IdInUse,
    TooMany,
}

/// One run of an operation: its id may be used again after it.
#[derive(Debug, Clone)]
pub struct Run {
    pub id: String,
    number: u64,
}

impl Operations {
    /// Starts the task that `make` builds for this run, unless the id is in use or there are `max` already.
    pub fn start<F>(&self, id: String, max: usize, make: impl FnOnce(Run) -> F) -> Result<(), NotStarted>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // The lock is held until the handle is stored, so that a task cannot end before it is known.
        let mut running = self.lock();
        if running.by_id.contains_key(&id) {
            return Err(NotStarted::IdInUse);
        }
        if running.by_id.len() >= max {
            return Err(NotStarted::TooMany);
        }
        running.started = running.started.wrapping_add(1);
        let number = running.started;
        let task = tokio::spawn(make(Run { id: id.clone(), number }).in_current_span());
        running.by_id.insert(id, (number, task.abort_handle()));
        Ok(())
    }

    pub fn contains(&self, id: &str) -> bool {
        self.lock().by_id.contains_key(id)
    }

    /// Ends an operation that the client does not want any longer.
    pub fn stop(&self, id: &str) {
        if let Some((_, task)) = self.lock().by_id.remove(id) {
            task.abort();
        }
    }

    /// Frees the id of a run that has come to its end; false if the client stopped it first.
    pub fn finish(&self, run: &Run) -> bool {
        let mut running = self.lock();
        let mine = running.by_id.get(&run.id).is_some_and(|(number, _)| *number == run.number);
        if mine {
            running.by_id.remove(&run.id);
        }
        mine
    }

    pub fn stop_all(&self) {
        for (_, (_, task)) in self.lock().by_id.drain() {
            task.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_id_is_free_again_after_its_run() {
        let operations = Operations::default();
        let (runs, mut started) = tokio::sync::mpsc::unbounded_channel();
        let forever = |run: Run| {
            runs.send(run).unwrap();
            std::future::pending()
        };
        operations.start("a".to_owned(), 2, forever).unwrap();
        assert_eq!(operations.start("a".to_owned(), 2, forever), Err(NotStarted::IdInUse));
        operations.start("b".to_owned(), 2, forever).unwrap();
        assert_eq!(operations.start("c".to_owned(), 2, forever), Err(NotStarted::TooMany));
        let first = started.recv().await.unwrap();
        operations.stop("a");
        operations.start("a".to_owned(), 2, forever).unwrap();
        assert!(!operations.finish(&first), "an old run must not end the new one");
        assert!(operations.contains("a"));
    }
}
