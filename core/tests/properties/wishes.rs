//! Settings as people may give them.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

pub(crate) const PEM: &str = include_str!("../../../tests/golden/ca.pem");

pub(crate) const HOSTS: [&str; 9] = [
    "my-registry.com",
    "reg.lab:5000",
    "192.168.30.56:5000",
    "docker.io",
    "[fd00::1]:5000",
    "REG.lab:5000",
    "_default",
    "localhost",
    "10.0.0.0/8",
];

pub(crate) const URLS: [&str; 9] = [
    "http://192.168.30.56:5000",
    "https://192.168.30.56:5443",
    "https://m.lab",
    "http://m.lab/p",
    "https://m.lab:5000/v2/",
    "http://reg.lab:5000",
    "https://[fd00::1]:5000",
    "https://reg.lab:5000",
    "http://my-registry.com:80/",
];

/// What else there is to say of an endpoint.
fn details() -> impl Strategy<Value = Map<String, Value>> {
    let trust = prop_oneof![4 => Just(0_u8), 3 => Just(1), 1 => Just(2)];
    let capabilities = select(vec![json!(["pull"]), json!(["push", "pull", "resolve"]), json!(["pull", "referrers"])]);
    let headers = select(vec![json!({"Authorization": "Basic abc="}), json!({"x-a": ["1", "2"], "X-B": "\"q\" \\ '"})]);
    let capabilities = prop::option::weighted(0.2, capabilities);
    let headers = prop::option::weighted(0.15, headers);
    (trust, capabilities, headers, prop::bool::weighted(0.1)).prop_map(|(trust, capabilities, headers, path)| {
        let mut map = Map::new();
        match trust {
            1 => drop(map.insert("skip_verify".into(), true.into())),
            2 => drop(map.insert("ca".into(), PEM.into())),
            _ => {}
        }
        capabilities.map(|value| map.insert("capabilities".into(), value));
        headers.map(|value| map.insert("headers".into(), value));
        if path {
            map.insert("override_path".into(), true.into());
        }
        map
    })
}

fn registry() -> impl Strategy<Value = Value> {
    let insecure = prop::option::weighted(0.35, select(vec!["http", "skip_verify"]));
    let endpoints = (subsequence(URLS.to_vec(), 1..=3).prop_shuffle(), prop::collection::vec(details(), 3));
    let fallback = prop::option::weighted(0.2, any::<bool>());
    let engines = prop_oneof![
        6 => Just(json!([])),
        1 => Just(json!(["containerd"])),
        1 => Just(json!(["docker"]))
    ];
    (insecure, endpoints, fallback, engines).prop_map(|(insecure, (urls, details), fallback, engines)| {
        let mut map = Map::new();
        if let Some(insecure) = insecure {
            map.insert("insecure".into(), insecure.into());
        } else {
            let endpoints = urls.into_iter().zip(details).map(|(url, mut details)| {
                if url.starts_with("http:") {
                    details.remove("skip_verify");
                    details.remove("ca");
                }
                details.insert("url".into(), url.into());
                Value::Object(details)
            });
            map.insert("endpoints".into(), endpoints.collect());
        }
        fallback.map(|value| map.insert("fallback".into(), value.into()));
        map.insert("engines".into(), engines);
        Value::Object(map)
    })
}

/// Registries to ensure, each host once.
pub(crate) fn ensured(count: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<Value>> {
    let hosts = subsequence(HOSTS.to_vec(), count).prop_shuffle();
    (hosts, prop::collection::vec(registry(), HOSTS.len())).prop_map(|(hosts, registries)| {
        let all = hosts.into_iter().zip(registries).map(|(host, registry)| with_host(host, registry));
        all.collect()
    })
}

pub(crate) fn with_host(host: &str, mut registry: Value) -> Value {
    registry["host"] = host.into();
    let map = registry.as_object_mut().expect("an object");
    let is_block = host.contains('/');
    if is_block {
        map.remove("endpoints");
        map.entry("insecure").or_insert("http".into());
    } else if host == "_default" && map.remove("insecure").is_some() {
        map.insert("endpoints".into(), json!([{"url": "http://m.lab/p"}]));
    }
    registry
}

/// Hosts to remove, some with endpoints named.
fn removed() -> impl Strategy<Value = Vec<Value>> {
    let named = prop::option::weighted(0.4, subsequence(URLS.to_vec(), 1..=2));
    prop_oneof![
        2 => Just(Vec::new()),
        1 => (subsequence(HOSTS.to_vec(), 1..=2), prop::collection::vec(named, 2)).prop_map(|(hosts, named)| {
            let removal = |(host, named): (&str, Option<Vec<&str>>)| match named {
                Some(urls) => json!({"host": host, "endpoints": urls}),
                None => host.into(),
            };
            hosts.into_iter().zip(named).map(removal).collect()
        }),
    ]
}

/// Settings as JSON; no host is both ensured and removed.
pub(crate) fn settings() -> impl Strategy<Value = Value> {
    (ensured(0..=3), removed()).prop_map(|(ensured, removed)| {
        let name = |entry: &Value| entry.get("host").unwrap_or(entry).clone();
        let taken: Vec<_> = ensured.iter().map(name).collect();
        let removed: Vec<_> = removed.into_iter().filter(|entry| !taken.contains(&name(entry))).collect();
        json!({"ensure": ensured, "remove": removed})
    })
}

/// JSON of any kind in which the words of the settings and of node lists occur.
pub(crate) fn odd_json() -> impl Strategy<Value = Value> {
    let words = vec![
        "ensure",
        "remove",
        "host",
        "endpoints",
        "insecure",
        "fallback",
        "engines",
        "url",
        "skip_verify",
        "ca",
        "client",
        "certificate",
        "key",
        "headers",
        "override_path",
        "capabilities",
        "nodes",
        "defaults",
        "address",
        "port",
        "user",
        "name",
        "password",
        "env",
        "file",
        "identity_files",
        "host_keys",
        "host_key_fingerprints",
        "become",
        "root",
        "local",
        "http",
        "pull",
        "sudo",
        "pinned",
        "docker.io",
        "reg:5000",
        "10.0.0.0/8",
        "https://m.lab",
        "me@[fd00::1]:22",
        "_default",
        "[",
        "@",
        ":",
        "/",
        "",
    ];
    let word = prop_oneof![6 => select(words.clone()).prop_map(str::to_owned), 1 => any::<String>()];
    let leaf = prop_oneof![
        6 => word.clone().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(Value::from(PEM)),
    ];
    leaf.prop_recursive(5, 48, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..5).prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}
