//! Certificates in docker's certs.d: by whose a registry is checked, and which one is shown to it.

use super::super::file;
use super::Daemon;
use crate::error::Result;
use crate::plan::{FileChange, Plan};
use crate::settings::{Endpoint, Trust};

/// What a certificate is for. Each has files of its own, so that one can go while the other stays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// The registry at that address.
    Registry,
    /// A mirror of docker.io at that address.
    Mirror,
}

/// The files of an address, `host` or `host:port` as docker writes it: CA, client certificate, and its key.
///
/// docker takes any `*.crt`, and any `*.cert` with a `*.key` of the same name beside it.
pub(super) fn paths(certs: &str, address: &str, is_for: Use) -> [String; 3] {
    let name = if is_for == Use::Mirror { "regconf-mirror" } else { "regconf" };
    ["ca.crt", "client.cert", "client.key"].map(|kind| format!("{certs}/{address}/{name}-{kind}"))
}

/// Whether files in certs.d belong to an endpoint.
pub(super) fn has_certificates(endpoint: &Endpoint) -> bool {
    endpoint.client.is_some() || matches!(endpoint.trust, Trust::Ca(_))
}

impl Daemon<'_> {
    /// The files of an address as its endpoint wants them; without an endpoint there are none.
    pub(super) fn certify(
        &self,
        address: &str,
        is_for: Use,
        endpoint: Option<&Endpoint>,
        plan: &mut Plan,
    ) -> Result<()> {
        let ca = endpoint.and_then(|endpoint| match &endpoint.trust {
            Trust::Ca(pem) => Some(pem.as_str()),
            _ => None,
        });
        let client = endpoint.and_then(|endpoint| endpoint.client.as_ref());
        let contents = [
            (ca, 0o644),
            (client.map(|client| client.certificate.as_str()), 0o644),
            (client.map(|client| client.key.expose()), 0o600),
        ];
        for (path, (content, mode)) in paths(self.certs, address, is_for).into_iter().zip(contents) {
            let before = file(self.facts, &path)?.map(<[u8]>::to_vec);
            let mut change = FileChange::new(path, before, content.map(|text| text.as_bytes().to_vec()));
            change.mode = mode;
            plan.change(change);
        }
        Ok(())
    }

    /// Whether a mirror at this address is checked by a CA that this library has put there.
    pub(super) fn has_mirror_ca(&self, address: &str) -> bool {
        let [ca, ..] = paths(self.certs, address, Use::Mirror);
        file(self.facts, &ca).is_ok_and(|found| found.is_some())
    }
}
