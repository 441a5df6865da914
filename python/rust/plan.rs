//! The exact change, and making it.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::convert::{Contents, Many, words};
use crate::error::raised;
use crate::explain::Explanation;
use crate::facts::Facts;
use crate::host::{ImageLike, RegistryHost};
use crate::record::record;
use crate::settings::Settings;

words!(
    /// What becomes of a file.
    ChangeKind: "create", "change", "delete"
);
words!(
    /// How a unit is made to read its configuration.
    Action: "reload", "restart"
);

record!(
    /// One file's bytes before and after.
    FileChange {
        /// The file's absolute path on the node.
        path: String,
        /// What becomes of it.
        kind: ChangeKind,
        /// The bytes that the plan was made from; None when there is no file. Secrets may be in them.
        before(secret): Option<Contents>,
        /// The bytes to be; None when the file goes. Secrets may be in them.
        after(secret): Option<Contents>,
        /// The permission bits of a new file. A file that exists keeps its own.
        mode: u32,
        /// The change as a unified diff, secrets left out.
        diff: String,
    }
);

record!(
    /// A unit and how it is made to read its configuration.
    Activation {
        /// The unit, such as ``docker``; with the manager ``process`` the name of the program, such as ``dockerd``.
        unit: String,
        /// It reads its configuration again and goes on, or is stopped and started; containers live on.
        action: Action,
        /// Who does it: ``systemd``, ``openrc``, ``sysv`` or ``process``.
        manager: String,
    }
);

record!(
    /// Something the caller should know.
    Note {
        /// The engine it is about; ``node`` if it is about the node itself.
        engine: String,
        /// The registry host it is about, if it is about one.
        host: Option<RegistryHost>,
        /// What there is to know.
        text: String,
    }

    fn __str__(&self) -> &str {
        &self.text
    }
);

impl From<&regconf::FileChange> for FileChange {
    fn from(change: &regconf::FileChange) -> Self {
        Self {
            path: change.path.clone(),
            kind: ChangeKind(change.kind().to_owned()),
            before: change.before.clone().map(Contents),
            after: change.after.clone().map(Contents),
            mode: change.mode,
            diff: change.diff(),
        }
    }
}

impl From<&regconf::Activation> for Activation {
    fn from(activation: &regconf::Activation) -> Self {
        let manager = activation.manager.name().to_owned();
        Self { unit: activation.unit.clone(), action: Action(activation.action.to_string()), manager }
    }
}

impl From<&regconf::Note> for Note {
    fn from(note: &regconf::Note) -> Self {
        let host = note.host.clone().map(RegistryHost);
        Self { engine: note.engine.clone(), host, text: note.text.clone() }
    }
}

/// What is to be done on one node, made by :func:`plan`. An empty plan is false and means that everything is as wanted.
///
/// >>> facts = Facts({"/etc/docker/daemon.json": "{}"})
/// >>> plan(Settings(ensure=[Registry("reg.lab:5000", insecure="http")]), facts).changes[0].after
/// b'{\n  "insecure-registries": ["reg.lab:5000"]\n}'
/// >>> bool(plan(Settings(), facts))
/// False
#[pyclass(frozen, eq, module = "regconf")]
pub(crate) struct Plan {
    plan: regconf::Plan,
    /// What it was made from; not known of plans that were made for a node.
    origin: Option<(Settings, Facts)>,
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.plan == other.plan
    }
}

impl From<regconf::Plan> for Plan {
    fn from(plan: regconf::Plan) -> Self {
        Self { plan, origin: None }
    }
}

#[pymethods]
impl Plan {
    /// The files, in the order in which they are written: a file that refers to another comes after it.
    #[getter]
    fn changes(&self) -> Many<FileChange> {
        Many(self.plan.changes.iter().map(FileChange::from).collect())
    }

    /// What is activated after that, each unit once.
    #[getter]
    fn activations(&self) -> Many<Activation> {
        Many(self.plan.activations.iter().map(Activation::from).collect())
    }

    /// What the caller should know.
    #[getter]
    fn notes(&self) -> Many<Note> {
        Many(self.plan.notes.iter().map(Note::from).collect())
    }

