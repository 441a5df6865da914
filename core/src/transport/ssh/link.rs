//! A session of libssh2 that never blocks: every call is tried, and waits here, where a limit is looked at.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use libssh2_sys::LIBSSH2_ERROR_EAGAIN;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use ssh2::{BlockDirections, Channel, ErrorCode, MethodType, Session};

use super::watch::{Underway, Watch, Watched};
use super::{TICK, fault};
use crate::error::Result;
use crate::transport::Limit;

/// How many bytes the server may send unasked. It bounds what a hostile one can make us keep: each of its packets,
/// however small, is queued in its own memory.
const WINDOW: u32 = 256 * 1024;
const PACKET: u32 = 32 * 1024;

/// The session, its socket, and the one channel when that is open.
pub(super) struct Link {
    // The channel must be dropped before the session.
    channel: Option<Channel>,
    session: Session,
    stream: Arc<TcpStream>,
    watched: Arc<Watched>,
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
    pub(super) fn new(stream: TcpStream, host_keys: &str, watch: &Watch, limit: &Limit) -> Result<Self> {
        let mut session = Session::new().map_err(|error| fault::internal(&error))?;
        let stream = Arc::new(stream);
        session.set_tcp_stream(Arc::clone(&stream));
        session.set_blocking(false);
        session.method_pref(MethodType::HostKey, host_keys).map_err(|error| fault::internal(&error))?;
        let watched = watch.add(&stream)?;
        let link = Self { channel: None, session, stream, watched };
        let shaken = link.drive(limit, |session| session.clone().handshake())?;
        shaken.map_err(|error| fault::handshake(&error, &link.session, host_keys))?;
        Ok(link)
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

    /// Waits for the socket, a tick at most, so that a cancel is seen.
    pub(super) fn wait(&self, limit: &Limit) -> Result<()> {
        let wait = Timespec::try_from(limit.left()?.min(TICK)).ok();
        let writes = matches!(self.session.block_directions(), BlockDirections::Outbound | BlockDirections::Both);
        let events = if writes { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        self.acknowledge();
        match poll(&mut [PollFd::new(&*self.stream, events)], wait.as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(fault::lost(&error.to_string())),
        }
    }

    /// Tells the kernel to acknowledge at once. It forgets this, so it is told before each wait: an sshd before 10.0
    /// holds its first answer back until its notice of host keys is acknowledged, 40 ms by default.
    fn acknowledge(&self) {
        #[cfg(target_os = "linux")]
        let _ = socket2::SockRef::from(&*self.stream).set_tcp_quickack(true);
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
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}
