//! The published schemas of settings and node lists say what the library reads.
#![allow(clippy::unwrap_used)]

#[path = "support/schema.rs"]
mod published;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regconf::{Settings, inventory};
use serde_json::{Value, json};

use published::{schema, validator};

/// What a schema finds wrong.
fn faults(of: &str, value: &Value) -> Vec<String> {
    let schema = schema(of);
    validator(&schema).iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

fn files_named(name: &str, folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => files_named(name, &entry.path(), found),
            false if entry.file_name() == name => found.push(entry.path()),
            false => {}
        }
    }
}

#[test]
fn settings_that_are_read_have_the_shape() {
    let mut files = Vec::new();
    files_named("settings.json", &Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden"), &mut files);
    let schema = schema("settings");
    let validator = validator(&schema);
    let mut read = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        if Settings::from_json(&text).is_ok() {
            read += 1;
            let value = serde_json::from_str(&text).unwrap();
            let faults: Vec<_> = validator.iter_errors(&value).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{}: {faults:?}", file.display());
        }
    }
    assert!(read > 300, "only {read} settings were read");
}

fn endpoint(more: &Value) -> Value {
    let mut endpoint = json!({ "url": "https://a.lab" });
    endpoint.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "ensure": [{ "host": "a.lab", "endpoints": [endpoint] }] })
}

#[test]
fn what_is_refused_for_its_shape_has_not_the_shape() {
    let registry = |registry: Value| json!({ "ensure": [registry] });
    let bad = [
        json!([]),
        json!({ "ensures": [] }),
        json!({ "ensure": {} }),
        json!({ "ensure": [["a.lab", [], "http"]] }),
        json!({ "migrate": "yes" }),
        json!({ "remove": [7] }),
        json!({ "remove": [{ "host": "a.lab", "engine": "docker" }] }),
        registry(json!({ "host": "a.lab" })),
        registry(json!({ "host": "http://a.lab", "insecure": "http" })),
        registry(json!({ "host": "a lab", "insecure": "http" })),
        registry(json!({ "host": "", "insecure": "http" })),
        registry(json!({ "host": "a.lab", "insecure": true })),
        registry(json!({ "host": "a.lab", "insecure": "http", "endpoints": [{ "url": "http://b" }] })),
        registry(json!({ "host": "a.lab", "insecure": "http", "mirror": true })),
        registry(json!({ "host": "a.lab", "insecure": "http", "engines": "docker" })),
        endpoint(&json!({ "url": "a.lab:5000" })),
        endpoint(&json!({ "url": "https://me:pw@a.lab" })),
        endpoint(&json!({ "url": "https://a.lab?x" })),
        endpoint(&json!({ "url": "http://a.lab", "skip_verify": true })),
        endpoint(&json!({ "url": "http://a.lab", "ca": "x" })),
        endpoint(&json!({ "skip_verify": true, "ca": "x" })),
        endpoint(&json!({ "client": { "certificate": "x" } })),
        endpoint(&json!({ "headers": { "X-A": 1 } })),
        endpoint(&json!({ "headers": { "X A": "1" } })),
        endpoint(&json!({ "capabilities": ["fly"] })),
    ];
    for value in bad {
        assert!(Settings::from_json(&value.to_string()).is_err(), "read: {value}");
        assert!(!faults("settings", &value).is_empty(), "has the shape: {value}");
    }
}

