//! A URL that serves a registry's content, and how it is trusted.

use std::fmt;
use std::str::FromStr;

use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use url::Url;

use crate::error::{Error, Result};
use crate::secret::Secret;

/// The address of an endpoint: `http://` or `https://`, a host, perhaps a port and a path.
///
/// The scheme's own port and any `/` at the end are dropped, so that equal addresses compare equal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EndpointUrl(Url);

impl EndpointUrl {
    /// Whether this is plain http.
    pub fn is_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// `host` or `host:port`, the scheme's own port left out.
    pub fn authority(&self) -> String {
        match self.0.port() {
            None => self.host().to_owned(),
            Some(port) => format!("{}:{port}", self.host()),
        }
    }

    /// The host; IPv6 keeps its brackets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port, or the scheme's own.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }

    /// The path without a slash at the end; empty when there is none.
    pub fn path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }
}

impl FromStr for EndpointUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fault = |what: &str| {
            Error::invalid(format!("{:?} is not an endpoint: {what}", without_user_info(text)))
                .with_hint("write http://host:port or https://host:port")
        };
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return Err(fault("it does not begin with http:// or https://"));
        }
        if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\' || c == '"') {
            return Err(fault("it has a blank, a quote, a backslash or a control character"));
        }
        let mut url = Url::parse(text).map_err(|e| fault(&e.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault("it has user info"));
        }
        if url.host_str().is_some_and(|host| !is_plain(host)) {
            return Err(fault("its host has a character that no host has"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(fault("it has a query or a fragment"));
        }
        if url.path().contains('%') {
            return Err(fault("its path has a % or a character that needs one, which containerd would decode"));
        }
        if url.port() == Some(0) {
            return Err(fault("its port is 0"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

/// Whether this is an address in brackets, or has only what a name in DNS has. `%22` in a URL's host is read as a quote.
fn is_plain(host: &str) -> bool {
    host.starts_with('[') || host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// The text without what may be a password.
fn without_user_info(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => format!("{}…{}", &text[..scheme + 3], &text[at..]),
        _ => text.to_owned(),
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.0.scheme(), self.authority(), self.path())
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How an https endpoint proves who it is. Plain http is not among them: it has nothing to prove with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// By a certificate that the node's system already trusts.
    #[default]
    System,
    /// Not at all: any certificate is taken.
    SkipVerify,
    /// By these PEM certificates.
    Ca(String),
}

/// A client certificate and its private key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Client {
    /// The certificate.
    pub certificate: String,
    /// The private key.
    pub key: Secret,
}

/// What an endpoint may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Capability {
    /// Fetching manifests and blobs by digest.
    Pull,
    /// Turning a tag into a digest.
    Resolve,
    /// Uploading.
    Push,
    /// Listing referrers; containerd 2.2 and up.
    Referrers,
}

impl Capability {
    /// The name in hosts.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Resolve => "resolve",
            Self::Push => "push",
            Self::Referrers => "referrers",
        }
    }
}

/// A URL that serves a registry's content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Its address.
    pub url: EndpointUrl,
    /// How it proves who it is; always [`Trust::System`] for plain http.
    pub trust: Trust,
    /// What we prove ourselves with; never for plain http.
    pub client: Option<Client>,
    /// Headers sent with every request, such as `Authorization`.
    pub headers: Vec<(String, Secret)>,
    /// Whether the path of the URL is used as it is, without `/v2`.
    pub override_path: bool,
    /// What it may be asked for; empty means pull and resolve.
    pub capabilities: Vec<Capability>,
}

impl Endpoint {
    /// An endpoint trusted as the node's system trusts.
    pub fn new(url: impl AsRef<str>) -> Result<Self> {
        Ok(Self {
            url: url.as_ref().parse::<EndpointUrl>().map_err(|e| e.with_key("url"))?,
            trust: Trust::System,
            client: None,
            headers: Vec::new(),
            override_path: false,
            capabilities: Vec::new(),
        })
    }

    /// Takes any certificate. An error for plain http: there it would make containerd try https first.
    pub fn skip_verify(self) -> Result<Self> {
        self.trusted(Trust::SkipVerify, "skip_verify")
    }

    /// Trusts these PEM certificates.
    pub fn ca(self, pem: impl Into<String>) -> Result<Self> {
        let pem = pem.into();
        check_certificates(&pem).map_err(|e| e.with_key("ca"))?;
        self.trusted(Trust::Ca(pem), "ca")
    }

