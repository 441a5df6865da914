//! Odd names and addresses: what the library takes, the engines must take in the same way.

use regconf::{Endpoint, Facts, Registry, Settings};
use serde_json::{Value, json};

use crate::Result;
use crate::case::Case;
use crate::docker::question;
use crate::engines::{Containerd, Docker};
use crate::hosts;
use crate::room::Files;

/// Registry hosts, well formed and not; addresses of endpoints, none with escapes in its path, which containerd decodes;
/// entries and mirrors as they may stand in docker's lists already.
const ODD: &str = include_str!("../../../judges/files/odd.json");

fn odd(kind: &str) -> Result<Vec<String>> {
    let all: Value = serde_json::from_str(ODD)?;
    Ok(all[kind].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// All odd hosts and addresses in one plan, resolved by containerd's packages.
pub(crate) fn addresses(engine: &Containerd) -> Result<Vec<String>> {
    let config =
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/etc/containerd/certs.d\"\n";
    let before = Files::from([("/etc/containerd/config.toml".to_owned(), config.into())]);
    let mut case = Case::new("odd addresses".to_owned(), "{}", before)?;
    case.settings = settings_for(&case, engine)?;
    let planned = case.plan("containerd", &engine.version)?;
    let roots = vec!["/etc/containerd/certs.d".to_owned()];
    let registries = planned.registries("containerd");
    let questions: Vec<_> = registries.iter().map(|r| json!({"roots": roots, "registry": hosts::asked(r)})).collect();
    let answers = engine.room(&planned.after)?.ask(engine.program, &questions)?;
    println!("{}: {} odd addresses", engine.version, registries.len());
    let pairs = registries.iter().zip(&answers);
    let faults = pairs.flat_map(|(registry, answer)| hosts::faults(registry, answer, &roots, &planned));
    Ok(faults.map(|fault| format!("{}: {fault}", engine.version)).collect())
}

/// The registries that the library takes for this engine.
fn settings_for(case: &Case, engine: &Containerd) -> Result<Settings> {
    let mut registries = Vec::new();
    for host in odd("hosts")? {
        registries.extend(Registry::plain_http(&host));
        registries.extend(Registry::skip_verify(format!("{host}1")));
    }
    registries.retain(|registry| registry.host.cidr().is_none() && !registry.host.is_default());
    for (i, url) in odd("urls")?.iter().enumerate() {
        let Ok(endpoint) = Endpoint::new(url) else { continue };
        registries.push(Registry::new(format!("plain{i}.lab"))?.endpoint(endpoint.clone())?);
        registries.push(Registry::new(format!("path{i}.lab"))?.endpoint(endpoint.override_path())?);
    }
    let facts = case.facts(&case.before, "containerd", &engine.version);
    let alone = |registry: &Registry| regconf::plan(&Settings::default().ensure(registry.clone())?, &facts);
    let taken = registries.into_iter().filter(|registry| alone(registry).is_ok());
    // A host that two of them mean stays with the first.
    Ok(taken.fold(Settings::default(), |settings, registry| settings.clone().ensure(registry).unwrap_or(settings)))
}

const DAEMON: &str = "/etc/docker/daemon.json";

/// A file, where it comes from, and whether the library takes it, or has written it.
struct Asked {
    what: String,
    file: Vec<u8>,
    taken: bool,
}

/// Entries that only one of library and docker takes: those that the library writes, and those that it finds.
pub(crate) fn entries(engine: &Docker) -> Result<Vec<String>> {
    let mut asked = Vec::new();
    for host in odd("hosts")? {
        asked.extend(Registry::plain_http(&host).ok().and_then(|registry| written(registry, engine)));
    }
    for url in odd("urls")? {
        let registry = Registry::new("docker.io")?.endpoint(url.as_str());
        asked.extend(registry.ok().and_then(|registry| written(registry, engine)));
    }
    for entry in odd("hosts")?.iter().chain(&odd("entries")?) {
        asked.push(found("insecure-registries", entry, engine)?);
    }
    for mirror in odd("mirrors")? {
        asked.push(found("registry-mirrors", &mirror, engine)?);
    }
    let questions: Vec<Value> = asked.iter().map(|asked| question(Some(&asked.file), &[])).collect();
    let answers = engine.room(&Files::new())?.ask(engine.program, &questions)?;
    println!("{}: {} odd entries", engine.version, asked.len());
    let pairs = asked.iter().zip(&answers);
    let differs = pairs.filter(|(asked, answer)| asked.taken == answer["error"].is_string());
    let shown = differs.map(|(asked, answer)| {
        let by = if asked.taken { "regconf" } else { "docker" };
        format!("{}: {} is taken by {by} only: {}", engine.version, asked.what, answer["error"])
    });
    Ok(shown.collect())
}

fn facts(file: &str, engine: &Docker) -> Facts {
    Facts::from_files([(DAEMON, file)]).with_version("docker", &engine.version)
}

/// What the library writes for a registry, if it does.
fn written(registry: Registry, engine: &Docker) -> Option<Asked> {
    let what = format!("{} {:?}", registry.host, registry.endpoints.iter().map(|e| &e.url).collect::<Vec<_>>());
    let plan = regconf::plan(&Settings::default().ensure(registry).ok()?, &facts("{}", engine)).ok()?;
    let change = plan.changes.iter().find(|change| change.path == DAEMON)?;
    Some(Asked { what: format!("what is written for {what}"), file: change.after.clone()?, taken: true })
}

/// Whether the library takes a file with such an entry.
fn found(list: &str, entry: &str, engine: &Docker) -> Result<Asked> {
    let file = json!({list: [entry]}).to_string();
    let settings = Settings::default().ensure(Registry::plain_http("new.lab:5000")?)?;
    let taken = regconf::plan(&settings, &facts(&file, engine)).is_ok();
    Ok(Asked { what: format!("{list} with {entry:?}"), file: file.into_bytes(), taken })
}
