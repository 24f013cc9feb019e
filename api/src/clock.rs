//! What time is it, and which ids follow? The only place that asks the machine.
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use domain::id::Id;
use uuid::{ContextV7, Timestamp, Uuid};

/// The clock of the application. Tests move it forward, so that months pass in a moment.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Milliseconds that this clock is ahead of the machine's.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// The present time, to the microsecond that PostgreSQL keeps.
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed));
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let now = Utc::now();
        (now + ahead).trunc_subsecs(6)
    }

    /// Moves this clock forward for everybody who shares it.
    pub fn advance(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// A new id, later than all before it of this process.
    pub fn id<T>(&self) -> Id<T> {
        Id::new(self.uuid())
    }

    pub fn uuid(&self) -> Uuid {
        static ORDER: std::sync::Mutex<ContextV7> = std::sync::Mutex::new(ContextV7::new());
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let order = ORDER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*order, seconds, now.timestamp_subsec_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_follow_the_clock() {
        let clock = Clock::default();
        let ids: Vec<Uuid> = (0..1000).map(|_| clock.uuid()).collect();
        assert!(ids.is_sorted());
        clock.advance(TimeDelta::days(90));
        assert!(clock.uuid() > ids[999]);
        assert!(clock.clone().now() - Clock::default().now() > TimeDelta::days(89));
    }
}
