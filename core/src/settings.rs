//! What is wanted: registries to be set up and registries to be taken out.

mod endpoint;
mod json;
mod layers;
mod registry;
mod written;

pub use endpoint::{Capability, Client, Endpoint, EndpointUrl, Trust};
pub(crate) use json::RawSettings;
pub use registry::Registry;

use std::collections::HashSet;

use crate::error::{Error, ErrorKind, Result};
use crate::host::RegistryHost;

/// What is wanted: registries to ensure and registries to remove. Each host appears at most once.
///
/// ```
/// # use regconf::{Registry, Settings};
/// let settings = Settings::default()
///     .ensure(Registry::new("my-registry.com")?.endpoint("http://192.168.30.56:5000")?)?
///     .remove("old.lan:5000")?;
/// let same = Settings::from_json(r#"{
///     "ensure": [{ "host": "my-registry.com", "endpoints": [{ "url": "http://192.168.30.56:5000" }] }],
///     "remove": ["old.lan:5000"]
/// }"#)?;
/// assert_eq!(settings, same);
/// # Ok::<(), regconf::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    ensure: Vec<Registry>,
    remove: Vec<Removal>,
    migrate: bool,
    enable_cri: bool,
    /// The hosts of both lists.
    hosts: HashSet<RegistryHost>,
}

/// A registry to take out again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removal {
    /// The registry host.
    pub host: RegistryHost,
    /// The endpoints to take out; empty means what this library put there.
    ///
    /// docker's `registry-mirrors` carries no mark of who wrote an entry, so for `docker.io` on docker they must be named.
    pub endpoints: Vec<EndpointUrl>,
    /// The engines to take it out of, such as `docker`; empty means every engine found on the node.
    pub engines: Vec<String>,
}

impl Removal {
    /// Everything this library has set for the host.
    pub fn new(host: impl AsRef<str>) -> Result<Self> {
        Ok(Self { host: host.as_ref().parse()?, endpoints: Vec::new(), engines: Vec::new() })
    }

    /// Names an endpoint, whoever wrote it.
    pub fn endpoint(mut self, url: impl AsRef<str>) -> Result<Self> {
        self.endpoints.push(url.as_ref().parse()?);
        Ok(self)
    }

    /// Restricts the removal to an engine, such as `docker`; may be called for several.
    #[must_use]
    pub fn for_engine(mut self, id: impl Into<String>) -> Self {
        self.engines.push(id.into());
        self
    }

    /// Reads an entry of `remove` in the JSON form of the settings: a host as a string, or an object.
    ///
    /// # Errors
    /// As for [`Settings::from_json`].
    pub fn from_json(text: &str) -> Result<Self> {
        json::read_removal(text)
    }

    /// Whether it is to be taken out of this engine.
    pub(crate) fn is_for(&self, engine: &str) -> bool {
        self.engines.is_empty() || self.engines.iter().any(|id| id == engine)
    }
}

impl TryFrom<&str> for Removal {
    type Error = Error;

    fn try_from(host: &str) -> Result<Self> {
        Self::new(host)
    }
}

impl TryFrom<RegistryHost> for Removal {
    type Error = Error;

    fn try_from(host: RegistryHost) -> Result<Self> {
        Ok(Self { host, endpoints: Vec::new(), engines: Vec::new() })
    }
}

impl Settings {
    /// Adds a registry that shall be set up.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the host is already ensured or removed, [`ErrorKind::InvalidArgument`] when the
    /// registry says nothing about how it is reached.
    pub fn ensure(mut self, registry: Registry) -> Result<Self> {
        let key = format!("ensure[{}]", self.ensure.len());
        registry.check().map_err(|e| e.with_key(&key))?;
        self.check_new(&registry.host, &key)?;
        self.hosts.insert(registry.host.clone());
        self.ensure.push(registry);
        Ok(self)
    }

    /// Adds a registry that shall be taken out.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the host is already ensured or removed.
    pub fn remove<R>(mut self, removal: R) -> Result<Self>
    where
        R: TryInto<Removal>,
        Error: From<R::Error>,
    {
        let key = format!("remove[{}]", self.remove.len());
        let removal = removal.try_into().map_err(|e| Error::from(e).with_key(&key))?;
        self.check_new(&removal.host, &key)?;
        self.hosts.insert(removal.host.clone());
        self.remove.push(removal);
        Ok(self)
    }

    /// Moves `mirrors` and `configs.*.tls` of an existing config.toml to hosts.toml files below a `config_path`, which
    /// excludes them. Without, they are extended in their own style where that is possible.
    #[must_use]
    pub fn migrate(mut self) -> Self {
        self.migrate = true;
        self
    }

    /// Takes containerd's CRI plugin out of `disabled_plugins`. Without, a disabled CRI is left alone and said.
    #[must_use]
    pub fn enable_cri(mut self) -> Self {
        self.enable_cri = true;
        self
    }

    /// Reads the JSON form; unknown keys and contradictions are errors.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] for what is not JSON of this shape, with its line; otherwise those of [`ensure`](Self::ensure)
    /// and [`remove`](Self::remove), with the key.
    pub fn from_json(text: &str) -> Result<Self> {
        json::read(text)
    }

    /// The JSON form, which [`from_json`](Self::from_json) reads as the same settings. **Secrets are in it**: keys of
    /// client certificates and values of headers.
    pub fn to_json(&self) -> serde_json::Value {
        written::settings(self)
    }

    /// The registries to set up, in the order given.
    pub fn ensured(&self) -> &[Registry] {
        &self.ensure
    }

    /// The registries to take out, in the order given.
    pub fn removed(&self) -> &[Removal] {
        &self.remove
    }

    /// Whether existing mirrors are moved to hosts.toml files.
    pub fn migrates(&self) -> bool {
        self.migrate
    }

    /// Whether a disabled CRI is enabled.
    pub fn enables_cri(&self) -> bool {
        self.enable_cri
    }

    fn check_new(&self, host: &RegistryHost, key: &str) -> Result<()> {
        if !self.hosts.contains(host) {
            return Ok(());
        }
        let ensured = self.ensure.iter().position(|r| r.host == *host).map(|i| format!("ensure[{i}]"));
        let removed = || self.remove.iter().position(|r| r.host == *host).map(|i| format!("remove[{i}]"));
        let other = ensured.or_else(removed).unwrap_or_default();
        Err(Error::new(ErrorKind::Conflict, format!("{host} is already in {other}"))
            .with_key(format!("{key}.host"))
            .with_hint("name each host once"))
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
