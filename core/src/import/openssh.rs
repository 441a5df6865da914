//! The hosts of an OpenSSH client configuration: each `Host` without a wildcard is a node, and blocks with wildcards say
//! what it leaves open.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::error::Result;
use crate::inventory::{self, SshHost};
use crate::settings::Settings;

use super::found::{Found, List};
use super::options::Options;
use super::remark::{Place, RemarkKind, Remarks};
use super::source::Source;

pub(super) fn read(source: &Source, options: &Options, remarks: &mut Remarks) -> Result<Found> {
    let found = inventory::ssh_hosts(source.as_str(), source.path().map(Path::new))?;
    remarks.add_warnings(found.warnings);
    let mut list = List::default();
    for (name, entry) in found.jump_hosts {
        list.jump_host(&name, entry);
    }
    let leads: HashSet<_> = found.hosts.iter().flat_map(|host| host.leads.clone()).collect();
    let mut machines = HashMap::new();
    let mut nodes = Vec::new();
    for host in found.hosts {
        let place = place_of(&host);
        if leads.contains(&host.name) && !options.all_hosts {
            let text = "other hosts are reached through it, and it is no node; the option `all_hosts` makes it one too";
            remarks.add(RemarkKind::Skipped, &place, text);
        } else if let Some(first) = machines.insert(machine(&host.entry), host.name.clone()) {
            let text = format!("is the same machine as {first}, which is a node already");
            remarks.add(RemarkKind::Skipped, &place, text);
            machines.insert(machine(&host.entry), first);
        } else {
            nodes.push((place, host.entry));
        }
    }
    say_who_logs_in(&nodes, options, remarks);
    for (_, entry) in nodes {
        list.node(entry);
    }
    Ok(list.found(Settings::default()))
}

fn place_of(host: &SshHost) -> Place {
    let path = host.place.path.as_deref().map(Arc::from);
    Place { path, line: Some(host.place.line), key: host.name.clone() }
}

/// What makes two names one machine: two addresses may be one, but one way to one port is.
fn machine(entry: &Map<String, Value>) -> String {
    let part = |key: &str| entry.get(key).map(ToString::to_string).unwrap_or_default();
    ["address", "port", "jump", "proxy_command"].map(part).join(" ")
}

/// OpenSSH would log in as the one who calls it; here that is root. Said once, at the first node.
fn say_who_logs_in(nodes: &[(Place, Map<String, Value>)], options: &Options, remarks: &mut Remarks) {
    if options.defaults_have("user") {
        return;
    }
    let without: Vec<_> = nodes.iter().filter(|(_, entry)| !entry.contains_key("user")).collect();
    if let [(place, _), others @ ..] = &without[..] {
        let more = match others.len() {
            0 => String::new(),
            count => format!(", nor {count} more"),
        };
        let text = format!("has no User{more}: the login is root's, unless the option `defaults` names a user");
        remarks.add(RemarkKind::Decided, place, text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Imported, Options, load, parse};

    fn read(text: &str, options: &Options) -> Imported {
        parse(text, options).unwrap()
    }

    fn remarks(imported: &Imported) -> Vec<String> {
        imported.remarks.iter().map(|remark| format!("{} {remark}", remark.kind)).collect()
    }

    const CONFIG: &str = "Host n1 n2\n  HostName %h.lab\nHost n1.lab\nHost gate\n  User jump\nHost n*\n  Port 2222\n  \
                          ProxyJump gate\n  Frobnicate yes\n";

    #[test]
    fn hosts_are_nodes_and_patterns_give_the_rest() {
        let defaults = Some(r#"{"user":"ops","port":23,"known_hosts":["kh"]}"#.into());
        let imported = read(CONFIG, &Options { defaults, ..Options::default() });
        assert_eq!((imported.format, imported.settings.ensured().len()), (Format::OpenSsh, 0));
        let shown =
            imported.nodes.iter().map(|n| format!("{} {}@{} via {}", n.name, n.user, n.place(), n.jump[0].place()));
        assert_eq!(shown.collect::<Vec<_>>(), ["n1 ops@n1.lab:2222 via gate:22", "n2 ops@n2.lab:2222 via gate:22"]);
        let gate = &imported.nodes[0].jump[0];
        assert_eq!((gate.user.as_str(), gate.known_hosts.len()), ("jump", 1));
        assert_eq!(
            remarks(&imported),
            [
                "skipped line 3: n1.lab: is the same machine as n1, which is a node already",
                "skipped line 4: gate: other hosts are reached through it, and it is no node; the option `all_hosts` \
                 makes it one too",
                "unknown line 9: frobnicate: is not honoured",
            ]
        );
    }

    #[test]
    fn who_logs_in_is_said_once_and_all_hosts_are_all() {
        let imported = read(CONFIG, &Options { all_hosts: true, ..Options::default() });
        assert_eq!(imported.nodes.iter().map(|n| n.user.as_str()).collect::<Vec<_>>(), ["root", "root", "jump"]);
        let said = remarks(&imported);
        assert_eq!(
            said[0],
            "decided line 1: n1: has no User, nor 1 more: the login is root's, unless the option \
                             `defaults` names a user"
        );
        assert_eq!(said.len(), 3);
    }

    #[test]
    fn a_file_includes_others() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("config", "Include more\nHost *\nUser ops\nIdentityFile key\n");
        write("more", "Host n1\nHostName 10.0.0.1\nProxyJump n2\nHost n2\nUser \"x\n");
        let error = load(folder.path().join("config"), &Options::default()).unwrap_err();
        let more = folder.path().join("more").display().to_string();
        assert_eq!((error.path(), error.line()), (Some(more.as_str()), Some(5)));
        write("more", "Host n1\nHostName 10.0.0.1\nHost\tn2\nUser x\n");
        let imported = load(folder.path().join("config"), &Options::default()).unwrap();
        assert_eq!(imported.nodes.iter().map(|n| n.user.as_str()).collect::<Vec<_>>(), ["ops", "x"]);
        let key = folder.path().join("key").display().to_string();
        assert_eq!(imported.nodes[0].identities, [crate::Identity::File(key)]);
    }
}
