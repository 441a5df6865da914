//! `registries.yaml` of k3s and RKE2.
//!
//! The rules are those by which k3s makes hosts.toml of it (`pkg/agent/containerd/config.go`): endpoints without a scheme
//! are https, a path is used as it is, `configs` are looked up by the endpoint's `host:port` and not by the mirror's name,
//! and the host itself is tried last, which is kept where it may be a public one.

mod written;

pub use written::to_k3s;

use crate::error::Result;
use crate::settings::{Endpoint, Registry};

use super::field::Field;
use super::found::{Found, List};
use super::pem::{self, Tls};
use super::registries::{Registries, falling_back};
use super::remark::{Place, RemarkKind, Remarks};
use super::source::Source;
use super::yaml::Yaml;

/// An entry of `configs`.
struct Config<'a> {
    name: &'a str,
    place: Place,
    tls: Tls,
    /// Whether an endpoint or a mirror has taken it.
    is_used: bool,
}

pub(super) fn read(source: &Source, remarks: &mut Remarks) -> Result<Found> {
    let yaml = Yaml::parse(source, remarks)?;
    let root = Field::new(source, &yaml);
    root.only(&["mirrors", "configs"], remarks)?;
    let mut configs = Vec::new();
    if let Some(field) = root.get("configs") {
        for (name, config) in field.entries()? {
            configs.push(read_config(name, &config, source, remarks)?);
        }
    }
    let mut registries = Registries::default();
    if let Some(field) = root.get("mirrors") {
        for (name, mirror) in field.entries()? {
            read_mirror(name, &mirror, &mut configs, &mut registries, remarks)?;
        }
    }
    for config in configs.iter().filter(|config| !config.is_used && !config.tls.is_empty()) {
        add_alone(config, &mut registries, remarks);
    }
    Ok(List::default().found(registries.into_settings()?))
}

fn read_config<'a>(name: &'a str, config: &Field<'_>, source: &Source, remarks: &mut Remarks) -> Result<Config<'a>> {
    config.only(&["auth", "tls"], remarks)?;
    if let Some(auth) = config.get("auth") {
        remarks.add(RemarkKind::Skipped, &auth.place, super::LOGIN);
    }
    let tls = config.get("tls").map_or_else(|| Ok(Tls::default()), |tls| read_tls(&tls, source, remarks))?;
    Ok(Config { name, place: config.place.clone(), tls, is_used: false })
}

fn read_tls(field: &Field<'_>, source: &Source, remarks: &mut Remarks) -> Result<Tls> {
    field.only(&["ca_file", "cert_file", "key_file", "insecure_skip_verify"], remarks)?;
    let mut file = |key: &str| field.get(key).map_or(Ok(None), |field| pem::file(source, &field, remarks));
    let (ca, certificate, key) = (file("ca_file")?, file("cert_file")?, file("key_file")?);
    let skip_verify = field.flag_of("insecure_skip_verify", remarks)?;
    if let (true, Some(ca)) = (skip_verify, field.get("ca_file")) {
        let text = "is not looked at, since insecure_skip_verify takes any certificate; leave that out, and it counts";
        remarks.add(RemarkKind::Ineffective, &ca.place, text);
    }
    Ok(Tls { skip_verify, ca, client: certificate.zip(key) })
}

