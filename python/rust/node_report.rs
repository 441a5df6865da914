//! What happened on one node.

use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::convert::{Many, typed, words};
use crate::error::Fault;
use crate::json;
use crate::plan::{Action, Activation, ChangeKind, Note, Plan};
use crate::record::record;

words!(
    /// How it ended on a node.
    OutcomeName: "unchanged", "changed", "pending", "unverified", "failed", "unreachable", "rolled_back", "unknown", "not_tried"
);

record!(
    /// How many seconds each phase of a node's turn took; 0 for one that it did not come to.
    Timing {
        /// Connecting and logging in.
        connect: f64,
        /// Starting a shell with the rights that are needed, reading files, and asking the registries' addresses.
        gather: f64,
        /// Making the plan.
        plan: f64,
        /// Waiting for its turn to restart.
        wait: f64,
        /// Writing files and activating.
        apply: f64,
        /// Seeing whether the new settings are in force, and pulling.
        verify: f64,
    }
);

record!(
    /// A pull of an image on a node by one of its engines.
    Pull {
        /// The engine, such as ``containerd``.
        engine: String,
        /// The program that pulled, such as ``crictl``; empty if the node has none.
        program: String,
        /// The image, as it was asked for.
        image: String,
        /// Whether it was pulled.
        passed: bool,
        /// What the engine said last.
        text: String,
        /// Why it failed, in plain words, if the error is one that is known.
        cause: Option<String>,
        /// What to do about it.
        remedy: Option<String>,
    }
);

record!(
    /// What a registry's address answered a node at ``/v2/``.
    Probe {
        /// The endpoint, as in the settings.
        url: String,
        /// What was found there: ``http``, ``https``, ``https_untrusted``, ``refused``, ``unreachable``, ``unknown_name``,
        /// ``other`` or ``not_asked``.
        found: String,
        /// Whether an engine that is set up so can use what was found.
        is_usable: bool,
        /// That in words, with what to do if it cannot be used.
        text: String,
    }

    fn __str__(&self) -> String {
        format!("{}: {}", self.url, self.text)
    }
);

record!(
    /// The change of a file, as a report tells of it: without its bytes.
    ReportedChange {
        /// The file's absolute path on the node.
        path: String,
        /// What becomes of it.
        kind: ChangeKind,
        /// The change as a unified diff, secrets left out.
        diff: String,
    }
);

/// What happened on one node. All but ``plan`` is in its JSON, by which it is compared and pickled.
#[pyclass(frozen, eq, module = "regconf")]
pub(crate) struct NodeReport {
    json: Json,
    entry: Entry,
    plan: Option<Py<Plan>>,
}

/// A node of a report, as far as it is known here; a later release may say more.
#[derive(Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    address: String,
    pub(crate) outcome: regconf::Outcome,
    resumed: bool,
    tolerated: bool,
    batch: usize,
    plan: Option<Planned>,
    verified: Vec<String>,
    pub(crate) error: Option<Fault>,
    pulls: Vec<Pull>,
    probes: Vec<Probe>,
    seconds: f64,
    timing: Timing,
}

#[derive(Deserialize)]
struct Planned {
    changes: Vec<Changed>,
    activations: Vec<Activated>,
    notes: Vec<Note>,
}

#[derive(Deserialize)]
struct Changed {
    path: String,
    change: String,
    diff: String,
}

#[derive(Deserialize)]
struct Activated {
    unit: String,
    action: String,
    manager: String,
}

impl PartialEq for NodeReport {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl NodeReport {
    /// Of a node that was worked on just now.
    pub(crate) fn live(py: Python<'_>, report: &regconf::NodeReport) -> PyResult<Self> {
        let plan = report.plan.as_deref().map(|plan| Py::new(py, Plan::from(plan.clone()))).transpose()?;
        Ok(Self { plan, ..Self::read(&report.to_json().to_string())? })
    }

    /// Of the entry of a report.
    ///
    /// # Errors
    /// A `ParseError` for what has another shape.
    pub(crate) fn read(text: &str) -> PyResult<Self> {
        let (json, entry) = json::read(text, "node report")?;
        Ok(Self { json, entry, plan: None })
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.entry
    }

    pub(crate) fn fails(&self) -> bool {
        !self.entry.outcome.is_good() && !self.entry.tolerated
    }

    pub(crate) fn diffs(&self) -> String {
        let changes = self.entry.plan.iter().flat_map(|plan| &plan.changes);
        changes.map(|change| change.diff.as_str()).collect()
    }

