//! Registry hosts and images.

use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::raised;
use crate::value::{Arguments, Secrets, Value, value_methods};

/// What stands before the first ``/`` of an image reference: ``host``, ``host:port`` or ``[IPv6]:port``.
///
/// docker's list also knows a CIDR block such as ``10.0.0.0/8``, containerd also ``_default``. Letter case is kept, because
/// both engines compare case-sensitively. Hosts can be compared and sorted.
///
/// >>> host = RegistryHost("192.168.30.56:5000")
/// >>> host.name, host.port, str(host)
/// ('192.168.30.56', 5000, '192.168.30.56:5000')
#[pyclass(frozen, eq, ord, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RegistryHost(pub(crate) regconf::RegistryHost);

impl TryFrom<String> for RegistryHost {
    type Error = regconf::Error;

    fn try_from(text: String) -> regconf::Result<Self> {
        text.parse().map(Self)
    }
}

impl From<RegistryHost> for String {
    fn from(host: RegistryHost) -> Self {
        host.0.to_string()
    }
}

impl Value for RegistryHost {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        Arguments::new(py, secrets).place(self.0.to_string())
    }

    fn key(&self) -> String {
        self.0.to_string()
    }
}

value_methods!(RegistryHost {
    #[new]
    #[pyo3(signature = (text: "str"))]
    fn new(text: &str) -> PyResult<Self> {
        text.parse().map(Self).map_err(raised)
    }

    /// The name or address without the port; IPv6 keeps its brackets. Empty for a CIDR block.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// The port, where one is written.
    #[getter]
    fn port(&self) -> Option<u16> {
        self.0.port()
    }

    /// The CIDR block, if this is one, such as ``10.0.0.0/8``.
    #[getter]
    fn cidr(&self) -> Option<String> {
        self.0.cidr().map(|block| block.to_string())
    }

    /// Whether this is Docker Hub, ``docker.io``.
    #[getter]
    fn is_docker_hub(&self) -> bool {
        self.0.is_docker_hub()
    }

    /// Whether this is ``_default``, containerd's entry for all hosts that have none of their own.
    #[getter]
    fn is_default(&self) -> bool {
        self.0.is_default()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }
});

/// An image as in ``docker pull`` and a pod's ``image:``, made whole.
///
/// Without a host it is ``docker.io``, there a single name is below ``library/``, and without tag and digest the tag is
/// ``latest``.
///
/// >>> str(ImageReference("busybox"))
/// 'docker.io/library/busybox:latest'
/// >>> ImageReference("[fd00::1]:5000/team/app:v1").repository
/// 'team/app'
#[pyclass(frozen, eq, ord, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ImageReference(pub(crate) regconf::ImageReference);

impl Value for ImageReference {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        Arguments::new(py, secrets).place(self.0.to_string())
    }

    fn key(&self) -> String {
        self.0.to_string()
    }
}

value_methods!(ImageReference {
    #[new]
    #[pyo3(signature = (text: "str"))]
    fn new(text: &str) -> PyResult<Self> {
        text.parse().map(Self).map_err(raised)
    }

    /// The registry host, ``docker.io`` where none is written.
    #[getter]
    fn host(&self) -> RegistryHost {
        RegistryHost(self.0.host().clone())
    }

    /// The repository, such as ``library/busybox``.
    #[getter]
    fn repository(&self) -> &str {
        self.0.repository()
    }

    /// The tag, ``latest`` where neither tag nor digest is written. With a digest engines do not ask for it.
    #[getter]
    fn tag(&self) -> Option<&str> {
        self.0.tag()
    }

    /// The digest, such as ``sha256:…``.
    #[getter]
    fn digest(&self) -> Option<&str> {
        self.0.digest()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }
});

/// A registry host, or its text.
#[derive(FromPyObject)]
pub(crate) enum HostLike {
    #[pyo3(transparent)]
    Host(RegistryHost),
    #[pyo3(transparent, annotation = "str")]
    Text(String),
}

impl HostLike {
    /// The text, for the library's functions that read it with errors of their own.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Host(host) => host.0.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// An image, or its text.
#[derive(FromPyObject)]
pub(crate) enum ImageLike {
    #[pyo3(transparent)]
    Image(ImageReference),
    #[pyo3(transparent, annotation = "str")]
    Text(String),
}

impl ImageLike {
    pub(crate) fn read(self) -> PyResult<regconf::ImageReference> {
        match self {
            Self::Image(image) => Ok(image.0),
            Self::Text(text) => text.parse().map_err(raised),
        }
    }
}
