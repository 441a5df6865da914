//! Bytes between a channel of a jump host and the socket of a node's session.

use std::io::{Error as IoError, ErrorKind as Io, Read, Write};
use std::net::Shutdown;

use libssh2_sys as c;
use rustix::event::{PollFd, PollFlags};
use socket2::Socket;
use ssh2::{BlockDirections, Channel, Session};

use super::super::fault;

/// How much is under way in each direction.
const BUFFER: usize = 32 * 1024;

/// A channel and a socket. It lives until the node's session hangs up, or the jump host does.
pub(super) struct Pipe {
    channel: Channel,
    socket: Socket,
    to_node: Buffer,
    to_us: Buffer,
    /// The call that must be made again before any other in the same connection.
    again: Option<Call>,
    is_closing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Write,
    Read,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing can be moved now.
    Still,
    /// Something was moved, and there may be more.
    Moved,
    /// A packet is half sent: no other call may be made before this pipe's next step.
    Stuck,
    /// It is over.
    Over,
}

/// Bytes that were read and not written yet.
struct Buffer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Pipe {
    pub(super) fn new(channel: Channel, socket: Socket) -> Self {
        Self { channel, socket, to_node: Buffer::new(), to_us: Buffer::new(), again: None, is_closing: false }
    }

    /// What its socket is waited for.
    pub(super) fn polled(&self) -> PollFd<'_> {
        let mut events = PollFlags::empty();
        if !self.is_closing {
            events.set(PollFlags::IN, self.to_node.is_empty());
            events.set(PollFlags::OUT, !self.to_us.is_empty());
        }
        PollFd::new(&self.socket, events)
    }

    /// Whether it takes what the jump host says.
    pub(super) fn listens(&self) -> bool {
        self.is_closing || self.to_us.is_empty() || !self.to_node.is_empty()
    }

    /// Moves what can be moved. An error is one of the connection to the jump host.
    pub(super) fn step(&mut self, session: &Session) -> Result<Step, ssh2::Error> {
        if self.is_closing {
            return self.close(session);
        }
        let calls = match self.again.take() {
            Some(Call::Read) => [Call::Read, Call::Write],
            _ => [Call::Write, Call::Read],
        };
        let mut has_moved = false;
        for call in calls {
            let moved = match call {
                Call::Write => self.send(),
                Call::Read => self.receive(),
            };
            match moved {
                Ok(moved) => has_moved |= moved,
                Err(error) if error.kind() != Io::WouldBlock => {
                    // The crate's streams keep the text of an error alone; the session knows its number.
                    ssh2::Error::last_session_error(session).map_or(Ok(()), of_channel_alone)?;
                    self.is_closing = true;
                    return Ok(Step::Moved);
                }
                Err(_) if is_half_sent(session) => {
                    self.again = Some(call);
                    return Ok(Step::Stuck);
                }
                Err(_) => {}
            }
        }
        Ok(if has_moved { Step::Moved } else { Step::Still })
    }

    /// From the node's session to the node.
    fn send(&mut self) -> Result<bool, IoError> {
        if self.to_node.is_empty() {
            match self.to_node.fill(&self.socket) {
                // The session has ended. What it said before is on its way.
                Ok(0) => self.is_closing = true,
                Ok(_) => {}
                Err(error) if error.kind() == Io::WouldBlock => return Ok(false),
                Err(_) => self.is_closing = true,
            }
        }
        if self.to_node.is_empty() {
            return Ok(self.is_closing);
        }
        self.to_node.drain(&mut self.channel).map(|count| count > 0)
    }

    /// From the node to its session.
    fn receive(&mut self) -> Result<bool, IoError> {
        if self.to_us.is_empty() && self.to_us.fill(&mut self.channel)? == 0 {
            if self.channel.eof() {
                let _ = self.socket.shutdown(Shutdown::Write);
                self.is_closing = true;
            }
            return Ok(self.is_closing);
        }
        match self.to_us.drain(&self.socket) {
            Ok(count) => Ok(count > 0),
            Err(error) if error.kind() == Io::WouldBlock => Ok(false),
            Err(_) => {
                self.is_closing = true;
                Ok(true)
            }
        }
    }

    fn close(&mut self, session: &Session) -> Result<Step, ssh2::Error> {
        match self.channel.close() {
            Ok(()) => Ok(Step::Over),
            Err(error) if fault::code(&error) == c::LIBSSH2_ERROR_EAGAIN => {
                Ok(if is_half_sent(session) { Step::Stuck } else { Step::Still })
            }
            Err(error) => of_channel_alone(error).map(|()| Step::Over),
        }
    }
}

/// Whether the call that would block was in the middle of a packet.
pub(super) fn is_half_sent(session: &Session) -> bool {
    matches!(session.block_directions(), BlockDirections::Outbound | BlockDirections::Both)
}

/// Passes an error of the whole connection on; one of the channel alone is its end.
fn of_channel_alone(error: ssh2::Error) -> Result<(), ssh2::Error> {
    let of_channel = [
        c::LIBSSH2_ERROR_CHANNEL_CLOSED,
        c::LIBSSH2_ERROR_CHANNEL_EOF_SENT,
        c::LIBSSH2_ERROR_CHANNEL_UNKNOWN,
        c::LIBSSH2_ERROR_CHANNEL_FAILURE,
    ];
    if of_channel.contains(&fault::code(&error)) { Ok(()) } else { Err(error) }
}

impl Buffer {
    fn new() -> Self {
        Self { bytes: vec![0; BUFFER].into(), start: 0, end: 0 }
    }

    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    fn fill(&mut self, mut from: impl Read) -> Result<usize, IoError> {
        let count = from.read(&mut self.bytes)?;
        (self.start, self.end) = (0, count);
        Ok(count)
    }

    fn drain(&mut self, mut to: impl Write) -> Result<usize, IoError> {
        let count = to.write(&self.bytes[self.start..self.end])?;
        self.start += count;
        Ok(count)
    }
}
