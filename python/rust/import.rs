//! Inventories and registry settings that people have already.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::PyMapping;
use regconf::import::{self, Insecure, Options};
use regconf::inventory;
use serde_json::{Value as Json, json};

use crate::convert::{InsecureName, Many, Place, named, words};
use crate::error::raised;
use crate::json::object;
use crate::node::Node;
use crate::record::record;
use crate::settings::Settings;
use crate::value::{Arguments, Secrets, Value, value_methods};

words!(
    /// Why something is remarked on.
    RemarkKind: "decided", "ineffective", "unknown", "unresolved", "skipped"
);
words!(
    /// A form in which node lists or registry settings are kept.
    FormatName: "lines", "json", "openssh", "kuboard-spray", "kubespray", "rke", "kubekey", "k3s", "kubeasz"
);

record!(
    /// What was decided, or left out, and where it stands. Never holds a secret. Its text reads ``file:line: key: text``.
    Remark {
        /// ``decided``: something was left open, and it was decided. ``ineffective``: it has no effect where it stands.
        /// ``unknown``: it seems to be about registries or nodes and is not known. ``unresolved``: its value stands elsewhere
        /// or must be computed. ``skipped``: a host or an entry that was left out.
        kind: RemarkKind,
        /// The file, if one was read.
        path: Option<String>,
        /// The line, counted from 1.
        line: Option<usize>,
        /// The key, such as ``containerd_registries_mirrors[0].mirrors[1].skip_verify``; empty if it is about none.
        key: String,
        /// What there is to say, and what to do.
        text: String,
    }

    fn __str__(&self) -> String {
        let place = match (&self.path, self.line) {
            (Some(path), Some(line)) => format!("{path}:{line}: "),
            (Some(path), None) => format!("{path}: "),
            (None, Some(line)) => format!("line {line}: "),
            (None, None) => String::new(),
        };
        let key = if self.key.is_empty() { String::new() } else { format!("{}: ", self.key) };
        place + &key + &self.text
    }
);

record!(
    /// Settings written in another tool's form.
    Exported {
        /// The text. Secrets may be in it.
        text(secret): String,
        /// What that form cannot say.
        remarks: Many<Remark>,
    }
);

/// Nodes and settings as they were found.
#[pyclass(frozen, eq, get_all, module = "regconf")]
#[derive(Clone, PartialEq)]
pub(crate) struct Imported {
    /// The form that was read.
    format: FormatName,
    /// The nodes, in the order in which they were found; none if the form has only registries. What one node has of its own
    /// stands in its ``settings``.
    nodes: Many<Node>,
    /// What is wanted of every node.
    settings: Settings,
    /// What was decided and what was left out, in the order of the files.
    remarks: Many<Remark>,
}

impl Value for Imported {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        Arguments::new(py, secrets)
            .name("format", self.format.clone())?
            .name("nodes", self.nodes.clone())?
            .name("settings", self.settings.clone())?
            .name("remarks", self.remarks.clone())
    }

    fn key(&self) -> String {
        let names: Vec<_> = self.nodes.0.iter().map(|node| node.0.name.as_str()).collect();
        format!("{} {} {}", self.format.0, names.join(" "), self.settings.0.fingerprint())
    }
}

value_methods!(Imported {
    #[new]
    #[pyo3(signature = (
        *, format: "Literal['lines', 'json', 'openssh', 'kuboard-spray', 'kubespray', 'rke', 'kubekey', 'k3s', 'kubeasz']",
        nodes: "Iterable[Node]", settings: "Settings", remarks: "Iterable[Remark]"
    ))]
    fn new(format: FormatName, nodes: Many<Node>, settings: Settings, remarks: Many<Remark>) -> Self {
        Self { format, nodes, settings, remarks }
    }

    /// A JSON object with ``format``, ``nodes`` (a node list), ``settings`` and ``remarks``. **Secrets are in it.**
    fn to_json(&self) -> PyResult<String> {
        let nodes: Vec<_> = self.nodes.0.iter().map(|node| node.0.clone()).collect();
        let whole = json!({
            "format": self.format.0,
            "nodes": inventory::to_json(&nodes).map_err(raised)?,
            "settings": self.settings.0.to_json(),
            "remarks": self.remarks,
        });
        Ok(whole.to_string())
    }
});

impl From<import::Remark> for Remark {
    fn from(remark: import::Remark) -> Self {
        let kind = RemarkKind(remark.kind.name().to_owned());
        Self { kind, path: remark.path, line: remark.line, key: remark.key, text: remark.text }
    }
}

impl From<import::Imported> for Imported {
    fn from(imported: import::Imported) -> Self {
        Self {
            format: FormatName(imported.format.name().to_owned()),
            nodes: Many(imported.nodes.into_iter().map(Node).collect()),
            settings: Settings(imported.settings),
            remarks: Many(imported.remarks.into_iter().map(Remark::from).collect()),
        }
    }
}

