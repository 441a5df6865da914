//! A session of libssh2 that never blocks: every call is tried, and waits here, where a limit is looked at.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use libssh2_sys::LIBSSH2_ERROR_EAGAIN;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use ssh2::{BlockDirections, Channel, ErrorCode, MethodType, Session};

use super::failure::Failure;
use super::pulse::{Beat, Pulse};
use super::watch::{Underway, Watch, Watched};
use super::wire::{Handle, Wire};
use super::{TICK, algorithms, fault};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Limit;

/// How many bytes the server may send unasked. It bounds what a hostile one can make us keep: each of its packets,
/// however small, is queued in its own memory.
const WINDOW: u32 = 256 * 1024;
const PACKET: u32 = 32 * 1024;

/// The session, what carries it, and the one channel when that is open.
pub(super) struct Link {
    // The channel must be dropped before the session.
    channel: Option<Channel>,
    session: Session,
    wire: Arc<Wire>,
    watched: Arc<Watched>,
    pulse: RefCell<Pulse>,
}

/// What one try to read or write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// This many bytes.
    Bytes(usize),
    /// None now.
    Nothing,
    /// None any more.
    End,
}

impl Link {
    /// Exchanges keys, with these host key algorithms.
    pub(super) fn new(wire: Wire, host_keys: &str, watch: &Watch, limit: &Limit) -> Result<Self, Failure> {
        let mut session = Session::new().map_err(|error| fault::internal(&error))?;
        let wire = Arc::new(wire);
        session.set_tcp_stream(Handle(Arc::clone(&wire)));
        session.set_blocking(false);
        session.set_keepalive(true, Pulse::INTERVAL);
        algorithms::offer(&session).map_err(|error| fault::internal(&error))?;
        session.method_pref(MethodType::HostKey, host_keys).map_err(|error| fault::internal(&error))?;
        let watched = watch.add(&wire)?;
        let pulse = RefCell::new(Pulse::new(Instant::now()));
        let link = Self { channel: None, session, wire, watched, pulse };
        let mut received = 0;
        let shaken = link.drive(limit, |session| {
            received += link.wire.waiting();
            session.clone().handshake()
        })?;
        shaken.map_err(|error| {
            // libssh2 gives a server that hangs up after its version the number of one that has other algorithms.
            let version = link.session.banner_bytes().map_or(0, <[u8]>::len);
            let has_ended = link.wire.is_at_end() && received <= version + "\r\n".len();
            let failure = fault::handshake(&error, &link.session, host_keys, has_ended);
            failure.map(|error| link.explained(error))
        })?;
        Ok(link)
    }

    /// The error with what is known of why the connection ended, if it is about that.
    pub(super) fn explained(&self, error: Error) -> Error {
        if !matches!(error.kind(), ErrorKind::Connect) {
            return error;
        }
        match self.wire.why_it_ended() {
            Some(why) => error.saying_also(&why),
            None => error,
        }
    }

    /// The login is done: others that go the same way may begin theirs.
    pub(super) fn is_through(&self) {
        self.wire.is_through();
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Does a step of the protocol to its end. The step is called again until it stops saying that it would block.
    pub(super) fn drive<T>(
        &self,
        limit: &Limit,
        mut step: impl FnMut(&Session) -> Result<T, ssh2::Error>,
    ) -> Result<Result<T, ssh2::Error>> {
        let _underway = self.watched.call(limit);
        loop {
            limit.left()?;
            match step(&self.session) {
                Err(error) if error.code() == ErrorCode::Session(LIBSSH2_ERROR_EAGAIN) => self.wait(limit)?,
                // The error may be that the connection was cut, for the limit is over.
                Err(error) => return limit.left().map(|_| Err(error)),
                Ok(done) => return Ok(Ok(done)),
            }
        }
    }

    /// Limits the calls until the result is dropped, where they are not driven.
    pub(super) fn limited(&self, limit: &Limit) -> Underway<'_> {
        self.watched.call(limit)
    }