    /// Whether nothing is to be done: no file to write and no engine to activate.
    #[getter]
    fn is_empty(&self) -> bool {
        self.plan.is_empty()
    }

    fn __bool__(&self) -> bool {
        !self.plan.is_empty()
    }

    /// The changes as a unified diff. Values of keys that hold secrets are left out.
    fn diff(&self) -> String {
        self.plan.diff()
    }

    /// The plan as a JSON object: ``changes`` with their diffs, ``activations`` and ``notes``. Holds no secret.
    fn to_json(&self) -> String {
        self.plan.to_json().to_string()
    }

    /// Where each engine on the node looks for an image, before the plan is applied and after.
    ///
    /// ``facts`` are those that the plan was made from; others are a :class:`StaleError` where its files differ.
    ///
    /// >>> facts = Facts({"/etc/containerd/config.toml": "version = 2\n"}, versions={"containerd": "1.7.24"})
    /// >>> wanted = Settings(ensure=[Registry("my-registry.com", endpoints=["http://192.168.30.56:5000"])])
    /// >>> explained = plan(wanted, facts).explain("my-registry.com/team/app:v1", facts)
    /// >>> explained.engines[0].after.hosts[0].url
    /// 'http://192.168.30.56:5000/v2'
    #[pyo3(signature = (image: "str | ImageReference", facts: "Facts") -> "Explanation")]
    fn explain(plan: &Bound<'_, Self>, image: ImageLike, facts: &Facts) -> PyResult<Explanation> {
        let image = image.read()?;
        let own = &plan.get().plan;
        let explained = plan.py().detach(|| own.explain(&image, facts.facts())).map_err(raised)?;
        Ok(Explanation::new(explained, plan.clone().unbind(), facts.clone()))
    }

    fn __repr__(&self) -> String {
        let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let (changes, activations) = (self.plan.changes.len(), self.plan.activations.len());
        format!("<regconf.Plan: {}, {}>", count(changes, "change"), count(activations, "activation"))
    }

    fn __hash__(&self) -> u64 {
        crate::value::hash(self.plan.to_json().to_string())
    }

    /// By what it was made from, which pickle and copy make it from again.
    #[pyo3(signature = () -> "tuple[Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Settings, Facts))> {
        let Some(origin) = self.origin.clone() else {
            return Err(PyTypeError::new_err(
                "cannot pickle a plan that was made for a node: pickle its report, or its settings and facts",
            ));
        };
        Ok((py.import("regconf")?.getattr("plan")?, origin))
    }

    /// A plan never changes: this is the plan itself.
    #[pyo3(signature = () -> "Plan")]
    fn __copy__(plan: Py<Self>) -> Py<Self> {
        plan
    }

    /// A plan never changes: this is the plan itself.
    #[pyo3(signature = (memo: "object") -> "Plan")]
    fn __deepcopy__(
        plan: Py<Self>,
        #[expect(unused_variables, reason = "given by Python")] memo: &Bound<'_, PyAny>,
    ) -> Py<Self> {
        plan
    }
}

/// Turns settings and facts into a plan. Reads nothing and writes nothing: the same settings and facts give the same plan.
///
/// An :class:`Error` tells why the settings cannot be merged into these files, with file, line and key.
///
/// >>> settings = Settings(ensure=[Registry("my-registry.com", endpoints=["http://192.168.30.56:5000"])])
/// >>> made = plan(settings, Facts({"/etc/containerd/config.toml": "version = 2 # ours\n"}))
/// >>> [change.path for change in made.changes]
/// ['/etc/containerd/certs.d/my-registry.com/hosts.toml', '/etc/containerd/config.toml']
#[pyfunction]
#[pyo3(signature = (settings: "Settings", facts: "Facts") -> "Plan")]
pub(crate) fn plan(py: Python<'_>, settings: &Settings, facts: &Facts) -> PyResult<Plan> {
    let plan = py.detach(|| regconf::plan(&settings.0, facts.facts())).map_err(raised)?;
    Ok(Plan { plan, origin: Some((settings.clone(), facts.clone())) })
}
