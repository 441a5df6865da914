//! From a node to a session that is logged in: the way, the host key, the login.

use std::sync::Arc;

use super::credentials::{self, Credential};
use super::failure::{Failure, persist};
use super::host_key::Expected;
use super::known_hosts::HostKey;
use super::link::Link;
use super::wire::Wire;
use super::{SshShared, auth, jump, proxy, tcp};
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::transport::Limit;

/// Connects through these jump hosts, verifies the host key, and only then logs in.
pub(super) fn open(node: &Node, jump: &[Arc<Node>], shared: &SshShared, limit: &Limit) -> Result<Link> {
    // Faults on this side are found before the server is bothered: it counts connections that do not log in.
    auth::check(node)?;
    let credentials = credentials::read(node, shared)?;
    let expected = Expected::new(node, &shared.known_hosts)?;
    let place = match jump {
        [] => tcp::place(node),
        jump => format!("{} through {}", tcp::place(node), jump::shown(jump)),
    };
    let approach = Approach { node, jump, shared, credentials: &credentials, expected: &expected, place: &place };
    persist(node.connect_attempts, limit, || approach.attempt(limit))
}

struct Approach<'a> {
    node: &'a Node,
    jump: &'a [Arc<Node>],
    shared: &'a SshShared,
    credentials: &'a [Credential],
    expected: &'a Expected<'a>,
    place: &'a str,
}

impl Approach<'_> {
    fn attempt(&self, limit: &Limit) -> Result<Link, Failure> {
        let wire = self.wire(limit)?;
        let preference = self.expected.preference();
        let link = Link::new(wire, &preference, &self.shared.watch, limit);
        let link = link.map_err(|failure| failure.map(|error| error.context(self.place)))?;
        let key = link.session().host_key().and_then(|(blob, _)| HostKey::new(blob));
        let key = key.ok_or_else(|| Error::new(ErrorKind::HostKey, "the server presented no host key"))?;
        self.expected.verify(&key, limit)?;
        let login = auth::login(&link, self.node, self.credentials, limit);
        login.map_err(|error| link.explained(error).context(self.place))?;
        link.is_through();
        Ok(link)
    }

    fn wire(&self, limit: &Limit) -> Result<Wire, Failure> {
        let Self { node, jump, shared, .. } = self;
        match jump {
            [] if node.proxy_command.is_empty() => tcp::connect(node, limit),
            [] => proxy::start(node),
            jump => {
                let way = shared.bastions.way(jump, node, shared, limit);
                way.map_err(|failure| failure.map(|error| error.context(self.place)))
            }
        }
    }
}
