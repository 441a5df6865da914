//! Where a registry's content is, and how it is trusted.

use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};
use regconf::{ErrorKind, Registry, Trust};
use serde_json::Value as Json;

use crate::convert::{CapabilityName, Many};
use crate::error::{raised, wrong};
use crate::json;
use crate::value::{Arguments, Secrets, Value, hidden, value_methods};

/// A client certificate and its private key, both PEM.
///
/// They are looked at when an :class:`Endpoint` takes them.
#[pyclass(frozen, eq, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Client {
    certificate: String,
    key: regconf::Secret,
}

impl Value for Client {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        let arguments = Arguments::new(py, secrets).place(&self.certificate)?;
        match secrets {
            Secrets::Hidden => arguments.place(hidden(py)?),
            Secrets::Shown => arguments.place(self.key.expose()),
        }
    }

    fn key(&self) -> String {
        self.certificate.clone()
    }
}

value_methods!(Client {
    #[new]
    #[pyo3(signature = (certificate: "str", key: "str"))]
    fn new(certificate: String, key: String) -> Self {
        Self { certificate, key: key.into() }
    }

    /// The certificate.
    #[getter]
    fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The private key, a secret.
    #[getter]
    fn key(&self) -> &str {
        self.key.expose()
    }
});

/// A URL that serves a registry's content.
///
/// The URL is ``http://`` or ``https://``; the scheme's own port and a ``/`` at the end are dropped. An https endpoint is
/// trusted as the node's system trusts, or by the PEM certificates of ``ca``, or not checked at all with ``skip_verify``.
/// ``client`` is what the node proves itself with. ``headers`` are sent with every request. With ``override_path`` the path
/// of the URL is used as it is, without ``/v2``. ``capabilities`` are what it may be asked for, pull and resolve if empty.
///
/// >>> endpoint = Endpoint("https://reg.lab:443/", headers={"Authorization": "Basic …"})
/// >>> endpoint
/// regconf.Endpoint('https://reg.lab', headers={'Authorization': ...})
/// >>> Endpoint("http://reg.lab", skip_verify=True)
/// Traceback (most recent call last):
/// regconf.errors.InvalidArgumentError: skip_verify: http://reg.lab is plain http, which has no TLS settings; ...
#[pyclass(frozen, eq, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(pub(crate) regconf::Endpoint);

impl Endpoint {
    /// The entry of a registry that is read as this.
    fn entry(&self) -> Json {
        let host = Registry::new("a.b").and_then(|registry| registry.endpoint(self.0.clone()));
        let settings = host.and_then(|registry| regconf::Settings::default().ensure(registry));
        let json = settings.map(|settings| settings.to_json()).unwrap_or_default();
        json["ensure"][0]["endpoints"][0].clone()
    }

    /// Whether its URL tells all of it.
    pub(crate) fn is_plain(&self) -> bool {
        regconf::Endpoint::new(self.0.url.to_string()).as_ref() == Ok(&self.0)
    }

    /// The names and values of the headers; those with one name together.
    fn header_values(&self) -> Vec<(String, Vec<&str>)> {
        let mut headers: Vec<(String, Vec<&str>)> = Vec::new();
        for (name, value) in &self.0.headers {
            match headers.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(value.expose()),
                None => headers.push((name.clone(), vec![value.expose()])),
            }
        }
        headers
    }
}

impl Value for Endpoint {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        let own = &self.0;
        let ca = if let Trust::Ca(pem) = &own.trust { Some(pem) } else { None };
        let client = own.client.as_ref().map(|client| Client::from(client.clone()));
        let headers = match (secrets, own.headers.is_empty()) {
            (_, true) => None,
            (Secrets::Shown, _) => Some(json::dict(py, self.header_values().into_iter().map(|(k, v)| (k, Many(v))))?),
            (Secrets::Hidden, _) => {
                let names = self.header_values().into_iter().map(|(name, _)| Ok((name, hidden(py)?)));
                Some(json::dict(py, names.collect::<PyResult<Vec<_>>>()?)?)
            }
        };
        Arguments::new(py, secrets)
            .place(own.url.to_string())?
            .switch("skip_verify", own.trust == Trust::SkipVerify)?
            .optional("ca", ca)?
            .optional("client", client)?
            .optional("headers", headers)?
            .switch("override_path", own.override_path)?
            .list("capabilities", own.capabilities.iter().map(|capability| capability.name()).collect())
    }

    fn key(&self) -> String {
        self.entry().to_string()
    }
}

impl From<regconf::Client> for Client {
    fn from(client: regconf::Client) -> Self {
        Self { certificate: client.certificate, key: client.key }
    }
}

