//! Node lists: plain lines for people, JSON for programs.

mod entry;
mod groups;
mod jump;
mod ssh_config;
mod written;

pub use written::to_json;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::node::{Identity, Node};
use crate::object::{self, Object};
use crate::secret::Secret;
use crate::settings::Settings;

use entry::{Elsewhere, Entry};
use groups::{Groups, RawGroup};
use jump::{JumpHosts, defaults_of_jump_hosts};
use ssh_config::{SshConfig, Warnings};

/// Reads a node list: JSON if it begins with `{`, else one `[user@]host[:port]` a line, with `#` comments.
///
/// In JSON a value of a node wins over one in `defaults`:
/// ```
/// let nodes = regconf::inventory::parse(r#"{
///     "defaults": { "user": "ops", "identity_files": ["id_ed25519"], "known_hosts": ["known_hosts"], "become": "sudo" },
///     "nodes": [ { "name": "n1", "address": "10.0.0.11" }, { "address": "10.0.0.12", "port": 2222 } ]
/// }"#)?;
/// assert_eq!((nodes[1].name.as_str(), nodes[1].user.as_str(), nodes[1].port), ("10.0.0.12", "ops", 2222));
/// # Ok::<(), regconf::Error>(())
/// ```
///
/// Keys of a node and of `defaults`: `name`, `address` (or `[user@]host[:port]`), `port`, `user`, `identity_files`,
/// `identity_keys` (texts of private keys, tried after the files), `identity_passphrase` (of the files), `certificate_files`, `agent` (a socket), `password`, `known_hosts`, `host_keys` (`strict`,
/// `accept-new`, `pinned` with `host_key_fingerprints`), `connect_attempts`, `connect_timeout` (seconds), `become` (`none`, `sudo`, `doas`),
/// `become_password`, `root`, `engines` (a list of their names), `containerd_config` and `docker_config` (paths on the
/// node), `local` (true for this machine), `roles` (nodes with `control-plane`, `master` or `etcd` are changed last),
/// `groups` and `settings` (of this node alone, laid over those of its groups). Secrets are given as text, or as `{"env": "NAME"}` or `{"file": "path"}`, which [`load`] reads.
///
/// Beside `nodes`, `defaults` and `jump_hosts` the list may name an `ssh_config`, which [`load_with_warnings`] explains.
///
/// `jump` names hosts of `jump_hosts` that lead to the node, in their order; `[]` on a node means none whatever the
/// defaults say. `proxy_command` is a program and its arguments, in which `%h`, `%p` and `%r` become address, port and
/// user. A jump host has the keys of a node that are about reaching it and logging in, and takes nothing from
/// `defaults` but `known_hosts`, `host_keys` and `connect_attempts`:
/// ```
/// let nodes = regconf::inventory::parse(r#"{
///     "defaults": { "identity_files": ["id"], "known_hosts": ["known_hosts"], "jump": ["bastion"] },
///     "jump_hosts": { "bastion": { "address": "203.0.113.7", "user": "jump", "agent": "/run/agent" } },
///     "nodes": [ { "address": "10.0.0.11" }, { "address": "192.0.2.1", "jump": [] } ]
/// }"#)?;
/// assert_eq!((nodes[0].jump[0].user.as_str(), nodes[1].jump.len()), ("jump", 0));
/// # Ok::<(), regconf::Error>(())
/// ```
///
/// A group has settings of its own, in the form of [`Settings::from_json`](crate::Settings::from_json). They are laid
/// over those of the call: what a group says of a registry host, to ensure or to remove it, takes the place of what the
/// call says of it. Two groups of one node that say different things of one host are an error that names both.
/// ```
/// let nodes = regconf::inventory::parse(r#"{
///     "groups": { "gpu": { "settings": { "ensure": [ { "host": "gpu.lab:5000", "insecure": "http" } ] } } },
///     "nodes": [ { "address": "10.0.0.11", "groups": ["gpu"] }, { "address": "10.0.0.12", "roles": ["control-plane"] } ]
/// }"#)?;
/// assert!(nodes[0].settings.is_some() && nodes[1].is_control_plane());
/// # Ok::<(), regconf::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Parse`] with the line for what has not this shape; [`ErrorKind::InvalidArgument`] with the key for values
/// that may not be, a name given twice, and secrets that stand elsewhere, which only [`load`] can read.
pub fn parse(text: &str) -> Result<Vec<Node>> {
    read(text, &look_up_in(None), None, &mut Warnings::default())
}

