//! `containerd_registries_mirrors`, which kubespray has since 2.23.

use crate::error::{ErrorKind, Result};
use crate::settings::{Capability, Endpoint, EndpointUrl, Registry, Trust};

use super::super::ansible::Reader;
use super::super::registries::{Registries, falling_back};
use super::super::remark::{Place, RemarkKind};
use super::super::yaml::Yaml;
use super::containerd::host;

pub(super) fn read(yaml: &Yaml, place: &Place, out: &mut Registries, reader: &mut Reader<'_, '_>) -> Result<()> {
    for (item, here) in maps(yaml, place, "a list of prefixes with their mirrors", reader)? {
        let registry = prefix(&item, &here, reader)?;
        if let Some(registry) = registry {
            out.add(registry.for_engine("containerd"), &here, reader.remarks);
        }
    }
    Ok(())
}

/// The maps of a list, with their places.
fn maps(yaml: &Yaml, place: &Place, what: &str, reader: &mut Reader<'_, '_>) -> Result<Vec<(Yaml, Place)>> {
    let Some(list) = reader.value(yaml, place) else { return Ok(Vec::new()) };
    if !list.keys().is_empty() || list.scalar().is_some() {
        let hint = "begin each entry with a hyphen, as in `- prefix: docker.io` and `- host: https://mirror`";
        return Err(list.not(what, place).with_hint(hint));
    }
    let mut found = Vec::new();
    for (i, item) in list.items().iter().enumerate() {
        let here = place.below(&format!("[{i}]"), item.line);
        let Some(item) = reader.value(item, &here) else { continue };
        if item.keys().is_empty() {
            return Err(item.not("a map", &here));
        }
        found.push((item, here));
    }
    Ok(found)
}

fn prefix(item: &Yaml, here: &Place, reader: &mut Reader<'_, '_>) -> Result<Option<Registry>> {
    let (mut name, mut server, mut endpoints) = (None, None, Vec::new());
    for key in item.keys() {
        let at = here.below(&key.name, key.line);
        match key.name.as_str() {
            "prefix" => name = reader.text(&key.value, &at)?.map(|name| (name, at)),
            "server" => server = reader.text(&key.value, &at)?.map(|server| (server, at)),
            "mirrors" => {
                for (item, here) in maps(&key.value, &at, "a list of hosts", reader)? {
                    endpoints.extend(mirror(&item, &here, reader)?.map(|endpoint| (endpoint, here)));
                }
            }
            _ => unknown(&at, reader),
        }
    }
    let Some((name, at)) = name else {
        reader.remarks.add_unless_said(here, "has no prefix, and nothing is set");
        return Ok(None);
    };
    let registry = Registry::new(host(&name)).map(|registry| with_endpoints(registry, endpoints, reader));
    match registry.and_then(|registry| ending(registry, server.as_ref(), reader)) {
        Ok(registry) if registry.endpoints.is_empty() => {
            reader.remarks.add_unless_said(here, "has no host that can be used, and nothing is set");
            Ok(None)
        }
        Ok(registry) => Ok(Some(registry)),
        Err(error) => {
            reader.remarks.skip(&at, &error);
            Ok(None)
        }
    }
}

/// The registry with the endpoints that it can have; one that is named twice is taken once.
fn with_endpoints(mut registry: Registry, endpoints: Vec<(Endpoint, Place)>, reader: &mut Reader<'_, '_>) -> Registry {
    for (endpoint, here) in endpoints {
        match registry.clone().endpoint(endpoint) {
            Ok(with) => registry = with,
            Err(error) => reader.remarks.skip(&here, &error),
        }
    }
    registry
}

/// What is tried when all mirrors fail: `server`, and without it the name's own address.
fn ending(registry: Registry, server: Option<&(String, Place)>, reader: &mut Reader<'_, '_>) -> Result<Registry> {
    let Some((server, at)) = server else { return Ok(falling_back(registry)) };
    let server = with_scheme(server.clone(), at, reader);
    let url: EndpointUrl = match server.parse() {
        Ok(url) => url,
        Err(error) => {
            reader.remarks.skip(at, &error);
            return Ok(registry);
        }
    };
    if url.to_string() == format!("https://{}", registry.host) {
        return Ok(if registry.falls_back() { registry } else { registry.fallback(true) });
    }
    if registry.endpoints.iter().any(|endpoint| endpoint.url == url) {
        return Ok(registry);
    }
    registry.endpoint(server.as_str())
}

/// As containerd reads a host in hosts.toml.
fn with_scheme(url: String, at: &Place, reader: &mut Reader<'_, '_>) -> String {
    if url.contains("://") || url.is_empty() {
        return url;
    }
    reader.remarks.add(RemarkKind::Decided, at, "has no http:// or https://, and containerd takes https then");
    format!("https://{url}")
}

fn mirror(item: &Yaml, here: &Place, reader: &mut Reader<'_, '_>) -> Result<Option<Endpoint>> {
    let Some(url) = item.get("host") else {
        reader.remarks.add(RemarkKind::Skipped, here, "has no host, and is left out");
        return Ok(None);
    };
    let at = here.below("host", url.line);
    let Some(url) = reader.text(url, &at)? else { return Ok(None) };
    let url = with_scheme(url, &at, reader);
    let mut endpoint = match Endpoint::new(&url) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            reader.remarks.skip(&at, &error);
            return Ok(None);
        }
    };
    for key in item.keys() {
        let at = here.below(&key.name, key.line);
        let before = endpoint.clone();
        let changed = match key.name.as_str() {
            "host" => Ok(endpoint),
            "capabilities" => Ok(capabilities(endpoint, &key.value, &at, reader)?),
            "skip_verify" => skip_verify(endpoint, &key.value, &at, reader),
            "override_path" => {
                Ok(Endpoint { override_path: reader.truth(&key.value, &at)?.unwrap_or_default(), ..endpoint })
            }
            "ca" => ca(endpoint, &key.value, &at, reader),
            "client" => client(endpoint, &key.value, &at, reader),
            "header" => header(endpoint, &key.value, &at, reader),
            _ => {
                unknown(&at, reader);
                Ok(endpoint)
            }
        };
        endpoint = changed.or_else(|error| {
            // What is no mistake of shape is left out, and the rest is kept.
            if error.kind() == ErrorKind::Parse {
                return Err(error);
            }
            reader.remarks.skip(&at, &error);
            Ok(before)
        })?;
    }
    Ok(Some(endpoint))
}

