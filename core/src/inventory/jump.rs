//! The hosts that lead to nodes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::LookUp;
use super::entry::Entry;
use crate::error::{Error, Result};
use crate::node::Node;

/// Jump hosts by their names.
pub(super) struct JumpHosts(BTreeMap<String, Arc<Node>>);

impl JumpHosts {
    pub(super) fn new(hosts: BTreeMap<String, Entry>, defaults: &Entry, look_up: LookUp<'_>) -> Result<Self> {
        let defaults = defaults_of_jump_hosts(defaults);
        let read = |(name, host): (String, Entry)| {
            let node = only_reached(&host).and_then(|()| host.over(&defaults).node(look_up));
            match node {
                Ok(node) => Ok((name.clone(), Arc::new(Node { name, ..node }))),
                Err(error) => Err(error.with_key(name).with_key("jump_hosts")),
            }
        };
        hosts.into_iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// Those with these names, in their order.
    pub(super) fn named(&self, names: &[String]) -> Result<Vec<Arc<Node>>> {
        let wrong = |what: String| Error::invalid(what).with_key("jump");
        let find = |(i, name): (usize, &String)| {
            if names[..i].contains(name) {
                return Err(wrong(format!("{name} is named twice")));
            }
            let host = self.0.get(name).map(Arc::clone);
            host.ok_or_else(|| wrong(format!("there is no jump host {name}")).with_hint("describe it in jump_hosts"))
        };
        names.iter().enumerate().map(find).collect()
    }
}

/// Credentials of nodes are not shown to a jump host that does not name them.
pub(super) fn defaults_of_jump_hosts(defaults: &Entry) -> Entry {
    Entry {
        known_hosts: defaults.known_hosts.clone(),
        host_keys: defaults.host_keys.filter(|_| defaults.host_key_fingerprints.is_none()),
        connect_attempts: defaults.connect_attempts,
        ..Entry::default()
    }
}

/// A jump host is only gone through.
fn only_reached(host: &Entry) -> Result<()> {
    let others = [
        ("name", host.name.is_some()),
        ("jump", host.jump.is_some()),
        ("become", host.r#become.is_some()),
        ("become_password", host.become_password.is_some()),
        ("root", host.root.is_some()),
        ("local", host.local.is_some()),
        ("engines", host.engines.is_some()),
        ("containerd_config", host.containerd_config.is_some()),
        ("docker_config", host.docker_config.is_some()),
        ("roles", host.roles.is_some()),
        ("groups", host.groups.is_some()),
        ("settings", host.settings.is_some()),
    ];
    match others.into_iter().find(|(_, is_given)| *is_given) {
        Some((key, _)) => Err(Error::invalid("means nothing for a jump host").with_key(key).with_hint("leave it out")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::parse;
    use crate::node::HostKeys;

    #[test]
    fn jump_hosts_are_shared_and_have_logins_of_their_own() {
        let nodes = parse(
            r#"{"defaults":{"user":"ops","jump":["a","b"],"known_hosts":["kh"],"identity_files":["k"]},
                "jump_hosts":{"a":{"address":"jump@x:2222","password":"p"},"b":{"address":"y","host_keys":"accept-new"}},
                "nodes":[{"address":"n1"},{"address":"n2","jump":["b"]},{"address":"n3","jump":[]}]}"#,
        )
        .unwrap();
        let names = |node: &Node| node.jump.iter().map(|host| host.name.clone()).collect::<Vec<_>>();
        assert_eq!([0, 1, 2].map(|i| names(&nodes[i]).join(" ")), ["a b", "b", ""]);
        let host = &nodes[0].jump[0];
        assert_eq!((host.user.as_str(), host.address.as_str(), host.port), ("jump", "x", 2222));
        assert_eq!((host.identities.len(), &host.known_hosts[..]), (0, &["kh".to_owned()][..]));
        assert_eq!(nodes[0].jump[1].host_keys, HostKeys::AcceptNew);
        assert!(Arc::ptr_eq(&nodes[0].jump[1], &nodes[1].jump[0]));
    }

    #[test]
    fn what_a_jump_host_may_not_have_is_named() {
        let error = |host: &str, jump: &str| {
            let list = format!(r#"{{"jump_hosts":{{"a":{{{host}}}}},"nodes":[{{"address":"n","jump":[{jump}]}}]}}"#);
            parse(&list).unwrap_err().to_string()
        };
        assert!(error(r#""address":"x""#, r#""b""#).starts_with("nodes[0].jump: there is no jump host b"));
        assert!(error(r#""address":"x""#, r#""a","a""#).starts_with("nodes[0].jump: a is named twice"));
        for bad in [r#""root":"/x""#, r#""jump":["a"]"#, r#""become":"sudo""#, r#""local":true"#, r#""name":"x""#] {
            let error = error(&format!(r#""address":"x",{bad}"#), r#""a""#);
            let key = bad.split('"').nth(1).unwrap();
            assert!(error.starts_with(&format!("jump_hosts.a.{key}: ")), "{error}");
        }
        assert!(error("", r#""a""#).starts_with("jump_hosts.a.address: is missing"));
    }

    #[test]
    fn engines_paths_and_attempts() {
        let list = r#"{"defaults":{"engines":["docker"],"connect_attempts":1},"nodes":[{"address":"a",
            "docker_config":"/d.json","proxy_command":["nc","%h","%p"],"certificate_files":["c"]},{"address":"b","engines":[]}]}"#;
        let nodes = parse(list).unwrap();
        assert_eq!((nodes[0].engines.join(" "), nodes[1].engines.len()), ("docker".to_owned(), 0));
        assert_eq!(nodes[0].config_paths.get("docker").map(String::as_str), Some("/d.json"));
        assert_eq!((nodes[0].connect_attempts, nodes[0].proxy_command.len(), nodes[0].certificates.len()), (1, 3, 1));
        let error = |key: &str| parse(&format!(r#"{{"nodes":[{{"address":"a",{key}}}]}}"#)).unwrap_err().to_string();
        assert!(error(r#""docker_config":"d""#).starts_with("nodes[0].docker_config: is not an absolute path"));
        assert!(error(r#""connect_attempts":0"#).starts_with("nodes[0].connect_attempts: must be 1"));
        for bad in ["0", "-1", "1e-12", "1e10"] {
            let error = error(&format!(r#""connect_timeout":{bad}"#));
            assert!(error.starts_with("nodes[0].connect_timeout: is not a number of seconds"), "{error}");
        }
    }
}
