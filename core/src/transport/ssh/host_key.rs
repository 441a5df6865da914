//! Whether a server is the one that was meant. Judged before any credential leaves this machine.

use super::certificate::{self, Certificate};
use super::known_hosts::{self, Found, HostKey, Known, KnownHosts};
use crate::error::{Error, ErrorKind, Result};
use crate::node::{HostKeys, Node};
use crate::transport::Limit;

/// The host key algorithms taken, best first. Those of certificates come before them where an authority is known: a
/// server that has a certificate presents it when it may.
const ALGORITHMS: [&str; 6] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
];

/// What is known of a server before it is spoken to.
pub(super) struct Expected<'a> {
    node: &'a Node,
    known_hosts: &'a KnownHosts,
    name: String,
    /// What the files say of `[host]:port`, or of `host` when the port is 22.
    named: Found,
    /// What they say of `host` when the port is another. As in OpenSSH, a key that stands there is good.
    plain: Found,
}

impl<'a> Expected<'a> {
    /// Looks the node up. Finds fault with its settings before anything is sent.
    pub(super) fn new(node: &'a Node, known_hosts: &'a KnownHosts) -> Result<Self> {
        check_settings(node)?;
        let name = known_hosts::name(&node.address, node.port);
        let named = known_hosts.find(&node.known_hosts, &name)?;
        let plain = match node.port {
            22 => Found::default(),
            _ => known_hosts.find(&node.known_hosts, &known_hosts::name(&node.address, 22))?,
        };
        Ok(Self { node, known_hosts, name, named, plain })
    }

    /// The algorithms to ask for: those of known keys first, so that the server presents a key that can be compared.
    pub(super) fn preference(&self) -> String {
        let known = self.named.keys.iter().chain(&self.plain.keys);
        let is_known = |algorithm: &&str| known.clone().any(|k| signs_with(k.key.kind(), algorithm));
        let (first, last): (Vec<_>, Vec<_>) = ALGORITHMS.into_iter().partition(is_known);
        let takes_certificates = !matches!(self.node.host_keys, HostKeys::Pinned(_)) && self.authorities().count() > 0;
        let certificates = if takes_certificates { &certificate::ALGORITHMS[..] } else { &[] };
        [certificates, &first, &last].concat().join(",")
    }

    fn authorities(&self) -> impl Iterator<Item = &Known> {
        self.named.authorities.iter().chain(&self.plain.authorities)
    }

    /// Judges the key that the server has proven to own, or the certificate of that key.
    pub(super) fn verify(&self, presented: &HostKey, limit: &Limit) -> Result<()> {
        let Some(certificate) = Certificate::new(presented) else { return self.verify_key(presented, limit) };
        let certificate = certificate?;
        for key in [&certificate.key, &certificate.authority] {
            refuse_revoked(&self.name, key, &[&self.named, &self.plain])?;
        }
        if self.authorities().any(|known| known.key == certificate.authority) {
            return certificate.verify(&self.node.address);
        }
        // As OpenSSH does: the word of an unknown authority is worth nothing, but the key may be known by itself.
        self.verify_key(&certificate.key, limit)
    }

    fn verify_key(&self, key: &HostKey, limit: &Limit) -> Result<()> {
        refuse_revoked(&self.name, key, &[&self.named, &self.plain])?;
        match &self.node.host_keys {
            HostKeys::Pinned(pins) => verify_pinned(&self.name, key, pins),
            _ if self.is_known(key)? => Ok(()),
            HostKeys::Strict => Err(self.unknown(key)),
            HostKeys::AcceptNew => self.add(key, limit),
        }
    }

    fn is_known(&self, key: &HostKey) -> Result<bool> {
        let is_plain = self.named.keys.is_empty() && self.plain.keys.iter().any(|known| known.key == *key);
        Ok(is_plain || is_among(&self.name, key, &self.named)?)
    }

    fn add(&self, key: &HostKey, limit: &Limit) -> Result<()> {
        let [first, ..] = &self.node.known_hosts[..] else { return Err(no_file()) };
        // Another thread or program may have met the host since it was looked up.
        let is_new = |found: &Found| {
            refuse_revoked(&self.name, key, &[found])?;
            Ok(!is_among(&self.name, key, found)?)
        };
        self.known_hosts.add(first, &self.name, key, &is_new, limit)
    }