    /// Shows this PEM certificate, proved with this PEM private key.
    pub fn client(mut self, certificate: impl Into<String>, key: impl Into<Secret>) -> Result<Self> {
        self.check_tls("client")?;
        let client = Client { certificate: certificate.into(), key: key.into() };
        check_certificates(&client.certificate).map_err(|e| e.with_key("client.certificate"))?;
        if PrivateKeyDer::from_pem_slice(client.key.expose().as_bytes()).is_err() {
            return Err(Error::invalid("holds no PEM private key").with_key("client.key"));
        }
        self.client = Some(client);
        Ok(self)
    }

    /// Sends a header with every request.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Result<Self> {
        let (name, value) = (name.into(), value.into());
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            return Err(Error::invalid(format!("{name:?} is not a header's name")).with_key("headers"));
        }
        if value.expose().chars().any(char::is_control) {
            let what = "its value has a control character, such as a line end";
            return Err(Error::invalid(what).with_key(format!("headers.{name}")));
        }
        self.headers.push((name, value));
        Ok(self)
    }

    /// Uses the path of the URL as it is, without `/v2`.
    #[must_use]
    pub fn override_path(mut self) -> Self {
        self.override_path = true;
        self
    }

    /// Says what the endpoint may be asked for; without, pull and resolve.
    #[must_use]
    pub fn capabilities(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.capabilities = capabilities.into_iter().collect();
        self
    }

    fn trusted(mut self, trust: Trust, key: &str) -> Result<Self> {
        self.check_tls(key)?;
        if self.trust != Trust::System {
            let what = "skip_verify and ca exclude each other: with skip_verify no certificate is checked";
            return Err(Error::invalid(what).with_key(key).with_hint("keep ca, it is the safer one"));
        }
        self.trust = trust;
        Ok(self)
    }

    fn check_tls(&self, key: &str) -> Result<()> {
        if !self.url.is_http() {
            return Ok(());
        }
        Err(Error::invalid(format!("{} is plain http, which has no TLS settings", self.url))
            .with_key(key)
            .with_hint(format!("leave {key} out, or make the url https://")))
    }
}

impl TryFrom<&str> for Endpoint {
    type Error = Error;

    fn try_from(url: &str) -> Result<Self> {
        Self::new(url)
    }
}

fn check_certificates(pem: &str) -> Result<()> {
    let mut found = CertificateDer::pem_slice_iter(pem.as_bytes()).peekable();
    if found.peek().is_none() || found.any(|certificate| certificate.is_err()) {
        return Err(Error::invalid("holds no PEM certificate")
            .with_hint("give the text from -----BEGIN CERTIFICATE----- on, not a file name"));
    }
    if pem.contains("PRIVATE KEY-----") {
        return Err(Error::invalid("holds a private key beside the certificate").with_hint("leave the key out"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_addresses_are_equal() {
        let url = |text: &str| text.parse::<EndpointUrl>().map(|u| u.to_string());
        assert_eq!(url("http://reg.lab:80/"), url("http://reg.lab"));
        assert_eq!(url("https://reg:5000/p/").as_deref(), Ok("https://reg:5000/p"));
        assert_eq!(url("https://[fd00::1]:5000").as_deref(), Ok("https://[fd00::1]:5000"));
        assert_eq!("https://h/p/".parse::<EndpointUrl>(), "https://h/p".parse());
    }

    #[test]
    fn bad_addresses_are_refused_and_passwords_not_shown() {
        for text in [
            "reg:5000",
            "ftp://x",
            "http://",
            "http://a b",
            "http://h?q",
            "https://h#f",
            "http://h:0",
            "http://h/%2F",
            "http:/h",
            "https://a%22b.lab",
            "https://mirror(lab",
        ] {
            assert!(text.parse::<EndpointUrl>().is_err(), "{text:?} was accepted");
        }
        let error = "http://me:hunter2@reg".parse::<EndpointUrl>().unwrap_err().to_string();
        assert!(error.contains("user info") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn plain_http_takes_no_tls_settings() {
        let error = Endpoint::new("http://reg:5000").and_then(Endpoint::skip_verify).unwrap_err();
        assert_eq!(error.key(), Some("skip_verify"));
    }

    #[test]
    fn a_file_name_is_not_a_certificate() {
        let error = Endpoint::new("https://reg:5000").and_then(|e| e.ca("/etc/ssl/ca.pem")).unwrap_err();
        assert!(error.to_string().contains("-----BEGIN CERTIFICATE-----"), "{error}");
    }
}