#[test]
fn node_lists_that_are_read_have_the_shape() {
    let full = json!({
        "defaults": { "user": "ops", "port": 22, "identity_files": ["id"], "known_hosts": ["kh"], "host_keys": "strict",
                      "become": "sudo", "become_password": "x" },
        "groups": { "gpu": { "settings": { "ensure": [{ "host": "a.lab", "insecure": "http" }] } }, "label": {} },
        "jump_hosts": { "bastion": { "address": "203.0.113.7", "user": "jump", "identity_files": ["k"], "proxy_command": ["nc", "%h", "%p"] } },
        "nodes": [
            { "name": "n1", "address": "10.0.0.11", "groups": ["gpu", "label"], "roles": ["control-plane"], "jump": ["bastion"],
              "connect_attempts": 1, "certificate_files": ["c"], "engines": ["docker"], "docker_config": "/d.json" },
            { "address": "10.0.0.13", "become": "doas", "identity_keys": ["x"], "settings": { "remove": ["a.lab"] } },
            { "address": "root@10.0.0.12:2222", "become": "none", "host_keys": "pinned", "host_key_fingerprints": ["SHA256:x"] },
            { "name": "here", "local": true, "root": "/mnt/image" },
            { "address": "[fd00::1]:22", "agent": "/run/agent", "password": "x", "identity_passphrase": "y", "host_keys": "accept-new" }
        ]
    });
    inventory::parse(&full.to_string()).unwrap();
    assert_eq!(faults("nodes", &full), [""; 0]);
    let elsewhere = json!({ "nodes": [{ "address": "n", "password": { "env": "X" } }, { "address": "m", "password": { "file": "x" }, "identity_keys": [{ "env": "K" }] }] });
    assert_eq!(faults("nodes", &elsewhere), [""; 0]);

    let node = |node: Value| json!({ "nodes": [node] });
    let bad = [
        json!({}),
        json!({ "nodes": [] }),
        json!({ "nodes": [{ "address": "n" }], "node": [] }),
        json!({ "nodes": [{ "address": "n" }], "groups": { "g": { "setting": {} } } }),
        json!({ "nodes": [{ "address": "n" }], "groups": { "g": { "settings": { "ensures": [] } } } }),
        json!({ "nodes": [{ "address": "n" }], "jump_hosts": { "b": { "address": "b", "become": "sudo" } } }),
        json!({ "nodes": [{ "address": "n" }], "jump_hosts": { "b": {} } }),
        json!({ "nodes": [{ "address": "n" }], "jump_hosts": { "b": { "address": "b", "settings": {} } } }),
        json!({ "nodes": [{ "address": "n" }], "jump_hosts": { "b": ["b"] } }),
        node(json!({ "address": "n", "connect_attempts": 0 })),
        node(json!({ "address": "n", "containerd_config": "config.toml" })),
        node(json!({ "adress": "n" })),
        node(json!(["n1", "10.0.0.1"])),
        node(json!({ "address": "n", "port": 0 })),
        node(json!({ "address": "n", "port": 70000 })),
        node(json!({ "address": "n", "port": "22" })),
        node(json!({ "address": "n", "root": "mnt" })),
        node(json!({ "address": "n", "settings": { "ensures": [] } })),
        node(json!({ "address": "n", "identity_keys": [null] })),
        node(json!({ "address": "n", "roles": "etcd" })),
        node(json!({ "address": "n", "become": "su" })),
        node(json!({ "address": "n", "host_keys": "none" })),
        node(json!({ "address": "n", "password": { "env": "X", "file": "y" } })),
        node(json!({ "address": "n", "password": { "vault": "x" } })),
    ];
    for value in bad {
        assert!(inventory::parse(&value.to_string()).is_err(), "read: {value}");
        assert!(!faults("nodes", &value).is_empty(), "has the shape: {value}");
    }
}

/// The keys that the reader names when it meets one that it does not know.
fn known_keys(error: &regconf::Error) -> BTreeSet<String> {
    let text = error.to_string();
    let (_, expected) = text.split_once("expected").unwrap();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn keys(schema: &Value) -> BTreeSet<String> {
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn schemas_have_the_keys_that_are_read() {
    let settings = |value: &Value| known_keys(&Settings::from_json(&value.to_string()).unwrap_err());
    let of = schema("settings");
    let unknown = json!({ "?": 0 });
    assert_eq!(settings(&unknown), keys(&of));
    assert_eq!(settings(&json!({ "ensure": [unknown] })), keys(&of["$defs"]["registry"]));
    let endpoints = json!({ "ensure": [{ "host": "a", "endpoints": [unknown] }] });
    assert_eq!(settings(&endpoints), keys(&of["$defs"]["endpoint"]));

    let nodes = |value: &Value| known_keys(&inventory::parse(&value.to_string()).unwrap_err());
    let of = schema("nodes");
    assert_eq!(nodes(&unknown), keys(&of));
    assert_eq!(nodes(&json!({ "nodes": [unknown] })), keys(&of["$defs"]["entry"]));
    assert_eq!(
        nodes(&json!({ "groups": { "g": unknown } })),
        keys(&of["properties"]["groups"]["additionalProperties"])
    );
}
