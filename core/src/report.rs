//! What happened.

mod groups;
mod json;
mod per_plan;
mod pull;
mod timing;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;
use crate::probe::Probe;

pub use groups::{Group, Groups};
pub use pull::Pull;
pub(crate) use timing::Phase;
pub use timing::Timing;

/// What happened on each node, in the order in which the nodes were given.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// One entry for each node.
    pub nodes: Vec<NodeReport>,
    /// Why some nodes were not begun; `None` if all were.
    pub stopped: Option<Error>,
}

/// What happened on one node.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NodeReport {
    /// The node's name.
    pub name: String,
    /// Where it is, see [`Node::place`](crate::Node::place).
    pub address: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether that was so in an earlier call, as the journal says, and nothing was done now.
    pub resumed: bool,
    /// Whether the caller has said that such an end is no failure, see [`Unreachable::Skip`](crate::Unreachable::Skip).
    pub is_tolerated: bool,
    /// The batch that it was in, counted from 1; 0 if its turn did not come.
    pub batch: usize,
    /// What was to be done; `None` if it did not come to a plan. Nodes of a call that had the same to be done share it.
    pub plan: Option<Arc<Plan>>,
    /// Why it did not end well.
    pub error: Option<Error>,
    /// The pulls that were asked for, see [`Options::verify_pull`](crate::Options::verify_pull).
    pub pulls: Vec<Pull>,
    /// What answers at the registries' addresses, see [`Options::probe`](crate::Options::probe).
    pub probes: Vec<Probe>,
    /// How long its turn took. A node that was tried several times has the last one's here and in `timing`.
    pub took: Duration,
    /// How long each phase of that took.
    pub timing: Timing,
}

/// How it ended on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Everything was as wanted; nothing was touched.
    Unchanged,
    /// The plan was carried out, and its effect seen.
    Changed,
    /// There is something to do, and it was only asked what.
    Pending,
    /// It is as wanted, but an image that was asked for cannot be pulled. What was changed stays.
    Unverified,
    /// It failed, and nothing was changed.
    Failed,
    /// It could not be reached, or the link was lost before anything was changed.
    Unreachable,
    /// It failed, and everything was put back.
    RolledBack,
    /// It failed, and it is not known in what state the node is. Somebody must look.
    Unknown,
    /// Its change was not begun, because the caller cancelled or the rollout was stopped; the error says why.
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
            Self::Unverified => "unverified",
            Self::Failed => "failed",
            Self::Unreachable => "unreachable",
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
    /// The nodes that did not end well, without those that may be unreachable.
    pub fn failures(&self) -> impl Iterator<Item = &NodeReport> {
        self.nodes.iter().filter(|node| node.is_failure())
    }

    /// An error if some node failed, if some was not begun, or if none ended well.
    ///
    /// # Errors
    /// With the kind and the text of the first node that failed. [`ErrorKind::InvalidArgument`] if there was no node.
    pub fn check(&self) -> Result<()> {
        let failed = self.failures().count();
        let of = self.nodes.len();
        match self.failures().find(|node| node.outcome != Outcome::NotTried).or_else(|| self.failures().next()) {
            None if self.nodes.is_empty() => Err(Error::invalid("no node was given")),
            None if self.nodes.iter().any(|node| node.outcome.is_good()) => Ok(()),
            None => Err(Error::new(ErrorKind::Connect, format!("none of {of} nodes could be reached"))),
            Some(first) => {
                let kind = first.error.as_ref().map_or(ErrorKind::Cancelled, Error::kind);
                let why = first.error.as_ref().map_or_else(|| first.outcome.to_string(), ToString::to_string);
                Err(Error::new(kind, format!("{failed} of {of} nodes failed; the first, {}: {why}", first.name)))
            }
        }
    }

    /// The report as JSON, for programs. Its shape is described by `schema/report.schema.json`; a change that could
    /// break a reader comes with another `version`.
    pub fn to_json(&self) -> serde_json::Value {
        json::report(self)
    }

    /// Which nodes had the same end: the same outcome, the same changes, the same error. The first of each group stand
    /// in the order given.
    ///
    /// After a survey this tells which nodes have drifted, and how:
    /// ```no_run
    /// # let (nodes, settings, options) = (vec![], regconf::Settings::default(), regconf::Options::default());
    /// # let mut silent = |_: regconf::Event<'_>| std::ops::ControlFlow::Continue(());
    /// let rollout = regconf::survey(&nodes, &settings, &options, &mut silent);
    /// print!("{}", rollout.report().groups());
    /// ```
    pub fn groups(&self) -> Groups {
        groups::of(self)
    }
}

impl NodeReport {
    /// The node's entry in the [report's JSON](Report::to_json).
    pub fn to_json(&self) -> serde_json::Value {
        json::node(self)
    }

    pub(crate) fn new(name: &str, outcome: Outcome) -> Self {
        Self {
            name: name.to_owned(),
            address: String::new(),
            outcome,
            resumed: false,
            is_tolerated: false,
            batch: 0,
            plan: None,
            error: None,
            pulls: Vec::new(),
            probes: Vec::new(),
            took: Duration::ZERO,
            timing: Timing::default(),
        }
    }

    pub(crate) fn failed(name: &str, error: Error) -> Self {
        let outcome = if error.kind() == ErrorKind::Cancelled { Outcome::NotTried } else { Outcome::Failed };
        Self { error: Some(error), ..Self::new(name, outcome) }
    }

    pub(crate) fn with_plan(mut self, plan: Arc<Plan>) -> Self {
        self.plan = Some(plan);
        self
    }

    /// Whether it did not end well, and the caller has not said that it may end so.
    pub fn is_failure(&self) -> bool {
        !self.outcome.is_good() && !self.is_tolerated
    }

    /// What was seen to hold after the change, such as `containerd answers its CRI`; empty unless it was changed.
    pub fn verified(&self) -> impl Iterator<Item = &str> {
        let plan = self.plan.as_ref().filter(|_| self.outcome == Outcome::Changed);
        plan.into_iter().flat_map(|plan| &plan.checks).map(|check| check.shows.as_str())
    }
}
