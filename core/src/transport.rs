//! Ways to reach a shell on a machine.

mod fake;
mod local;
mod reach;
mod ssh;

pub use fake::Fake;
pub use local::Local;
pub use reach::{Connector, Reach};
pub use ssh::{Ssh, SshShared};

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// How often a wait is broken off to look at the deadline and at the caller's word.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// Where bytes came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
    /// The other side will say no more.
    End,
}

/// Takes what the shell says, as it comes; says when it has heard enough.
pub type Listener<'a> = dyn FnMut(Stream, &[u8]) -> Result<ControlFlow<()>> + 'a;

/// A shell on a machine: one command, spoken with over its standard streams.
///
/// The exit status is no part of it: over SSH it says success for a link that died. What counts is what the shell says.
pub trait Transport: Send {
    /// Starts a command under the login shell. Called once, before anything else.
    fn start(&mut self, command: &str, limit: &Limit) -> Result<()>;

    /// Writes all of `input` to the command and hands what it says to the listener, in the same loop, until that has
    /// heard enough. At the end of both outputs the listener is told [`Stream::End`] once, with no bytes, and must
    /// then break or fail.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] and [`ErrorKind::Cancelled`] as the limit says, [`ErrorKind::Connect`] when the link
    /// dies, and whatever the listener returns.
    fn converse(&mut self, input: &[u8], listener: &mut Listener<'_>, limit: &Limit) -> Result<()>;
}

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
