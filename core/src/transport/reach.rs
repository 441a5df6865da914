//! Which transport a node is reached by.

use super::{Limit, Local, Ssh, SshShared, Transport};
use crate::error::Result;
use crate::node::Node;

/// Makes the transport to a node; called on a worker's thread.
pub trait Connector: Send + Sync {
    /// Connects and logs in, and starts nothing yet.
    fn connect(&self, node: &Node, limit: &Limit) -> Result<Box<dyn Transport>>;
}

/// Local nodes directly, all others by SSH. Host keys and identities are read once for all nodes.
#[derive(Debug)]
pub struct Reach {
    shared: SshShared,
}

impl Default for Reach {
    fn default() -> Self {
        Self { shared: SshShared::new() }
    }
}

impl Connector for Reach {
    fn connect(&self, node: &Node, limit: &Limit) -> Result<Box<dyn Transport>> {
        if node.is_local {
            return Ok(Box::new(Local::new()));
        }
        Ok(Box::new(Ssh::connect(node, &self.shared, limit)?))
    }
}
