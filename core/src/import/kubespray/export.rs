//! Settings as the variables of a current kubespray.

use std::fmt::Write as _;

use crate::error::Result;
use crate::settings::{Endpoint, Registry, Settings, Trust};

use super::super::Exported;
use super::super::remark::{Place, RemarkKind, Remarks};

/// Settings as the variables of a kubespray from 2.23 on, in YAML: `containerd_registries_mirrors`,
/// `docker_insecure_registries` and `docker_registry_mirrors`. `server` counts from 2.25 on, `header` and certificates
/// later. **Values of headers are in the text.**
///
/// What kubespray cannot say is a remark, whose key is that of the settings: removing, a switch, a certificate, which it
/// takes as a path on the nodes, and another name for a registry with docker.
///
/// # Errors
/// None so far; later forms may have some.
pub fn to_kubespray(settings: &Settings) -> Result<Exported> {
    let mut remarks = Remarks::default();
    let mut out = Written::default();
    for (i, registry) in settings.ensured().iter().enumerate() {
        let place = in_settings(format!("ensure[{i}]"));
        if is_for(registry, "containerd") {
            out.containerd(registry, &place, &mut remarks);
        }
        if is_for(registry, "docker") {
            out.docker(registry, &place, &mut remarks);
        }
        for engine in registry.engines.iter().filter(|engine| !["containerd", "docker"].contains(&engine.as_str())) {
            remarks.add(RemarkKind::Skipped, &place, format!("kubespray has no such variable for {engine}"));
        }
    }
    for (i, removal) in settings.removed().iter().enumerate() {
        let place = in_settings(format!("remove[{i}]"));
        remarks.add(RemarkKind::Skipped, &place, format!("kubespray cannot take out {}", removal.host));
    }
    for (key, is_on) in [("migrate", settings.migrates()), ("enable_cri", settings.enables_cri())] {
        let place = in_settings(key);
        if is_on {
            remarks.add(RemarkKind::Skipped, &place, "kubespray has no such variable");
        }
    }
    Ok(Exported { text: out.text(), remarks: remarks.into_list() })
}

/// A key of the settings; they stand in no file.
fn in_settings(key: impl Into<String>) -> Place {
    Place { key: key.into(), ..Place::default() }
}

fn is_for(registry: &Registry, engine: &str) -> bool {
    registry.engines.is_empty() || registry.engines.iter().any(|id| id == engine)
}

/// The three variables as they grow.
#[derive(Default)]
struct Written {
    mirrors: String,
    insecure: String,
    hub: String,
}

impl Written {
    fn text(&self) -> String {
        let named = [
            ("containerd_registries_mirrors", &self.mirrors),
            ("docker_insecure_registries", &self.insecure),
            ("docker_registry_mirrors", &self.hub),
        ];
        let set = named.iter().filter(|(_, items)| !items.is_empty());
        let text = set.fold("---\n".to_owned(), |text, (name, items)| format!("{text}{name}:\n{items}"));
        if text == "---\n" { text + "containerd_registries_mirrors: []\n" } else { text }
    }

    fn containerd(&mut self, registry: &Registry, place: &Place, remarks: &mut Remarks) {
        if registry.host.cidr().is_some() {
            if registry.engines.iter().any(|engine| engine == "containerd") {
                remarks.add(RemarkKind::Skipped, place, "containerd has no blocks of addresses");
            }
            return;
        }
        let out = &mut self.mirrors;
        line(out, 2, "- prefix", &registry.host.to_string());
        // Without `server` kubespray lets containerd go on to the name's own address.
        if let Some(first) = registry.endpoints.first().filter(|_| !registry.falls_back()) {
            line(out, 4, "server", &first.url.to_string());
        }
        out.push_str("    mirrors:\n");
        for (i, endpoint) in registry.endpoints.iter().enumerate() {
            mirror(out, endpoint, &in_settings(format!("{}.endpoints[{i}]", place.key)), remarks);
        }
    }

    fn docker(&mut self, registry: &Registry, place: &Place, remarks: &mut Remarks) {
        if registry.host.is_docker_hub() {
            for (i, endpoint) in registry.endpoints.iter().enumerate() {
                self.docker_mirror(endpoint, &in_settings(format!("{}.endpoints[{i}]", place.key)), remarks);
            }
            return;
        }
        let own = registry.host.to_string();
        let is_own = |endpoint: &Endpoint| endpoint.url.authority() == own && endpoint.url.path().is_empty();
        let is_insecure = |endpoint: &Endpoint| endpoint.url.is_http() || endpoint.trust == Trust::SkipVerify;
        if registry.host.cidr().is_some() || registry.endpoints.iter().any(|e| is_own(e) && is_insecure(e)) {
            item(&mut self.insecure, &own);
        } else if registry.engines.iter().any(|engine| engine == "docker") {
            remarks.add(
                RemarkKind::Skipped,
                place,
                "docker knows a registry by its address only, and kubespray no \
                        certificates of docker",
            );
        }
    }
}

impl Written {
    /// A mirror of Docker Hub; what docker is told of its certificate is a host in the other list.
    fn docker_mirror(&mut self, endpoint: &Endpoint, place: &Place, remarks: &mut Remarks) {
        item(&mut self.hub, &endpoint.url.to_string());
        if endpoint.trust == Trust::SkipVerify {
            item(&mut self.insecure, &endpoint.url.authority());
        }
        if matches!(endpoint.trust, Trust::Ca(_)) || endpoint.client.is_some() {
            remarks.add(RemarkKind::Skipped, place, "kubespray has no certificates of docker");
        }
    }
}

fn mirror(out: &mut String, endpoint: &Endpoint, place: &Place, remarks: &mut Remarks) {
    line(out, 6, "- host", &endpoint.url.to_string());
    let capabilities: Vec<_> = endpoint.capabilities.iter().map(|capability| quoted(capability.name())).collect();
    let capabilities =
        if capabilities.is_empty() { r#""pull", "resolve""#.to_owned() } else { capabilities.join(", ") };
    let _ = writeln!(out, "        capabilities: [{capabilities}]");
    let _ = writeln!(out, "        skip_verify: {}", endpoint.trust == Trust::SkipVerify);
    if endpoint.override_path {
        out.push_str("        override_path: true\n");
    }
    if !endpoint.headers.is_empty() {
        headers(out, endpoint);
    }
    let files = [("ca", matches!(endpoint.trust, Trust::Ca(_))), ("client", endpoint.client.is_some())];
    for (key, _) in files.into_iter().filter(|(_, is_given)| *is_given) {
        let text = format!("kubespray takes a path on the nodes: put the text there, and write the path as {key}");
        remarks.add(RemarkKind::Unresolved, &in_settings(format!("{}.{key}", place.key)), text);
    }
}

fn headers(out: &mut String, endpoint: &Endpoint) {
    out.push_str("        header:\n");
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in &endpoint.headers {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    for name in names {
        let values = endpoint.headers.iter().filter(|(known, _)| known == name);
        let values: Vec<_> = values.map(|(_, value)| quoted(value.expose())).collect();
        let _ = writeln!(out, "          {}: [{}]", quoted(name), values.join(", "));
    }
}

fn line(out: &mut String, indent: usize, key: &str, value: &str) {
    let _ = writeln!(out, "{:indent$}{key}: {}", "", quoted(value));
}

fn item(out: &mut String, value: &str) {
    let line = format!("  - {}\n", quoted(value));
    if !out.contains(&line) {
        out.push_str(&line);
    }
}

/// A text of JSON is one of YAML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
