//! A shell on a machine that is reached over SSH.

mod agent;
mod algorithms;
mod auth;
mod certificate;
mod credentials;
mod failure;
mod fault;
mod host_key;
mod jump;
mod keys;
mod known_hosts;
mod link;
mod proxy;
mod pulse;
mod session;
mod tcp;
mod watch;
mod wire;

use std::ops::ControlFlow;

use zeroize::Zeroizing;

use crate::error::Result;
use crate::node::Node;
use crate::transport::{Limit, Listener, Stream, TICK, Transport};
use jump::Bastions;
use keys::Keys;
use known_hosts::KnownHosts;
#[cfg(fuzzing)]
pub(crate) use known_hosts::lines_of_host;
use link::{Link, Moved};
use watch::Watch;

/// How much is read at once.
const BUFFER: usize = 8 * 1024;

/// What the connections of one run share, so that it is done once: `known_hosts` files parsed, keys decrypted, jump hosts
/// logged in to.
#[derive(Default)]
pub struct SshShared {
    known_hosts: KnownHosts,
    keys: Keys,
    watch: Watch,
    bastions: Bastions,
}

impl SshShared {
    /// Nothing read yet. Made before threads are started, it also starts libssh2 and OpenSSL in time.
    pub fn new() -> Self {
        ssh2::init();
        Self::default()
    }
}

impl std::fmt::Debug for SshShared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SshShared").finish_non_exhaustive()
    }
}

/// An SSH session with a node, logged in. One thread owns it; dropping it hangs up and never waits.
pub struct Ssh {
    link: Link,
    buffer: Box<[u8]>,
    /// Input that was not written when a listener had heard enough.
    unsent: Zeroizing<Vec<u8>>,
}

impl Ssh {
    /// Connects to a node, through its jump hosts or its program if it names some, verifies its host key, and only then
    /// logs in.
    ///
    /// # Errors
    /// [`ErrorKind::Connect`], [`ErrorKind::HostKey`], [`ErrorKind::Authentication`], [`ErrorKind::Timeout`],
    /// [`ErrorKind::Cancelled`]; [`ErrorKind::InvalidArgument`], [`ErrorKind::Io`] and [`ErrorKind::Parse`] for what
    /// the node names: keys, and files of known hosts. An error at a jump host says so.
    ///
    /// [`ErrorKind::Connect`]: crate::ErrorKind::Connect
    /// [`ErrorKind::HostKey`]: crate::ErrorKind::HostKey
    /// [`ErrorKind::Authentication`]: crate::ErrorKind::Authentication
    /// [`ErrorKind::Timeout`]: crate::ErrorKind::Timeout
    /// [`ErrorKind::Cancelled`]: crate::ErrorKind::Cancelled
    /// [`ErrorKind::InvalidArgument`]: crate::ErrorKind::InvalidArgument
    /// [`ErrorKind::Io`]: crate::ErrorKind::Io
    /// [`ErrorKind::Parse`]: crate::ErrorKind::Parse
    pub fn connect(node: &Node, shared: &SshShared, limit: &Limit) -> Result<Self> {
        jump::check(node)?;
        let link = session::open(node, &node.jump, shared, limit)?;
        Ok(Self { link, buffer: vec![0; BUFFER].into(), unsent: Zeroizing::default() })
    }

    /// Writes and reads until the listener breaks. `rest` is left at what was not written.
    ///
    /// Each read looks at the network first, for both streams. The errors come first, so that little is left of the output
    /// when its turn comes; what fills the buffer has more behind it.
    fn talk(&mut self, rest: &mut &[u8], listener: &mut Listener<'_>, limit: &Limit) -> Result<()> {
        loop {
            limit.left()?;
            let wrote = self.say(rest, limit)?;
            let mut is_full = false;
            let mut ended = 0;
            for stream in [Stream::Err, Stream::Out] {
                match self.hear(stream, limit)? {
                    Moved::Bytes(count) => {
                        is_full |= count == self.buffer.len();
                        if listener(stream, &self.buffer[..count])?.is_break() {
                            return Ok(());
                        }
                    }
                    Moved::Nothing => {}
                    Moved::End => ended += 1,
                }
            }
            if ended == 2 {
                return end(listener);
            }
            if !wrote && !is_full {
                if rest.is_empty() {
                    self.link.feel_pulse()?;
                }
                // A tick at most: what one look takes off the wire may be for the other stream, or room to write.
                self.link.wait(limit)?;
            }
        }
    }

    fn hear(&mut self, stream: Stream, limit: &Limit) -> Result<Moved> {
        let _underway = self.link.limited(limit);
        let heard = self.link.read(i32::from(stream == Stream::Err), &mut self.buffer);
        // The error may be that the connection was cut, for the limit is over.
        heard.or_else(|error| limit.left().and(Err(error)))
    }

    fn say(&self, rest: &mut &[u8], limit: &Limit) -> Result<bool> {
        if rest.is_empty() {
            return Ok(false);
        }
        let _underway = self.link.limited(limit);
        let wrote = self.link.write(rest).or_else(|error| limit.left().and(Err(error)))?;
        let Moved::Bytes(count) = wrote else { return Ok(false) };
        *rest = rest.get(count..).unwrap_or_default();
        Ok(true)
    }
}

/// Tells the listener that there is no more; it must not want any.
fn end(listener: &mut Listener<'_>) -> Result<()> {
    match listener(Stream::End, &[])? {
        ControlFlow::Break(()) => Ok(()),
        ControlFlow::Continue(()) => Err(fault::lost("the command ended early")),
    }
}

impl Transport for Ssh {
    fn start(&mut self, command: &str, limit: &Limit) -> Result<()> {
        self.link.exec(command, limit).map_err(|error| self.link.explained(error))
    }

    /// OpenSSH takes what fits into a packet; dropbear takes 9000 bytes, and of others it is not known.
    fn longest_command(&self) -> usize {
        let is_openssh = self.link.session().banner().is_some_and(|banner| banner.contains("OpenSSH"));
        if is_openssh { 30_000 } else { 8000 }
    }

    fn converse(&mut self, input: &[u8], listener: &mut Listener<'_>, limit: &Limit) -> Result<()> {
        let mut before = std::mem::take(&mut self.unsent);
        let input = if before.is_empty() {
            input
        } else {
            before.extend_from_slice(input);
            &before
        };
        let mut rest = input;
        let outcome = self.talk(&mut rest, listener, limit).map_err(|error| self.link.explained(error));
        self.unsent = Zeroizing::new(rest.to_vec());
        outcome
    }
}

impl std::fmt::Debug for Ssh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ssh").finish_non_exhaustive()
    }
}
