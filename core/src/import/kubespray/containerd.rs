//! The variables of containerd up to 2.22: names with their addresses.

use crate::error::Result;
use crate::settings::{Endpoint, Registry};

use super::super::ansible::Reader;
use super::super::registries::{Registries, insecure_endpoint, insecure_host, protocol_decided};
use super::super::remark::{Place, RemarkKind};
use super::super::yaml::Yaml;

/// `containerd_insecure_registries`: a list of hosts (2.18.0), or names with one address or several.
pub(super) fn insecure(yaml: &Yaml, place: &Place, out: &mut Registries, reader: &mut Reader<'_, '_>) -> Result<()> {
    if yaml.keys().is_empty() {
        for (host, at) in reader.texts(yaml, place)? {
            insecure_listed(&host, "containerd", &at, out, reader);
        }
        return Ok(());
    }
    for key in yaml.keys() {
        let at = place.below(&key.name, key.line);
        let urls = reader.texts(&key.value, &at)?;
        if urls.is_empty() {
            let text = "has no address, and nothing is set for it";
            reader.remarks.add(RemarkKind::Skipped, &at, text);
            continue;
        }
        let registry = urls.iter().try_fold(Registry::new(host(&key.name))?, |registry, (url, at)| {
            insecure_url(&key.name, url, at, reader).and_then(|endpoint| registry.endpoint(endpoint))
        });
        out.add_read(registry.map(|registry| registry.for_engine("containerd")), &at, reader.remarks);
    }
    Ok(())
}

/// One host of a list of insecure ones, with or without a protocol.
pub(super) fn insecure_listed(
    host: &str,
    engine: &str,
    place: &Place,
    out: &mut Registries,
    reader: &mut Reader<'_, '_>,
) {
    let insecure = reader.options.insecure;
    let registry = match (host.strip_prefix("http://"), host.strip_prefix("https://")) {
        (Some(host), _) => Registry::plain_http(host),
        (_, Some(host)) => Registry::skip_verify(host),
        (None, None) => insecure_host(host, insecure),
    };
    if registry.as_ref().is_ok_and(|registry| registry.host.cidr().is_none()) && !host.contains("://") {
        reader.remarks.add(RemarkKind::Decided, place, protocol_decided(insecure));
    }
    out.add_read(registry.map(|registry| registry.for_engine(engine)), place, reader.remarks);
}

fn insecure_url(name: &str, url: &str, place: &Place, reader: &mut Reader<'_, '_>) -> Result<Endpoint> {
    if !url.contains("://") {
        reader.remarks.add(RemarkKind::Decided, place, protocol_decided(reader.options.insecure));
    }
    let endpoint = insecure_endpoint(url, reader.options.insecure)?;
    if !endpoint.url.is_http() && endpoint.url.authority() != name {
        let text = "kubespray 2.18 to 2.21 look for this under another name and check the certificate all the same; here \
                    it is not checked, as the variable says";
        reader.remarks.add(RemarkKind::Decided, place, text);
    }
    Ok(endpoint)
}

/// `containerd_registries` (2.16 to 2.22) and `containerd_config.registries` (2.11 to 2.15): names with one address or
/// several, of which certificates are checked.
pub(super) fn registries(yaml: &Yaml, place: &Place, out: &mut Registries, reader: &mut Reader<'_, '_>) -> Result<()> {
    if yaml.keys().is_empty() && !yaml.is_null() {
        return Err(yaml.not("a map of names with their addresses", place));
    }
    for key in yaml.keys() {
        let at = place.below(&key.name, key.line);
        let urls = reader.texts(&key.value, &at)?;
        if urls.is_empty() {
            reader.remarks.add(RemarkKind::Skipped, &at, "has no address, and nothing is set for it");
            continue;
        }
        let registry =
            urls.iter().try_fold(Registry::new(host(&key.name))?, |registry, (url, _)| registry.endpoint(url.as_str()));
        let registry = registry.map(|registry| falling_back(registry).for_engine("containerd"));
        out.add_read(registry, &at, reader.remarks);
    }
    Ok(())
}

/// An engine that kubespray sets goes on to the name's own address when everything else fails. That is kept where the
/// registry may be a public one; a name of which all endpoints are insecure is private, and is not looked for.
pub(super) fn falling_back(registry: Registry) -> Registry {
    let is_public =
        |endpoint: &Endpoint| !endpoint.url.is_http() && endpoint.trust != crate::settings::Trust::SkipVerify;
    let own = format!("https://{}", registry.host);
    let has_own = registry.endpoints.iter().any(|endpoint| endpoint.url.to_string() == own);
    let by_default = registry.falls_back();
    if registry.endpoints.iter().any(is_public) && !has_own && !by_default { registry.fallback(true) } else { registry }
}

/// The name as it stands in images; `*` is every name that has nothing of its own.
pub(super) fn host(name: &str) -> &str {
    if name == "*" { "_default" } else { name }
}

/// Where containerd has its configuration, if not at the usual place.
pub(super) fn config_path(reader: &mut Reader<'_, '_>) -> Result<Option<String>> {
    let Some((folder, place)) = reader.variable(&["containerd_cfg_dir"])? else { return Ok(None) };
    let folder = folder.trim_end_matches('/');
    if !folder.starts_with('/') {
        reader.remarks.add(RemarkKind::Skipped, &place, "is not an absolute path; the usual place is taken");
        return Ok(None);
    }
    Ok(Some(format!("{folder}/config.toml")).filter(|_| folder != "/etc/containerd"))
}
