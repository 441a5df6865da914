//! Ways to reach a shell on a machine.

mod fake;
mod local;
mod reach;
mod ssh;

pub use fake::Fake;
pub use local::Local;
pub use reach::{Connector, Reach};
#[cfg(fuzzing)]
pub(crate) use ssh::lines_of_host;
pub use ssh::{Ssh, SshShared};

use std::ops::ControlFlow;
use std::time::Duration;

use crate::error::Result;
pub use crate::limit::Limit;

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

    /// The longest command that may be started, in bytes.
    fn longest_command(&self) -> usize {
        8000
    }

    /// Writes all of `input` to the command and hands what it says to the listener, in the same loop, until that has
    /// heard enough. At the end of both outputs the listener is told [`Stream::End`] once, with no bytes, and must
    /// then break or fail.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) as the limit says, [`ErrorKind::Connect`](crate::ErrorKind::Connect) when the link
    /// dies, and whatever the listener returns.
    fn converse(&mut self, input: &[u8], listener: &mut Listener<'_>, limit: &Limit) -> Result<()>;
}
