//! The hosts that containerd's own packages resolve, against the settings.

use std::collections::BTreeSet;

use regconf::{Capability, Endpoint, Registry, Trust};
use serde_json::Value;

use crate::case::Planned;

/// The registry to ask for: `_default` stands for one without a folder of its own.
pub(crate) fn asked(registry: &Registry) -> String {
    if registry.host.is_default() { "elsewhere.example".to_owned() } else { registry.host.to_string() }
}

/// What is wrong with the hosts that were resolved for a registry below these roots.
pub(crate) fn faults(registry: &Registry, answer: &Value, roots: &[String], planned: &Planned<'_>) -> Vec<String> {
    if let Some(error) = answer["error"].as_str() {
        return vec![format!("{}: containerd cannot resolve it: {error}", registry.host)];
    }
    let hosts: Vec<&Value> = answer["hosts"].as_array().into_iter().flatten().collect();
    let mut faults = Vec::new();
    let mut next = 0;
    for endpoint in &registry.endpoints {
        if lets_others_first(registry, planned) {
            next += hosts[next..].iter().position(|host| is_at(endpoint, host)).unwrap_or_default();
        }
        match hosts.get(next) {
            None => faults.push(format!("{}: {} is not among its hosts", registry.host, endpoint.url)),
            Some(host) => faults.extend(compare(endpoint, host, registry, roots, planned)),
        }
        next = hosts.len().min(next + 1);
    }
    faults.extend(rest(registry, &hosts[next..], roots, planned));
    let log = answer["log"].as_str().unwrap_or_default();
    if !log.is_empty() {
        faults.push(format!("{}: containerd logs {log}", registry.host));
    }
    faults
}

/// Whether a note says that hosts of others stay in front.
fn lets_others_first(registry: &Registry, planned: &Planned<'_>) -> bool {
    let notes = planned.plan.notes.iter().filter(|note| note.host.as_ref() == Some(&registry.host));
    notes.into_iter().any(|note| note.text.ends_with("are tried first"))
}

fn is_at(endpoint: &Endpoint, host: &Value) -> bool {
    (host["scheme"] == "http") == endpoint.url.is_http() && host["host"] == endpoint.url.authority()
}

fn compare(
    endpoint: &Endpoint,
    host: &Value,
    registry: &Registry,
    roots: &[String],
    planned: &Planned<'_>,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut same = |what: &str, wanted: Value, got: &Value| {
        if wanted != *got {
            faults.push(format!("{}: {}: {what} is {got} and not {wanted}", registry.host, endpoint.url));
        }
    };
    same("scheme", if endpoint.url.is_http() { "http" } else { "https" }.into(), &host["scheme"]);
    same("host", endpoint.url.authority().into(), &host["host"]);
    same("path", cleaned(&path(endpoint)).into(), &cleaned(host["path"].as_str().unwrap_or_default()).into());
    same("falling back from https", false.into(), &host["fallback"]);
    same("skip_verify", (endpoint.trust == Trust::SkipVerify).into(), &host["skip_verify"]);
    same("having all capabilities", true.into(), &has_capabilities(endpoint, &host["capabilities"]).into());
    if !has_loose_certificates(registry, roots, planned) {
        same("number of CAs", authorities(endpoint).into(), &names(&host["authorities"]).len().into());
        same("number of client certificates", i32::from(endpoint.client.is_some()).into(), &host["clients"]);
    }
    let headers: BTreeSet<_> = endpoint.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let got = names(&host["headers"]).iter().map(|name| name.to_ascii_lowercase()).collect::<BTreeSet<_>>();
    same("having all headers", true.into(), &headers.is_subset(&got).into());
    faults
}

/// containerd adds `/v2` unless the path ends in it or is taken as it is.
fn path(endpoint: &Endpoint) -> String {
    let path = endpoint.url.path();
    let slash = if endpoint.override_path || path.ends_with("/v2") { "" } else { "/v2" };
    format!("{path}{slash}")
}

/// It joins paths when it makes requests, so that `//` and `/` are one.
fn cleaned(path: &str) -> String {
    path.replace("//", "/")
}

/// Without a wish, others may have given it more.
fn has_capabilities(endpoint: &Endpoint, got: &Value) -> bool {
    let got = names(got);
    let wanted: BTreeSet<_> = endpoint.capabilities.iter().map(|capability| capability.name()).collect();
    if wanted.is_empty() {
        return [Capability::Pull, Capability::Resolve].iter().all(|capability| got.contains(capability.name()));
    }
    wanted == got
}

fn names(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Different subjects only are counted.
fn authorities(endpoint: &Endpoint) -> usize {
    match &endpoint.trust {
        Trust::Ca(pem) => pem.matches("-----BEGIN CERTIFICATE-----").count(),
        _ => 0,
    }
}

/// Whether there are certificates of others that counted before, which the hosts go on using.
fn has_loose_certificates(registry: &Registry, roots: &[String], planned: &Planned<'_>) -> bool {
    let folders: Vec<_> = roots.iter().flat_map(|root| folders(root, registry)).collect();
    let ending = |path: &str| [".crt", ".cert", ".pem"].iter().any(|end| path.ends_with(end));
    planned.case.before.keys().any(|path| ending(path) && folders.iter().any(|folder| path.starts_with(folder)))
}

fn folders(root: &str, registry: &Registry) -> Vec<String> {
    let root = root.trim_end_matches('/');
    let underscored = registry.host.port().map(|port| format!("{root}/{}_{port}_/", registry.host.name()));
    std::iter::once(format!("{root}/{}/", registry.host)).chain(underscored).collect()
}

/// What is tried after the endpoints, in a file that the library has written anew.
fn rest(registry: &Registry, hosts: &[&Value], roots: &[String], planned: &Planned<'_>) -> Vec<String> {
    let files = roots.iter().flat_map(|root| folders(root, registry)).map(|folder| format!("{folder}hosts.toml"));
    // What is moved there from elsewhere stands between the endpoints and the server.
    if planned.case.settings.migrates() || !files.into_iter().any(|file| planned.is_new(&file)) {
        return Vec::new();
    }
    let text = |host: &Value, key: &str| host[key].as_str().unwrap_or_default().to_owned();
    let got: Vec<_> = hosts.iter().map(|host| format!("{}://{}", text(host, "scheme"), text(host, "host"))).collect();
    if registry.falls_back() {
        let own = if registry.host.is_docker_hub() { "registry-1.docker.io".to_owned() } else { asked(registry) };
        let wanted = format!("https://{own}");
        return if got == [wanted.as_str()] { Vec::new() } else { vec![fault(registry, &wanted, &got)] };
    }
    let is_endpoint = |got: &String| {
        let mut endpoints =
            registry.endpoints.iter().map(|endpoint| (endpoint.url.is_http(), endpoint.url.authority()));
        endpoints.any(|(http, host)| *got == format!("{}://{host}", if http { "http" } else { "https" }))
    };
    let is_plain = hosts.iter().all(|host| host["fallback"] == false);
    if is_plain && got.iter().all(is_endpoint) { Vec::new() } else { vec![fault(registry, "to nothing else", &got)] }
}

fn fault(registry: &Registry, wanted: &str, got: &[String]) -> String {
    format!("{}: falls back to {got:?} and not {wanted}", registry.host)
}