    pub(crate) fn activated(&self) -> Vec<Activation> {
        let all = self.entry.plan.iter().flat_map(|plan| &plan.activations);
        all.map(|told| Activation {
            unit: told.unit.clone(),
            action: Action(told.action.clone()),
            manager: told.manager.clone(),
        })
        .collect()
    }
}

#[pymethods]
impl NodeReport {
    /// Reads the JSON object that :meth:`to_json` gives.
    #[staticmethod]
    #[pyo3(signature = (text: "str") -> "NodeReport")]
    fn from_json(text: &str) -> PyResult<Self> {
        Self::read(text)
    }

    /// The node's entry in the report's JSON.
    fn to_json(&self) -> String {
        self.json.to_string()
    }

    /// The node's name.
    #[getter]
    fn name(&self) -> &str {
        &self.entry.name
    }

    /// Where it is: ``host:port``, with the root after it unless that is ``/``; for this machine the root alone.
    #[getter]
    fn address(&self) -> &str {
        &self.entry.address
    }

    /// How it ended.
    ///
    /// ``unchanged``, ``changed`` and ``pending`` are well; ``pending`` means that it was only asked what there is to do.
    /// ``unverified``: as wanted, but an image cannot be pulled. ``failed`` and ``unreachable``: nothing was changed.
    /// ``rolled_back``: everything was put back. ``unknown``: somebody must look. ``not_tried``: its change was not begun.
    #[getter]
    fn outcome(&self) -> OutcomeName {
        OutcomeName(self.entry.outcome.name().to_owned())
    }

    /// Whether that was so in an earlier call, as the journal says, and nothing was done now.
    #[getter]
    fn resumed(&self) -> bool {
        self.entry.resumed
    }

    /// Whether the caller has said that such an end is no failure.
    #[getter]
    fn tolerated(&self) -> bool {
        self.entry.tolerated
    }

    /// The batch that it was in, counted from 1; 0 if its turn did not come.
    #[getter]
    fn batch(&self) -> usize {
        self.entry.batch
    }

    /// Why it did not end well.
    #[getter]
    fn error<'py>(&self, py: Python<'py>) -> PyResult<ErrorOrNone<'py>> {
        Fault::optional(self.entry.error.as_ref(), py, Some(&self.entry.name)).map(ErrorOrNone)
    }

    /// What was to be done; None if it did not come to a plan, and for a report that was read from JSON or unpickled.
    #[getter]
    fn plan(&self, py: Python<'_>) -> Option<Py<Plan>> {
        self.plan.as_ref().map(|plan| plan.clone_ref(py))
    }

    /// What was or is to be changed, as a unified diff without secrets.
    #[getter]
    fn diff(&self) -> String {
        self.diffs()
    }

    /// The files that were or are to be changed.
    #[getter]
    fn changes(&self) -> Many<ReportedChange> {
        let changes = self.entry.plan.iter().flat_map(|plan| &plan.changes);
        let reported = changes.map(|change| ReportedChange {
            path: change.path.clone(),
            kind: ChangeKind(change.change.clone()),
            diff: change.diff.clone(),
        });
        Many(reported.collect())
    }

    /// What was or is to be activated.
    #[getter]
    fn activations(&self) -> Many<Activation> {
        Many(self.activated())
    }

    /// What there is to know.
    #[getter]
    fn notes(&self) -> Many<Note> {
        Many(self.entry.plan.iter().flat_map(|plan| plan.notes.clone()).collect())
    }

    /// What was seen to hold after the change, such as ``containerd answers its CRI``.
    #[getter]
    fn verified(&self) -> Many<String> {
        Many(self.entry.verified.clone())
    }

    /// The pulls that were asked for.
    #[getter]
    fn pulls(&self) -> Many<Pull> {
        Many(self.entry.pulls.clone())
    }

    /// What answers at the registries' addresses, if that was asked.
    #[getter]
    fn probes(&self) -> Many<Probe> {
        Many(self.entry.probes.clone())
    }

    /// How many seconds its turn took.
    #[getter]
    fn seconds(&self) -> f64 {
        self.entry.seconds
    }

    /// How many seconds each phase of that took.
    #[getter]
    fn timing(&self) -> Timing {
        self.entry.timing.clone()
    }

    /// Whether it did not end well, and the caller has not said that it may end so.
    #[getter]
    fn is_failure(&self) -> bool {
        self.fails()
    }

    fn __repr__(&self) -> String {
        format!("<regconf.NodeReport: {} {}>", self.entry.name, self.entry.outcome)
    }

    fn __hash__(&self) -> u64 {
        crate::value::hash(self.json.to_string())
    }

    /// By its JSON, for pickle and copy.
    #[pyo3(signature = () -> "tuple[Any, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json(),)))
    }
}

typed!(
    /// An exception of `regconf.errors`, or None.
    ErrorOrNone: pyo3::type_hint_union!(
        pyo3::type_hint_identifier!("regconf.errors", "Error"),
        pyo3::inspect::PyStaticExpr::Constant { value: pyo3::inspect::PyStaticConstant::None }
    )
);
