//! A plan before docker: `dockerd --validate`, and the registry service that dockerd builds at its start.

use regconf::{Registry, Trust};
use serde_json::{Value, json};

use crate::Result;
use crate::case::{Case, Planned};
use crate::containerd::Verdict;
use crate::engines::Docker;
use crate::room::{Files, Room};

const FILE: &str = "/etc/docker/daemon.json";

/// Lets an engine judge what the library plans for it.
pub(crate) fn judge(case: &Case, engine: &Docker) -> Result<Verdict> {
    let planned = match case.plan("dockerd", &engine.version) {
        Ok(planned) => planned,
        Err(error) => return Ok(Verdict::Refused(error.to_string())),
    };
    if !planned.after.contains_key(FILE) {
        return Ok(Verdict::Judged(Vec::new()));
    }
    if said_against(&case.before, engine, &[])?.is_err() {
        return Ok(Verdict::BrokenBefore);
    }
    let registries: Vec<_> = planned.registries("docker");
    let hosts: Vec<_> =
        registries.iter().filter(|r| r.host.cidr().is_none()).map(|registry| registry.host.to_string()).collect();
    let faults = match said_against(&planned.after, engine, &hosts)? {
        Err(said) => vec![format!("does not load any more: {said}")],
        Ok(answer) => faults(&planned, &registries, &answer),
    };
    Ok(Verdict::Judged(faults))
}

/// What the registry service makes of a file, or what the engine says against it.
fn said_against(files: &Files, engine: &Docker, hosts: &[String]) -> Result<std::result::Result<Value, String>> {
    let room = engine.room(files)?;
    if let Some(said) = validate(&room, engine, files)? {
        return Ok(Err(said));
    }
    let mut answers = room.ask(engine.program, &[question(files, hosts)])?;
    let answer = answers.pop().unwrap_or_default();
    Ok(match answer["error"].as_str() {
        Some(error) => Err(error.to_owned()),
        None => Ok(answer),
    })
}

fn validate(room: &Room, engine: &Docker, files: &Files) -> Result<Option<String>> {
    if !engine.validates || !files.contains_key(FILE) {
        return Ok(None);
    }
    let said = room.run(&["dockerd", "--validate", "--config-file", FILE], "")?;
    Ok((!said.passed).then_some(said.stderr))
}

/// A byte order mark and a blank file are dockerd's own matter (from 23 on).
pub(crate) fn question(files: &Files, hosts: &[String]) -> Value {
    let text = files.get(FILE).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}');
    json!({"file": if text.trim().is_empty() { "{}" } else { text }, "registries": hosts})
}

fn faults(planned: &Planned<'_>, registries: &[&Registry], answer: &Value) -> Vec<String> {
    let mut faults = other_changes(planned);
    let mut endpoints = answer["endpoints"].as_array().into_iter().flatten();
    for registry in registries {
        match registry.host.cidr() {
            Some(block) => {
                let block = block.trunc().to_string();
                let blocks = answer["service"]["InsecureRegistryCIDRs"].as_array();
                if !blocks.into_iter().flatten().any(|got| *got == block) {
                    faults.push(format!("{block} is not insecure"));
                }
            }
            None => faults.extend(registry_faults(registry, endpoints.next().unwrap_or(&Value::Null))),
        }
    }
    faults
}

fn registry_faults(registry: &Registry, got: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let hub = registry.host.is_docker_hub();
    for endpoint in &registry.endpoints {
        let wanted = if hub {
            format!("{}/", endpoint.url)
        } else {
            format!("{}://{}", if endpoint.url.is_http() { "http" } else { "https" }, registry.host)
        };
        let Some(found) = got.as_array().into_iter().flatten().find(|got| got["url"] == wanted) else {
            faults.push(format!("{}: {wanted} is not among {got}", registry.host));
            continue;
        };
        let skips = found["skip_verify"] == true;
        let wrong = match &endpoint.trust {
            _ if endpoint.url.is_http() => false,
            Trust::SkipVerify => !skips,
            Trust::Ca(_) => skips || found["authorities"] == 0,
            _ => false,
        };
        if wrong {
            faults.push(format!("{}: not trusted as wanted: {found}", registry.host));
        }
    }
    faults
}

/// All keys but the two lists are as they were, and the lists keep what they had.
fn other_changes(planned: &Planned<'_>) -> Vec<String> {
    let read = |files: &Files| -> Value {
        let text = question(files, &[])["file"].as_str().unwrap_or_default().to_owned();
        serde_json::from_str(&text).unwrap_or_default()
    };
    let (before, after) = (read(&planned.case.before), read(&planned.after));
    let lists = ["insecure-registries", "registry-mirrors"];
    let bare = |file: &Value| {
        let mut file = if file.is_null() { json!({}) } else { file.clone() };
        file.as_object_mut().into_iter().for_each(|table| table.retain(|key, _| !lists.contains(&key.as_str())));
        file
    };
    let mut faults = Vec::new();
    if bare(&before) != bare(&after) {
        faults.push(format!("changes more than its lists: {} becomes {}", bare(&before), bare(&after)));
    }
    for list in lists.iter().filter(|_| planned.case.settings.removed().is_empty()) {
        let there: Vec<_> = after[list].as_array().into_iter().flatten().collect();
        let gone = before[list].as_array().into_iter().flatten().filter(|entry| !there.contains(entry));
        faults.extend(gone.map(|entry| format!("{list} loses {entry}")));
    }
    faults
}
