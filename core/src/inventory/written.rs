//! Nodes as the list that they are read from.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::node::{Become, HostKeys, Identity, Node};
use crate::secret::Secret;

/// The nodes as the JSON form of a node list, which [`parse`](super::parse) reads as equal nodes. **Secrets are in it**:
/// passwords, passphrases and keys.
///
/// Jump hosts that differ and have one name get names of their own; what means nothing for a jump host is left out.
/// A list without nodes has a form, too, but [`parse`](super::parse) wants one node at least.
///
/// # Errors
/// [`ErrorKind::Unsupported`] with the key for what the form cannot say: different passphrases on one node, a key given
/// as text that is tried before a file, paths of engines other than containerd and
/// docker, and jump hosts of jump hosts.
pub fn to_json(nodes: &[Node]) -> Result<Value> {
    let mut jump_hosts = JumpHosts::default();
    let mut entries = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        entries.push(entry(node, &mut jump_hosts).map_err(|error| error.with_key(format!("nodes[{i}]")))?);
    }
    let mut list = Map::new();
    if !jump_hosts.0.is_empty() {
        let written = jump_hosts.0.iter().map(|(name, host)| Ok((name.clone(), jump_host(host)?.into())));
        list.insert("jump_hosts".into(), written.collect::<Result<Map<_, _>>>()?.into());
    }
    list.insert("nodes".into(), entries.into());
    Ok(list.into())
}

/// Jump hosts with names that tell them apart, in the order in which they were met.
#[derive(Default)]
struct JumpHosts<'a>(Vec<(String, &'a Node)>);

impl<'a> JumpHosts<'a> {
    fn name(&mut self, host: &'a Arc<Node>) -> String {
        if let Some((name, _)) = self.0.iter().find(|(_, known)| **known == **host) {
            return name.clone();
        }
        let is_free = |name: &String| self.0.iter().all(|(known, _)| known != name);
        let numbered = (2..).map(|i| format!("{}-{i}", host.name));
        let name = std::iter::once(host.name.clone()).chain(numbered).find(is_free).unwrap_or_default();
        self.0.push((name.clone(), host));
        name
    }
}

fn entry<'a>(node: &'a Node, jump_hosts: &mut JumpHosts<'a>) -> Result<Value> {
    let mut out = Map::from_iter([("name".to_owned(), node.name.as_str().into())]);
    if node.is_local {
        out.insert("local".into(), true.into());
    } else {
        reach(node, &mut out)?;
    }
    if !node.jump.is_empty() {
        let names: Vec<_> = node.jump.iter().map(|host| jump_hosts.name(host)).collect();
        out.insert("jump".into(), names.into());
    }
    root(node, &mut out);
    for (engine, path) in &node.config_paths {
        if !["containerd", "docker"].contains(&engine.as_str()) {
            return Err(unsupported(format!("a node list has no path for {engine}")).with_key("config_paths"));
        }
        out.insert(format!("{engine}_config"), path.as_str().into());
    }
    for (key, names) in [("roles", &node.roles), ("engines", &node.engines)] {
        if !names.is_empty() {
            out.insert(key.into(), names.as_slice().into());
        }
    }
    if let Some(settings) = &node.settings {
        out.insert("settings".into(), settings.to_json());
    }
    Ok(out.into())
}

fn jump_host(host: &Node) -> Result<Map<String, Value>> {
    let at = |error: Error| error.with_key(&host.name).with_key("jump_hosts");
    if !host.jump.is_empty() || host.is_local {
        let what = "a jump host has no jump hosts of its own and is another machine";
        return Err(at(unsupported(what).with_hint("name the whole way in the node's jump")));
    }
    let mut out = Map::new();
    reach(host, &mut out).map_err(at)?;
    Ok(out)
}

/// How the node is reached and logged in to.
fn reach(node: &Node, out: &mut Map<String, Value>) -> Result<()> {
    out.insert("address".into(), node.address.as_str().into());
    out.insert("user".into(), node.user.as_str().into());
    out.insert("port".into(), node.port.into());
    identities(node, out)?;
    let lists = [
        ("certificate_files", &node.certificates),
        ("known_hosts", &node.known_hosts),
        ("proxy_command", &node.proxy_command),
    ];
    for (key, texts) in lists.into_iter().filter(|(_, texts)| !texts.is_empty()) {
        out.insert(key.into(), texts.as_slice().into());
    }
    if let Some(agent) = &node.agent {
        out.insert("agent".into(), agent.as_str().into());
    }
    secret("password", node.password.as_ref(), out);
    match &node.host_keys {
        HostKeys::Strict => {}
        HostKeys::AcceptNew => drop(out.insert("host_keys".into(), "accept-new".into())),
        HostKeys::Pinned(fingerprints) => {
            out.insert("host_keys".into(), "pinned".into());
            out.insert("host_key_fingerprints".into(), json!(fingerprints));
        }
    }
    if node.connect_attempts != Node::local("/").connect_attempts {
        out.insert("connect_attempts".into(), node.connect_attempts.into());
    }
    if let Some(timeout) = node.connect_timeout {
        let is_whole = timeout.subsec_nanos() == 0;
        let seconds = if is_whole { timeout.as_secs().into() } else { timeout.as_secs_f64().into() };
        out.insert("connect_timeout".into(), seconds);
    }
    Ok(())
}

