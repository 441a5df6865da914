//! What a node names to log in with, read before the server is bothered.

use std::sync::Arc;

use super::SshShared;
use super::certificate::Certificate;
use super::fault;
use super::keys::Key;
use super::known_hosts::HostKey;
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;

/// A key, and the certificate that it is shown with.
pub(super) struct Credential {
    pub(super) key: Arc<Key>,
    /// As it stands in its file.
    pub(super) certificate: Option<String>,
    /// What it is called in errors.
    pub(super) name: String,
}

/// Reads the keys and their certificates, in the order in which they are tried: a certificate before its key.
pub(super) fn read(node: &Node, shared: &SshShared) -> Result<Vec<Credential>> {
    let keys = node.identities.iter().map(|identity| shared.keys.read(identity)).collect::<Result<Vec<_>>>()?;
    let mut certificates = Vec::new();
    for path in &node.certificates {
        let (text, certificate) = load(path).map_err(|error| error.with_path(path))?;
        let is_of = |key: &&Arc<Key>| key.public.as_deref() == Some(certificate.key.blob());
        let key = keys.iter().find(is_of).ok_or_else(|| {
            let error = Error::invalid("no key that is named belongs to this certificate").with_path(path);
            error.with_hint("name its private key too, in OpenSSH's own format: ssh-keygen -p converts it")
        })?;
        let name = format!("certificate {path} {}", certificate.shown());
        certificates.push(Credential { key: Arc::clone(key), certificate: Some(text), name });
    }
    let plain = |key: Arc<Key>| Credential { name: format!("key {}", key.name), certificate: None, key };
    certificates.extend(keys.into_iter().map(plain));
    Ok(certificates)
}

fn load(path: &str) -> Result<(String, Certificate)> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::new(ErrorKind::Io, format!("the certificate cannot be read: {error}")))?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let certificate = HostKey::from_line(line).and_then(|key| Certificate::new(&key)?.ok());
    let not_one = || Error::invalid("this is not a certificate").with_hint("name the file that ends in -cert.pub");
    let certificate = certificate.ok_or_else(not_one)?;
    if certificate.is_of_host() {
        return Err(Error::invalid("this is a host's certificate, not a user's"));
    }
    Ok((line.to_owned(), certificate))
}

impl Certificate {
    fn shown(&self) -> String {
        let id = fault::clean(self.id().as_bytes());
        if self.has_expired() { format!("{id:?}, which has expired") } else { format!("{id:?}") }
    }
}
