//! Ways through jump hosts: one connection to a jump host serves many nodes.
//!
//! libssh2 wants a file descriptor. So a thread for each connection to a jump host, the lane, carries bytes between
//! its channels and one socket pair for each node. Host keys and logins of nodes are between them and us alone.

mod bastion;
mod lane;
mod pipe;
mod turnstile;

use std::sync::{Arc, Mutex, PoisonError};

use super::SshShared;
use super::failure::Failure;
use super::wire::{Carrier, Wire};
use crate::error::{Error, Result};
use crate::node::Node;
use crate::transport::Limit;
use bastion::Bastion;
use lane::Fate;
use turnstile::Pass;

/// The jump hosts of a run, each with the way to it.
#[derive(Default)]
pub(super) struct Bastions(Mutex<Vec<Arc<Bastion>>>);

/// A node's way through a jump host. Its session ends with it.
struct Tunnel {
    fate: Arc<Fate>,
    /// Given back when the login is done.
    pass: Mutex<Option<Pass>>,
}

impl Bastions {
    /// A way to the node through these hosts, the last of which reaches it.
    pub(super) fn way(
        &self,
        jump: &[Arc<Node>],
        node: &Node,
        shared: &SshShared,
        limit: &Limit,
    ) -> Result<Wire, Failure> {
        let bastion = self.bastion(jump);
        let opened = bastion.open(node, shared, limit)?;
        let pass = Some(bastion.turnstile().enter(limit)?);
        Ok(Wire::carried(opened.socket, Tunnel { fate: opened.fate, pass: Mutex::new(pass) }))
    }

    fn bastion(&self, jump: &[Arc<Node>]) -> Arc<Bastion> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bastion) = all.iter().find(|bastion| bastion.is_for(jump)) {
            return Arc::clone(bastion);
        }
        let bastion = Arc::new(Bastion::new(jump.to_vec()));
        all.push(Arc::clone(&bastion));
        bastion
    }
}

impl Carrier for Tunnel {
    /// Lets the next node begin its handshake.
    fn is_through(&self) {
        self.pass.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// What became of the connection to the jump host.
    fn why_it_ended(&self) -> Option<String> {
        self.fate.told()
    }
}

/// Says so when the way cannot be gone.
pub(super) fn check(node: &Node) -> Result<()> {
    let wrong = |host: &Node, what: &str| Error::invalid(format!("the jump host {} {what}", host.name));
    for (i, host) in node.jump.iter().enumerate() {
        if host.is_local {
            return Err(wrong(host, "is this machine").with_hint("leave it out"));
        }
        if !host.jump.is_empty() {
            return Err(
                wrong(host, "has jump hosts of its own").with_hint("list all of them on the node, in their order")
            );
        }
        if i > 0 && !host.proxy_command.is_empty() {
            return Err(wrong(host, "has a proxy_command, but is reached through another")
                .with_hint("only the first jump host may have one"));
        }
    }
    if !node.jump.is_empty() && !node.proxy_command.is_empty() {
        return Err(Error::invalid("jump and proxy_command exclude each other")
            .with_hint("give the proxy_command to the first jump host"));
    }
    Ok(())
}

/// The jump hosts as they are shown.
pub(super) fn shown(jump: &[Arc<Node>]) -> String {
    let names: Vec<_> = jump.iter().map(|host| host.name.as_str()).collect();
    names.join(", ")
}