fn root(node: &Node, out: &mut Map<String, Value>) {
    let name = match node.become_root {
        Become::None => None,
        Become::Sudo => Some("sudo"),
        Become::Doas => Some("doas"),
    };
    out.extend(name.map(|name| ("become".to_owned(), name.into())));
    secret("become_password", node.become_password.as_ref(), out);
    if node.root != "/" {
        out.insert("root".into(), node.root.as_str().into());
    }
}

fn secret(key: &str, secret: Option<&Secret>, out: &mut Map<String, Value>) {
    out.extend(secret.map(|secret| (key.to_owned(), secret.expose().into())));
}

/// Files, which share a passphrase, and then keys.
fn identities(node: &Node, out: &mut Map<String, Value>) -> Result<()> {
    let (mut files, mut keys, mut passphrases) = (Vec::new(), Vec::new(), Vec::new());
    for identity in &node.identities {
        match identity {
            Identity::Key(key) => keys.push(key.expose()),
            _ if !keys.is_empty() => {
                let error = unsupported("a key given as text is tried before a file").with_key("identities");
                return Err(error.with_hint("put files first"));
            }
            Identity::File(path) => {
                files.push(path.as_str());
                passphrases.push(None);
            }
            Identity::EncryptedFile(path, passphrase) => {
                files.push(path.as_str());
                passphrases.push(Some(passphrase));
            }
        }
    }
    if passphrases.windows(2).any(|pair| pair[0] != pair[1]) {
        let error = unsupported("its files have different passphrases").with_key("identities");
        return Err(error.with_hint("leave one file, or give the keys as text"));
    }
    for (key, texts) in [("identity_files", files), ("identity_keys", keys)] {
        if !texts.is_empty() {
            out.insert(key.into(), json!(texts));
        }
    }
    secret("identity_passphrase", passphrases.first().copied().flatten(), out);
    Ok(())
}

fn unsupported(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::parse;

    #[test]
    fn what_is_written_is_read_as_equal_nodes() {
        let list = r#"{
            "defaults": { "known_hosts": ["kh"], "identity_files": ["a", "b"], "identity_passphrase": "p" },
            "groups": { "gpu": { "settings": { "ensure": [{ "host": "a.lab", "insecure": "http" }] } } },
            "jump_hosts": { "one": { "address": "j@x:2222", "agent": "/a", "password": "q" },
                            "two": { "address": "fd00::22", "port": 23, "proxy_command": ["nc", "%h"] } },
            "nodes": [
                { "address": "n1", "jump": ["one", "two"], "groups": ["gpu"], "settings": { "remove": ["b.lab"] } },
                { "name": "six", "address": "[fd00::22]:2222", "user": "ops", "become": "sudo", "become_password": "s",
                  "roles": ["etcd"], "engines": ["docker"], "docker_config": "/d.json", "jump": ["two"], "password": "w" },
                { "address": "n2", "host_keys": "pinned", "host_key_fingerprints": ["SHA256:x"], "connect_timeout": 7.25,
                  "connect_attempts": 1, "certificate_files": ["c"], "identity_keys": ["k1", "k2"], "root": "/mnt" },
                { "address": "n3", "host_keys": "accept-new", "become": "doas", "identity_files": [] },
                { "local": true, "root": "/mnt/image", "identity_files": [], "known_hosts": [], "name": "here" }
            ]
        }"#;
        let nodes = parse(list).unwrap();
        let own = nodes[0].settings.as_ref().unwrap();
        assert_eq!((own.ensured().len(), own.removed().len()), (1, 1));
        assert_eq!((nodes[1].port, nodes[0].jump[1].port), (2222, 23));
        let written = to_json(&nodes).unwrap();
        assert_eq!(parse(&written.to_string()).unwrap(), nodes, "{written}");
        assert!(written["nodes"][2].get("settings").is_none());
    }

    #[test]
    fn jump_hosts_of_one_name_are_told_apart() {
        let to = |user: &str| Arc::new(Node::new(format!("{user}@bastion")).unwrap());
        let node = |name: &str, jump| Node { jump: vec![jump], ..Node::new(name).unwrap() };
        let nodes = [node("a", to("x")), node("b", to("y")), node("c", to("x"))];
        let back = parse(&to_json(&nodes).unwrap().to_string()).unwrap();
        let jumps: Vec<_> = back.iter().map(|n| (n.jump[0].name.as_str(), n.jump[0].user.as_str())).collect();
        assert_eq!(jumps, [("bastion", "x"), ("bastion-2", "y"), ("bastion", "x")]);
    }

    #[test]
    fn what_has_no_form_is_refused() {
        let file = |path: &str| Identity::File(path.into());
        let locked = |path: &str, text: &str| Identity::EncryptedFile(path.into(), text.into());
        let with = |change: &dyn Fn(&mut Node)| {
            let mut node = Node::new("a").unwrap();
            change(&mut node);
            let error = to_json(&[node]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            error.key().unwrap().to_owned()
        };
        for identities in [
            vec![file("a"), locked("b", "p")],
            vec![locked("a", "p"), locked("b", "q")],
            vec![Identity::Key("k".into()), file("a")],
        ] {
            assert_eq!(with(&|node| node.identities.clone_from(&identities)), "nodes[0].identities");
        }
        assert_eq!(with(&|node| drop(node.config_paths.insert("crio".into(), "/x".into()))), "nodes[0].config_paths");
        let way = Node { jump: vec![Arc::new(Node::new("c").unwrap())], ..Node::new("b").unwrap() };
        assert_eq!(with(&|node| node.jump = vec![Arc::new(way.clone())]), "jump_hosts.b");
    }
}
