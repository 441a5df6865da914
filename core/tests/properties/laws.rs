//! The laws, each for one node and one settings; what cannot be planned must say so well.

use std::collections::BTreeSet;

use proptest::sample::Index;
use regconf::{ErrorKind, Plan};
use serde_json::{Value, json};

use crate::judge::{self, Asked, Verdict, explained, meaning_of};
use crate::node::{CONFIG, DAEMON, Node, read};

/// The plan; `None` where none can be made, for a good reason.
fn plan(node: &Node, settings: &Value) -> Result<Option<Plan>, String> {
    let error = match node.plan(&read(settings)) {
        Ok(plan) => return Ok(Some(plan)),
        Err(error) => error,
    };
    let names_a_file = error.path().is_some();
    let is_of_a_file = matches!(error.kind(), ErrorKind::Parse | ErrorKind::Conflict | ErrorKind::Io);
    match error.kind() {
        ErrorKind::Internal => Err(format!("a fault of the library: {error}")),
        _ if is_of_a_file && !names_a_file => Err(format!("names no file: {error}")),
        ErrorKind::Parse | ErrorKind::Conflict | ErrorKind::Unsupported => Ok(None),
        _ => Err(format!("the kind is {}: {error}", error.kind())),
    }
}

/// A file is as before but for what was asked.
pub(crate) fn lossless(node: &Node, settings: &Value) -> Verdict {
    let Some(plan) = plan(node, settings)? else { return Ok(()) };
    let asked = Asked::of(settings);
    let mut paths = BTreeSet::new();
    for change in &plan.changes {
        if !paths.insert(&change.path) {
            return Err(format!("{} is changed twice", change.path));
        }
        judge::change(&change.path, change.before.as_deref(), change.after.as_deref(), &node.version, &asked)?;
    }
    Ok(())
}

/// With the plan done there is nothing left to do.
pub(crate) fn once(node: &Node, settings: &Value) -> Verdict {
    let Some(first) = plan(node, settings)? else { return Ok(()) };
    nothing_to_do(&node.after(&first), settings).map_err(|why| format!("{why}\n=== at first\n{}", first.diff()))
}

pub(crate) fn nothing_to_do(node: &Node, settings: &Value) -> Verdict {
    match node.plan(&read(settings)) {
        Ok(plan) if plan.is_empty() => Ok(()),
        Ok(plan) => Err(format!("there is something left to do:\n{}", plan.diff())),
        Err(error) => Err(format!("cannot be planned on its own result: {error}")),
    }
}

/// Removing what was ensured gives the first bytes back, where nothing of others had to be put right.
pub(crate) fn back(node: &Node, mut ensured: Vec<Value>) -> Verdict {
    for registry in &mut ensured {
        registry.as_object_mut().unwrap().remove("fallback");
    }
    let (node, ensured) = (&renamed_files(node), renamed(&ensured));
    let settings = json!({"ensure": ensured, "remove": []});
    if ensured.iter().any(|registry| is_known(node, registry)) {
        return Ok(());
    }
    let Some(first) = plan(node, &settings)? else { return Ok(()) };
    let then = node.after(&first);
    let removals: Vec<_> = ensured.iter().map(removal).collect();
    let removals = json!({"ensure": [], "remove": removals});
    let second = match then.plan(&read(&removals)) {
        Ok(plan) => plan,
        // What cannot be removed from the node as it was is not ensured there either, but by another engine.
        Err(_) if node.plan(&read(&removals)).is_err() => return Ok(()),
        Err(error) => return Err(format!("cannot be removed: {error}\n{}", first.diff())),
    };
    let end = then.after(&second);
    for (path, bytes) in &end.files {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let before = node.files.get(path).map(|bytes| text(bytes)).unwrap_or_default();
        let folders = first.changes.iter().any(|change| change.path.ends_with("/hosts.toml"));
        let expected = match path.as_str() {
            // What is not marked cannot be told from what others wrote, and the plan says so.
            CONFIG
                if folders
                    || (second.changes.iter().all(|change| change.path != CONFIG) && !second.notes.is_empty()) =>
            {
                text(&then.files[path])
            }
            // containerd 2 does not read a byte order mark.
            _ if path != DAEMON && node.version.starts_with('2') && then.files.get(path) != node.files.get(path) => {
                before.trim_start_matches('\u{feff}').to_owned()
            }
            _ => before,
        };
        let found = text(bytes);
        let left = left_entries(&second);
        let same = match path.as_str() {
            DAEMON if left.is_empty() => same_lists(&expected, &found),
            DAEMON => lists_without(&expected, &[]) == lists_without(&found, &left),
            _ => expected == found,
        };
        if !same {
            let by_way = then.files.get(path).map(|bytes| crate::node::shown(bytes)).unwrap_or_default();
            return Err(explained(path, &expected, &found, "is not as before") + "\n=== by way of\n" + &by_way);
        }
    }
    let gone = |(path, bytes): &(&String, &Vec<u8>)| !bytes.is_empty() && !end.files.contains_key(*path);
    match node.files.iter().find(gone) {
        Some((path, _)) => Err(format!("{path} is gone")),
        None => Ok(()),
    }
}