/// How secrets that stand elsewhere are read: for a list that is no file, not at all.
fn look_up_in(folder: Option<&Path>) -> impl Fn(&Elsewhere) -> Result<Secret> {
    move |place| match folder {
        Some(folder) => place.look_up(folder),
        None => Err(Error::invalid("stands elsewhere").with_hint("give its text, or read the list as a file")),
    }
}

/// Reads a node list from a file. Relative paths in it are taken from the file's folder; secrets are read from the
/// environment and from files as it says. What [`load_with_warnings`] would warn of is dropped.
pub fn load(path: impl AsRef<Path>) -> Result<Vec<Node>> {
    load_with_warnings(path).map(|loaded| loaded.nodes)
}

/// Reads a node list from a file as [`load`] does, and says what in its `ssh_config` was not understood.
///
/// `"ssh_config": "path"` in the list names an OpenSSH client configuration. For each node, found there by its address,
/// it adds what the list leaves out: `HostName`, `Port`, `User`, `IdentityFile`, `CertificateFile`, `IdentitiesOnly`,
/// `IdentityAgent`, `ProxyJump`, `ProxyCommand`, `UserKnownHostsFile`, `StrictHostKeyChecking`, `ConnectTimeout` and
/// `ConnectionAttempts`, in blocks of `Host`, with `Include`. Files that OpenSSH would use by itself, such as
/// `~/.ssh/id_ed25519`, count only when named. The check of host keys cannot be switched off, `Match` blocks are left
/// out, and of tokens only `%h`, `%n`, `%d` and `%%` are known, in `ProxyCommand` `%h`, `%p`, `%r` and `%%`.
pub fn load_with_warnings(path: impl AsRef<Path>) -> Result<Loaded> {
    let path = path.as_ref();
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|e| Error::new(ErrorKind::Io, format!("cannot be read: {e}")).with_path(&shown))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut warnings = Warnings::default();
    let nodes = read(&text, &look_up_in(Some(folder)), Some(folder), &mut warnings);
    let nodes = nodes.map_err(|error| error.with_path(&shown))?;
    let nodes = nodes.into_iter().map(|node| anchored(node, folder)).collect();
    Ok(Loaded { nodes, warnings: warnings.into_list() })
}

/// A node list, and what was not understood on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The nodes, in the order of the list.
    pub nodes: Vec<Node>,
    /// Lines of the `ssh_config` that were left out, as `file:line: what`.
    pub warnings: Vec<String>,
}

type LookUp<'a> = &'a dyn Fn(&Elsewhere) -> Result<Secret>;

fn read(text: &str, look_up: LookUp<'_>, folder: Option<&Path>, warnings: &mut Warnings) -> Result<Vec<Node>> {
    let is_json = text.trim_start().starts_with('{');
    let nodes = if is_json { json(text, look_up, folder, warnings)? } else { lines(text)? };
    if nodes.is_empty() {
        return Err(Error::invalid("the list has no node").with_hint("write one [user@]host[:port] a line"));
    }
    check_names(&nodes)?;
    Ok(nodes)
}

fn check_names(nodes: &[Node]) -> Result<()> {
    let mut names = std::collections::HashMap::new();
    for (i, node) in nodes.iter().enumerate() {
        if let Some(other) = names.insert(&node.name, i) {
            let what = format!("the nodes {other} and {i}, counted from 0, are both named {}", node.name);
            return Err(Error::invalid(what).with_hint("name each node once"));
        }
    }
    Ok(())
}

