//! How long things may take, and the caller's word to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// How long something may take, and the caller's word to stop it.
#[derive(Clone, Debug)]
pub struct Limit {
    deadline: Instant,
    cancel: Cancel,
    /// The word that is heeded: [`STOP`], or only [`LEAVE`].
    heeded: u8,
    doing: &'static str,
}

impl Limit {
    /// A limit that ends after `span`. `doing` names the work in the error, such as `connecting`.
    pub fn new(doing: &'static str, span: Duration, cancel: &Cancel) -> Self {
        Self { deadline: Instant::now() + span, cancel: cancel.clone(), heeded: STOP, doing }
    }

    /// A limit for what is not stopped in its middle, unless the caller leaves it alone: [`Cancel::abandon`].
    pub(crate) fn of_change(doing: &'static str, span: Duration, cancel: &Cancel) -> Self {
        Self { heeded: LEAVE, ..Self::new(doing, span, cancel) }
    }

    /// The same limit, but ending after `span` if that is earlier.
    #[must_use]
    pub fn at_most(&self, span: Duration) -> Self {
        Self { deadline: self.deadline.min(Instant::now() + span), ..self.clone() }
    }

    /// The time left.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] or [`ErrorKind::Timeout`] when there is none.
    pub fn left(&self) -> Result<Duration> {
        if self.cancel.said() >= self.heeded {
            return Err(Error::new(ErrorKind::Cancelled, format!("cancelled while {}", self.doing)));
        }
        match self.deadline.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(left),
            _ => Err(Error::new(ErrorKind::Timeout, format!("the deadline passed while {}", self.doing))),
        }
    }
}

/// How often a sleep is broken off to hear the caller's word.
const LOOK: Duration = Duration::from_millis(20);
/// Nothing more is begun.
const STOP: u8 = 1;
/// What is in the middle of a change is left alone, too.
const LEAVE: u8 = 2;

/// The caller's word to stop; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicU8>);

impl Cancel {
    /// Not cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says stop. A node in the middle of its change finishes it or goes back; no other is begun.
    pub fn cancel(&self) {
        self.0.fetch_max(STOP, Ordering::AcqRel);
    }

    /// Says stop, and waits for nobody: the connections to nodes in the middle of a change are closed, too. Such a node
    /// finishes its change or goes back by itself, so that it is whole, but how it ended is not heard: its outcome is
    /// [`Unknown`](crate::Outcome::Unknown), its error [`ErrorKind::Cancelled`], and its next push tells. May follow
    /// [`cancel`](Self::cancel), for those who wait a while.
    pub fn abandon(&self) {
        self.0.store(LEAVE, Ordering::Release);
    }

    /// Whether stop was said, in either way.
    pub fn is_cancelled(&self) -> bool {
        self.said() >= STOP
    }

    /// Lets time pass; whether all of it passed without a word.
    pub(crate) fn is_quiet_for(&self, span: Duration) -> bool {
        let end = Instant::now() + span;
        while !self.is_cancelled() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(LOOK));
        }
        false
    }

    fn said(&self) -> u8 {
        self.0.load(Ordering::Acquire)
    }
}