impl From<import::Exported> for Exported {
    fn from(exported: import::Exported) -> Self {
        Self { text: exported.text, remarks: Many(exported.remarks.into_iter().map(Remark::from).collect()) }
    }
}

/// Reads an inventory or registry settings of another tool from a file, which errors name.
///
/// For Ansible's inventories the folders ``group_vars`` and ``host_vars`` beside it are read too; the path may be that of
/// their folder. Relative paths in it, and in ``defaults``, are taken from the file's folder.
///
/// Args:
///     path: The file, or a folder with an inventory of Ansible.
///     format: Its form; guessed from the text and the file's name if not given.
///     defaults: What every node has that the inventory leaves open, as in ``defaults`` of a node list, such as
///         ``known_hosts``, ``host_keys`` and ``identity_files``.
///     variables: Values for ``{{ name }}``; they win over variables of the inventory.
///     all_hosts: Take all hosts, and not only the members of the cluster. The jump host and localhost are never taken.
///     removed: Take nodes too that are marked for removal.
///     insecure: What "insecure" means for a registry of which no protocol is told.
#[pyfunction]
#[pyo3(signature = (
    path: "str | os.PathLike[str]", *,
    format: "Literal['lines', 'json', 'openssh', 'kuboard-spray', 'kubespray', 'rke', 'kubekey', 'k3s', 'kubeasz'] | None" = None,
    defaults: "Mapping[str, Any] | None" = None, variables: "Mapping[str, str] | None" = None, all_hosts: "bool" = false,
    removed: "bool" = false, insecure: "Literal['http', 'skip_verify']" = "http"
) -> "Imported")]
pub(crate) fn load_inventory(
    py: Python<'_>,
    path: Place,
    format: Option<FormatName>,
    defaults: Option<&Bound<'_, PyMapping>>,
    variables: Option<BTreeMap<String, String>>,
    all_hosts: bool,
    removed: bool,
    insecure: &str,
) -> PyResult<Imported> {
    let mut options = options(format, defaults, variables, insecure)?;
    (options.all_hosts, options.removed) = (all_hosts, removed);
    py.detach(|| import::load(&path.0, &options)).map(Imported::from).map_err(raised)
}

/// Reads an inventory or registry settings of another tool from a text alone; what it says of other files is a remark. The
/// arguments are those of :func:`load_inventory`.
///
/// >>> imported = parse_inventory("""
/// ... all:
/// ...   hosts: {n1: {ansible_host: 10.30.0.1, ansible_user: ops}}
/// ...   vars:
/// ...     containerd_registries_mirrors:
/// ...       - prefix: reg.lab:5000
/// ...         mirrors: [{host: "http://10.20.0.9:5000"}]
/// ... """, all_hosts=True)
/// >>> imported.format, imported.nodes[0].user, imported.settings.ensure[0].endpoints[0].url
/// ('kubespray', 'ops', 'http://10.20.0.9:5000')
#[pyfunction]
#[pyo3(signature = (
    text: "str", *,
    format: "Literal['lines', 'json', 'openssh', 'kuboard-spray', 'kubespray', 'rke', 'kubekey', 'k3s', 'kubeasz'] | None" = None,
    defaults: "Mapping[str, Any] | None" = None, variables: "Mapping[str, str] | None" = None, all_hosts: "bool" = false,
    removed: "bool" = false, insecure: "Literal['http', 'skip_verify']" = "http"
) -> "Imported")]
pub(crate) fn parse_inventory(
    py: Python<'_>,
    text: &str,
    format: Option<FormatName>,
    defaults: Option<&Bound<'_, PyMapping>>,
    variables: Option<BTreeMap<String, String>>,
    all_hosts: bool,
    removed: bool,
    insecure: &str,
) -> PyResult<Imported> {
    let mut options = options(format, defaults, variables, insecure)?;
    (options.all_hosts, options.removed) = (all_hosts, removed);
    py.detach(|| import::parse(text, &options)).map(Imported::from).map_err(raised)
}

fn options(
    format: Option<FormatName>,
    defaults: Option<&Bound<'_, PyMapping>>,
    variables: Option<BTreeMap<String, String>>,
    insecure: &str,
) -> PyResult<Options> {
    let mut options = Options::default();
    options.format = format.map(|name| name.0.parse()).transpose().map_err(raised)?;
    options.defaults = defaults.map(|given| object(given).map(|given| Json::Object(given).to_string())).transpose()?;
    options.variables = variables.unwrap_or_default();
    let InsecureName(insecure) = named("insecure", insecure.parse())?;
    options.insecure = if insecure == "http" { Insecure::Http } else { Insecure::SkipVerify };
    Ok(options)
}