fn lines(text: &str) -> Result<Vec<Node>> {
    places(text).map(|(line, place)| Node::new(place).map_err(|error| error.with_line(line))).collect()
}

/// The lines of a plain list that name a node, counted from 1.
pub(crate) fn places(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(i, line)| (i + 1, line.split('#').next().unwrap_or("").trim()));
    numbered.filter(|(_, place)| !place.is_empty())
}

/// Checks the shape of an object of defaults.
#[cfg(feature = "import")]
pub(crate) fn check_defaults(text: &str) -> Result<()> {
    object::read::<Object<Entry>>(text, "defaults").map(drop)
}

/// Reads a list in JSON that may have no node; what it leaves open is filled from `defaults`, an object in JSON.
#[cfg(feature = "import")]
pub(crate) fn read_over(text: &str, defaults: Option<&str>, folder: Option<&Path>) -> Result<(Vec<Node>, Vec<String>)> {
    let Object(mut list): Object<List> = object::read(text, "node list")?;
    if let Some(defaults) = defaults {
        let Object(more): Object<Entry> = object::read(defaults, "defaults")?;
        let Object(own) = list.defaults.unwrap_or_default();
        list.defaults = Some(Object(own.over(&more)));
    }
    let mut warnings = Warnings::default();
    let nodes = listed(list, &look_up_in(folder), folder, &mut warnings)?;
    check_names(&nodes)?;
    let nodes = match folder {
        Some(folder) => nodes.into_iter().map(|node| anchored(node, folder)).collect(),
        None => nodes,
    };
    Ok((nodes, warnings.into_list()))
}

fn json(text: &str, look_up: LookUp<'_>, folder: Option<&Path>, warnings: &mut Warnings) -> Result<Vec<Node>> {
    let Object(list): Object<List> = object::read(text, "node list")?;
    listed(list, look_up, folder, warnings)
}

fn listed(list: List, look_up: LookUp<'_>, folder: Option<&Path>, warnings: &mut Warnings) -> Result<Vec<Node>> {
    let groups = Groups::read(list.groups)?;
    let Object(defaults) = list.defaults.unwrap_or_default();
    let of_jump_hosts = defaults_of_jump_hosts(&defaults);
    let jump_hosts = list.jump_hosts.into_iter().map(|(name, Object(host))| (name, host)).collect();
    let jump_hosts = JumpHosts::new(jump_hosts, &defaults, look_up)?;
    let ssh_config = list.ssh_config.map(|path| ssh_config(&path, folder, warnings)).transpose()?;
    let mut read = |Object(node): Object<Entry>| {
        let mut node = node.over(&defaults);
        let of_groups = groups.settings_of(node.groups.as_deref().unwrap_or_default());
        let of_groups = of_groups.map_err(|error| error.with_key("groups"))?;
        let settings = laid_over(of_groups, node.take_settings()?);
        let named = |node: &Entry| jump_hosts.named(node.jump.as_deref().unwrap_or_default());
        let Some(ssh_config) = &ssh_config else {
            let jump = named(&node)?;
            return node.node(look_up).map(|node| Node { jump, settings, ..node });
        };
        let (node, places) = ssh_config.complete(node, warnings);
        let mut jump = named(&node)?;
        jump.extend(ssh_config.jump_hosts(&places, &of_jump_hosts, look_up, warnings)?);
        node.node(look_up).map(|node| Node { jump, settings, ..node })
    };
    let nodes = list.nodes.into_iter().enumerate();
    nodes.map(|(i, node)| read(node).map_err(|e| e.with_key(format!("nodes[{i}]")))).collect()
}

fn laid_over(below: Option<Settings>, above: Option<Settings>) -> Option<Settings> {
    match (below, above) {
        (Some(below), Some(above)) => Some(below.overlaid(&above)),
        (below, above) => above.or(below),
    }
}

