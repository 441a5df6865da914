//! A plan before containerd: both files are loaded, and nothing but the registry differs.

use regconf::{Registry, Trust};
use serde_json::{Value, json};

use crate::Result;
use crate::case::{Case, Planned};
use crate::dump::{Dump, dump};
use crate::engines::Containerd;
use crate::hosts;
use crate::moved;
use crate::room::{Files, Room};

/// How a case ended with an engine.
pub(crate) enum Verdict {
    /// The library plans nothing for it and says why.
    Refused(String),
    /// The engine refuses the file as it was.
    BrokenBefore,
    /// What is wrong; empty if nothing is.
    Judged(Vec<String>),
}

/// Lets an engine judge what the library plans for it.
pub(crate) fn judge(case: &Case, engine: &Containerd) -> Result<Verdict> {
    let planned = match case.plan("containerd", &engine.version) {
        Ok(planned) => planned,
        Err(error) => return Ok(Verdict::Refused(error.to_string())),
    };
    let path = planned.config();
    let old_room = engine.room(&with_config(&case.before, path))?;
    let before = dump(engine, &old_room, path)?;
    let room = engine.room(&with_config(&planned.after, path))?;
    let after = match (dump(engine, &room, path)?, &before) {
        (Ok(after), _) => after,
        (Err(_), Err(_)) => return Ok(Verdict::BrokenBefore),
        (Err(said), Ok(_)) => return Ok(Verdict::Judged(vec![format!("does not load any more: {said}")])),
    };
    let mut faults = Vec::new();
    if let Ok(before) = before {
        faults.extend(other_changes(engine, &before, &after, &planned));
        if before.has("mirrors") && !after.has("mirrors") {
            faults.extend(moved::faults(engine, &before, &after, &planned, &room)?);
        }
    }
    faults.extend(registry_faults(engine, &planned, &after, &old_room, &room)?);
    faults.extend(repeats(&planned, engine));
    Ok(Verdict::Judged(faults))
}

/// Whether containerd has the registries as wanted.
fn registry_faults(
    engine: &Containerd,
    planned: &Planned<'_>,
    after: &Dump,
    old_room: &Room,
    room: &Room,
) -> Result<Vec<String>> {
    let mut registries = planned.registries("containerd");
    registries.retain(|registry| registry.host.cidr().is_none());
    if after.has("mirrors") {
        return Ok(registries.iter().flat_map(|registry| mirror_faults(registry, after)).collect());
    }
    let roots = after.roots(engine);
    let questions: Vec<_> = registries.iter().map(|r| json!({"roots": roots, "registry": hosts::asked(r)})).collect();
    let answers = room.ask(engine.program, &questions)?;
    let failed = answers.iter().any(|answer| answer["error"].is_string());
    let old_answers = if failed { old_room.ask(engine.program, &questions)? } else { vec![Value::Null; answers.len()] };
    // Files that are named and missing, or cannot be read, are a matter of who named them.
    let same_error = |(old, new): (&Value, &Value)| new["error"].is_string() && old["error"] == new["error"];
    let news = registries.iter().zip(old_answers.iter().zip(&answers)).filter(|(_, pair)| !same_error(*pair));
    Ok(news.flat_map(|(registry, (_, answer))| hosts::faults(registry, answer, &roots, planned)).collect())
}

/// An empty file stands for none, in whose place a base's own would be seen.
pub(crate) fn with_config(files: &Files, path: &str) -> Files {
    let mut files = files.clone();
    files.entry(path.to_owned()).or_default();
    files
}

/// What differs besides the keys that hold registries.
fn other_changes(engine: &Containerd, before: &Dump, after: &Dump, planned: &Planned<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    if after.clashes(engine) && !before.clashes(engine) {
        faults.push("CRI does not load any more: config_path beside mirrors or configs.tls".to_owned());
    }
    let enables = planned.case.settings.enables_cri();
    let (old, new) = (rest(before, before, enables), rest(after, before, enables));
    if old != new {
        faults.push(format!("changes more than the registry: {}", difference("", &old, &new)));
    }
    let bare = |registry: &Value| {
        let mut registry = registry.clone();
        let keys = ["config_path", "mirrors", "configs"];
        registry.as_object_mut().into_iter().for_each(|table| table.retain(|key, _| !keys.contains(&key.as_str())));
        registry
    };
    let (old, new) = (bare(&before.registry), bare(&after.registry));
    if old != new && !(old.is_null() || new.is_null()) {
        faults.push(format!("changes more of the registry: {}", difference("", &old, &new)));
    }
    let settings = &planned.case.settings;
    let keeps = settings.removed().is_empty() && !settings.migrates();
    for key in ["mirrors", "configs"].into_iter().filter(|_| keeps) {
        faults.extend(losses(key, &before.registry[key], &after.registry[key]));
    }
    faults
}

/// All besides the registry. With CRI its plugins come back, as their defaults are.
fn rest(dump: &Dump, before: &Dump, enables_cri: bool) -> Value {
    let mut rest = dump.rest.clone();
    if enables_cri {
        rest.as_object_mut().and_then(|table| table.remove("disabled_plugins"));
        if let Some(plugins) = rest["plugins"].as_object_mut() {
            plugins.retain(|id, _| before.rest["plugins"].get(id).is_some());
        }
    }
    rest
}

/// Entries that are gone; new ones and new values in them are looked at by registry.
fn losses(key: &str, before: &Value, after: &Value) -> Vec<String> {
    let gone = before.as_object().into_iter().flatten().filter(|(host, _)| after.get(host).is_none());
    gone.map(|(host, _)| format!("loses {key}.{host:?}")).collect()
}

/// The first difference, by its path.
fn difference(path: &str, before: &Value, after: &Value) -> String {
    if let (Value::Object(old), Value::Object(new)) = (before, after) {
        let mut keys: Vec<_> = old.keys().chain(new.keys()).collect();
        keys.sort();
        if let Some(key) = keys.into_iter().find(|key| old.get(*key) != new.get(*key)) {
            return difference(&format!("{path}/{key}"), &before[key], &after[key]);
        }
    }
    format!("{path}: {before} becomes {after}")
}

fn mirror_faults(registry: &Registry, after: &Dump) -> Vec<String> {
    let mut faults = Vec::new();
    let host = registry.host.to_string();
    let got: Vec<_> = after.registry["mirrors"][&host]["endpoint"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (i, endpoint) in registry.endpoints.iter().enumerate() {
        // A path is taken as it is, only an empty one becomes /v2.
        let slash = if endpoint.url.path().is_empty() || endpoint.override_path { "" } else { "/v2" };
        let wanted = format!("{}{slash}", endpoint.url);
        if got.get(i).map(|url| url.trim_end_matches("/v2")) != Some(wanted.trim_end_matches("/v2")) {
            faults.push(format!("{host}: {wanted} is not at place {} of its mirrors {got:?}", i + 1));
        }
        let skips = &after.registry["configs"][endpoint.url.authority()]["tls"]["insecure_skip_verify"];
        if endpoint.trust == Trust::SkipVerify && skips != true {
            faults.push(format!("{host}: {} is verified", endpoint.url));
        }
    }
    faults
}

/// Planning on the result must give nothing.
fn repeats(planned: &Planned<'_>, engine: &Containerd) -> Option<String> {
    let facts = planned.case.facts(&planned.after, "containerd", &engine.version);
    match regconf::plan(&planned.case.settings, &facts) {
        Ok(plan) if plan.is_empty() => None,
        Ok(plan) => Some(format!("a second plan is not empty: {}", plan.diff())),
        Err(error) => Some(format!("a second plan fails: {error}")),
    }
}
