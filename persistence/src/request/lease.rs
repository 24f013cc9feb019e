//! A pooled connection that cannot go back to the pool with a transaction open.
use std::{
    future::{Future, poll_fn},
    ops::Deref,
    pin::pin,
    sync::atomic::Ordering,
    task::Poll,
};

use diesel::connection::TransactionDepthChange::{self, DecreaseDepth, IncreaseDepth};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, SimpleAsyncConnection, TransactionManager,
    pooled_connection::deadpool::Object,
};
use tokio::{runtime::Handle, time::timeout};

use super::{GRACE, Generation};
use crate::{Error, Result};

type Pooled = Object<AsyncPgConnection>;

pub(super) struct Lease {
    /// Empty only while being dropped.
    object: Option<Box<Pooled>>,
    pub(super) generation: Generation,
}

impl Lease {
    pub(super) fn new(object: Pooled) -> Self {
        Self { object: Some(Box::new(object)), generation: Generation::new(0) }
    }

    /// The depth rises before BEGIN is sent and falls after the end is answered: in doubt it says "open".
    pub(super) async fn begin(mut self, begin: &str, settings: &str) -> Result<Self> {
        change_depth(self.exclusive()?, IncreaseDepth)?;
        self.send(&format!("{begin}; {settings}")).await?;
        Ok(self)
    }

    pub(super) async fn end(&mut self, sql: &str) -> Result<()> {
        let connection = self.exclusive()?;
        connection.batch_execute(sql).await?;
        change_depth(connection, DecreaseDepth)
    }

    /// Puts `sql` on the wire ahead of the next statement and does not wait for its answer: if it fails, so
    /// does that statement.
    pub(super) async fn send(&self, sql: &str) -> Result<()> {
        let mut connection: &AsyncPgConnection = self;
        let mut sending = pin!(connection.batch_execute(sql));
        match poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await {
            Poll::Ready(answer) => Ok(answer?),
            Poll::Pending => Ok(()),
        }
    }

    /// Moves on to the next snapshot, unless a sibling already did.
    pub(super) fn supersede(&self, seen: u32) -> bool {
        let next = seen.wrapping_add(1);
        self.generation.compare_exchange(seen, next, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    pub(super) fn exclusive(&mut self) -> Result<&mut AsyncPgConnection> {
        self.object.as_deref_mut().map(|object| &mut **object).ok_or(Error::Misuse("the connection is gone"))
    }
}

impl Deref for Lease {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        match self.object.as_deref() {
            Some(object) => object,
            None => panic!("only drop empties a lease, and a lease that is being dropped is not read"),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut object) = self.object.take() else { return };
        let open = AnsiTransactionManager::is_broken_transaction_manager(&mut **object);
        if !open {
            return;
        }
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(roll_back(*object));
            }
            Err(_no_runtime) => drop(Object::take(*object)),
        }
    }
}

/// For a request that was dropped: back to the pool when the server rolls back in time, else thrown away.
async fn roll_back(mut object: Pooled) {
    let answer = timeout(GRACE, object.batch_execute("ROLLBACK")).await;
    if !matches!(answer, Ok(Ok(()))) || change_depth(&mut object, DecreaseDepth).is_err() {
        drop(Object::take(object));
    }
}

fn change_depth(connection: &mut AsyncPgConnection, change: TransactionDepthChange) -> Result<()> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(connection);
    Ok(status.transaction_state()?.change_transaction_depth(change)?)
}
