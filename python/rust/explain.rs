//! Where an image comes from.

use pyo3::prelude::*;

use crate::convert::{CapabilityName, Many, words};
use crate::facts::Facts;
use crate::host::ImageReference;
use crate::plan::Plan;
use crate::record::record;

words!(
    /// How a host proves who it is.
    TrustName: "system", "skip_verify", "plain_http", "ca_files"
);

record!(
    /// An address that an engine asks, and how.
    ResolvedHost {
        /// What stands before ``/<repository>/manifests/…``, such as ``https://mirror.lab/v2``.
        url: String,
        /// What the host may be asked for.
        capabilities: Many<CapabilityName>,
        /// How it proves who it is: by a certificate that the node's system trusts, not at all, not at all over plain
        /// http, or by the certificates in ``ca_files`` too.
        trust: TrustName,
        /// The files with the certificates that it is trusted by.
        ca_files: Many<String>,
        /// Whether plain http is tried when https fails in a way that tells of it.
        http_fallback: bool,
        /// The files of client certificates.
        client_certificates: Many<String>,
        /// The names of the headers sent along; their values may be secrets.
        headers: Many<String>,
        /// Whether it is what an engine asks when all that is listed fails.
        is_fallback: bool,
    }
);

record!(
    /// What one engine makes of its files for one registry host.
    Resolution {
        /// The file or folder that decides; None where the engine's defaults do.
        file: Option<String>,
        /// The hosts in the order in which they are asked. Empty where the engine asks none, or it is not known; a note
        /// says which.
        hosts: Many<ResolvedHost>,
        /// What there is to know, such as a file that is ignored.
        notes: Many<String>,
    }
);

record!(
    /// Where one engine looks for an image, before a plan is applied and after.
    EngineExplanation {
        /// The engine, such as ``containerd``.
        engine: String,
        /// As the node is.
        before: Resolution,
        /// As the node is once the plan is applied.
        after: Resolution,
    }
);

/// Where the engines of a node look for an image, before a plan is applied and after. Its text is for people.
#[pyclass(frozen, eq, module = "regconf")]
pub(crate) struct Explanation {
    told: regconf::Explanation,
    plan: Py<Plan>,
    facts: Facts,
}

impl Explanation {
    pub(crate) fn new(told: regconf::Explanation, plan: Py<Plan>, facts: Facts) -> Self {
        Self { told, plan, facts }
    }
}

impl PartialEq for Explanation {
    fn eq(&self, other: &Self) -> bool {
        self.told == other.told
    }
}

#[pymethods]
impl Explanation {
    /// The image, made whole.
    #[getter]
    fn image(&self) -> ImageReference {
        ImageReference(self.told.image.clone())
    }

    /// An entry for each engine on the node.
    #[getter]
    fn engines(&self) -> Many<EngineExplanation> {
        let explained = |entry: &regconf::EngineExplanation| EngineExplanation {
            engine: entry.engine.clone(),
            before: (&entry.before).into(),
            after: (&entry.after).into(),
        };
        Many(self.told.engines.iter().map(explained).collect())
    }

    /// The explanation as a JSON object.
    fn to_json(&self) -> PyResult<String> {
        let json = serde_json::to_string(&self.told);
        json.map_err(|error| crate::error::wrong(regconf::ErrorKind::Internal, error.to_string()))
    }

    fn __str__(&self) -> String {
        self.told.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<regconf.Explanation of {}>", self.told.image)
    }

    fn __hash__(&self) -> u64 {
        crate::value::hash(self.told.to_string())
    }

    /// By the plan and the facts, which pickle and copy explain again.
    #[pyo3(signature = () -> "tuple[Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (ImageReference, Facts))> {
        Ok((self.plan.bind(py).getattr("explain")?, (self.image(), self.facts.clone())))
    }
}

impl From<&regconf::Resolution> for Resolution {
    fn from(resolution: &regconf::Resolution) -> Self {
        Self {
            file: resolution.file.clone(),
            hosts: Many(resolution.hosts.iter().map(ResolvedHost::from).collect()),
            notes: Many(resolution.notes.clone()),
        }
    }
}

impl From<&regconf::ResolvedHost> for ResolvedHost {
    fn from(host: &regconf::ResolvedHost) -> Self {
        let (trust, ca_files) = match &host.trust {
            regconf::HostTrust::CaFiles(files) => ("ca_files", files.clone()),
            regconf::HostTrust::SkipVerify => ("skip_verify", Vec::new()),
            regconf::HostTrust::PlainHttp => ("plain_http", Vec::new()),
            _ => ("system", Vec::new()),
        };
        let names = host.capabilities.iter().map(|capability| CapabilityName(capability.name().to_owned()));
        Self {
            url: host.url.clone(),
            capabilities: Many(names.collect()),
            trust: TrustName(trust.to_owned()),
            ca_files: Many(ca_files),
            http_fallback: host.http_fallback,
            client_certificates: Many(host.client_certificates.clone()),
            headers: Many(host.headers.clone()),
            is_fallback: host.is_fallback,
        }
    }
}