    fn unknown(&self, key: &HostKey) -> Error {
        let Node { address, port, known_hosts, .. } = self.node;
        let looked = match &known_hosts[..] {
            [] => "no known_hosts file is named".to_owned(),
            files => format!("it is not in {}", files.join(", ")),
        };
        let file = known_hosts.first().map_or("known_hosts", String::as_str);
        let error = refusal(format!("the host key of {} is unknown: {}; {looked}", self.name, describe(key)));
        error.with_hint(format!(
            "compare the fingerprint on the node's console (ssh-keygen -lf /etc/ssh/ssh_host_{}_key.pub), and if it is \
             the same, add the key: ssh-keyscan -p {port} {address} >> {file}; or set host_keys to accept-new",
            short_kind(key)
        ))
    }
}

fn check_settings(node: &Node) -> Result<()> {
    match &node.host_keys {
        HostKeys::AcceptNew if node.known_hosts.is_empty() => Err(no_file()),
        HostKeys::Pinned(pins) => match pins.iter().find(|pin| !is_fingerprint(pin)) {
            Some(pin) => Err(Error::invalid(format!("{pin:?} is not the SHA-256 fingerprint of a host key"))
                .with_hint("write it as `ssh-keygen -lf` shows it: SHA256:…")),
            None if pins.is_empty() => Err(Error::invalid("no fingerprint of a host key is pinned")),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn no_file() -> Error {
    Error::invalid("no known_hosts file is named, so a new host's key has no place").with_hint("name one")
}

fn is_fingerprint(pin: &str) -> bool {
    let is_base64 = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/');
    pin.trim_end_matches('=').strip_prefix("SHA256:").is_some_and(|text| text.len() == 43 && is_base64(text))
}

fn verify_pinned(name: &str, key: &HostKey, pins: &[String]) -> Result<()> {
    let presented = key.fingerprint();
    if pins.iter().any(|pin| pin.trim_end_matches('=') == presented) {
        return Ok(());
    }
    let pinned = pins.join(" or ");
    let error = refusal(format!("the host key of {name} is not the pinned one: {}, but {pinned} is", describe(key)));
    Err(error.with_hint(
        "this may be an attack, another machine at this address, or a fingerprint of another of its keys: compare it \
         on the node's console",
    ))
}

fn refuse_revoked(name: &str, key: &HostKey, found: &[&Found]) -> Result<()> {
    let Some(known) = found.iter().flat_map(|found| &found.revoked).find(|known| known.key == *key) else {
        return Ok(());
    };
    let error = at(refusal(format!("the host key of {name} is revoked: {}", describe(key))), known);
    Err(error.with_hint("whoever has this key may be posing as the node; give the node a new host key"))
}

/// Whether the key is one of the host's. A host that has others is refused: its key has changed.
fn is_among(name: &str, key: &HostKey, found: &Found) -> Result<bool> {
    if found.keys.iter().any(|known| known.key == *key) {
        return Ok(true);
    }
    let same_kind = found.keys.iter().find(|known| known.key.kind() == key.kind());
    if let Some(known) = same_kind.or(found.keys.first()) {
        return Err(changed(name, key, known));
    }
    match found.authorities.first() {
        Some(known) => Err(only_authority(name, key, known)),
        None => Ok(false),
    }
}

fn changed(name: &str, key: &HostKey, known: &Known) -> Error {
    let message = format!("the host key of {name} has changed: {}, but known is {}", describe(key), shown(&known.key));
    at(refusal(message), known).with_hint(format!(
        "this may be an attack, or the machine was reinstalled: compare the fingerprint on the node's console, and only \
         if it is the same, forget the old key: ssh-keygen -R '{name}' -f '{}'",
        known.path
    ))
}

fn only_authority(name: &str, key: &HostKey, known: &Known) -> Error {
    let message = format!(
        "the server presents no certificate of {name} by the known authority {}: {}",
        known.key.fingerprint(),
        describe(key)
    );
    at(refusal(message), known).with_hint(
        "name the node's certificate in its sshd_config (HostCertificate), or add the key itself to a known_hosts file",
    )
}

fn refusal(message: String) -> Error {
    Error::new(ErrorKind::HostKey, message)
}

fn at(error: Error, known: &Known) -> Error {
    error.with_path(&known.path).with_line(known.line)
}

fn describe(key: &HostKey) -> String {
    format!("the server presents {}", shown(key))
}

fn shown(key: &HostKey) -> String {
    format!("{} {}", key.kind(), key.fingerprint())
}

fn short_kind(key: &HostKey) -> &str {
    match key.kind() {
        "ssh-ed25519" => "ed25519",
        "ssh-rsa" => "rsa",
        kind if kind.starts_with("ecdsa-") => "ecdsa",
        _ => "*",
    }
}

/// An RSA key signs with SHA-2; its type still bears the name of the signature with SHA-1.
fn signs_with(kind: &str, algorithm: &str) -> bool {
    if kind == "ssh-rsa" { algorithm.starts_with("rsa-sha2-") } else { kind == algorithm }
}
