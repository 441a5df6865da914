//! A node as a map of files.

use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;
use regconf::{Facts, Plan, Settings};
use serde_json::Value;

use crate::config::{Config, config, config_with_mirrors};
use crate::wishes::HOSTS;
use crate::{daemon, hosts};

pub(crate) const CONFIG: &str = "/etc/containerd/config.toml";
pub(crate) const DAEMON: &str = "/etc/docker/daemon.json";

/// Files and the version of containerd; empty when it is not known.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) version: String,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "containerd {:?}", self.version)?;
        for (path, bytes) in &self.files {
            writeln!(f, "--- {path}\n{}<end>", shown(bytes))?;
        }
        Ok(())
    }
}

/// Text with its blanks at line ends, carriage returns and marks made visible.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace('\u{feff}', "<bom>").replace('\r', "<cr>").replace('\t', "<tab>");
    let lines = text.split('\n').map(|line| {
        let bare = line.trim_end_matches(' ');
        bare.to_owned() + &"·".repeat(line.len() - bare.len())
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Node {
    pub(crate) fn new(version: &str, files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Self { files, version: version.to_owned() }
    }

    pub(crate) fn facts(&self) -> Facts {
        let facts = Facts::from_files(self.files.clone());
        let has_containerd = self.files.keys().any(|path| path.starts_with("/etc/containerd/"));
        if self.version.is_empty() || !has_containerd { facts } else { facts.with_version("containerd", &self.version) }
    }

    pub(crate) fn plan(&self, settings: &Settings) -> regconf::Result<Plan> {
        regconf::plan(settings, &self.facts())
    }

    /// The node once the plan is done.
    pub(crate) fn after(&self, plan: &Plan) -> Self {
        let mut files = self.files.clone();
        for change in &plan.changes {
            assert_eq!(change.before.as_ref(), files.get(&change.path), "the plan's own before of {}", change.path);
            match &change.after {
                Some(bytes) => drop(files.insert(change.path.clone(), bytes.clone())),
                None => drop(files.remove(&change.path)),
            }
        }
        Self { files, version: self.version.clone() }
    }
}

pub(crate) fn read(settings: &Value) -> Settings {
    Settings::from_json(&settings.to_string()).unwrap_or_else(|error| panic!("{error}: {settings:#}"))
}

/// The folder of hosts.toml files that a config.toml will most likely mean.
fn root(config: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(config);
    let set = |path: &str| text.contains(&format!("\"{path}\"")) || text.contains(&format!("'{path}'"));
    match () {
        () if set("/srv/certs.d") || set("/srv/certs.d/") => "/srv/certs.d",
        () if set("/a") => "/a",
        () => "/etc/containerd/certs.d",
    }
}

fn folder(host: &str, underscored: bool) -> String {
    match host.rsplit_once(':') {
        Some((name, port)) if underscored => format!("{name}_{port}_"),
        _ => host.to_owned(),
    }
}

type File = (&'static str, bool, Vec<u8>);

fn files_of_hosts() -> impl Strategy<Value = Vec<File>> {
    let host = (select(HOSTS[..8].to_vec()), prop::bool::weighted(0.2), hosts::hosts());
    prop::collection::vec(host, 0..3)
}

fn with_containerd(config: &Config, hosts: Vec<File>, loose: bool) -> Node {
    let mut node = Node::new(config.daemon, &[]);
    node.files.insert(CONFIG.to_owned(), config.bytes.clone());
    let root = root(&config.bytes);
    for (host, underscored, bytes) in hosts {
        node.files.insert(format!("{root}/{}/hosts.toml", folder(host, underscored)), bytes);
    }
    if loose {
        node.files.insert(format!("{root}/reg.lab:5000/ca.crt"), b"PEM".to_vec());
    }
    node
}

pub(crate) fn containerd() -> impl Strategy<Value = Node> {
    (config(), files_of_hosts(), prop::bool::weighted(0.1))
        .prop_map(|(config, hosts, loose)| with_containerd(&config, hosts, loose))
}

/// A node in the older style.
pub(crate) fn with_mirrors() -> impl Strategy<Value = Node> {
    config_with_mirrors().prop_map(|config| with_containerd(&config, Vec::new(), false))
}

/// A node with the same hosts.toml for each host.
pub(crate) fn with_hosts_toml() -> impl Strategy<Value = Node> {
    let config = "version = 2\n[plugins.'io.containerd.grpc.v1.cri'.registry]\nconfig_path = '/c'\n";
    (hosts::hosts(), select(vec!["2.2.7", "1.7.24"])).prop_map(move |(text, version)| {
        let mut node = Node::new(version, &[(CONFIG, config)]);
        node.files.extend(HOSTS[..8].iter().map(|host| (format!("/c/{host}/hosts.toml"), text.clone())));
        node
    })
}

pub(crate) fn docker() -> impl Strategy<Value = Node> {
    prop_oneof![9 => daemon::daemon(), 1 => daemon::blank()].prop_map(|bytes| {
        let mut node = Node::new("", &[]);
        node.files.insert(DAEMON.to_owned(), bytes);
        node
    })
}

pub(crate) fn node() -> impl Strategy<Value = Node> {
    let both = (containerd(), docker()).prop_map(|(mut node, docker)| {
        node.files.extend(docker.files);
        node
    });
    prop_oneof![4 => containerd(), 2 => docker(), 1 => both]
}
