//! Time as a parameter: nothing reads the wall clock but [`SystemClock`].

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::UtcTime;

/// Tells the time, to the microsecond, in UTC.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> UtcTime;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> UtcTime {
        UtcTime::new(Timestamp::now())
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct MockClock(Mutex<UtcTime>);

impl MockClock {
    /// A clock that shows `start`.
    pub fn new(start: UtcTime) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.plus(by);
    }

    /// Sets the clock.
    pub fn set(&self, to: UtcTime) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to;
    }
}

impl Clock for MockClock {
    fn now(&self) -> UtcTime {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
