//! Many nodes: their plans, and carrying them out.

use pyo3::prelude::*;
use regconf::{Observer, Options};

use crate::call::{run, with_report};
use crate::convert::Many;
use crate::groups::Group;
use crate::keywords::with_keywords;
use crate::node::Node;
use crate::report::Report;
use crate::settings::Settings;

/// The plans of many nodes, not carried out yet.
#[pyclass(frozen, module = "regconf")]
pub(crate) struct Rollout {
    rollout: regconf::Rollout,
    report: Py<Report>,
}

macro_rules! calls {
    ({ $($signature:tt)* } { $($parameters:tt)* } { $($gathered:tt)* }) => {
        /// Finds out what each node needs, and changes nothing.
        ///
        #[doc = include_str!("keywords.txt")]
        #[pyfunction]
        #[pyo3(signature = (nodes: "Iterable[Node]", settings: "Settings", *, $($signature)*) -> "Rollout")]
        pub(crate) fn survey(py: Python<'_>, nodes: Many<Node>, settings: &Settings, $($parameters)*) -> PyResult<Rollout> {
            let nodes = own(nodes);
            let survey = |options: &Options, observer: &mut Observer<'_>| regconf::survey(&nodes, &settings.0, options, observer);
            let (rollout, error) = run(py, $($gathered)*, survey)?;
            let report = ended(py, &rollout.report(), error)?;
            Ok(Rollout { rollout, report: Py::new(py, report)? })
        }

        /// Makes each node as the settings say: connects once, plans, and carries the plan out at once, batch by batch.
        ///
        /// What happened to a node is in the report; one node's trouble never touches another, and raises nothing: see
        /// :meth:`Report.raise_for_failures`.
        ///
        #[doc = include_str!("keywords.txt")]
        #[pyfunction]
        #[pyo3(signature = (nodes: "Iterable[Node]", settings: "Settings", *, $($signature)*) -> "Report")]
        pub(crate) fn push(py: Python<'_>, nodes: Many<Node>, settings: &Settings, $($parameters)*) -> PyResult<Report> {
            let nodes = own(nodes);
            let push = |options: &Options, observer: &mut Observer<'_>| regconf::push(&nodes, &settings.0, options, observer);
            let (report, error) = run(py, $($gathered)*, push)?;
            ended(py, &report, error)
        }

        #[pymethods]
        impl Rollout {
            /// Carries the plans out, in batches as the keywords say. Each node is connected to again; a file that has
            /// changed since the survey stops its node with a :class:`StaleError`.
            ///
            #[doc = include_str!("keywords.txt")]
            #[pyo3(signature = (*, $($signature)*) -> "Report")]
            fn apply(&self, py: Python<'_>, $($parameters)*) -> PyResult<Report> {
                let apply = |options: &Options, observer: &mut Observer<'_>| self.rollout.apply(options, observer);
                let (report, error) = run(py, $($gathered)*, apply)?;
                ended(py, &report, error)
            }

            /// What each node needs, and why some cannot be planned for.
            #[getter]
            fn report(&self, py: Python<'_>) -> Py<Report> {
                self.report.clone_ref(py)
            }

            /// Which nodes need the same. Nodes that once were set up and are not ``unchanged`` have drifted.
            #[getter]
            fn groups(&self) -> Many<Group> {
                self.report.get().groups()
            }

            fn __repr__(&self) -> String {
                self.report.get().shown("Rollout")
            }
        }
    };
}

with_keywords!(calls);

fn own(nodes: Many<Node>) -> Vec<regconf::Node> {
    nodes.0.into_iter().map(|node| node.0).collect()
}

/// The report of a call, or what was raised meanwhile.
fn ended(py: Python<'_>, report: &regconf::Report, error: Option<PyErr>) -> PyResult<Report> {
    let report = Report::live(py, report)?;
    match error {
        None => Ok(report),
        Some(error) => Err(with_report(py, error, report)),
    }
}
