//! How a call is going, as all its workers see it: whether another node may be begun, and whether it may restart now.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::options::{Options, Threshold};
use super::pool;
use crate::error::{Error, ErrorKind, Result};
use crate::limit::Cancel;
use crate::report::{NodeReport, Outcome};

/// How often a worker that waits for its turn looks whether the caller cancelled; hundreds may be waiting.
const LOOK: Duration = Duration::from_millis(100);

/// What has been counted, and whether that is enough.
pub(super) struct Course<'a> {
    cancel: &'a Cancel,
    of: usize,
    allowed: Option<usize>,
    count: Mutex<Count>,
    changes: Gate,
    restarts: Gate,
}

#[derive(Default)]
struct Count {
    failed: usize,
    unreachable: usize,
    stopped: Option<Error>,
}

/// How many may be in the middle of a change, or of one that restarts an engine.
struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

/// The right to change a node, or to restart an engine; given back when dropped.
pub(super) struct Permit<'a>(&'a Gate);

impl<'a> Course<'a> {
    /// Nothing has happened yet. `may_stop` is false where nothing is changed, so that all nodes are looked at.
    pub(super) fn new(options: &'a Options, of: usize, may_stop: bool) -> Self {
        let threshold: Option<Threshold> = options.max_failures.filter(|_| may_stop);
        let wide = if options.parallel_apply == 0 { usize::MAX } else { options.parallel_apply };
        Self {
            cancel: &options.cancel,
            of,
            allowed: threshold.map(|threshold| threshold.allowed(of)),
            count: Mutex::default(),
            changes: Gate::new(pool::width(options.parallel, of)),
            restarts: Gate::new(wide),
        }
    }

    /// # Errors
    /// [`ErrorKind::Cancelled`] with the reason why no other node may be begun.
    pub(super) fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "not begun: the caller cancelled"));
        }
        locked(&self.count).stopped.clone().map_or(Ok(()), Err)
    }

    /// Begins no other node. The first reason stays.
    pub(super) fn stop(&self, why: impl Into<String>, hint: &str) {
        let why = format!("not begun: {}", why.into());
        locked(&self.count).stopped.get_or_insert(Error::new(ErrorKind::Cancelled, why).with_hint(hint));
        for gate in [&self.changes, &self.restarts] {
            gate.freed.notify_all();
        }
    }

    /// Counts a node that has ended.
    pub(super) fn count(&self, report: &NodeReport) {
        if !report.is_failure() || report.outcome == Outcome::NotTried {
            return;
        }
        let (failed, unreachable) = {
            let mut count = locked(&self.count);
            count.failed += usize::from(report.outcome != Outcome::Unreachable);
            count.unreachable += usize::from(report.outcome == Outcome::Unreachable);
            (count.failed, count.unreachable)
        };
        if let Some(allowed) = self.allowed.filter(|allowed| failed + unreachable > *allowed) {
            let lost =
                if unreachable == 0 { String::new() } else { format!(" and {unreachable} could not be reached") };
            let why = format!("{failed} of {} nodes failed{lost}, and at most {allowed} may", self.of);
            self.stop(why, "see to these nodes and push again");
        }
    }

    /// Waits until this node may be changed and, if its change restarts an engine, until it may do that.
    ///
    /// # Errors
    /// As [`check`](Self::check), while it waits.
    pub(super) fn permits(&self, restarts: bool) -> Result<(Option<Permit<'_>>, Permit<'_>)> {
        // One that waits for a restart must not keep others from a change without.
        let restart = restarts.then(|| self.permit(&self.restarts)).transpose()?;
        Ok((restart, self.permit(&self.changes)?))
    }

    fn permit<'g>(&self, gate: &'g Gate) -> Result<Permit<'g>> {
        let mut free = locked(&gate.free);
        loop {
            self.check()?;
            if *free > 0 {
                *free -= 1;
                return Ok(Permit(gate));
            }
            free = gate.freed.wait_timeout(free, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Gate {
    fn new(width: usize) -> Self {
        Self { free: Mutex::new(width), freed: Condvar::new() }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *locked(&self.0.free) += 1;
        self.0.freed.notify_one();
    }
}

/// What is behind a lock is always whole: nothing is done under it that could panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
