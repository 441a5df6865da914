//! What is heard while nodes are worked on.

use pyo3::prelude::*;
use pyo3::types::PyAny;
use regconf::{Moment, Stage};
use serde_json::Value as Json;

use crate::convert::{Many, words};
use crate::node_report::NodeReport;
use crate::plan::Plan;

words!(
    /// How far a node has come.
    StageName: "connecting", "gathering", "planned", "applying", "postponed", "finished"
);
words!(
    /// Which nodes a batch has.
    BatchKind: "canary", "nodes", "control_plane"
);

/// Something happened on a node.
#[pyclass(frozen, module = "regconf")]
pub(crate) struct NodeEvent {
    json: Json,
    index: usize,
    name: String,
    elapsed: f64,
    since: f64,
    batch: usize,
    stage: StageName,
    plan: Option<Py<Plan>>,
    step: Option<String>,
    report: Option<Py<NodeReport>>,
}

#[pymethods]
impl NodeEvent {
    /// The node's place in the list that was given, counted from 0.
    #[getter]
    fn index(&self) -> usize {
        self.index
    }

    /// The node's name.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// Seconds since the node's turn began.
    #[getter]
    fn elapsed(&self) -> f64 {
        self.elapsed
    }

    /// Seconds since the call began.
    #[getter]
    fn since(&self) -> f64 {
        self.since
    }

    /// The node's batch, counted from 1; 0 for a node whose turn never came.
    #[getter]
    fn batch(&self) -> usize {
        self.batch
    }

    /// How far it has come: ``finished`` comes once for each node; ``postponed`` means that it cannot be reached and is tried
    /// again after the others.
    #[getter]
    fn stage(&self) -> StageName {
        self.stage.clone()
    }

    /// What there is to do, when that is known: at the stage ``planned``.
    #[getter]
    fn plan(&self, py: Python<'_>) -> Option<Py<Plan>> {
        self.plan.as_ref().map(|plan| plan.clone_ref(py))
    }

    /// The step of the change that begins, such as ``restart containerd``: at the stage ``applying``.
    #[getter]
    fn step(&self) -> Option<&str> {
        self.step.as_deref()
    }

    /// How it ended: at the stages ``postponed`` and ``finished``.
    #[getter]
    fn report(&self, py: Python<'_>) -> Option<Py<NodeReport>> {
        self.report.as_ref().map(|report| report.clone_ref(py))
    }

    /// The event as a JSON object, for logs. Holds no secret.
    fn to_json(&self) -> String {
        self.json.to_string()
    }

    fn __repr__(&self) -> String {
        let step = self.step.as_ref().map(|step| format!(" {step}")).unwrap_or_default();
        format!("<regconf.NodeEvent: {} {}{step}>", self.name, self.stage.0)
    }
}

/// A batch of nodes begins or has ended.
#[pyclass(frozen, get_all, module = "regconf")]
pub(crate) struct BatchEvent {
    /// The batch, counted from 1.
    number: usize,
    /// How many there are, as far as is known: nodes that cannot be reached are tried again in further ones.
    of: usize,
    /// Which nodes these are: the first few, any, or those of the control plane, which come last.
    kind: BatchKind,
    /// How many times these nodes have been tried before.
    round: usize,
    /// The nodes, by their places in the list that was given.
    nodes: Many<usize>,
    /// Seconds since the call began.
    since: f64,
    /// Whether it begins; if not, the last of its nodes has ended.
    begins: bool,
}

#[pymethods]
impl BatchEvent {
    /// The event as a JSON object, for logs.
    fn to_json(&self) -> String {
        serde_json::json!({
            "event": "batch",
            "number": self.number,
            "of": self.of,
            "kind": self.kind,
            "round": self.round,
            "nodes": self.nodes,
            "since": self.since,
            "begins": self.begins,
        })
        .to_string()
    }

    fn __repr__(&self) -> String {
        let moment = if self.begins { "begins" } else { "has ended" };
        format!("<regconf.BatchEvent: {} of {} {moment}>", self.number, self.of)
    }
}

/// The event as a Python object; None for one that only says that time has passed.
pub(crate) fn object<'py>(py: Python<'py>, event: &regconf::Event<'_>) -> PyResult<Option<Bound<'py, PyAny>>> {
    match event {
        regconf::Event::Batch { number, of, kind, round, nodes, since, moment, .. } => {
            let batch = BatchEvent {
                number: *number,
                of: *of,
                kind: BatchKind(kind.name().to_owned()),
                round: *round,
                nodes: Many(nodes.to_vec()),
                since: since.as_secs_f64(),
                begins: *moment == Moment::Begins,
            };
            Ok(Some(Bound::new(py, batch)?.into_any()))
        }
        regconf::Event::Node { index, name, elapsed, since, batch, stage, .. } => {
            let (plan, report) = match stage {
                Stage::Planned(plan) => (Some(Py::new(py, Plan::from((*plan).clone()))?), None),
                Stage::Postponed(report) | Stage::Finished(report) => {
                    (None, Some(Py::new(py, NodeReport::live(py, report)?)?))
                }
                _ => (None, None),
            };
            let node = NodeEvent {
                json: event.to_json(),
                index: *index,
                name: (*name).to_owned(),
                elapsed: elapsed.as_secs_f64(),
                since: since.as_secs_f64(),
                batch: *batch,
                stage: StageName(stage.name().to_owned()),
                plan,
                step: if let Stage::Applying(step) = stage { Some((*step).to_owned()) } else { None },
                report,
            };
            Ok(Some(Bound::new(py, node)?.into_any()))
        }
        _ => Ok(None),
    }
}
