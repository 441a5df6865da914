//! Settings laid over settings, and the digest that tells whether two are the same.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Client, Endpoint, Registry, Removal, Settings, Trust};
use crate::host::RegistryHost;

impl Settings {
    /// These settings with others laid over them: what the others say of a registry host, to ensure or to remove it,
    /// takes the place of what these say of it. Switches that are on in one of them are on.
    #[must_use]
    pub fn overlaid(&self, over: &Self) -> Self {
        let kept = |host: &RegistryHost| !over.hosts.contains(host);
        let mut out = over.clone();
        out.ensure = self.ensure.iter().filter(|registry| kept(&registry.host)).cloned().collect();
        out.ensure.extend(over.ensure.iter().cloned());
        out.remove = self.remove.iter().filter(|removal| kept(&removal.host)).cloned().collect();
        out.remove.extend(over.remove.iter().cloned());
        out.migrate |= self.migrate;
        out.enable_cri |= self.enable_cri;
        out.hosts.extend(self.hosts.iter().cloned());
        out
    }

    /// A digest of what is wanted, as `sha256:…`: the same for the same settings, in whatever order the hosts are named.
    /// Secrets are in it only as digests of their own.
    pub fn fingerprint(&self) -> String {
        digest(self.canonical().to_string().as_bytes())
    }

    /// Whether both name the host, and differ.
    pub(crate) fn says_otherwise(&self, other: &Self, host: &RegistryHost) -> bool {
        self.hosts.contains(host) && other.hosts.contains(host) && self.of(host) != other.of(host)
    }

    pub(crate) fn hosts(&self) -> impl Iterator<Item = &RegistryHost> {
        let ensured = self.ensure.iter().map(|registry| &registry.host);
        ensured.chain(self.remove.iter().map(|removal| &removal.host))
    }

    fn of(&self, host: &RegistryHost) -> (Option<&Registry>, Option<&Removal>) {
        let ensured = self.ensure.iter().find(|registry| registry.host == *host);
        (ensured, self.remove.iter().find(|removal| removal.host == *host))
    }

    fn canonical(&self) -> Value {
        let mut ensure: Vec<_> = self.ensure.iter().collect();
        ensure.sort_by(|a, b| a.host.cmp(&b.host));
        let mut remove: Vec<_> = self.remove.iter().collect();
        remove.sort_by(|a, b| a.host.cmp(&b.host));
        json!({
            "ensure": ensure.into_iter().map(registry).collect::<Vec<_>>(),
            "remove": remove.into_iter().map(removal).collect::<Vec<_>>(),
            "migrate": self.migrate,
            "enable_cri": self.enable_cri,
        })
    }
}

fn registry(registry: &Registry) -> Value {
    json!({
        "host": registry.host.to_string(),
        "endpoints": registry.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
        "fallback": registry.falls_back(),
        "engines": registry.engines,
    })
}

fn removal(removal: &Removal) -> Value {
    json!({
        "host": removal.host.to_string(),
        "endpoints": removal.endpoints.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "engines": removal.engines,
    })
}

fn endpoint(endpoint: &Endpoint) -> Value {
    let trust = match &endpoint.trust {
        Trust::System => "system".to_owned(),
        Trust::SkipVerify => "skip_verify".to_owned(),
        Trust::Ca(pem) => digest(pem.as_bytes()),
    };
    let client = |client: &Client| json!([client.certificate, digest(client.key.expose().as_bytes())]);
    let headers = endpoint.headers.iter().map(|(name, value)| json!([name, digest(value.expose().as_bytes())]));
    json!({
        "url": endpoint.url.to_string(),
        "trust": trust,
        "client": endpoint.client.as_ref().map(client),
        "headers": headers.collect::<Vec<_>>(),
        "override_path": endpoint.override_path,
        "capabilities": endpoint.capabilities.iter().map(|capability| capability.name()).collect::<Vec<_>>(),
    })
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Settings {
        Settings::from_json(text).unwrap()
    }

    #[test]
    fn what_lies_above_wins() {
        let base = read(
            r#"{ "ensure": [{ "host": "a.lab", "insecure": "http" }, { "host": "b.lab", "insecure": "http" }], "remove": ["c.lab", "d.lab"], "migrate": true }"#,
        );
        let over = read(
            r#"{ "ensure": [{ "host": "a.lab", "insecure": "skip_verify" }, { "host": "c.lab", "insecure": "http" }], "remove": ["b.lab"], "enable_cri": true }"#,
        );
        let both = read(
            r#"{ "ensure": [{ "host": "a.lab", "insecure": "skip_verify" }, { "host": "c.lab", "insecure": "http" }], "remove": ["d.lab", "b.lab"], "migrate": true, "enable_cri": true }"#,
        );
        assert_eq!(base.overlaid(&over), both);
        assert_eq!(base.overlaid(&Settings::default()), base);
        assert_eq!(Settings::default().overlaid(&base), base);
    }

    #[test]
    fn a_fingerprint_tells_what_is_wanted_and_no_secret() {
        let with = |value: &str| {
            let endpoint = Endpoint::new("https://a.lab").unwrap().header("Authorization", value).unwrap();
            Settings::default().ensure(Registry::new("a.lab").unwrap().endpoint(endpoint).unwrap()).unwrap()
        };
        let fingerprint = with("Basic hunter2").fingerprint();
        assert!(fingerprint.starts_with("sha256:") && fingerprint.len() == 7 + 64, "{fingerprint}");
        assert_eq!(fingerprint, with("Basic hunter2").fingerprint());
        assert_ne!(fingerprint, with("Basic hunter3").fingerprint());
        assert!(!with("Basic hunter2").canonical().to_string().contains("hunter2"));
        let (ab, ba) = (read(r#"{ "remove": ["a.lab", "b.lab"] }"#), read(r#"{ "remove": ["b.lab", "a.lab"] }"#));
        assert_eq!(ab.fingerprint(), ba.fingerprint());
        let different = [
            r#"{ "remove": ["a.lab"] }"#,
            r#"{ "remove": ["a.lab"], "migrate": true }"#,
            r#"{ "remove": [{ "host": "a.lab", "engines": ["docker"] }] }"#,
            r#"{ "ensure": [{ "host": "a.lab", "insecure": "http" }] }"#,
            r#"{ "ensure": [{ "host": "a.lab", "insecure": "skip_verify" }] }"#,
            r#"{ "ensure": [{ "host": "a.lab", "insecure": "http", "fallback": true }] }"#,
            r#"{ "ensure": [{ "host": "a.lab", "insecure": "http", "engines": ["docker"] }] }"#,
        ];
        let all: std::collections::HashSet<_> = different.iter().map(|text| read(text).fingerprint()).collect();
        assert_eq!(all.len(), different.len());
    }
}
