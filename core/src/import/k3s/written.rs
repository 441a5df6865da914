//! Settings as `registries.yaml` of k3s and RKE2.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::error::{Error, ErrorKind, Result};
use crate::settings::{Endpoint, Registry, Settings, Trust};

use super::super::Exported;
use super::super::remark::{Place, RemarkKind, Remarks};

/// Settings as `/etc/rancher/k3s/registries.yaml` or `/etc/rancher/rke2/registries.yaml`, in YAML. What those cannot say is
/// a remark with the key of the settings: headers, capabilities, blocks of addresses, what is for docker alone, removals,
/// and certificates, which they want as files on the node.
///
/// ```
/// use regconf::{Registry, Settings, import};
///
/// let settings = Settings::default().ensure(Registry::new("reg.lab")?.endpoint("http://10.20.0.9:5000")?)?;
/// let exported = import::to_k3s(&settings)?;
/// assert_eq!(exported.text, "mirrors:\n  \"reg.lab\":\n    endpoint:\n      - \"http://10.20.0.9:5000\"\n");
/// assert_eq!(exported.remarks.len(), 1); // k3s would try reg.lab itself last
/// # Ok::<(), regconf::Error>(())
/// ```
///
/// # Errors
/// [`Internal`](ErrorKind::Internal) for a fault of this library.
pub fn to_k3s(settings: &Settings) -> Result<Exported> {
    let mut writer = Writer::default();
    let mut mirrors = String::new();
    for (i, registry) in settings.ensured().iter().enumerate() {
        writer.mirror(registry, &key(format!("ensure[{i}]")), &mut mirrors)?;
    }
    for (i, removal) in settings.removed().iter().enumerate() {
        let text = format!("registries.yaml is written whole; {} is not in it", removal.host);
        writer.remarks.add(RemarkKind::Ineffective, &key(format!("remove[{i}]")), text);
    }
    let configs = writer.configs()?;
    let text = if mirrors.is_empty() { "mirrors: {}\n".to_owned() } else { format!("mirrors:\n{mirrors}{configs}") };
    Ok(Exported { text, remarks: writer.remarks.into_list() })
}

#[derive(Default)]
struct Writer {
    /// For each `host:port` the places where its certificate is checked, and those where it is not.
    trusts: BTreeMap<String, (Vec<Place>, Vec<Place>)>,
    remarks: Remarks,
}

impl Writer {
    fn mirror(&mut self, registry: &Registry, place: &Place, out: &mut String) -> Result<()> {
        let host = registry.host.to_string();
        if registry.host.cidr().is_some() {
            self.skip(place, "blocks of addresses are docker's alone; it is left out");
            return Ok(());
        }
        if !registry.is_for("containerd") {
            self.skip(place, "is not for containerd, which k3s has; it is left out");
            return Ok(());
        }
        let name = if registry.host.is_default() { "*" } else { &host };
        write(out, &format!("  {}:\n    endpoint:\n", quoted(name)?))?;
        for (i, endpoint) in registry.endpoints.iter().enumerate() {
            let url = self.endpoint(endpoint, &place.below(&format!("endpoints[{i}]"), None));
            write(out, &format!("      - {}\n", quoted(&url)?))?;
        }
        let is_itself = |endpoint: &Endpoint| endpoint.url.authority() == host;
        if !registry.falls_back() && !registry.endpoints.iter().any(is_itself) {
            let text =
                format!("k3s tries {host} itself last, unless it is started with --disable-default-registry-endpoint");
            self.remarks.add(RemarkKind::Decided, place, text);
        }
        Ok(())
    }

    /// The URL as k3s reads it: a path is used as it is there, and `/v2` is added to none.
    fn endpoint(&mut self, endpoint: &Endpoint, place: &Place) -> String {
        if !endpoint.url.is_http() {
            let (checked, unchecked) = self.trusts.entry(endpoint.url.authority()).or_default();
            if endpoint.trust == Trust::SkipVerify { unchecked } else { checked }.push(place.clone());
        }
        if let Trust::Ca(_) = endpoint.trust {
            self.file(place, "ca", "ca_file", endpoint);
        }
        if endpoint.client.is_some() {
            self.file(place, "client", "cert_file and key_file", endpoint);
        }
        if !endpoint.headers.is_empty() {
            self.skip(&place.below("headers", None), "k3s sends no headers; they are left out");
        }
        if !endpoint.capabilities.is_empty() {
            self.skip(&place.below("capabilities", None), "k3s knows none; its endpoints are asked for all");
        }
        let has_path = !endpoint.url.path().is_empty();
        if endpoint.override_path && !has_path {
            self.skip(&place.below("override_path", None), "k3s adds /v2 where there is no path");
        }
        if has_path && !endpoint.override_path { format!("{}/v2", endpoint.url) } else { endpoint.url.to_string() }
    }

