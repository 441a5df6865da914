//! Node lists.

use pyo3::prelude::*;
use regconf::inventory;

use crate::convert::{Many, Place};
use crate::error::raised;
use crate::node::Node;

/// Reads a node list: JSON if it begins with ``{``, else one ``[user@]host[:port]`` a line, with ``#`` comments.
///
/// Secrets that stand elsewhere, ``{"env": …}`` or ``{"file": …}``, are read by :func:`load_nodes` only.
///
/// >>> [node.place for node in parse_nodes("n1\nops@n2:2222  # the second\n")]
/// ['n1:22', 'n2:2222']
#[pyfunction]
#[pyo3(signature = (text: "str") -> "list[Node]")]
pub(crate) fn parse_nodes(text: &str) -> PyResult<Vec<Node>> {
    inventory::parse(text).map(wrapped).map_err(raised)
}

/// Reads a node list from a file, which errors name. Relative paths in it are taken from the file's folder; secrets are
/// read from the environment and from files as it says.
#[pyfunction]
#[pyo3(signature = (path: "str | os.PathLike[str]") -> "list[Node]")]
pub(crate) fn load_nodes(py: Python<'_>, path: Place) -> PyResult<Vec<Node>> {
    py.detach(|| inventory::load(&path.0)).map(wrapped).map_err(raised)
}

/// Reads a node list from a file as :func:`load_nodes` does, and says what in its ``ssh_config`` was not understood.
#[pyfunction]
#[pyo3(signature = (path: "str | os.PathLike[str]") -> "tuple[list[Node], list[str]]")]
pub(crate) fn load_nodes_with_warnings(py: Python<'_>, path: Place) -> PyResult<(Vec<Node>, Vec<String>)> {
    let loaded = py.detach(|| inventory::load_with_warnings(&path.0)).map_err(raised)?;
    Ok((wrapped(loaded.nodes), loaded.warnings))
}

/// The nodes as a node list in JSON, which :func:`parse_nodes` reads as equal nodes. **Secrets are in it.**
#[pyfunction]
#[pyo3(signature = (nodes: "Iterable[Node]") -> "str")]
pub(crate) fn nodes_to_json(nodes: Many<Node>) -> PyResult<String> {
    let nodes: Vec<_> = nodes.0.into_iter().map(|node| node.0).collect();
    Ok(inventory::to_json(&nodes).map_err(raised)?.to_string())
}

fn wrapped(nodes: Vec<regconf::Node>) -> Vec<Node> {
    nodes.into_iter().map(Node).collect()
}
