//! Mirrors that were moved from config.toml to hosts.toml must mean the same there.

use serde_json::{Value, json};

use crate::Result;
use crate::case::Planned;
use crate::dump::Dump;
use crate::engines::Containerd;
use crate::room::Room;

/// Scheme, host, path, and whether any certificate is taken.
type Address = (String, String, String, bool);

/// Mirrors whose endpoints are not resolved any more in their order, the registry itself last.
pub(crate) fn faults(
    engine: &Containerd,
    before: &Dump,
    after: &Dump,
    planned: &Planned<'_>,
    room: &Room,
) -> Result<Vec<String>> {
    let roots = after.roots(engine);
    let all = before.registry["mirrors"].as_object().into_iter().flatten();
    let mut faults = Vec::new();
    for (name, mirror) in all.filter(|(name, _)| !name.contains("://")) {
        let asked = if name == "*" { "elsewhere.example" } else { name };
        let answers = room.ask(engine.program, &[json!({"roots": roots, "registry": asked})])?;
        if answers.iter().filter_map(|answer| answer["error"].as_str()).any(|error| error.contains("no such file")) {
            // A certificate that the mirror names and the case does not have.
            continue;
        }
        let got: Vec<_> = answers.iter().filter_map(|answer| answer["hosts"].as_array()).flatten().map(shown).collect();
        let endpoints = mirror["endpoint"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut wanted: Vec<_> = endpoints.map(|endpoint| address(endpoint, &before.registry["configs"])).collect();
        let is_ensured = planned.case.settings.ensured().iter().any(|registry| hosts_name(registry) == *name);
        if !is_ensured {
            let own = if asked == "docker.io" { "registry-1.docker.io" } else { asked };
            wanted.push(address(&format!("https://{own}"), &before.registry["configs"]));
        }
        let mut rest = got.iter();
        // 2.x has no TLS settings in its configs; that they take effect then is what is asked for.
        let is_same = |got: &Address, wanted: &Address| {
            (&got.0, &got.1, &got.2) == (&wanted.0, &wanted.1, &wanted.2) && (got.3 == wanted.3 || !engine.is_1())
        };
        if !wanted.iter().all(|wanted| rest.any(|got| is_same(got, wanted))) {
            faults.push(format!("mirrors of {name:?} were {wanted:?} and are {got:?}"));
        }
    }
    Ok(faults)
}

fn hosts_name(registry: &regconf::Registry) -> String {
    if registry.host.is_default() { "*".to_owned() } else { registry.host.to_string() }
}

fn shown(host: &Value) -> Address {
    let text = |key: &str| host[key].as_str().unwrap_or_default().to_owned();
    (text("scheme"), bare(&text("scheme"), &text("host")), text("path"), host["skip_verify"] == true)
}

/// The host without the scheme's own port.
fn bare(scheme: &str, host: &str) -> String {
    host.strip_suffix(if scheme == "http" { ":80" } else { ":443" }).unwrap_or(host).to_owned()
}

/// What CRI makes of an endpoint (`registryHosts` of internal/cri/server/images): https where no scheme is written,
/// http for this machine itself; a path as it is, `/v2` for none. TLS settings count for https alone.
fn address(endpoint: &str, configs: &Value) -> Address {
    let host_of = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    let local = |host: &str| host.starts_with("localhost") || host.starts_with("127.");
    let (scheme, rest) =
        endpoint.split_once("://").unwrap_or((if local(endpoint) { "http" } else { "https" }, endpoint));
    let host = host_of(rest);
    let path = &rest[host.len()..];
    let skips = configs[&host]["tls"]["insecure_skip_verify"] == true;
    // A lone slash never led anywhere.
    let path = if path.trim_matches('/').is_empty() { "/v2" } else { path.trim_end_matches('/') };
    (scheme.to_owned(), bare(scheme, &host), path.to_owned(), skips && scheme == "https")
}
