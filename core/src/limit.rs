//! How long things may take, and the caller's word to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// How long something may take, and the caller's word to stop it.
#[derive(Clone, Debug)]
pub struct Limit {
    deadline: Instant,
    cancel: Cancel,
    doing: &'static str,
}

impl Limit {
    /// A limit that ends after `span`. `doing` names the work in the error, such as `connecting`.
    pub fn new(doing: &'static str, span: Duration, cancel: &Cancel) -> Self {
        Self { deadline: Instant::now() + span, cancel: cancel.clone(), doing }
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
        if self.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, format!("cancelled while {}", self.doing)));
        }
        match self.deadline.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(left),
            _ => Err(Error::new(ErrorKind::Timeout, format!("the deadline passed while {}", self.doing))),
        }
    }
}

/// The caller's word to stop; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Not cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says stop. A node in the middle of its change finishes it or goes back; no other is begun.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether stop was said.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