    /// Waits for the server, a tick at most, so that a cancel is seen.
    pub(super) fn wait(&self, limit: &Limit) -> Result<()> {
        self.poll(true, &mut Vec::new(), limit.left()?.min(TICK))
    }

    /// Waits for the server and for others, which come back in their order.
    pub(super) fn poll<'a>(&'a self, reads: bool, others: &mut Vec<PollFd<'a>>, wait: Duration) -> Result<()> {
        let mut events = PollFlags::empty();
        events.set(PollFlags::IN, reads);
        let blocked = self.session.block_directions();
        events.set(PollFlags::OUT, matches!(blocked, BlockDirections::Outbound | BlockDirections::Both));
        self.wire.acknowledge();
        if !events.is_empty() {
            others.push(PollFd::new(&*self.wire, events));
        }
        match poll(others, Timespec::try_from(wait).ok().as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(fault::lost(&error.to_string())),
        }
        let own = if events.is_empty() { None } else { others.pop() };
        let heard = PollFlags::IN | PollFlags::HUP | PollFlags::ERR;
        if own.is_some_and(|own| own.revents().intersects(heard)) {
            self.pulse.borrow_mut().hear(Instant::now());
        }
        Ok(())
    }

    /// Asks a server that has been silent for long whether it is still there. Not while something is half sent.
    ///
    /// # Errors
    /// [`ErrorKind::Connect`] when it does not answer.
    pub(super) fn feel_pulse(&self) -> Result<()> {
        match self.pulse.borrow_mut().beat(Instant::now()) {
            Beat::Fine => Ok(()),
            Beat::Ask => self.session.keepalive_send().map(drop).map_err(|error| fault::lost(error.message())),
            Beat::Dead => Err(fault::lost(&format!("the server did not answer for {} s", Pulse::PATIENCE.as_secs()))),
        }
    }

    /// Opens the one channel and starts a command in it.
    pub(super) fn exec(&mut self, command: &str, limit: &Limit) -> Result<()> {
        let opened = self.drive(limit, |session| session.channel_open("session", WINDOW, PACKET, None))?;
        let mut channel = opened.map_err(|error| fault::no_channel(&error))?;
        let started = self.drive(limit, |_| channel.exec(command));
        self.channel = Some(channel);
        started?.map_err(|error| fault::no_exec(&error))
    }

    /// Reads what there is of stream 0, the output, or 1, the errors.
    pub(super) fn read(&self, stream: i32, buffer: &mut [u8]) -> Result<Moved> {
        let Some(channel) = &self.channel else { return Ok(Moved::End) };
        match channel.stream(stream).read(buffer) {
            Ok(0) => Ok(Moved::End),
            Ok(count) => Ok(Moved::Bytes(count)),
            Err(error) => Self::blocked(&error),
        }
    }

    /// Writes what can be written. After [`Moved::Nothing`] the next call must have the same bytes in front, for some
    /// of them may be on their way.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<Moved> {
        let Some(channel) = &self.channel else { return Ok(Moved::End) };
        match channel.stream(0).write(bytes) {
            Ok(0) => Ok(Moved::Nothing),
            Ok(count) => Ok(Moved::Bytes(count)),
            Err(error) => Self::blocked(&error),
        }
    }

    fn blocked(error: &std::io::Error) -> Result<Moved> {
        match error.kind() {
            std::io::ErrorKind::WouldBlock => Ok(Moved::Nothing),
            _ => Err(fault::lost(&error.to_string())),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.session.authenticated() {
            // One try: a farewell is good manners, not worth a wait.
            let _ = self.session.disconnect(None, "done", None);
        }
        // libssh2 would wait for the end of a command that still runs; on a closed socket it does not. It keeps the
        // session's memory, some 100 KiB, if a packet is half sent: it has no way to give that up.
        self.wire.cut();
    }
}
