use std::path::Path;

use super::super::{Loaded, load_with_warnings, parse};
use crate::node::{HostKeys, Identity, Node};

/// A list with these nodes, completed by this configuration, in a folder with these files.
fn loaded(nodes: &str, config: &str, others: &[(&str, &str)]) -> crate::Result<Loaded> {
    let folder = tempfile::tempdir().unwrap();
    let list = format!(r#"{{"ssh_config":"config","defaults":{{"known_hosts":["/kh"]}},"nodes":[{nodes}]}}"#);
    for (name, text) in [("nodes.json", list.as_str()), ("config", config)].iter().chain(others) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut loaded = load_with_warnings(folder.path().join("nodes.json"))?;
    let folder = format!("{}/", folder.path().display());
    for warning in &mut loaded.warnings {
        *warning = warning.replace(&folder, "");
    }
    Ok(loaded)
}

fn node(config: &str) -> Node {
    loaded(r#"{"address":"n1"}"#, config, &[]).unwrap().nodes.remove(0)
}

fn file(path: &str) -> Identity {
    Identity::File(path.to_owned())
}

#[test]
fn it_completes_what_the_list_leaves_out() {
    let config = "Host n1 n2\n  HostName 10.0.0.1\n  Port=2222\n  User \"ops\"\nHost *\n IdentityFile /k1\n \
                  User nobody\n IdentityFile /k2 # two\n ConnectTimeout 7\n ConnectionAttempts 2\n IdentityAgent /sock\n";
    let nodes = r#"{"address":"n1"},{"address":"me@n2:23","identity_files":["/own"]},{"address":"n3"}"#;
    let Loaded { nodes, warnings } = loaded(nodes, config, &[]).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    let shown: Vec<_> = nodes.iter().map(|n| format!("{} {}@{}:{}", n.name, n.user, n.address, n.port)).collect();
    assert_eq!(shown, ["n1 ops@10.0.0.1:2222", "n2 me@10.0.0.1:23", "n3 nobody@n3:22"]);
    assert_eq!(nodes[0].identities, [file("/k1"), file("/k2")]);
    assert_eq!(nodes[1].identities, [file("/own")]);
    let (timeout, agent) = (nodes[0].connect_timeout, nodes[0].agent.as_deref());
    assert_eq!((timeout.unwrap().as_secs(), nodes[0].connect_attempts, agent), (7, 2, Some("/sock")));
}

#[test]
fn patterns_negations_and_the_first_value() {
    let config = "Host n? !n1\nUser a\nHost *.lab\nUser b\nHost *\nUser c\n";
    let users = loaded(r#"{"address":"n1"},{"address":"n2"},{"address":"x.lab"}"#, config, &[]).unwrap().nodes;
    assert_eq!(users.iter().map(|n| n.user.as_str()).collect::<Vec<_>>(), ["c", "a", "b"]);
    assert_eq!(node("User first\nHost *\nUser second\n").user, "first");
    assert_eq!(node("Host [n1]\nUser a\n").user, "root", "brackets mean nothing");
}

#[test]
fn includes_stay_within_their_block() {
    let nodes = r#"{"address":"n1"},{"address":"n2"}"#;
    let config = "Host n1\nInclude more*\nPort 2222\nHost *\nUser z\n";
    let nodes = loaded(nodes, config, &[("more1", "User a\nHost n2\nUser b\n")]).unwrap().nodes;
    let shown: Vec<_> = nodes.iter().map(|n| (n.user.as_str(), n.port)).collect();
    assert_eq!(shown, [("a", 2222), ("z", 22)]);
    let error = loaded(r#"{"address":"n1"}"#, "Include config", &[]).unwrap_err();
    assert!(error.to_string().contains("include each other"), "{error}");
}

#[test]
fn host_keys_are_never_off() {
    let policy = |value: &str| node(&format!("StrictHostKeyChecking {value}\n")).host_keys;
    assert_eq!([policy("yes"), policy("ask"), policy("no")], [HostKeys::Strict, HostKeys::Strict, HostKeys::Strict]);
    assert_eq!(policy("accept-new"), HostKeys::AcceptNew);
    let warnings = loaded(r#"{"address":"n1"}"#, "StrictHostKeyChecking no\n", &[]).unwrap().warnings;
    assert_eq!(
        warnings,
        ["config:1: stricthostkeychecking does not switch the check of host keys off: it stays strict"]
    );
    let node = node("UserKnownHostsFile /a /b\n");
    assert_eq!(node.known_hosts, ["/kh"], "the list's own wins");
}

#[test]
fn jump_hosts_have_their_own_options_and_those_that_lead_to_them() {
    let config = "Host n1\nProxyJump ops@b:2200\nHost b\nHostName 10.0.0.2\nProxyJump a\nIdentityFile /kb\n\
                  Host a\nUser jump\nIdentityFile /ka\n";
    let node = node(config);
    let shown: Vec<_> = node.jump.iter().map(|h| format!("{} {}@{}:{}", h.name, h.user, h.address, h.port)).collect();
    assert_eq!(shown, ["a jump@a:22", "b ops@10.0.0.2:2200"]);
    assert_eq!(node.jump[1].identities, [file("/kb")]);
    assert_eq!(node.jump[0].known_hosts, ["/kh"]);
    let error = loaded(r#"{"address":"n1"}"#, "Host *\nProxyJump a\n", &[]).unwrap_err();
    assert!(error.to_string().contains("more than 8 hosts lead to it"), "{error}");
}

#[test]
fn the_first_way_wins_and_the_lists_own_over_all() {
    let command = "ProxyCommand ssh -W '%h:%p' %r@gate\nProxyJump a\n";
    assert_eq!(node(command).proxy_command, ["/bin/sh", "-c", "exec ssh -W '%h:%p' %r@gate"]);
    assert_eq!(node(command).jump.len(), 0);
    assert_eq!(node("ProxyJump none\nProxyCommand nc\n").proxy_command.len(), 0);
    let own = r#"{"address":"n1","jump":[]},{"address":"n2","proxy_command":["nc"]}"#;
    let nodes = loaded(own, "Host *\nProxyJump a\n", &[]).unwrap().nodes;
    assert_eq!((nodes[0].jump.len(), nodes[1].jump.len(), nodes[1].proxy_command.len()), (0, 0, 1));
    let nodes = loaded(own, "Host *\nProxyCommand x y\n", &[]).unwrap().nodes;
    assert_eq!((nodes[0].proxy_command.len(), &nodes[1].proxy_command[..]), (0, &["nc".to_owned()][..]));
    let hops = node("Host n1\nProxyJump a,b\nHost a b\nProxyCommand nc %h %p\n").jump;
    assert_eq!((hops[0].proxy_command.len(), hops[1].proxy_command.len()), (3, 0));
}

#[test]
fn what_is_not_understood_is_said() {
    let config = "Host n1\nCiphers +x\nServerAliveInterval 5\nIdentityFile /%C\nMatch exec true\nUser evil\n\
                  Host other\nFrobnicate yes\nHost *\nPort many\nProxyCommand nc %n\n";
    let Loaded { nodes, warnings } = loaded(r#"{"address":"n1"}"#, config, &[]).unwrap();
    assert_eq!((nodes[0].user.as_str(), nodes[0].port, nodes[0].identities.len()), ("root", 22, 0));
    assert_eq!(
        warnings,
        [
            "config:2: ciphers is not honoured",
            "config:4: identityfile has a token that is not understood, and is left out",
            "config:5: Match is not understood: the lines below it are left out",
            "config:10: port is not a number, and is left out",
            "config:11: proxycommand has a token that is not understood, and is left out",
        ]
    );
    let error = loaded(r#"{"address":"n1"}"#, "Host n1\nUser \"ops\n", &[]).unwrap_err();
    assert_eq!(error.line(), Some(2));
}

#[test]
fn a_configuration_is_a_file() {
    let error = parse(r#"{"ssh_config":"c","nodes":[{"address":"n1"}]}"#).unwrap_err();
    assert!(error.to_string().starts_with("ssh_config: names a file"), "{error}");
    let error = load_with_warnings(Path::new("/nonexistent")).unwrap_err();
    assert_eq!(error.path(), Some("/nonexistent"));
}