    fn file(&mut self, place: &Place, key: &str, names: &str, endpoint: &Endpoint) {
        let authority = endpoint.url.authority();
        let text = format!("must be a file on the node; put it there and name it as {names} in configs of {authority}");
        self.remarks.add(RemarkKind::Unresolved, &place.below(key, None), text);
    }

    fn skip(&mut self, place: &Place, text: &str) {
        self.remarks.add(RemarkKind::Skipped, place, text);
    }

    /// TLS by `host:port`. A certificate that is checked anywhere stays checked.
    fn configs(&mut self) -> Result<String> {
        let mut out = String::new();
        for (authority, (checked, unchecked)) in std::mem::take(&mut self.trusts) {
            if unchecked.is_empty() {
                continue;
            }
            if checked.is_empty() {
                let name = quoted(&authority)?;
                write(&mut out, &format!("  {name}:\n    tls:\n      insecure_skip_verify: true\n"))?;
            }
            for place in unchecked.iter().filter(|_| !checked.is_empty()) {
                let text =
                    format!("is left out: elsewhere the certificate of {authority} is checked, and k3s knows one way");
                self.remarks.add(RemarkKind::Skipped, &place.below("skip_verify", None), text);
            }
        }
        Ok(if out.is_empty() { out } else { format!("configs:\n{out}") })
    }
}

fn key(key: String) -> Place {
    Place { key, ..Place::default() }
}

/// A text of JSON is one of YAML.
fn quoted(text: &str) -> Result<String> {
    serde_json::to_string(text).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}

fn write(out: &mut String, text: &str) -> Result<()> {
    out.write_str(text).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Format, Options, parse};
    use super::*;

    fn settings(text: &str) -> Settings {
        Settings::from_json(text).unwrap()
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let wanted = settings(
            r#"{"ensure":[
                {"host":"docker.io","endpoints":[{"url":"https://m.lab"},{"url":"https://h.lab/v2/p","override_path":true}]},
                {"host":"_default","endpoints":[{"url":"http://10.0.0.9:5000"}]},
                {"host":"a.lab:5000","insecure":"skip_verify"},
                {"host":"b.lab","endpoints":[{"url":"https://[fd00::1]:5443","skip_verify":true},{"url":"https://c.lab"}],
                    "fallback":true}]}"#,
        );
        let exported = to_k3s(&wanted).unwrap();
        assert_eq!(exported.remarks, []);
        let imported = parse(&exported.text, &Options::default()).unwrap();
        assert_eq!((imported.format, &imported.settings), (Format::K3s, &wanted), "{}", exported.text);
        let plain = settings(r#"{"ensure":[{"host":"c.lab","endpoints":[{"url":"https://d.lab/p"}]}]}"#);
        assert!(to_k3s(&plain).unwrap().text.contains("\"https://d.lab/p/v2\""));
        assert_eq!(to_k3s(&Settings::default()).unwrap().text, "mirrors: {}\n");
    }

    #[test]
    fn what_cannot_be_said_is_a_remark() {
        let pem = "-----BEGIN CERTIFICATE-----\\nQUJD\\n-----END CERTIFICATE-----\\n";
        let key = "-----BEGIN PRIVATE KEY-----\\nQUJD\\n-----END PRIVATE KEY-----\\n";
        let wanted = settings(&format!(
            r#"{{"ensure":[
                {{"host":"10.0.0.0/8","insecure":"http"}},
                {{"host":"a.lab","insecure":"http","engines":["docker"]}},
                {{"host":"b.lab","endpoints":[{{"url":"https://c.lab","ca":"{pem}","client":{{"certificate":"{pem}","key":"{key}"}},
                    "headers":{{"X":"hunter2"}},"capabilities":["pull"],"override_path":true}}]}},
                {{"host":"d.lab","endpoints":[{{"url":"https://c.lab","skip_verify":true}}]}}],
                "remove":["e.lab"]}}"#
        ));
        let exported = to_k3s(&wanted).unwrap();
        let said: Vec<_> = exported.remarks.iter().map(|remark| format!("{} {}", remark.kind, remark.key)).collect();
        assert_eq!(
            said,
            [
                "skipped ensure[0]",
                "skipped ensure[1]",
                "unresolved ensure[2].endpoints[0].ca",
                "unresolved ensure[2].endpoints[0].client",
                "skipped ensure[2].endpoints[0].headers",
                "skipped ensure[2].endpoints[0].capabilities",
                "skipped ensure[2].endpoints[0].override_path",
                "decided ensure[2]",
                "decided ensure[3]",
                "ineffective remove[0]",
                "skipped ensure[3].endpoints[0].skip_verify",
            ]
        );
        assert!(
            !format!("{exported:?}").contains("hunter2") && !exported.text.contains("configs"),
            "{}",
            exported.text
        );
    }
}
