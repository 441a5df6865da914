//! What happened on all nodes.

use pyo3::exceptions::{PyIndexError, PyKeyError};
use pyo3::prelude::*;
use regconf::ErrorKind;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::convert::{Many, typed};
use crate::error::{Fault, raised};
use crate::groups::{self, Group};
use crate::json;
use crate::node_report::{Entry, ErrorOrNone, NodeReport};

/// The version of the JSON form that is read here.
const VERSION: u64 = 1;

/// What happened on each node, in the order in which the nodes were given. Its text is for people: a line for each group of
/// nodes with the same end and, where something changes, the diff.
///
/// ``report["n1"]`` and ``report[0]`` are the report of one node; ``len(report)`` and a loop over it are about all.
#[pyclass(frozen, eq, module = "regconf")]
pub(crate) struct Report {
    json: Json,
    nodes: Vec<Py<NodeReport>>,
    stopped: Option<Fault>,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

#[derive(Deserialize)]
struct Form {
    nodes: Vec<Json>,
    stopped: Option<Fault>,
}

impl PartialEq for Report {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl Report {
    /// Of nodes that were worked on just now.
    pub(crate) fn live(py: Python<'_>, report: &regconf::Report) -> PyResult<Self> {
        let node = |node: &regconf::NodeReport| Py::new(py, NodeReport::live(py, node)?);
        let nodes = report.nodes.iter().map(node).collect::<PyResult<_>>()?;
        Ok(Self { json: report.to_json(), nodes, stopped: report.stopped.as_ref().map(Fault::from) })
    }

    fn failed(&self) -> impl Iterator<Item = &Py<NodeReport>> {
        self.nodes.iter().filter(|node| node.get().fails())
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.nodes.iter().map(|node| node.get().entry())
    }

    /// How many nodes there are, and how they ended.
    pub(crate) fn shown(&self, class: &str) -> String {
        let counts = groups::counts(self.entries().map(|entry| entry.outcome));
        let counts = if counts.is_empty() { counts } else { format!(": {counts}") };
        let ending = if self.nodes.len() == 1 { "" } else { "s" };
        format!("<regconf.{class} of {} node{ending}{counts}>", self.nodes.len())
    }

    /// As the library's own report judges.
    fn failure(&self) -> Option<(regconf::Error, Option<&str>)> {
        let (failed, of) = (self.failed().count(), self.nodes.len());
        let was_tried = |node: &&Py<NodeReport>| node.get().entry().outcome != regconf::Outcome::NotTried;
        let error = |kind, message: String| regconf::Error::new(kind, message);
        match self.failed().find(was_tried).or_else(|| self.failed().next()) {
            None if of == 0 => Some((error(ErrorKind::InvalidArgument, "no node was given".to_owned()), None)),
            None if self.entries().any(|entry| entry.outcome.is_good()) => None,
            None => Some((error(ErrorKind::Connect, format!("none of {of} nodes could be reached")), None)),
            Some(first) => {
                let entry = first.get().entry();
                let kind = entry.error.as_ref().map_or(ErrorKind::Cancelled, Fault::kind);
                let why =
                    entry.error.as_ref().map_or_else(|| entry.outcome.to_string(), |fault| fault.text().to_owned());
                let message = format!("{failed} of {of} nodes failed; the first, {}: {why}", entry.name);
                Some((error(kind, message), Some(&entry.name)))
            }
        }
    }
}

#[pymethods]
impl Report {
    /// Reads the JSON form, as ``schema/report.schema.json`` describes it. What a later release has added is kept; another
    /// version is refused with an :class:`UnsupportedError`.
    #[staticmethod]
    #[pyo3(signature = (text: "str") -> "Report")]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let (_, Version { version }) = json::read(text, "report")?;
        if version != VERSION {
            let what = format!("report: version {version} is not read by this release, which reads {VERSION}");
            return Err(raised(regconf::Error::new(ErrorKind::Unsupported, what).with_key("version")));
        }
        let (json, form) = json::read::<Form>(text, "report")?;
        let nodes = form.nodes.iter().map(|node| Py::new(py, NodeReport::read(&node.to_string())?));
        Ok(Self { nodes: nodes.collect::<PyResult<_>>()?, json, stopped: form.stopped })
    }

    /// The JSON form, which :meth:`from_json` reads as an equal report. Holds no secret.
    fn to_json(&self) -> String {
        self.json.to_string()
    }

    /// One entry for each node.
    #[getter]
    fn nodes(&self, py: Python<'_>) -> Many<Py<NodeReport>> {
        Many(self.nodes.iter().map(|node| node.clone_ref(py)).collect())
    }

    /// Why some nodes were not begun; None if all were.
    #[getter]
    fn stopped<'py>(&self, py: Python<'py>) -> PyResult<ErrorOrNone<'py>> {
        Fault::optional(self.stopped.as_ref(), py, None).map(ErrorOrNone)
    }

    /// The nodes that did not end well, without those that may be unreachable.
    #[getter]
    fn failures(&self, py: Python<'_>) -> Many<Py<NodeReport>> {
        Many(self.failed().map(|node| node.clone_ref(py)).collect())
    }

    /// Which nodes had the same end: the same outcome, the same changes, the same error.
    #[getter]
    pub(crate) fn groups(&self) -> Many<Group> {
        Many(groups::of(self.nodes.iter().map(Py::get)))
    }

    /// Raises an error if some node failed, if some was not begun, or if none ended well.
    ///
    /// It has the kind and the text of the first node that failed, whose name is its ``node``; its attribute ``report`` is
    /// this report.
    #[pyo3(signature = () -> "None")]
    fn raise_for_failures(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let Some((error, node)) = slf.get().failure() else { return Ok(()) };
        let exception = Fault::from(&error).exception(py, node)?;
        exception.setattr("report", slf)?;
        Err(PyErr::from_value(exception))
    }

    fn __len__(&self) -> usize {
        self.nodes.len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Nodes<'py>> {
        self.nodes(py).into_pyobject(py)?.try_iter().map(|nodes| Nodes(nodes.into_any()))
    }

    fn __getitem__(&self, py: Python<'_>, key: Key) -> PyResult<Py<NodeReport>> {
        let found = match &key {
            Key::Place(place) => {
                let place = if *place < 0 { place + self.nodes.len().cast_signed() } else { *place };
                usize::try_from(place).ok().and_then(|place| self.nodes.get(place))
            }
            Key::Name(name) => self.nodes.iter().find(|node| node.get().entry().name == *name),
        };
        found.map(|node| node.clone_ref(py)).ok_or_else(|| match key {
            Key::Place(_) => PyIndexError::new_err("the report has fewer nodes"),
            Key::Name(name) => PyKeyError::new_err(name),
        })
    }

    fn __str__(&self) -> String {
        groups::of(self.nodes.iter().map(Py::get)).iter().map(ToString::to_string).collect()
    }

    fn __repr__(&self) -> String {
        self.shown("Report")
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

/// What names a node of a report.
#[derive(FromPyObject)]
enum Key {
    #[pyo3(transparent, annotation = "int")]
    Place(isize),
    #[pyo3(transparent, annotation = "str")]
    Name(String),
}

typed!(
    /// The nodes one after the other.
    Nodes: pyo3::type_hint_subscript!(
        pyo3::type_hint_identifier!("collections.abc", "Iterator"),
        <NodeReport as pyo3::PyTypeInfo>::TYPE_HINT
    )
);
