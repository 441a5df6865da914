//! Registries to set up, and registries to take out.

use pyo3::prelude::*;
use regconf::ErrorKind;

use crate::convert::{InsecureName, Many};
use crate::endpoint::{self, Endpoint, EndpointLike};
use crate::error::{raised, wrong};
use crate::host::{HostLike, RegistryHost};
use crate::value::{Arguments, Secrets, Value, value_methods};

/// A registry host and the endpoints that serve its content, in the order tried.
///
/// ``insecure`` means the host itself instead of endpoints: over plain http, or over https with any certificate.
/// ``fallback`` says whether the engine may go to the host's own address when all endpoints fail; without, it may for
/// ``docker.io`` and ``_default`` only. ``engines`` restricts it to engines such as ``docker``; without, every engine found
/// on the node is set up.
///
/// >>> Registry("my-registry.com", endpoints=["http://192.168.30.56:5000"])
/// regconf.Registry('my-registry.com', endpoints=('http://192.168.30.56:5000',))
/// >>> Registry("192.168.30.56:5000", insecure="http").endpoints[0].url
/// 'http://192.168.30.56:5000'
#[pyclass(frozen, eq, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Registry(pub(crate) regconf::Registry);

impl Value for Registry {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        let own = &self.0;
        Arguments::new(py, secrets)
            .place(own.host.to_string())?
            .list("endpoints", endpoint::shown(py, &own.endpoints)?)?
            .optional("insecure", own.host.cidr().map(|_| "http"))?
            .optional("fallback", own.fallback)?
            .list("engines", own.engines.clone())
    }

    fn key(&self) -> String {
        self.entry().unwrap_or_default()
    }
}

impl Registry {
    fn entry(&self) -> regconf::Result<String> {
        let settings = regconf::Settings::default().ensure(self.0.clone())?;
        Ok(settings.to_json()["ensure"][0].to_string())
    }
}

value_methods!(Registry {
    #[new]
    #[pyo3(signature = (
        host: "str | RegistryHost", *, endpoints: "Iterable[str | Endpoint]" = Many(Vec::new()),
        insecure: "Literal['http', 'skip_verify'] | None" = None, fallback: "bool | None" = None,
        engines: "Iterable[str]" = Many(Vec::new())
    ))]
    fn new(
        host: HostLike,
        endpoints: Many<EndpointLike>,
        insecure: Option<InsecureName>,
        fallback: Option<bool>,
        engines: Many<String>,
    ) -> PyResult<Self> {
        if insecure.is_some() && !endpoints.0.is_empty() {
            let error = regconf::Error::new(ErrorKind::InvalidArgument, "means the host itself and excludes endpoints");
            return Err(raised(error.with_key("insecure").with_hint("give either insecure or endpoints")));
        }
        let host = host.text();
        let registry = match insecure.as_ref().map(|name| name.0.as_str()) {
            None => regconf::Registry::new(host),
            Some("http") => regconf::Registry::plain_http(host),
            Some(_) => regconf::Registry::skip_verify(host),
        };
        let mut registry = registry.map_err(|error| raised(error.with_key("host")))?;
        for (i, endpoint) in endpoints.0.into_iter().enumerate() {
            let endpoint = endpoint.read().map_err(|error| raised(error.with_key(format!("endpoints[{i}]"))))?;
            registry = registry.endpoint(endpoint).map_err(raised)?;
        }
        registry.fallback = fallback;
        registry.engines = engines.0;
        if insecure.is_none() && registry.host.cidr().is_some() {
            let what = format!("{} is a block of addresses; all that can be said of it is insecure", registry.host);
            return Err(wrong(ErrorKind::InvalidArgument, what));
        }
        let made = Self(registry);
        made.entry().map_err(|error| crate::error::Fault::from(&error)).map_err(|fault| {
            let fault = fault.without_key("ensure[0].");
            Python::attach(|py| fault.raised(py))
        })?;
        Ok(made)
    }

    /// Reads an entry of ``ensure`` in the JSON form of settings.
    #[staticmethod]
    #[pyo3(signature = (text: "str"))]
    fn from_json(text: &str) -> PyResult<Self> {
        regconf::Registry::from_json(text).map(Self).map_err(raised)
    }

    /// The entry of ``ensure`` that is read as this. **Secrets are in it.**
    fn to_json(&self) -> PyResult<String> {
        self.entry().map_err(raised)
    }

    /// What stands before the first ``/`` of an image reference.
    #[getter]
    fn host(&self) -> RegistryHost {
        RegistryHost(self.0.host.clone())
    }

    /// Where the content is, in the order tried; empty for a CIDR block, which means its addresses themselves.
    #[getter]
    fn endpoints(&self) -> Many<Endpoint> {
        Many(self.0.endpoints.iter().cloned().map(Endpoint).collect())
    }

    /// Whether the engine may go to the host's own address when all endpoints fail, if it was said.
    #[getter]
    fn fallback(&self) -> Option<bool> {
        self.0.fallback
    }

    /// Whether the engine may go to the host's own address when all endpoints fail, said or not.
    #[getter]
    fn falls_back(&self) -> bool {
        self.0.falls_back()
    }

    /// The engines to set up; empty means every engine found on the node.
    #[getter]
    fn engines(&self) -> Many<String> {
        Many(self.0.engines.clone())
    }
});