fn unknown(at: &Place, reader: &mut Reader<'_, '_>) {
    reader.remarks.add(RemarkKind::Unknown, at, "is a key that kubespray does not have here; left out");
}

fn capabilities(endpoint: Endpoint, yaml: &Yaml, at: &Place, reader: &mut Reader<'_, '_>) -> Result<Endpoint> {
    let mut found = Vec::new();
    for (name, at) in reader.texts(yaml, at)? {
        let known = [Capability::Pull, Capability::Resolve, Capability::Push, Capability::Referrers];
        match known.into_iter().find(|known| known.name() == name) {
            Some(capability) => found.push(capability),
            None => reader.remarks.add(RemarkKind::Unknown, &at, "is no capability that containerd knows; left out"),
        }
    }
    // These two are what is meant where nothing is told.
    let is_default = found.len() == 2 && found.contains(&Capability::Pull) && found.contains(&Capability::Resolve);
    Ok(if is_default { endpoint } else { endpoint.capabilities(found) })
}

fn skip_verify(endpoint: Endpoint, yaml: &Yaml, at: &Place, reader: &mut Reader<'_, '_>) -> Result<Endpoint> {
    if reader.truth(yaml, at)? != Some(true) {
        return Ok(endpoint);
    }
    if endpoint.url.is_http() {
        let text = "is left out: plain http has no certificate, and with it containerd would try https first";
        reader.remarks.add(RemarkKind::Decided, at, text);
        return Ok(endpoint);
    }
    if endpoint.trust != Trust::System {
        reader.remarks.add(
            RemarkKind::Decided,
            at,
            "counts, and ca does not: with skip_verify no certificate is checked",
        );
        return Ok(Endpoint { trust: Trust::SkipVerify, ..endpoint });
    }
    endpoint.skip_verify()
}

fn ca(endpoint: Endpoint, yaml: &Yaml, at: &Place, reader: &mut Reader<'_, '_>) -> Result<Endpoint> {
    if endpoint.trust == Trust::SkipVerify {
        let text = "is left out: with skip_verify no certificate is checked";
        reader.remarks.add(RemarkKind::Decided, at, text);
        return Ok(endpoint);
    }
    let mut pem = String::new();
    for (path, at) in reader.texts(yaml, at)? {
        let Some(text) = file(&path, "ca", &at, reader) else { continue };
        pem.push_str(&text);
        if !pem.ends_with('\n') {
            pem.push('\n');
        }
    }
    if pem.is_empty() { Ok(endpoint) } else { endpoint.ca(pem) }
}

/// Pairs of a certificate and its key, or one file with both; an endpoint has one of them here.
fn client(endpoint: Endpoint, yaml: &Yaml, at: &Place, reader: &mut Reader<'_, '_>) -> Result<Endpoint> {
    let Some(yaml) = reader.value(yaml, at) else { return Ok(endpoint) };
    let is_pair = yaml.items().len() == 2 && yaml.items().iter().all(|item| item.items().is_empty());
    let first = if is_pair { &yaml } else { yaml.items().first().unwrap_or(&yaml) };
    if !is_pair && yaml.items().len() > 1 {
        reader.remarks.add(RemarkKind::Skipped, at, "has several pairs, of which the first one is taken");
    }
    let paths = reader.texts(first, at)?;
    let [(certificate, at_certificate), rest @ ..] = paths.as_slice() else { return Ok(endpoint) };
    let (key, at_key) = rest.first().unwrap_or(&paths[0]);
    let certificate = file(certificate, "client.certificate", at_certificate, reader);
    let key = file(key, "client.key", at_key, reader);
    match (certificate, key) {
        (Some(certificate), Some(key)) => endpoint.client(certificate, key),
        _ => Ok(endpoint),
    }
}

fn header(mut endpoint: Endpoint, yaml: &Yaml, at: &Place, reader: &mut Reader<'_, '_>) -> Result<Endpoint> {
    let Some(yaml) = reader.value(yaml, at) else { return Ok(endpoint) };
    if !yaml.is_map_or_nothing() {
        return Err(yaml.not("a map of headers", at));
    }
    for key in yaml.keys() {
        for (value, _) in reader.texts(&key.value, &at.below(&key.name, key.line))? {
            endpoint = endpoint.header(key.name.as_str(), value)?;
        }
    }
    Ok(endpoint)
}

/// The text of a file, if it is here too: what kubespray names is a path on the nodes.
fn file(path: &str, key: &str, at: &Place, reader: &mut Reader<'_, '_>) -> Option<String> {
    let found = reader.source.beside(path).ok().flatten();
    let (kind, text) = if found.is_some() {
        (RemarkKind::Decided, "is a path on the nodes; the file of this name here was taken".to_owned())
    } else {
        let what = format!("{path:?} is a file on the nodes and is not here");
        (RemarkKind::Unresolved, format!("{what}; give its PEM text as {key} of the endpoint"))
    };
    reader.remarks.add(kind, at, text);
    found
}
