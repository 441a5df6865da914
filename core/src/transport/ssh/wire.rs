//! What carries the bytes of a session: a TCP connection, a tunnel through a jump host, or a program.

use std::io::{Error as IoError, ErrorKind as Io};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;

use rustix::io::ioctl_fionread;
use socket2::{Domain, Socket, Type};

use super::jump::Tunnel;
use super::proxy::Program;

/// A non-blocking stream to a server.
pub(super) struct Wire {
    socket: Socket,
    carrier: Carrier,
}

enum Carrier {
    Network,
    Tunnel(Tunnel),
    Program(Program),
}

impl Wire {
    /// A TCP connection.
    pub(super) fn network(socket: Socket) -> Self {
        Self { socket, carrier: Carrier::Network }
    }

    /// The end of a tunnel.
    pub(super) fn tunnel(socket: Socket, tunnel: Tunnel) -> Self {
        Self { socket, carrier: Carrier::Tunnel(tunnel) }
    }

    /// A program's standard streams.
    pub(super) fn program(socket: Socket, program: Program) -> Self {
        Self { socket, carrier: Carrier::Program(program) }
    }

    /// Tells the kernel to acknowledge at once. It forgets this, so it is told before each wait: an sshd before 10.0
    /// holds its first answer back until its notice of host keys is acknowledged, 40 ms by default.
    pub(super) fn acknowledge(&self) {
        #[cfg(target_os = "linux")]
        if matches!(self.carrier, Carrier::Network) {
            let _ = self.socket.set_tcp_quickack(true);
        }
    }

    /// How many bytes can be read now.
    pub(super) fn waiting(&self) -> usize {
        ioctl_fionread(&self.socket).ok().and_then(|count| count.try_into().ok()).unwrap_or(0)
    }

    /// Whether the other side has ended it, and all it said was read.
    pub(super) fn is_at_end(&self) -> bool {
        match self.socket.peek(&mut [MaybeUninit::uninit()]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != Io::WouldBlock,
        }
    }

    /// Ends it, in whatever call it is.
    pub(super) fn cut(&self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// The login is done.
    pub(super) fn is_through(&self) {
        if let Carrier::Tunnel(tunnel) = &self.carrier {
            tunnel.is_through();
        }
    }

    /// Why it ended, as far as what carries it can tell.
    pub(super) fn why_it_ended(&self) -> Option<String> {
        match &self.carrier {
            Carrier::Network => None,
            Carrier::Tunnel(tunnel) => tunnel.why_it_ended(),
            Carrier::Program(program) => Some(program.why_it_ended()),
        }
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// What libssh2 is given: the file descriptor, kept open as long as the session.
pub(super) struct Handle(pub(super) Arc<Wire>);

impl AsRawFd for Handle {
    fn as_raw_fd(&self) -> RawFd {
        self.0.socket.as_raw_fd()
    }
}

/// Two ends of a connection within this process. The first does not block.
pub(super) fn pair() -> Result<(Socket, Socket), IoError> {
    let (ours, theirs) = Socket::pair(Domain::UNIX, Type::STREAM, None)?;
    ours.set_nonblocking(true)?;
    Ok((ours, theirs))
}