/// A registry to take out again.
///
/// ``endpoints`` names the endpoints to take out, whoever wrote them; without, what regconf put there is taken out. In
/// docker's ``registry-mirrors`` nothing tells who wrote an entry, so that for ``docker.io`` they must be named. ``engines``
/// restricts it to engines such as ``docker``.
///
/// >>> Removal("docker.io", endpoints=["https://mirror.lab"], engines=["docker"])
/// regconf.Removal('docker.io', endpoints=('https://mirror.lab',), engines=('docker',))
#[pyclass(frozen, eq, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Removal(pub(crate) regconf::Removal);

impl Removal {
    fn urls(&self) -> Vec<String> {
        self.0.endpoints.iter().map(ToString::to_string).collect()
    }

    fn entry(&self) -> regconf::Result<String> {
        let settings = regconf::Settings::default().remove(self.0.clone())?;
        Ok(settings.to_json()["remove"][0].to_string())
    }
}

impl Value for Removal {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        Arguments::new(py, secrets)
            .place(self.0.host.to_string())?
            .list("endpoints", self.urls())?
            .list("engines", self.0.engines.clone())
    }

    fn key(&self) -> String {
        self.entry().unwrap_or_default()
    }
}

value_methods!(Removal {
    #[new]
    #[pyo3(signature = (
        host: "str | RegistryHost", *, endpoints: "Iterable[str]" = Many(Vec::new()), engines: "Iterable[str]" = Many(Vec::new())
    ))]
    fn new(host: HostLike, endpoints: Many<String>, engines: Many<String>) -> PyResult<Self> {
        let mut removal = regconf::Removal::new(host.text()).map_err(|error| raised(error.with_key("host")))?;
        for (i, url) in endpoints.0.iter().enumerate() {
            removal = removal.endpoint(url).map_err(|error| raised(error.with_key(format!("endpoints[{i}]"))))?;
        }
        removal.engines = engines.0;
        Ok(Self(removal))
    }

    /// Reads an entry of ``remove`` in the JSON form of settings: a host as a text, or an object.
    #[staticmethod]
    #[pyo3(signature = (text: "str"))]
    fn from_json(text: &str) -> PyResult<Self> {
        regconf::Removal::from_json(text).map(Self).map_err(raised)
    }

    /// The entry of ``remove`` that is read as this.
    fn to_json(&self) -> PyResult<String> {
        self.entry().map_err(raised)
    }

    /// The registry host.
    #[getter]
    fn host(&self) -> RegistryHost {
        RegistryHost(self.0.host.clone())
    }

    /// The URLs of the endpoints to take out; empty means what regconf put there.
    #[getter]
    fn endpoints(&self) -> Many<String> {
        Many(self.urls())
    }

    /// The engines to take it out of; empty means every engine found on the node.
    #[getter]
    fn engines(&self) -> Many<String> {
        Many(self.0.engines.clone())
    }
});

/// A removal, or the host that it is about.
#[derive(FromPyObject)]
pub(crate) enum RemovalLike {
    #[pyo3(transparent)]
    Removal(Removal),
    #[pyo3(transparent, annotation = "str | RegistryHost")]
    Host(HostLike),
}

impl RemovalLike {
    pub(crate) fn read(self) -> regconf::Result<regconf::Removal> {
        match self {
            Self::Removal(removal) => Ok(removal.0),
            Self::Host(host) => regconf::Removal::new(host.text()),
        }
    }
}
