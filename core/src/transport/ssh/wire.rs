//! What carries the bytes of a session: a TCP connection, a tunnel through a jump host, or a program.

use std::io::{Error as IoError, ErrorKind as Io};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;

use rustix::io::ioctl_fionread;
use socket2::{Domain, Socket, Type};

/// A non-blocking stream to a server.
pub(super) struct Wire {
    socket: Socket,
    /// `None` is the network itself.
    carrier: Option<Box<dyn Carrier>>,
}

/// What carries the bytes where the network does not do so by itself. It ends with the stream.
pub(super) trait Carrier: Send + Sync {
    /// The login is done.
    fn is_through(&self) {}

    /// Why the stream ended, as far as this can tell.
    fn why_it_ended(&self) -> Option<String>;
}

impl Wire {
    /// A TCP connection.
    pub(super) fn network(socket: Socket) -> Self {
        Self { socket, carrier: None }
    }

    /// One end of a stream that something else carries.
    pub(super) fn carried(socket: Socket, by: impl Carrier + 'static) -> Self {
        Self { socket, carrier: Some(Box::new(by)) }
    }

    /// Tells the kernel to acknowledge at once. It forgets this, so it is told before each wait: an sshd before 10.0
    /// holds its first answer back until its notice of host keys is acknowledged, 40 ms by default.
    pub(super) fn acknowledge(&self) {
        #[cfg(target_os = "linux")]
        if self.carrier.is_none() {
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
        if let Some(carrier) = &self.carrier {
            carrier.is_through();
        }
    }

    /// Why it ended, as far as what carries it can tell.
    pub(super) fn why_it_ended(&self) -> Option<String> {
        self.carrier.as_ref().and_then(|carrier| carrier.why_it_ended())
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
