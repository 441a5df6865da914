//! A plan before docker: `dockerd --validate`, and the registry service that dockerd builds at its start.

use regconf::{Registry, Trust};
use serde_json::{Value, json};

use crate::Result;
use crate::case::{Case, Planned};
use crate::containerd::Verdict;
use crate::engines::Docker;
use crate::hosts;
use crate::room::{Files, Room};

/// Where docker looks for certificates, and from 28 on for hosts.toml.
const CERTS: &str = "/etc/docker/certs.d";

/// Lets an engine judge what the library plans for it.
pub(crate) fn judge(case: &Case, engine: &Docker) -> Result<Verdict> {
    let planned = match case.plan("docker", &engine.version) {
        Ok(planned) => planned,
        Err(error) => return Ok(Verdict::Refused(error.to_string())),
    };
    let old = Daemon { engine, planned: &planned, room: engine.room(&case.before)?, files: &case.before };
    if old.says(&[])?.is_err() {
        return Ok(Verdict::BrokenBefore);
    }
    let new = Daemon { engine, planned: &planned, room: engine.room(&planned.after)?, files: &planned.after };
    // With the containerd store, a hosts.toml stands for the lists.
    let has_hosts = |registry: &&Registry| planned.changes(&format!("{CERTS}/{}/hosts.toml", registry.host));
    let (by_hosts, by_lists): (Vec<_>, Vec<_>) = planned.registries("docker").into_iter().partition(has_hosts);
    let mut faults = match new.says(&by_lists)? {
        Err(said) => vec![format!("does not load any more: {said}")],
        Ok(answer) => list_faults(&planned, &by_lists, &answer),
    };
    let roots = [CERTS.to_owned()];
    let questions: Vec<_> = by_hosts.iter().map(|r| json!({"roots": roots, "registry": hosts::asked(r)})).collect();
    let answers = new.room.ask(engine.hosts_program, &questions)?;
    let pairs = by_hosts.iter().zip(&answers);
    faults.extend(pairs.flat_map(|(registry, answer)| hosts::faults(registry, answer, &roots, &planned)));
    Ok(Verdict::Judged(faults))
}

/// A dockerd with its files.
struct Daemon<'a> {
    engine: &'a Docker,
    planned: &'a Planned<'a>,
    room: Room,
    files: &'a Files,
}

impl Daemon<'_> {
    /// What the registry service makes of the file, or what the engine says against it.
    fn says(&self, registries: &[&Registry]) -> Result<std::result::Result<Value, String>> {
        if let Some(said) = self.says_against()? {
            return Ok(Err(said));
        }
        let hosts = registries.iter().filter(|registry| registry.host.cidr().is_none());
        let hosts: Vec<_> = hosts.map(|registry| registry.host.to_string()).collect();
        let question = question(self.files.get(self.planned.daemon()), &hosts);
        let answer = self.room.ask(self.engine.program, &[question])?.pop().unwrap_or_default();
        Ok(match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        })
    }

    /// `dockerd --validate` with the flags of the unit, which may clash with the file.
    fn says_against(&self) -> Result<Option<String>> {
        if !self.engine.validates || !self.files.contains_key(self.planned.daemon()) {
            return Ok(None);
        }
        let mut command = vec!["dockerd", "--validate"];
        command.extend(self.planned.case.arguments("docker"));
        command.extend(["--config-file", self.planned.daemon()]);
        let said = self.room.run(&command, "")?;
        Ok((!said.passed).then_some(said.stderr))
    }
}

/// Encodings, a byte order mark and a blank file are dockerd's own matter (from 23 on).
pub(crate) fn question(file: Option<&Vec<u8>>, hosts: &[String]) -> Value {
    let text = file.map(|bytes| decoded(bytes)).unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}');
    json!({"file": if text.trim().is_empty() { "{}" } else { text }, "registries": hosts})
}

/// By its byte order mark, as dockerd does.
fn decoded(bytes: &[u8]) -> String {
    let units = |from: fn([u8; 2]) -> u16| -> Vec<u16> {
        bytes[2..].chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect()
    };
    match bytes {
        [0xFE, 0xFF, ..] => String::from_utf16_lossy(&units(u16::from_be_bytes)),
        [0xFF, 0xFE, ..] => String::from_utf16_lossy(&units(u16::from_le_bytes)),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn list_faults(planned: &Planned<'_>, registries: &[&Registry], answer: &Value) -> Vec<String> {
    let mut faults = other_changes(planned);
    let mut endpoints = answer["endpoints"].as_array().into_iter().flatten();
    for registry in registries {
        match registry.host.cidr() {
            Some(block) => {
                let block = block.trunc().to_string();
                let blocks = answer["service"]["InsecureRegistryCIDRs"].as_array();
                if !blocks.into_iter().flatten().any(|got| *got == block) && !is_flag(planned, &block) {
                    faults.push(format!("{block} is not insecure"));
                }
            }
            None => faults.extend(registry_faults(planned, registry, endpoints.next().unwrap_or(&Value::Null))),
        }
    }
    faults
}

/// Whether the daemon is told by a flag; the service is only asked about the file.
fn is_flag(planned: &Planned<'_>, text: &str) -> bool {
    planned.case.arguments("docker").iter().any(|argument| argument.contains(text))
}

fn registry_faults(planned: &Planned<'_>, registry: &Registry, got: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let hub = registry.host.is_docker_hub();
    for endpoint in registry.endpoints.iter().filter(|endpoint| !is_flag(planned, &endpoint.url.authority())) {
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
            // A note says so where somebody has listed it as insecure.
            Trust::Ca(_) if is_noted(planned, registry) => false,
            Trust::Ca(_) => skips || found["authorities"] == 0,
            _ => false,
        };
        if wrong {
            faults.push(format!("{}: not trusted as wanted: {found}", registry.host));
        }
    }
    faults
}

fn is_noted(planned: &Planned<'_>, registry: &Registry) -> bool {
    planned.plan.notes.iter().any(|note| note.engine == "docker" && note.host.as_ref() == Some(&registry.host))
}

/// All keys but the two lists are as they were, and the lists keep what they had.
fn other_changes(planned: &Planned<'_>) -> Vec<String> {
    let read = |files: &Files| -> Value {
        let text = question(files.get(planned.daemon()), &[])["file"].as_str().unwrap_or_default().to_owned();
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
