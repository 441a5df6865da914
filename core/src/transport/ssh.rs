//! A shell on a machine that is reached over SSH.

mod agent;
mod auth;
mod fault;
mod host_key;
mod keys;
mod known_hosts;
mod link;
mod tcp;
mod watch;

use std::ops::ControlFlow;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::transport::{Limit, Listener, Stream, TICK, Transport};
use host_key::Expected;
use keys::Keys;
#[cfg(fuzzing)]
pub(crate) use known_hosts::lines_of_host;
use known_hosts::{HostKey, KnownHosts};
use link::{Link, Moved};
use watch::Watch;

/// How much is read at once.
const BUFFER: usize = 32 * 1024;

/// What the connections of one run share, so that it is done once: `known_hosts` files parsed, keys decrypted.
#[derive(Default)]
pub struct SshShared {
    known_hosts: KnownHosts,
    keys: Keys,
    watch: Watch,
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
    /// Connects to a node, verifies its host key, and only then logs in.
    ///
    /// # Errors
    /// [`ErrorKind::Connect`], [`ErrorKind::HostKey`], [`ErrorKind::Authentication`], [`ErrorKind::Timeout`],
    /// [`ErrorKind::Cancelled`]; [`ErrorKind::InvalidArgument`], [`ErrorKind::Io`] and [`ErrorKind::Parse`] for what
    /// the node names: keys, and files of known hosts.
    pub fn connect(node: &Node, shared: &SshShared, limit: &Limit) -> Result<Self> {
        // Faults on this side are found before the server is bothered: it counts connections that do not log in.
        auth::check(node)?;
        let keys = node.identities.iter().map(|identity| shared.keys.read(identity)).collect::<Result<Vec<_>>>()?;
        let expected = Expected::new(node, &shared.known_hosts)?;
        let stream = tcp::connect(node, limit)?;
        let named = |error: Error| error.context(tcp::place(node));
        let link = Link::new(stream, &expected.preference(), &shared.watch, limit).map_err(named)?;
        let key = link.session().host_key().and_then(|(blob, _)| HostKey::new(blob));
        let key = key.ok_or_else(|| Error::new(ErrorKind::HostKey, "the server presented no host key"))?;
        expected.verify(&key, limit)?;
        auth::login(&link, node, &keys, limit).map_err(named)?;
        Ok(Self { link, buffer: vec![0; BUFFER].into(), unsent: Zeroizing::default() })
    }

    /// Writes and reads until the listener breaks. `rest` is left at what was not written.
    fn talk(&mut self, rest: &mut &[u8], listener: &mut Listener<'_>, limit: &Limit) -> Result<()> {
        loop {
            limit.left()?;
            let wrote = self.say(rest, limit)?;
            let mut heard = [Moved::Nothing; 2];
            for (stream, heard) in [Stream::Out, Stream::Err].into_iter().zip(&mut heard) {
                *heard = self.hear(stream, limit)?;
                if let Moved::Bytes(count) = *heard
                    && listener(stream, &self.buffer[..count])?.is_break()
                {
                    return Ok(());
                }
            }
            if heard == [Moved::End; 2] {
                return end(listener);
            }
            let is_busy = wrote || heard.iter().any(|heard| matches!(heard, Moved::Bytes(_)));
            if !is_busy {
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
        self.link.exec(command, limit)
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
        let outcome = self.talk(&mut rest, listener, limit);
        self.unsent = Zeroizing::new(rest.to_vec());
        outcome
    }
}

impl std::fmt::Debug for Ssh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ssh").finish_non_exhaustive()
    }
}