fn read_mirror(
    name: &str,
    mirror: &Field<'_>,
    configs: &mut [Config<'_>],
    registries: &mut Registries,
    remarks: &mut Remarks,
) -> Result<()> {
    mirror.only(&["endpoint", "rewrite"], remarks)?;
    let below = match mirror.get("rewrite").filter(|rewrite| !rewrite.is_empty()) {
        Some(rewrite) => read_rewrite(&rewrite, remarks)?,
        None => None,
    };
    let host = if name == "*" { "_default" } else { name };
    let mut registry = match Registry::new(host) {
        Ok(registry) => registry,
        Err(error) => {
            remarks.add(RemarkKind::Ineffective, &mirror.place, format!("no image has it: {}", error.message()));
            return Ok(());
        }
    };
    for (url, place) in mirror.get("endpoint").map_or_else(|| Ok(Vec::new()), |field| field.texts(remarks))? {
        let endpoint = endpoint(&url, below.as_deref(), &place, configs, remarks);
        match endpoint.and_then(|endpoint| registry.clone().endpoint(endpoint)) {
            Ok(with) => registry = with,
            Err(error) => remarks.skip(&place, &error),
        }
    }
    if registry.endpoints.is_empty() {
        let text = "has no endpoint; only the registry inside k3s serves it, and it is left out";
        remarks.add_unless_said(&mirror.place, text);
        return Ok(());
    }
    match with_itself(registry, configs, remarks) {
        Ok(registry) => registries.add(registry, &mirror.place, remarks),
        Err(error) => remarks.skip(&mirror.place, &error),
    }
    Ok(())
}

/// Where all images are below one path, the path; other renaming only k3s can do.
fn read_rewrite(rewrite: &Field<'_>, remarks: &mut Remarks) -> Result<Option<String>> {
    let mut rules = Vec::new();
    for (pattern, field) in rewrite.entries()? {
        rules.push((pattern, field.text(remarks)?.unwrap_or_default()));
    }
    let is_path = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let path = match rules.as_slice() {
        [("^(.*)$" | "(.*)" | "^(.*)" | "(.*)$" | "^(.+)$" | "(.+)", renamed)] => {
            let path = renamed.strip_suffix("/$1").or_else(|| renamed.strip_suffix("/${1}"));
            path.map(|path| path.trim_matches('/')).filter(|path| !path.is_empty() && path.chars().all(is_path))
        }
        _ => None,
    };
    if let Some(path) = path {
        let text = format!("puts all images below {path}, which is told as the path of each endpoint");
        remarks.add(RemarkKind::Decided, &rewrite.place, text);
    } else {
        let text = "images are not renamed so by any engine but that of k3s; it is left out";
        remarks.add(RemarkKind::Skipped, &rewrite.place, text);
    }
    Ok(path.map(str::to_owned))
}

/// The registry with its host as the last to be tried, as k3s has it.
fn with_itself(registry: Registry, configs: &mut [Config<'_>], remarks: &mut Remarks) -> Result<Registry> {
    let host = registry.host.to_string();
    if registry.host.is_default() || registry.endpoints.iter().any(|endpoint| endpoint.url.authority() == host) {
        return Ok(registry);
    }
    let others: Vec<_> = registry.endpoints.iter().map(|endpoint| endpoint.url.authority()).collect();
    let Some(config) = find(configs, &host).filter(|config| !config.tls.is_empty()) else {
        return Ok(falling_back(registry));
    };
    config.is_used = true;
    let text = format!("is for https://{host} itself, which is tried last; for {} name it there", others.join(", "));
    remarks.add(RemarkKind::Ineffective, &config.place, text);
    registry.endpoint(config.tls.apply(Endpoint::new(format!("https://{host}"))?)?)
}

/// The endpoint, with its images `below` a path if there is one.
fn endpoint(
    url: &str,
    below: Option<&str>,
    place: &Place,
    configs: &mut [Config<'_>],
    remarks: &mut Remarks,
) -> Result<Endpoint> {
    let (scheme, rest) = url.split_once("://").unwrap_or_else(|| (scheme_of(url), url));
    let rest = rest.trim_end_matches('/');
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let root = format!("{scheme}://{authority}");
    let endpoint = match (path, below) {
        ("" | "v2", None) => Endpoint::new(root)?,
        ("" | "v2", Some(below)) => Endpoint::new(format!("{root}/v2/{below}"))?.override_path(),
        (path, None) => Endpoint::new(format!("{root}/{path}"))?.override_path(),
        (path, Some(below)) => Endpoint::new(format!("{root}/{path}/{below}"))?.override_path(),
    };
    let Some(config) = find(configs, authority) else { return Ok(endpoint) };
    config.is_used = true;
    if endpoint.url.is_http() && !config.tls.is_empty() {
        let text = format!("{} is plain http, which has no TLS settings; tls is left out", endpoint.url);
        remarks.add(RemarkKind::Decided, place, text);
    }
    config.tls.apply(endpoint)
}

/// Docker's rule: a registry on this machine at an odd port is plain http.
fn scheme_of(authority: &str) -> &'static str {
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    let is_here = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    if is_here && !port.is_empty() && port != "443" { "http" } else { "https" }
}

fn find<'a, 'b>(configs: &'a mut [Config<'b>], authority: &str) -> Option<&'a mut Config<'b>> {
    let is_hub = matches!(authority, "docker.io" | "registry-1.docker.io");
    let other = if is_hub { ["registry-1.docker.io", "docker.io"] } else { [authority; 2] };
    let at = other.iter().find_map(|name| configs.iter().position(|config| config.name == *name))?;
    configs.get_mut(at)
}

/// What `configs` says of a host that no mirror leads to is for the host itself.
fn add_alone(config: &Config<'_>, registries: &mut Registries, remarks: &mut Remarks) {
    if config.name == "*" {
        let text = "is for every host that has no entry, which cannot be said; it is left out: name the hosts";
        remarks.add(RemarkKind::Skipped, &config.place, text);
        return;
    }
    if config.name.contains('/') {
        let text = "is looked up by host:port, and never found with a scheme or a path; it is left out";
        remarks.add(RemarkKind::Ineffective, &config.place, text);
        return;
    }
    let endpoint = Endpoint::new(format!("https://{}", config.name)).and_then(|endpoint| config.tls.apply(endpoint));
    let registry = endpoint.and_then(|endpoint| Registry::new(config.name)?.endpoint(endpoint));
    registries.add_read(registry, &config.place, remarks);
}

#[cfg(test)]
mod tests;
