//! What happened.

use std::time::Duration;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;

/// What happened on each node, in the order in which the nodes were given.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// One entry for each node.
    pub nodes: Vec<NodeReport>,
}

/// What happened on one node.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NodeReport {
    /// The node's name.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was to be done; `None` if it did not come to a plan.
    pub plan: Option<Plan>,
    /// Why it did not end well.
    pub error: Option<Error>,
    /// How long it took.
    pub took: Duration,
}

/// How it ended on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Everything was as wanted; nothing was touched.
    Unchanged,
    /// The plan was carried out, and its effect seen.
    Changed,
    /// There is something to do, and it was only asked what.
    Pending,
    /// It failed, and nothing was changed.
    Failed,
    /// It failed, and everything was put back.
    RolledBack,
    /// It failed, and it is not known in what state the node is. Somebody must look.
    Unknown,
    /// It was not begun, because the caller cancelled.
    NotTried,
}

impl Outcome {
    /// Whether the node is as wanted, or would be after what is pending.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Unchanged | Self::Changed | Self::Pending)
    }

    /// The name used in JSON and in messages, such as `rolled_back`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Unknown => "unknown",
            Self::NotTried => "not_tried",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl Report {
    /// The nodes that did not end well.
    pub fn failures(&self) -> impl Iterator<Item = &NodeReport> {
        self.nodes.iter().filter(|node| !node.outcome.is_good())
    }

    /// An error if some node did not end well, or if there was none at all.
    pub fn check(&self) -> Result<()> {
        let failed = self.failures().count();
        match self.failures().next() {
            None if self.nodes.is_empty() => Err(Error::invalid("no node was given")),
            None => Ok(()),
            Some(first) => {
                let kind = first.error.as_ref().map_or(ErrorKind::Cancelled, Error::kind);
                let why = first.error.as_ref().map_or_else(|| first.outcome.to_string(), ToString::to_string);
                let of = self.nodes.len();
                Err(Error::new(kind, format!("{failed} of {of} nodes failed; the first, {}: {why}", first.name)))
            }
        }
    }

    /// The report as JSON, for programs.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "nodes": self.nodes })
    }
}

impl NodeReport {
    pub(crate) fn new(name: &str, outcome: Outcome) -> Self {
        Self { name: name.to_owned(), outcome, plan: None, error: None, took: Duration::ZERO }
    }

    pub(crate) fn failed(name: &str, error: Error) -> Self {
        let outcome = if error.kind() == ErrorKind::Cancelled { Outcome::NotTried } else { Outcome::Failed };
        Self { error: Some(error), ..Self::new(name, outcome) }
    }

    pub(crate) fn with_plan(mut self, plan: Plan) -> Self {
        self.plan = Some(plan);
        self
    }
}

impl Serialize for NodeReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("NodeReport", 5)?;
        out.serialize_field("name", &self.name)?;
        out.serialize_field("outcome", &self.outcome)?;
        out.serialize_field("plan", &self.plan.as_ref().map(Plan::to_json))?;
        out.serialize_field("error", &self.error)?;
        out.serialize_field("seconds", &self.took.as_secs_f64())?;
        out.end()
    }
}
