//! Settings made of arbitrary bytes. They are always right; those that are not are another target's.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

use crate::wishes::{HOSTS, PEM, URLS, with_host};

/// Settings with up to two registries to ensure and one to remove, each host once.
pub(crate) fn settings(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let first = bytes.choose_index(HOSTS.len())?;
    let host = |i: usize| HOSTS[(first + i) % HOSTS.len()];
    let mut map = Map::new();
    let count = bytes.int_in_range(0..=2_u8)?;
    let ensured = (0..count).map(|i| Ok(with_host(host(i.into()), registry(bytes)?))).collect::<Result<Vec<_>>>()?;
    map.insert("ensure".into(), ensured.into());
    match bytes.int_in_range(0..=7_u8)? {
        0 => drop(map.insert("migrate".into(), true.into())),
        1 => drop(map.insert("enable_cri".into(), true.into())),
        2 => drop(map.insert("remove".into(), json!([host(2)]))),
        3 => drop(map.insert("remove".into(), json!([{"host": host(2), "endpoints": [bytes.choose(&URLS)?]}]))),
        _ => {}
    }
    Ok(map.into())
}

fn registry(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let mut map = Map::new();
    match bytes.int_in_range(0..=5_u8)? {
        0 => drop(map.insert("insecure".into(), "http".into())),
        1 => drop(map.insert("insecure".into(), "skip_verify".into())),
        kind => drop(map.insert("endpoints".into(), endpoints(bytes, kind == 5)?)),
    }
    match bytes.int_in_range(0..=9_u8)? {
        0 => drop(map.insert("fallback".into(), true.into())),
        1 => drop(map.insert("fallback".into(), false.into())),
        2 => drop(map.insert("engines".into(), json!(["containerd"]))),
        3 => drop(map.insert("engines".into(), json!(["docker"]))),
        _ => {}
    }
    Ok(map.into())
}

fn endpoints(bytes: &mut Unstructured<'_>, two: bool) -> Result<Value> {
    let first = bytes.choose_index(URLS.len())?;
    (0..=usize::from(two))
        .map(|i| endpoint(bytes, URLS[(first + i) % URLS.len()]))
        .collect::<Result<Vec<_>>>()
        .map(Value::from)
}

fn endpoint(bytes: &mut Unstructured<'_>, url: &str) -> Result<Value> {
    let mut map = Map::from_iter([("url".to_owned(), url.into())]);
    match bytes.int_in_range(0..=8_u8)? {
        0..=2 if !url.starts_with("http:") => drop(map.insert("skip_verify".into(), true.into())),
        3 if !url.starts_with("http:") => drop(map.insert("ca".into(), PEM.into())),
        4 => drop(map.insert("capabilities".into(), json!(["push", "pull", "resolve"]))),
        5 => drop(map.insert("headers".into(), json!({"x-a": ["1", "2"], "X-B": "\"q\" \\ '"}))),
        6 => drop(map.insert("override_path".into(), true.into())),
        _ => {}
    }
    Ok(map.into())
}
