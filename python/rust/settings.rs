//! What is wanted.

use pyo3::prelude::*;
use regconf::ErrorKind;

use crate::convert::{Many, Place};
use crate::error::raised;
use crate::import::Exported;
use crate::registry::{Registry, Removal, RemovalLike};
use crate::value::{Arguments, Secrets, Value, value_methods};

/// What is wanted: registries to ensure and registries to remove. Each host appears at most once.
///
/// ``migrate`` moves ``mirrors`` and ``configs.*.tls`` of an existing config.toml to hosts.toml files; without, they are
/// extended in their own style where that is possible. ``enable_cri`` takes containerd's CRI plugin out of
/// ``disabled_plugins``; without, a disabled CRI is left alone and said.
///
/// >>> settings = Settings(ensure=[Registry("192.168.30.56:5000", insecure="http")], remove=["old.lan:5000"])
/// >>> settings == Settings.from_json('''{
/// ...     "ensure": [{"host": "192.168.30.56:5000", "insecure": "http"}],
/// ...     "remove": ["old.lan:5000"]
/// ... }''')
/// True
#[pyclass(frozen, eq, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Settings(pub(crate) regconf::Settings);

impl Value for Settings {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        Arguments::new(py, secrets)
            .list("ensure", self.registries())?
            .list("remove", self.removals())?
            .switch("migrate", self.0.migrates())?
            .switch("enable_cri", self.0.enables_cri())
    }

    fn key(&self) -> String {
        self.0.to_json().to_string()
    }
}

impl Settings {
    fn registries(&self) -> Vec<Registry> {
        self.0.ensured().iter().cloned().map(Registry).collect()
    }

    fn removals(&self) -> Vec<Removal> {
        self.0.removed().iter().cloned().map(Removal).collect()
    }
}

value_methods!(Settings {
    #[new]
    #[pyo3(signature = (
        *, ensure: "Iterable[Registry]" = Many(Vec::new()), remove: "Iterable[str | RegistryHost | Removal]" = Many(Vec::new()),
        migrate: "bool" = false, enable_cri: "bool" = false
    ))]
    fn new(ensure: Many<Registry>, remove: Many<RemovalLike>, migrate: bool, enable_cri: bool) -> PyResult<Self> {
        let mut settings = regconf::Settings::default();
        for registry in ensure.0 {
            settings = settings.ensure(registry.0).map_err(raised)?;
        }
        for (i, removal) in remove.0.into_iter().enumerate() {
            let removal = removal.read().map_err(|error| raised(error.with_key(format!("remove[{i}]"))))?;
            settings = settings.remove(removal).map_err(raised)?;
        }
        settings = if migrate { settings.migrate() } else { settings };
        Ok(Self(if enable_cri { settings.enable_cri() } else { settings }))
    }

    /// Reads the JSON form; unknown keys and contradictions are errors.
    #[staticmethod]
    #[pyo3(signature = (text: "str"))]
    fn from_json(text: &str) -> PyResult<Self> {
        regconf::Settings::from_json(text).map(Self).map_err(raised)
    }

    /// Reads the JSON form from a file, which errors name.
    #[staticmethod]
    #[pyo3(signature = (path: "str | os.PathLike[str]"))]
    fn load(py: Python<'_>, path: Place) -> PyResult<Self> {
        let text = py.detach(|| std::fs::read_to_string(&path.0)).map_err(|error| {
            let what = format!("cannot be read: {error}");
            raised(regconf::Error::new(ErrorKind::Io, what).with_path(&path.0))
        })?;
        regconf::Settings::from_json(&text).map(Self).map_err(|error| raised(error.with_path(&path.0)))
    }

    /// The JSON form, which :meth:`from_json` reads as equal settings. **Secrets are in it**: keys of client certificates
    /// and values of headers.
    fn to_json(&self) -> String {
        self.0.to_json().to_string()
    }

    /// The settings as variables of a current kubespray, in YAML; what kubespray cannot say is a remark.
    fn to_kubespray(&self) -> PyResult<Exported> {
        regconf::import::to_kubespray(&self.0).map(Exported::from).map_err(raised)
    }

    /// The settings as a ``registries.yaml`` of k3s and RKE2; what that cannot say is a remark.
    fn to_k3s(&self) -> PyResult<Exported> {
        regconf::import::to_k3s(&self.0).map(Exported::from).map_err(raised)
    }

    /// These settings with others laid over them: what the others say of a registry host, to ensure or to remove it, takes
    /// the place of what these say of it. Switches that are on in one of them are on.
    #[pyo3(signature = (over: "Settings"))]
    fn overlaid(&self, over: &Self) -> Self {
        Self(self.0.overlaid(&over.0))
    }

    /// The registries to set up, in the order given.
    #[getter]
    fn ensure(&self) -> Many<Registry> {
        Many(self.registries())
    }

    /// The registries to take out, in the order given.
    #[getter]
    fn remove(&self) -> Many<Removal> {
        Many(self.removals())
    }

    /// Whether existing mirrors are moved to hosts.toml files.
    #[getter]
    fn migrate(&self) -> bool {
        self.0.migrates()
    }

    /// Whether a disabled CRI is enabled.
    #[getter]
    fn enable_cri(&self) -> bool {
        self.0.enables_cri()
    }

    /// A digest of what is wanted, as ``sha256:…``: the same for the same settings, in whatever order the hosts are named.
    /// Secrets are in it only as digests of their own.
    #[getter]
    fn fingerprint(&self) -> String {
        self.0.fingerprint()
    }
});
