//! What is heard while nodes are worked on.

use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::{Value, json};

use crate::plan::Plan;
use crate::report::NodeReport;

/// Something that happened on a node or to a batch of them, or just time passing.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Comes at least every 100 ms while nothing else does, so that the caller can cancel.
    Tick,
    /// A batch of nodes begins or has ended. The next one does not begin before this returns, so that a person can be
    /// asked.
    #[non_exhaustive]
    Batch {
        /// The batch, counted from 1.
        number: usize,
        /// How many there are, as far as is known: nodes that cannot be reached are tried again in further ones.
        of: usize,
        /// Which nodes these are.
        kind: BatchKind,
        /// How many times these nodes have been tried before.
        round: usize,
        /// The nodes, by their places in the list that was given.
        nodes: &'a [usize],
        /// The time since the call began.
        since: Duration,
        /// Whether it begins.
        moment: Moment,
    },
    /// Something happened on a node.
    #[non_exhaustive]
    Node {
        /// The node's place in the list that was given.
        index: usize,
        /// The node's name.
        name: &'a str,
        /// The time since the node's turn began.
        elapsed: Duration,
        /// The time since the call began.
        since: Duration,
        /// The node's batch, counted from 1; 0 for a node whose turn never came.
        batch: usize,
        /// What happened.
        stage: Stage<'a>,
    },
}

/// Which nodes a batch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BatchKind {
    /// The first few, which all must end well.
    Canary,
    /// Any.
    Nodes,
    /// Nodes of the control plane, which come last.
    ControlPlane,
}

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Its nodes are about to be worked on; `Break` leaves them alone.
    Begins,
    /// The last of its nodes has ended.
    Ended,
}

/// How far a node has come.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Stage<'a> {
    /// It is being connected to.
    Connecting,
    /// Logged in; its files are being read.
    Gathering,
    /// It is known what there is to do.
    Planned(&'a Plan),
    /// A step of the change begins, such as `stage` or `restart containerd`.
    Applying(&'a str),
    /// It cannot be reached and is tried again after the others.
    Postponed(&'a NodeReport),
    /// The node's turn is over. Comes once for each node.
    Finished(&'a NodeReport),
}

impl Event<'_> {
    /// The event as JSON, for programs and logs. `event` is `tick`, `batch` or `node`; that of a node has a `stage`:
    /// `connecting`, `gathering`, `planned` with the `plan`, `applying` with the `step`, `postponed` or `finished` with
    /// the `report` of the node. Times are in seconds.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Tick => json!({ "event": "tick" }),
            Self::Batch { number, of, kind, round, nodes, since, moment } => json!({
                "event": "batch",
                "number": number,
                "of": of,
                "kind": kind.name(),
                "round": round,
                "nodes": nodes,
                "since": since.as_secs_f64(),
                "begins": *moment == Moment::Begins,
            }),
            Self::Node { index, name, elapsed, since, batch, stage } => {
                let mut out = json!({
                    "event": "node",
                    "index": index,
                    "name": name,
                    "elapsed": elapsed.as_secs_f64(),
                    "since": since.as_secs_f64(),
                    "batch": batch,
                    "stage": stage.name(),
                });
                if let Some((key, value)) = stage.detail() {
                    out[key] = value;
                }
                out
            }
        }
    }
}

impl BatchKind {
    /// The name used in JSON, such as `control_plane`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::Nodes => "nodes",
            Self::ControlPlane => "control_plane",
        }
    }
}

impl Stage<'_> {
    /// The name used in JSON, such as `connecting`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Gathering => "gathering",
            Self::Planned(_) => "planned",
            Self::Applying(_) => "applying",
            Self::Postponed(_) => "postponed",
            Self::Finished(_) => "finished",
        }
    }

    fn detail(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Connecting | Self::Gathering => None,
            Self::Planned(plan) => Some(("plan", plan.to_json())),
            Self::Applying(step) => Some(("step", (*step).into())),
            Self::Postponed(report) | Self::Finished(report) => Some(("report", report.to_json())),
        }
    }
}

/// Hears events on the thread that called, one at a time. `Break` cancels: nodes in the middle of their change finish,
/// no other is begun.
pub type Observer<'a> = dyn FnMut(Event<'_>) -> ControlFlow<()> + 'a;
