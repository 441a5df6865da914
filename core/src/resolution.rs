//! What an engine will do for an image: which file decides, which hosts it asks in which order, and how it trusts them.

use std::fmt;

use crate::settings::Capability;

/// What one engine makes of its files for one registry host.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Resolution {
    /// The file or folder that decides; `None` where the engine's defaults do.
    pub file: Option<String>,
    /// The hosts in the order in which they are asked. Empty where the engine asks none, or it is not known; a note says
    /// which.
    pub hosts: Vec<ResolvedHost>,
    /// What there is to know, such as a file that is ignored, or what could not be told.
    pub notes: Vec<String>,
}

impl Resolution {
    /// No hosts, and the reason.
    pub(crate) fn none(note: impl Into<String>) -> Self {
        Self { notes: vec![note.into()], ..Self::default() }
    }
}

/// An address that an engine asks, and how.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ResolvedHost {
    /// What stands before `/<repository>/manifests/…`, such as `https://mirror.lab/v2`. With
    /// [`http_fallback`](Self::http_fallback) it is the address that is tried first.
    pub url: String,
    /// What the host may be asked for.
    pub capabilities: Vec<Capability>,
    /// How the host proves who it is.
    pub trust: HostTrust,
    /// Whether plain http is tried when https fails in a way that tells of it.
    pub http_fallback: bool,
    /// The files of client certificates.
    pub client_certificates: Vec<String>,
    /// The names of the headers sent along; their values may be secrets.
    pub headers: Vec<String>,
    /// Whether it is what an engine asks when all that is listed fails: `server`, or the registry's own address.
    pub is_fallback: bool,
}

/// How a host proves who it is to an engine.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HostTrust {
    /// By a certificate that the node's system trusts.
    System,
    /// By the certificates in these files, or one that the node's system trusts.
    CaFiles(Vec<String>),
    /// Not at all: any certificate is taken.
    SkipVerify,
    /// Not at all: plain http.
    PlainHttp,
}

impl fmt::Display for HostTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system roots"),
            Self::CaFiles(files) => write!(f, "CA {}", files.join(", ")),
            Self::SkipVerify => f.write_str("not verified"),
            Self::PlainHttp => f.write_str("plain http"),
        }
    }
}

/// Such as `http://192.168.30.56:5000/v2 (plain http)`.
impl fmt::Display for ResolvedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.url, self.trust)?;
        if self.http_fallback {
            f.write_str(", then plain http")?;
        }
        if !self.client_certificates.is_empty() {
            write!(f, ", client certificate {}", self.client_certificates.join(", "))?;
        }
        if !self.headers.is_empty() {
            write!(f, ", headers {}", self.headers.join(", "))?;
        }
        let asked = |name| self.capabilities.iter().any(|capability: &Capability| capability.name() == name);
        if !asked("pull") || !asked("resolve") {
            let names: Vec<_> = self.capabilities.iter().map(|capability| capability.name()).collect();
            write!(f, ", only {}", names.join(", "))?;
        }
        f.write_str(")")
    }
}

/// The hosts, the file, and the notes. A last resort that was asked already is left out.
impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_known = |at: usize, host: &ResolvedHost| {
            host.is_fallback && self.hosts[..at].iter().any(|h| (&h.url, &h.trust) == (&host.url, &host.trust))
        };
        let shown = self.hosts.iter().enumerate().filter(|(at, host)| !is_known(*at, host));
        let text = |(at, host): (usize, &ResolvedHost)| {
            if at > 0 && host.is_fallback { format!("{host} as a last resort") } else { host.to_string() }
        };
        let hosts: Vec<_> = shown.map(text).collect();
        f.write_str(if hosts.is_empty() { "no hosts" } else { "" })?;
        f.write_str(&hosts.join(", then "))?;
        match (&self.file, hosts.is_empty()) {
            (Some(file), _) => write!(f, ", from {file}")?,
            (None, false) => f.write_str(", by default")?,
            (None, true) => {}
        }
        self.notes.iter().try_for_each(|note| write!(f, "; {note}"))
    }
}
