//! The native module of the Python package `regconf`.
//!
//! Each file has the classes of one subject, over the types of the library. What they have in common is in `value` (shown,
//! copied and pickled by the arguments that make an equal value), `record` (classes that are nothing but their fields),
//! `convert` and `json` (arguments and results), `error` (exceptions, which are defined in Python) and `call` (long calls,
//! during which other threads of Python run).

use pyo3::prelude::*;

mod advice;
mod call;
mod cancel;
mod convert;
mod endpoint;
mod error;
mod event;
mod explain;
mod facts;
mod fleet;
mod groups;
mod host;
mod import;
mod json;
mod keywords;
mod node;
mod node_report;
mod nodes;
mod plan;
mod record;
mod registry;
mod report;
mod settings;
mod value;

/// What is written in Rust. Import it from ``regconf``.
#[pymodule(gil_used = false)]
mod _regconf {
    #[pymodule_export]
    use crate::advice::{Advice, advice};
    #[pymodule_export]
    use crate::cancel::Cancel;
    #[pymodule_export]
    use crate::endpoint::{Client, Endpoint};
    #[pymodule_export]
    use crate::event::{BatchEvent, NodeEvent};
    #[pymodule_export]
    use crate::explain::{EngineExplanation, Explanation, Resolution, ResolvedHost};
    #[pymodule_export]
    use crate::facts::Facts;
    #[pymodule_export]
    use crate::fleet::{Rollout, push, survey};
    #[pymodule_export]
    use crate::groups::Group;
    #[pymodule_export]
    use crate::host::{ImageReference, RegistryHost};
    #[pymodule_export]
    use crate::import::{Exported, Imported, Remark, load_inventory, parse_inventory};
    #[pymodule_export]
    use crate::node::Node;
    #[pymodule_export]
    use crate::node_report::{NodeReport, Probe, Pull, ReportedChange, Timing};
    #[pymodule_export]
    use crate::nodes::{load_nodes, load_nodes_with_warnings, nodes_to_json, parse_nodes};
    #[pymodule_export]
    use crate::plan::{Activation, FileChange, Note, Plan, plan};
    #[pymodule_export]
    use crate::registry::{Registry, Removal};
    #[pymodule_export]
    use crate::report::Report;
    #[pymodule_export]
    use crate::settings::Settings;

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "as Python calls it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
