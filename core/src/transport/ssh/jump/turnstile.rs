//! Lets only so many begin at once.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::transport::{Limit, TICK};

/// How many handshakes may be under way through one jump host.
const MOST: usize = 8;
/// Who takes longer than this is not counted any more: nodes that hang must not keep others waiting.
const COUNTED: Duration = Duration::from_secs(3);
/// Nobody waits longer than this: a node's time is better used for the login itself.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The gate in front of a jump host.
#[derive(Clone, Default)]
pub(super) struct Turnstile(Arc<Inner>);

#[derive(Default)]
struct Inner {
    inside: Mutex<Vec<Instant>>,
    left: Condvar,
}

/// The right to be under way, given back when dropped.
pub(in crate::transport::ssh) struct Pass {
    turnstile: Turnstile,
    since: Instant,
}

impl Turnstile {
    /// Waits until few enough are under way.
    pub(super) fn enter(&self, limit: &Limit) -> Result<Pass> {
        let start = Instant::now();
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let now = Instant::now();
            let counted = inside.iter().filter(|since| now.saturating_duration_since(**since) < COUNTED).count();
            let patience = LONGEST_WAIT.saturating_sub(start.elapsed());
            if counted < MOST || patience.is_zero() {
                inside.push(now);
                return Ok(Pass { turnstile: self.clone(), since: now });
            }
            let wait = limit.left()?.min(TICK).min(patience);
            inside = self.0.left.wait_timeout(inside, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.turnstile.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = inside.iter().position(|since| *since == self.since) {
            inside.swap_remove(at);
        }
        self.turnstile.0.left.notify_one();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::limit::Cancel;

    fn limit(millis: u64) -> Limit {
        Limit::new("testing", Duration::from_millis(millis), &Cancel::new())
    }

    #[test]
    fn so_many_and_no_more_until_one_leaves() {
        let turnstile = Turnstile::default();
        let mut inside: Vec<_> = (0..MOST).map(|_| turnstile.enter(&limit(1000)).unwrap()).collect();
        assert_eq!(turnstile.enter(&limit(50)).map(drop).unwrap_err().kind(), ErrorKind::Timeout);
        inside.pop();
        inside.push(turnstile.enter(&limit(1000)).unwrap());
        drop(inside);
        assert!(turnstile.0.inside.lock().unwrap().is_empty());
    }

    #[test]
    fn who_hangs_is_not_counted_for_long() {
        let turnstile = Turnstile::default();
        let _inside: Vec<_> = (0..MOST).map(|_| turnstile.enter(&limit(1000)).unwrap()).collect();
        let start = Instant::now();
        drop(turnstile.enter(&limit(20_000)).unwrap());
        assert!(start.elapsed() < LONGEST_WAIT, "{:?}", start.elapsed());
    }
}