fn ssh_config(path: &str, folder: Option<&Path>, warnings: &mut Warnings) -> Result<SshConfig> {
    let Some(folder) = folder else {
        let error = Error::invalid("names a file").with_key("ssh_config");
        return Err(error.with_hint("read the list as a file too"));
    };
    SshConfig::load(&folder.join(path), warnings)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    defaults: Option<Object<Entry>>,
    #[serde(default)]
    groups: BTreeMap<String, Object<RawGroup>>,
    #[serde(default)]
    jump_hosts: BTreeMap<String, Object<Entry>>,
    ssh_config: Option<String>,
    nodes: Vec<Object<Entry>>,
}

/// The node with its relative paths taken from a folder.
fn anchored(mut node: Node, folder: &Path) -> Node {
    let anchor = |path: &str| folder.join(path).to_string_lossy().into_owned();
    for identity in &mut node.identities {
        match identity {
            Identity::File(path) | Identity::EncryptedFile(path, _) => *path = anchor(path),
            Identity::Key(_) => {}
        }
    }
    for path in node.known_hosts.iter_mut().chain(&mut node.certificates) {
        *path = anchor(path);
    }
    node.jump = node.jump.iter().map(|host| Arc::new(anchored(Node::clone(host), folder))).collect();
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines() {
        let nodes = parse("# all\nn1\n\nops@n2:2222 # second\n").unwrap();
        assert_eq!(nodes.iter().map(|n| (n.name.as_str(), n.port)).collect::<Vec<_>>(), [("n1", 22), ("n2", 2222)]);
        assert_eq!(parse("n1\nh:x\n").unwrap_err().line(), Some(2));
        assert!(parse("# none\n").is_err());
        assert!(parse("n1\nops@n1\n").unwrap_err().to_string().contains("both named n1"));
    }

    #[test]
    fn a_value_on_a_node_wins() {
        let nodes = parse(r#"{"defaults":{"user":"ops","port":2222},"nodes":[{"address":"a"},{"address":"me@b:23"},{"address":"c","user":"root","port":22}]}"#).unwrap();
        let shown: Vec<_> = nodes.iter().map(|n| (n.user.as_str(), n.port)).collect();
        assert_eq!(shown, [("ops", 2222), ("me", 23), ("root", 22)]);
    }

    #[test]
    fn faults_name_key_or_line() {
        let error = |text: &str| parse(text).unwrap_err().to_string();
        assert!(error("{\n\"nodes\":[{\"adress\":\"a\"}]}").starts_with("node list: line 2: unknown field `adress`"));
        assert!(error(r#"{"nodes":[{"address":"a"},{"address":"h:0"}]}"#).starts_with("nodes[1].address: "));
        assert!(error(r#"{"nodes":[{"address":"a","host_keys":"pinned"}]}"#).starts_with("nodes[0].host_keys: "));
        assert!(error(r#"{"nodes":[{"address":"a","password":{"env":"X"}}]}"#).starts_with("nodes[0].password: "));
    }

    #[test]
    fn a_file_anchors_paths_and_finds_secrets() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pw"), "hunter2\n").unwrap();
        let list =
            r#"{"nodes":[{"address":"a","identity_files":["k"],"known_hosts":["/kh"],"password":{"file":"pw"}}]}"#;
        std::fs::write(folder.path().join("nodes.json"), list).unwrap();
        let nodes = load(folder.path().join("nodes.json")).unwrap();
        assert_eq!(nodes[0].identities, [Identity::File(folder.path().join("k").to_string_lossy().into_owned())]);
        assert_eq!(
            (nodes[0].known_hosts[0].as_str(), nodes[0].password.as_ref().unwrap().expose()),
            ("/kh", "hunter2")
        );
        assert!(!format!("{nodes:?}").contains("hunter2"));
    }
}