value_methods!(Endpoint {
    #[new]
    #[pyo3(signature = (
        url: "str", *, skip_verify: "bool" = false, ca: "str | None" = None, client: "Client | None" = None,
        headers: "Mapping[str, str | Iterable[str]] | None" = None, override_path: "bool" = false,
        capabilities: "Iterable[Literal['pull', 'resolve', 'push', 'referrers']]" = Many(Vec::new())
    ))]
    fn new(
        url: &str,
        skip_verify: bool,
        ca: Option<String>,
        client: Option<Client>,
        headers: Option<&Bound<'_, PyMapping>>,
        override_path: bool,
        capabilities: Many<CapabilityName>,
    ) -> PyResult<Self> {
        let mut endpoint = regconf::Endpoint::new(url).map_err(raised)?;
        if skip_verify {
            endpoint = endpoint.skip_verify().map_err(raised)?;
        }
        if let Some(pem) = ca {
            endpoint = endpoint.ca(pem).map_err(raised)?;
        }
        if let Some(client) = client {
            endpoint = endpoint.client(client.certificate, client.key).map_err(raised)?;
        }
        for (name, values) in headers.map(read_headers).transpose()?.unwrap_or_default() {
            for value in values {
                endpoint = endpoint.header(&name, value).map_err(raised)?;
            }
        }
        endpoint.override_path = override_path;
        endpoint.capabilities = capabilities.0.iter().map(capability).collect::<PyResult<_>>()?;
        Ok(Self(endpoint))
    }

    /// Reads an entry of a registry's ``endpoints`` in the JSON form of settings.
    #[staticmethod]
    #[pyo3(signature = (text: "str"))]
    fn from_json(text: &str) -> PyResult<Self> {
        let (entry, _) = json::read::<serde_json::Map<String, Json>>(text, "endpoint")?;
        read_endpoint(&entry)
    }

    /// The entry of a registry's ``endpoints`` that is read as this. **Secrets are in it.**
    fn to_json(&self) -> String {
        self.entry().to_string()
    }

    /// Its address.
    #[getter]
    fn url(&self) -> String {
        self.0.url.to_string()
    }

    /// Whether any certificate is taken.
    #[getter]
    fn skip_verify(&self) -> bool {
        self.0.trust == Trust::SkipVerify
    }

    /// The PEM certificates that it is trusted by.
    #[getter]
    fn ca(&self) -> Option<&str> {
        if let Trust::Ca(pem) = &self.0.trust { Some(pem) } else { None }
    }

    /// What the node proves itself with.
    #[getter]
    fn client(&self) -> Option<Client> {
        self.0.client.clone().map(Client::from)
    }

    /// The headers sent with every request, each with its values, which are secrets.
    #[getter]
    fn headers(&self) -> std::collections::BTreeMap<String, Many<String>> {
        let own = |values: Vec<&str>| Many(values.into_iter().map(str::to_owned).collect());
        self.header_values().into_iter().map(|(name, values)| (name, own(values))).collect()
    }

    /// Whether the path of the URL is used as it is, without ``/v2``.
    #[getter]
    fn override_path(&self) -> bool {
        self.0.override_path
    }

    /// What it may be asked for; empty means pull and resolve.
    #[getter]
    fn capabilities(&self) -> Many<CapabilityName> {
        Many(self.0.capabilities.iter().map(|capability| CapabilityName(capability.name().to_owned())).collect())
    }

    /// Whether it is plain http.
    #[getter]
    fn is_http(&self) -> bool {
        self.0.url.is_http()
    }

    /// ``host`` or ``host:port``, the scheme's own port left out.
    #[getter]
    fn authority(&self) -> String {
        self.0.url.authority()
    }

    /// The host; IPv6 keeps its brackets.
    #[getter]
    fn host(&self) -> &str {
        self.0.url.host()
    }

    /// The port, or the scheme's own.
    #[getter]
    fn port(&self) -> u16 {
        self.0.url.port()
    }

    /// The path without a slash at the end; empty when there is none.
    #[getter]
    fn path(&self) -> &str {
        self.0.url.path()
    }

    fn __str__(&self) -> String {
        self.0.url.to_string()
    }
});

fn capability(name: &CapabilityName) -> PyResult<regconf::Capability> {
    serde_json::from_value(serde_json::json!(name)).map_err(|error| wrong(ErrorKind::Internal, error.to_string()))
}

/// A header has a text or several.
fn read_headers(headers: &Bound<'_, PyMapping>) -> PyResult<Vec<(String, Vec<String>)>> {
    let read = |pair: Bound<'_, PyAny>| {
        let (name, value): (String, Bound<'_, PyAny>) = pair.extract()?;
        let values = if value.is_instance_of::<PyString>() {
            vec![value.extract()?]
        } else {
            value.extract::<Many<String>>()?.0
        };
        Ok((name, values))
    };
    headers.items()?.iter().map(read).collect()
}

fn read_endpoint(entry: &Json) -> PyResult<Endpoint> {
    let registry = serde_json::json!({ "host": "a.b", "endpoints": [entry] }).to_string();
    let read = Registry::from_json(&registry).map_err(|error| {
        let fault = crate::error::Fault::from(&error).without_key("endpoints[0].");
        Python::attach(|py| fault.raised(py))
    })?;
    let endpoint = read.endpoints.into_iter().next();
    endpoint.map(Endpoint).ok_or_else(|| wrong(ErrorKind::Internal, "an endpoint was lost"))
}

/// An endpoint, or its URL.
#[derive(FromPyObject)]
pub(crate) enum EndpointLike {
    #[pyo3(transparent)]
    Endpoint(Endpoint),
    #[pyo3(transparent, annotation = "str")]
    Url(String),
}

impl EndpointLike {
    pub(crate) fn read(self) -> regconf::Result<regconf::Endpoint> {
        match self {
            Self::Endpoint(endpoint) => Ok(endpoint.0),
            Self::Url(url) => regconf::Endpoint::new(url),
        }
    }
}

/// How endpoints stand among arguments: as URLs where these tell all.
pub(crate) fn shown<'py>(py: Python<'py>, endpoints: &[regconf::Endpoint]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let one = |endpoint: &regconf::Endpoint| {
        let endpoint = Endpoint(endpoint.clone());
        if endpoint.is_plain() {
            return Ok(endpoint.0.url.to_string().into_pyobject(py)?.into_any());
        }
        Ok(endpoint.into_pyobject(py)?.into_any())
    };
    endpoints.iter().map(one).collect()
}
