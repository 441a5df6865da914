//! Files as they are found on nodes, and settings for them.

use std::path::Path;

use serde_json::{Value, json};

use crate::Result;
use crate::case::Case;
use crate::engines::Containerd;
use crate::room::Files;

const CA: &str = include_str!("../../../golden/ca.pem");

/// Files by what is special about them: config.toml, the hosts.toml of `my-registry.com`, and daemon.json.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../judges/files");

const CONFIG: &str = "/etc/containerd/config.toml";
const DAEMON: &str = "/etc/docker/daemon.json";
const ROOT: &str = "/etc/containerd/certs.d";

/// The mission: a name served at an address over http, and that address itself.
fn plain() -> Value {
    json!({"ensure": [
        {"host": "my-registry.com", "endpoints": [{"url": "http://192.168.30.56:5000"}]},
        {"host": "192.168.30.56:5000", "insecure": "http"},
    ]})
}

/// All that can be said of an endpoint.
fn rich(certificate: &str, key: &str) -> Value {
    json!({"ensure": [
        {"host": "my-registry.com", "endpoints": [
            {"url": "https://192.168.30.56:5443", "skip_verify": true},
            {"url": "http://192.168.30.56:5000"},
            {"url": "https://ca.lab", "ca": CA, "headers": {"X-Team": "a", "Authorization": ["b", "c"]}},
        ]},
        {"host": "client.lab:5000", "endpoints": [
            {"url": "https://client.lab:5000", "ca": CA, "client": {"certificate": certificate, "key": key}},
        ]},
        {"host": "docker.io", "endpoints": [
            {"url": "https://mirror.lab/hub", "capabilities": ["pull", "resolve"]},
            {"url": "http://mirror.lab:8080/proxy/v2", "override_path": true},
        ]},
        {"host": "_default", "endpoints": [{"url": "http://proxy.lab:3128"}]},
        {"host": "pushed.lab", "fallback": true, "endpoints": [
            {"url": "https://pushed.lab", "capabilities": ["push", "pull", "resolve"]},
        ]},
    ]})
}

/// A registry by its IPv6 address, which has brackets.
fn ipv6() -> Value {
    json!({"ensure": [{"host": "[fd00::1]:5000", "insecure": "http"}]})
}

/// What a file with mirrors or without CRI needs leave for.
fn allowed() -> Value {
    let mut settings = plain();
    settings["migrate"] = true.into();
    settings["enable_cri"] = true.into();
    settings
}

/// What docker can be told.
fn docker() -> Value {
    json!({"ensure": [
        {"host": "192.168.30.56:5000", "insecure": "http"},
        {"host": "signed.lab", "insecure": "skip_verify"},
        {"host": "ca.lab:5443", "endpoints": [{"url": "https://ca.lab:5443", "ca": CA}]},
        {"host": "docker.io", "endpoints": [
            {"url": "http://mirror.lab:5000"},
            {"url": "https://signed.lab", "skip_verify": true},
        ]},
        {"host": "10.1.2.3/16", "insecure": "skip_verify"},
        {"host": "[fd00::1]:5000", "insecure": "http"},
    ]})
}

/// A client certificate and its key, as PEM.
pub(crate) fn client_pair() -> Result<(String, String)> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let output = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=client",
        ])
        .arg("-keyout")
        .arg(path("key"))
        .arg("-out")
        .arg(path("certificate"))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok((std::fs::read_to_string(path("certificate"))?, std::fs::read_to_string(path("key"))?))
}

/// Cases for containerd. The default dumps of all engines are among the files.
pub(crate) fn containerd(engines: &[Containerd]) -> Result<Vec<Case>> {
    let (certificate, key) = client_pair()?;
    let settings = [("plain", plain()), ("rich", rich(&certificate, &key)), ("allowed", allowed()), ("ipv6", ipv6())];
    let mut files = vec![("no file".to_owned(), Files::new())];
    let config = |text: &str| Files::from([(CONFIG.to_owned(), text.into())]);
    files.extend(read("config")?.into_iter().map(|(name, text)| (name, config(&text))));
    for engine in engines {
        let said = engine.room(&Files::new())?.run(&["containerd", "config", "default"], "")?;
        files.push((format!("default-of-{}", engine.version), config(&said.stdout)));
    }
    for (name, text) in read("hosts")? {
        let mut with_hosts = config(&format!(
            "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"{ROOT}\"\n"
        ));
        with_hosts.insert(format!("{ROOT}/my-registry.com/hosts.toml"), text.into());
        files.push((format!("hosts-{name}"), with_hosts));
    }
    let mut cases = Vec::new();
    for (name, files) in &files {
        let all = ["mirrors", "docker-package", "list"].iter().any(|word| name.contains(word));
        for (wanted, settings) in &settings[..if all { 4 } else { 2 }] {
            cases.push(Case::new(format!("{name}, {wanted}"), &settings.to_string(), files.clone())?);
        }
    }
    Ok(cases)
}

/// Cases for docker.
pub(crate) fn daemons() -> Result<Vec<Case>> {
    let mut files = vec![("no file".to_owned(), Files::new())];
    let found = read("daemon")?.into_iter();
    files.extend(found.map(|(name, text)| (name, Files::from([(DAEMON.to_owned(), text.into())]))));
    files.into_iter().map(|(name, files)| Case::new(name, &docker().to_string(), files)).collect()
}

/// Names and texts of the files of one kind.
fn read(kind: &str) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(Path::new(FILES).join(kind))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.push((name, std::fs::read_to_string(&path)?));
    }
    found.sort();
    Ok(found)
}
