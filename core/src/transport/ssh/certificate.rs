//! Certificates: an authority's word that a key is that of a host or a user, as OpenSSH's `PROTOCOL.certkeys` says.

use std::time::{SystemTime, UNIX_EPOCH};

use signature::Verifier;
use ssh_key::public::KeyData;
use ssh_key::{PublicKey, Signature};

use super::fault::clean;
use super::known_hosts::HostKey;
use crate::error::{Error, ErrorKind, Result};

/// What ends the name of a certificate's type, after that of its key.
const SUFFIX: &str = "-cert-v01@openssh.com";
/// The type of a host's certificate; 1 is a user's.
const HOST: u32 = 2;

/// The algorithms of certificates, best first.
pub(super) const ALGORITHMS: [&str; 6] = [
    "ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
];

/// A certificate that was read and not judged yet.
///
/// It is read here, for version 0.6 of the crate `ssh-key` refuses those that never expire, as most do.
#[derive(Debug)]
pub(super) struct Certificate {
    /// The key that it is about.
    pub(super) key: HostKey,
    /// The key that signed it, or so it says.
    pub(super) authority: HostKey,
    kind: u32,
    id: String,
    names: Vec<String>,
    valid_after: u64,
    valid_before: u64,
    critical_options: Vec<String>,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Certificate {
    /// Takes a certificate apart; `None` for a plain key.
    pub(super) fn new(presented: &HostKey) -> Option<Result<Self>> {
        let plain = presented.kind().strip_suffix(SUFFIX)?;
        let read = Self::read(presented.blob(), plain);
        Some(read.ok_or_else(|| refusal("the server presents a certificate that cannot be read".to_owned())))
    }

    fn read(blob: &[u8], plain: &str) -> Option<Self> {
        let mut fields = Fields(blob);
        fields.text()?;
        fields.text()?; // the nonce
        let begin = fields.0;
        for _ in 0..parts_of_key(plain)? {
            fields.text()?;
        }
        let key = &begin[..begin.len() - fields.0.len()];
        fields.take(8)?; // the serial number
        let kind = fields.number()?;
        let id = clean(fields.text()?);
        let names = Fields(fields.text()?).texts()?;
        let (valid_after, valid_before) = (fields.long()?, fields.long()?);
        let critical_options = Fields(fields.text()?).texts()?.into_iter().step_by(2).collect();
        fields.text()?; // extensions, which are no restrictions
        fields.text()?; // reserved
        let authority = HostKey::new(fields.text()?)?;
        let signed = blob[..blob.len() - fields.0.len()].to_vec();
        let signature = fields.text()?.to_vec();
        let key = HostKey::new([&text(plain.as_bytes())?, key].concat())?;
        let whole =
            Self { key, authority, kind, id, names, valid_after, valid_before, critical_options, signed, signature };
        fields.0.is_empty().then_some(whole)
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_of_host(&self) -> bool {
        self.kind == HOST
    }

    pub(super) fn has_expired(&self) -> bool {
        now() >= self.valid_before
    }

    /// Judges a host's: all but whether the authority is one that is known.
    pub(super) fn verify(&self, address: &str) -> Result<()> {
        let Some(fault) = self.fault(&address.to_ascii_lowercase(), now()) else { return Ok(()) };
        let (id, authority) = (&self.id, self.authority.fingerprint());
        let error =
            refusal(format!("the host certificate {id:?} of {address}, signed by {authority}, is not good: {fault}"));
        Err(error.with_hint("have the authority sign the node's host key anew: ssh-keygen -s CA -I ID -h -n NAME KEY"))
    }

    fn fault(&self, address: &str, now: u64) -> Option<String> {
        if self.is_signed().is_none() {
            return Some("the authority's signature on it is wrong".to_owned());
        }
        if self.kind != HOST {
            return Some("it is a user's, not a host's".to_owned());
        }
        if now < self.valid_after {
            let wait = self.valid_after - now;
            return Some(format!("it is not valid yet, but in {wait} s; is this machine's clock right?"));
        }
        if now >= self.valid_before {
            return Some(format!("it expired {} s ago", now - self.valid_before));
        }
        if let Some(option) = self.critical_options.first() {
            return Some(format!("it has the critical option {option:?}, which is not understood"));
        }
        // As OpenSSH has it, names are no patterns. Without names older versions of it take it for all hosts, so that any
        // could pose as any other; that is not done here.
        if self.names.is_empty() {
            return Some("it names no host".to_owned());
        }
        let is_for_it = self.names.iter().any(|name| name == address);
        (!is_for_it).then(|| format!("it is for {}", clean(self.names.join(", ").as_bytes())))
    }

    /// `None` also for signatures with SHA-1, which the crate does not know.
    fn is_signed(&self) -> Option<()> {
        let authority = PublicKey::from_bytes(self.authority.blob()).ok()?;
        let signature = Signature::try_from(&self.signature[..]).ok()?;
        KeyData::verify(authority.key_data(), &self.signed, &signature).ok()
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

fn refusal(message: String) -> Error {
    Error::new(ErrorKind::HostKey, message)
}

/// How many parts a public key of this type has after its name.
fn parts_of_key(kind: &str) -> Option<usize> {
    match kind {
        "ssh-ed25519" => Some(1),
        "ssh-rsa" => Some(2),
        kind if kind.starts_with("ecdsa-sha2-nistp") => Some(2),
        _ => None,
    }
}

/// What is left of a certificate, in the encoding of RFC 4251 section 5.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn long(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_be_bytes)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let count = self.number()?;
        self.take(usize::try_from(count).ok()?)
    }

    fn texts(mut self) -> Option<Vec<String>> {
        let mut all = Vec::new();
        while !self.0.is_empty() {
            all.push(String::from_utf8(self.text()?.to_vec()).ok()?);
        }
        Some(all)
    }
}

fn text(bytes: &[u8]) -> Option<Vec<u8>> {
    Some([&u32::try_from(bytes.len()).ok()?.to_be_bytes()[..], bytes].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use base64ct::{Base64, Encoding};

    use super::*;

    // By ssh-keygen: an ed25519 key, signed by an ed25519 authority for n1 and n2.lab.
    const TEXT: &str = include_str!("host-cert.pub");

    fn blob() -> Vec<u8> {
        Base64::decode_vec(TEXT.split(' ').nth(1).unwrap()).unwrap()
    }

    fn read(blob: Vec<u8>) -> Option<Certificate> {
        Certificate::new(&HostKey::new(blob)?)?.ok()
    }

    #[test]
    fn names_are_exact_and_times_are_a_half_open_span() {
        let mut certificate = read(blob()).unwrap();
        let fault = |address, now| certificate.fault(address, now);
        assert_eq!((fault("n1", 1), fault("n2.lab", u64::MAX - 1)), (None, None));
        assert!(fault("n2", 1).unwrap().contains("n1, n2.lab"));
        (certificate.valid_after, certificate.valid_before) = (10, 20);
        let fault = |now| certificate.fault("n1", now).unwrap_or_default();
        assert!(fault(9).contains("not valid yet") && fault(20).contains("expired"));
        assert_eq!((fault(10), fault(19)), (String::new(), String::new()));
    }

    #[test]
    fn changed_bytes_are_noticed_and_no_cut_is_read() {
        let whole = blob();
        // Not each, for a check takes long without optimization; a prime, so that it meets all fields.
        for at in (0..whole.len()).step_by(7) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            let is_good = read(changed).is_some_and(|certificate| certificate.fault("n1", 1).is_none());
            assert!(!is_good, "byte {at}");
            assert!(read(whole[..at].to_vec()).is_none(), "cut at {at}");
        }
        assert!(read([&whole[..], b"x"].concat()).is_none());
    }
}
