//! One registry host and the endpoints that serve it.

use crate::error::{Error, Result};
use crate::host::RegistryHost;

use super::endpoint::Endpoint;
use super::json;

/// A registry host and the endpoints that serve its content, in the order tried.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registry {
    /// What stands before the first `/` of an image reference.
    pub host: RegistryHost,
    /// Where the content is, in the order tried; empty for a CIDR block, which means its addresses themselves.
    pub endpoints: Vec<Endpoint>,
    /// Whether the engine may go to the host's own address when all endpoints fail.
    ///
    /// `None` means yes for `docker.io` and `_default`, and no for every other host: a private name must not be looked
    /// for on the internet.
    pub fallback: Option<bool>,
    /// The engines to set up, such as `containerd`; empty means every engine found on the node.
    pub engines: Vec<String>,
}

impl Registry {
    /// A registry without endpoints yet.
    pub fn new(host: impl AsRef<str>) -> Result<Self> {
        Ok(Self { host: host.as_ref().parse()?, endpoints: Vec::new(), fallback: None, engines: Vec::new() })
    }

    /// The host itself over plain http.
    pub fn plain_http(host: impl AsRef<str>) -> Result<Self> {
        Self::at_its_own_address(host, |host| Endpoint::new(format!("http://{host}")))
    }

    /// The host itself over https, its certificate not checked.
    pub fn skip_verify(host: impl AsRef<str>) -> Result<Self> {
        Self::at_its_own_address(host, |host| Endpoint::new(format!("https://{host}"))?.skip_verify())
    }

    /// Reads an entry of `ensure` in the JSON form of the settings.
    ///
    /// # Errors
    /// As for [`Settings::from_json`](super::Settings::from_json).
    pub fn from_json(text: &str) -> Result<Self> {
        json::read_registry(text)
    }

    /// Adds an endpoint, a URL or an [`Endpoint`], to be tried after those already there.
    pub fn endpoint<E>(mut self, endpoint: E) -> Result<Self>
    where
        E: TryInto<Endpoint>,
        Error: From<E::Error>,
    {
        let key = format!("endpoints[{}]", self.endpoints.len());
        let endpoint = endpoint.try_into().map_err(|e| Error::from(e).with_key(&key))?;
        if let Some(at) = self.endpoints.iter().position(|e| e.url == endpoint.url) {
            let what = format!("{} is already in endpoints[{at}]", endpoint.url);
            return Err(Error::invalid(what).with_key(format!("{key}.url")).with_hint("name each endpoint once"));
        }
        self.endpoints.push(endpoint);
        Ok(self)
    }

    /// Says whether the engine may go to the host's own address when all endpoints fail.
    #[must_use]
    pub fn fallback(mut self, allowed: bool) -> Self {
        self.fallback = Some(allowed);
        self
    }

    /// Restricts the registry to an engine, such as `docker`; may be called for several.
    #[must_use]
    pub fn for_engine(mut self, id: impl Into<String>) -> Self {
        self.engines.push(id.into());
        self
    }

    /// Whether the engine may go to the host's own address, with the default of [`fallback`](Self::fallback) applied.
    pub fn falls_back(&self) -> bool {
        self.fallback.unwrap_or_else(|| self.host.is_docker_hub() || self.host.is_default())
    }

    /// Whether this engine is to be set up.
    pub(crate) fn is_for(&self, engine: &str) -> bool {
        self.engines.is_empty() || self.engines.iter().any(|id| id == engine)
    }

    pub(super) fn check(&self) -> Result<()> {
        match (self.host.cidr(), self.endpoints.is_empty()) {
            (None, false) | (Some(_), true) => Ok(()),
            (None, true) => {
                Err(Error::invalid(format!("{} has no endpoint", self.host)).with_key("endpoints").with_hint(
                    "give the URL that serves it, or \"insecure\": \"http\" or \"skip_verify\" for the host itself",
                ))
            }
            (Some(block), false) => Err(Error::invalid(format!("{block} is a block of addresses and has no endpoint"))
                .with_key("endpoints")
                .with_hint("use \"insecure\" instead (docker only)")),
        }
    }

    fn at_its_own_address(host: impl AsRef<str>, own: impl Fn(&RegistryHost) -> Result<Endpoint>) -> Result<Self> {
        let registry = Self::new(host)?;
        if registry.host.is_default() {
            return Err(Error::invalid("_default has no address of its own")
                .with_key("host")
                .with_hint("give endpoints"));
        }
        if registry.host.cidr().is_some() {
            return Ok(registry);
        }
        let endpoint = own(&registry.host)?;
        registry.endpoint(endpoint)
    }
}