/// Names that the files do not know.
fn unknown(text: &str) -> String {
    let names =
        [("192.168.30.56", "192.168.77.7"), ("m.lab", "n.lab"), ("reg.lab", "fresh.lab"), ("fd00::1", "fd00::7")];
    let text = text.replace("my-registry.com", "new-registry.com").replace("REG.lab", "FRESH.lab");
    names.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

fn renamed(ensured: &[Value]) -> Vec<Value> {
    serde_json::from_str(&unknown(&Value::from(ensured).to_string())).expect("JSON with other names")
}

/// The same files in the folders of the other names.
fn renamed_files(node: &Node) -> Node {
    let files = node.files.iter().map(|(path, bytes)| (unknown(path), bytes.clone()));
    Node { files: files.collect(), version: node.version.clone() }
}

fn removal(registry: &Value) -> Value {
    let urls = registry["endpoints"].as_array().into_iter().flatten().map(|endpoint| endpoint["url"].clone());
    match registry["host"].as_str() {
        Some("docker.io") => {
            let urls: Vec<_> = urls.collect();
            let own = format!("{}://docker.io", if registry["insecure"] == "http" { "http" } else { "https" });
            json!({"host": "docker.io", "endpoints": if urls.is_empty() { vec![own.into()] } else { urls }})
        }
        _ => registry["host"].clone(),
    }
}

/// Whether the files already speak of a registry or its endpoints or hold something of ours, or do not show its engine.
fn is_known(node: &Node, registry: &Value) -> bool {
    let host = registry["host"].as_str().unwrap();
    let urls = registry["endpoints"].as_array().into_iter().flatten().filter_map(|endpoint| endpoint["url"].as_str());
    let authorities = urls.filter_map(|url| url.split('/').nth(2)).map(|a| a.trim_end_matches(":80"));
    let words: Vec<_> = authorities.chain([if host == "_default" { "*" } else { host }]).collect();
    let names_docker = registry["engines"].as_array().is_some_and(|engines| engines.contains(&"docker".into()));
    if names_docker && !node.files.contains_key(DAEMON) {
        return true;
    }
    let folder = host.rsplit_once(':').map_or(host.to_owned(), |(name, port)| format!("{name}_{port}_"));
    node.files.iter().any(|(path, bytes)| {
        let text = String::from_utf8_lossy(bytes).replace("\\u003a", ":").to_ascii_lowercase();
        let in_its_folder = path.contains(host) || path.contains(&folder);
        let is_ours = path.ends_with("/hosts.toml") && in_its_folder && text.contains("regconf");
        let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        is_ours || lines.any(|line| words.iter().any(|word| line.contains(&word.to_ascii_lowercase())))
    })
}

/// Entries of insecure-registries that a plan leaves and says so: a mirror of docker.io has brought them, but it cannot
/// be told whether others need them too.
fn left_entries(plan: &Plan) -> Vec<String> {
    let entry = |text: &str| Some(text.split_once(" still lists ")?.1.split(';').next()?.to_owned());
    plan.notes.iter().filter_map(|note| entry(&note.text)).collect()
}

/// What a daemon.json says, without some entries and without empty lists.
fn lists_without(text: &str, gone: &[String]) -> Value {
    let mut value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or(json!({}));
    for list in ["insecure-registries", "registry-mirrors"] {
        if let Some(entries) = value.get_mut(list).and_then(Value::as_array_mut) {
            entries.retain(|entry| list == "registry-mirrors" || !gone.iter().any(|gone| entry == gone));
        }
        if value.get(list).is_some_and(|list| list.is_null() || list.as_array().is_some_and(Vec::is_empty)) {
            value.as_object_mut().unwrap().shift_remove(list);
        }
    }
    value
}

/// The same bytes, a list that is empty and one that is absent being the same.
fn same_lists(before: &str, after: &str) -> bool {
    let value = |text: &str| -> Value {
        let value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or(Value::Null);
        let Value::Object(mut map) = value else { return json!({}) };
        for list in ["insecure-registries", "registry-mirrors"] {
            if map.get(list).is_some_and(|list| list.is_null() || list.as_array().is_some_and(Vec::is_empty)) {
                map.shift_remove(list);
            }
        }
        Value::Object(map)
    };
    let filled = |text: &str| !text.contains("[]") && !text.contains("null");
    before == after || (value(before) == value(after) && !(filled(before) && filled(after)))
}

/// Two orders of the same registries make the same files, and these mean the same.
pub(crate) fn any_order(node: &Node, ensured: &[Value]) -> Verdict {
    let settings = |ensured: Vec<Value>| json!({"ensure": ensured, "remove": []});
    let other = settings(ensured.iter().rev().cloned().collect());
    let (a, b) = (plan(node, &settings(ensured.to_vec()))?, plan(node, &other)?);
    let (a, b) = match (a, b) {
        (None, None) => return Ok(()),
        (Some(a), Some(b)) => (a, b),
        (a, _) => return Err(format!("only one order can be planned, the first one: {}", a.is_some())),
    };
    let (one, two) = (node.after(&a), node.after(&b));
    if one.files.keys().ne(two.files.keys()) {
        return Err(format!("other files:\n{:?}\n{:?}", one.files.keys(), two.files.keys()));
    }
    for (path, bytes) in &one.files {
        let other = &two.files[path];
        let same = match path.as_str() {
            DAEMON => lists(bytes) == lists(other),
            CONFIG => meaning_of(bytes) == meaning_of(other),
            _ if path.ends_with("/hosts.toml") => meaning_of(bytes) == meaning_of(other),
            _ => bytes == other,
        };
        if !same {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            return Err(explained(path, &text(bytes), &text(other), "depends on the order"));
        }
    }
    Ok(())
}

/// A daemon.json with its lists sorted.
fn lists(bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(bytes);
    let mut value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or(Value::Null);
    for list in ["insecure-registries", "registry-mirrors"] {
        if let Some(list) = value.get_mut(list).and_then(Value::as_array_mut) {
            list.sort_by_key(ToString::to_string);
        }
    }
    value
}

/// One of several registries can be removed, and the others stay in force.
pub(crate) fn apart(node: &Node, mut ensured: Vec<Value>) -> Verdict {
    let all = json!({"ensure": ensured, "remove": []});
    let Some(first) = plan(node, &all)? else { return Ok(()) };
    let then = node.after(&first);
    let gone = removal(&ensured.remove(0));
    let rest = json!({"ensure": ensured, "remove": []});
    let Some(kept) = plan(&then, &rest)?.filter(Plan::is_empty) else { return Ok(()) };
    let Some(second) = plan(&then, &json!({"ensure": [], "remove": [gone]}))? else { return Ok(()) };
    assert!(kept.changes.is_empty());
    nothing_to_do(&then.after(&second), &rest).map_err(|why| format!("{why}\n=== after removing\n{}", second.diff()))
}

/// A file with a piece cut out and something put there is planned without loss, or refused.
pub(crate) fn damaged(node: &Node, settings: &Value, at: Index, cut: usize, put: &str) -> Verdict {
    let mut node = node.clone();
    for bytes in node.files.values_mut() {
        let start = at.index(bytes.len() + 1);
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, put.bytes());
    }
    if plan(&node, settings)?.is_none() { Ok(()) } else { once(&node, settings) }
}
