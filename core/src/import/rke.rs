//! `cluster.yml` of RKE 1. It knows no insecure registries; its nodes run docker.

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::settings::Settings;

use super::field::Field;
use super::found::{Found, List, at_home};
use super::options::Options;
use super::remark::{RemarkKind, Remarks};
use super::source::Source;
use super::yaml::Yaml;

/// The name of the jump host in the list.
const BASTION: &str = "bastion";

/// Keys of a node that change nothing here.
const OF_NODE: [&str; 16] = [
    "nodeName",
    "address",
    "port",
    "internal_address",
    "role",
    "hostname_override",
    "user",
    "docker_socket",
    "ssh_agent_auth",
    "ssh_key",
    "ssh_key_path",
    "ssh_cert",
    "ssh_cert_path",
    "labels",
    "taints",
    "ignore_proxy_env_vars",
];

pub(super) fn read(source: &Source, options: &Options, remarks: &mut Remarks) -> Result<Found> {
    let yaml = Yaml::parse(source, remarks)?;
    let root = Field::new(source, &yaml);
    if root.get("nodes").is_none() && root.get("private_registries").is_none() {
        let error =
            Error::new(ErrorKind::Parse, "is no cluster.yml of RKE: it has neither nodes nor private_registries");
        return Err(error.with_hint("name the form that it has, or let it be guessed"));
    }
    let mut list = List::default();
    let bastion =
        root.get("bastion_host").filter(|bastion| bastion.get("address").is_some_and(|address| !address.is_empty()));
    if let Some(bastion) = &bastion {
        let mut entry = Map::new();
        login(&root, bastion, &mut entry, false, remarks)?;
        list.jump_host(BASTION, entry);
    }
    if let Some(nodes) = root.get("nodes") {
        for node in nodes.items()? {
            if let Some(mut entry) = read_node(&root, &node, options, remarks)? {
                if bastion.is_some() {
                    entry.insert("jump".into(), json!([BASTION]));
                }
                list.node(entry);
            }
        }
    }
    say_registries(&root, remarks)?;
    Ok(list.found(Settings::default()))
}

/// The entry of a node; nothing if it has no address or is no member that runs pods.
fn read_node(
    root: &Field<'_>,
    node: &Field<'_>,
    options: &Options,
    remarks: &mut Remarks,
) -> Result<Option<Map<String, Value>>> {
    node.only(&OF_NODE, remarks)?;
    let roles = node.get("role").map_or_else(|| Ok(Vec::new()), |role| role.texts(remarks))?;
    let roles: Vec<_> = roles.iter().map(|(role, _)| role.as_str()).collect();
    if !options.all_hosts && roles == ["etcd"] {
        let text = "is a member of etcd alone and no node of the cluster; the option `all_hosts` takes it too";
        remarks.add(RemarkKind::Skipped, &node.place, text);
        return Ok(None);
    }
    let mut entry = Map::new();
    let name = match node.text_of("hostname_override", remarks)? {
        None => node.text_of("nodeName", remarks)?,
        name => name,
    };
    entry.extend(name.map(|name| ("name".to_owned(), name.into())));
    if !login(root, node, &mut entry, options.defaults_have("user"), remarks)? {
        return Ok(None);
    }
    let roles: Vec<_> = roles.iter().map(|role| if *role == "controlplane" { "control-plane" } else { role }).collect();
    if !roles.is_empty() {
        entry.insert("roles".into(), json!(roles));
    }
    entry.insert("engines".into(), json!(["docker"]));
    become_root(node, &mut entry, options, remarks);
    Ok(Some(entry))
}

/// Where it is and how to log in to it; `false`, and a remark, if it has no address. `is_told` says whether the options
/// tell a user.
fn login(
    root: &Field<'_>,
    host: &Field<'_>,
    entry: &mut Map<String, Value>,
    is_told: bool,
    remarks: &mut Remarks,
) -> Result<bool> {
    let Some(address) = host.text_of("address", remarks)? else {
        remarks.add(RemarkKind::Skipped, &host.place, "has no address, and is left out");
        return Ok(false);
    };
    entry.insert("address".into(), address.into());
    if let Some(port) = host.get("port") {
        entry.extend(port.number::<u16>("a port", remarks)?.map(|port| ("port".to_owned(), port.into())));
    }
    match host.text_of("user", remarks)? {
        Some(user) => drop(entry.insert("user".into(), user.into())),
        None if is_told => {}
        None => remarks.add_once(RemarkKind::Decided, &host.place, super::NO_USER),
    }
    let own = |key: &str| host.get(key).filter(|field| !field.is_empty()).or_else(|| root.get(key));
    for (key, of_list) in [("ssh_key_path", "identity_files"), ("ssh_cert_path", "certificate_files")] {
        let path = own(key).map_or(Ok(None), |field| field.text(remarks))?;
        entry.extend(path.map(|path| (of_list.to_owned(), json!([at_home(&path)]))));
    }
    if let Some(key) = host.text_of("ssh_key", remarks)? {
        entry.insert("identity_keys".into(), json!([key]));
        entry.remove("identity_files");
    }
    if let Some(certificate) = host.get("ssh_cert").filter(|field| !field.is_empty()) {
        let text = "a certificate as text is not taken; it is left out: write it to a file and name that";
        remarks.add(RemarkKind::Unresolved, &certificate.place, text);
    }
    if let Some(agent) = own("ssh_agent_auth")
        && agent.flag(remarks)?
    {
        let text = "the agent's socket is not told; it is left out: give `agent` in the option `defaults`";
        remarks.add(RemarkKind::Unresolved, &agent.place, text);
    }
    Ok(true)
}

/// RKE needs docker's socket only; docker's configuration belongs to root.
fn become_root(node: &Field<'_>, entry: &mut Map<String, Value>, options: &Options, remarks: &mut Remarks) {
    let is_root = entry.get("user").is_none_or(|user| user == "root");
    if !is_root && !options.defaults_have("become") {
        entry.insert("become".into(), "sudo".into());
        let text = "a cluster.yml does not tell how a user becomes root; taken is sudo for every node, and `become` in the \
                    option `defaults` says otherwise";
        remarks.add_once(RemarkKind::Decided, &node.place, text);
    }
}

fn say_registries(root: &Field<'_>, remarks: &mut Remarks) -> Result<()> {
    let Some(registries) = root.get("private_registries") else { return Ok(()) };
    for registry in registries.items()? {
        registry.only(&["url", "user", "password", "is_default", "ecr_credential_plugin"], remarks)?;
        if registry.get("password").or_else(|| registry.get("ecr_credential_plugin")).is_some() {
            remarks.add(RemarkKind::Skipped, &registry.place, super::LOGIN);
        } else {
            let text =
                "only tells where images come from; how docker reaches it is not told, and nothing is set for it";
            remarks.add(RemarkKind::Skipped, &registry.place, text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Imported, Options, parse};
    use crate::node::{Become, Identity};

    const CLUSTER: &str = "
ssh_key_path: ~/.ssh/lab
nodes:
- address: 10.0.0.11
  port: '2222'
  user: ops
  role: [controlplane, etcd]
  hostname_override: n1
- address: fd00::12
  user: root
  internal_address: 10.1.0.12
  role: worker
  ssh_key: |
    hunter2
  docker_socket: /run/docker.sock
- address: 10.0.0.13
  user: root
  role: [etcd]
- user: root
  role: [worker]
bastion_host: { address: 203.0.113.7, user: jump, port: 23, ssh_agent_auth: true }
private_registries:
- { url: reg.lab:5000, user: u, password: hunter2, is_default: true }
- url: b.lab
services: { etcd: {} }
";

    fn remarks(imported: &Imported) -> Vec<String> {
        imported.remarks.iter().map(|remark| format!("{} {remark}", remark.kind)).collect()
    }

    #[test]
    fn nodes_and_the_bastion() {
        let imported = parse(CLUSTER, &Options::default()).unwrap();
        let [n1, n2] = &imported.nodes[..] else { panic!("two nodes: {:?}", imported.nodes) };
        assert_eq!((n1.name.as_str(), n1.place().as_str(), n1.user.as_str()), ("n1", "10.0.0.11:2222", "ops"));
        assert_eq!((n1.roles.join(" "), n1.engines.join(" ")), ("control-plane etcd".into(), "docker".into()));
        assert_eq!((n1.become_root, n2.become_root), (Become::Sudo, Become::None));
        assert!(matches!(&n1.identities[..], [Identity::File(path)] if path.ends_with("/.ssh/lab")), "{n1:?}");
        assert_eq!(
            (n2.place().as_str(), &n2.identities[..]),
            ("[fd00::12]:22", &[Identity::Key("hunter2\n".into())][..])
        );
        assert_eq!((n1.jump[0].user.as_str(), n1.jump[0].place().as_str()), ("jump", "203.0.113.7:23"));
        let said = remarks(&imported);
        assert!(!said.join(" ").contains("hunter2"));
        let starts = [
            "decided line 4: nodes[0]: a cluster.yml does not tell how a user becomes root",
            "skipped line 16: nodes[2]: is a member of etcd alone",
            "skipped line 19: nodes[3]: has no address",
            "unresolved line 21: bastion_host.ssh_agent_auth: the agent's socket",
            "skipped line 23: private_registries[0]: is a login",
            "skipped line 24: private_registries[1]: only tells where images come from",
        ];
        assert_eq!(said.len(), starts.len(), "{said:#?}");
        for (remark, start) in said.iter().zip(starts) {
            assert!(remark.starts_with(start), "{remark}");
        }
    }

    #[test]
    fn a_bastion_without_an_address_is_none() {
        let text = "nodes: [ { address: a, user: ops, role: [worker] }, { address: b, user: ops, role: [worker] } ]\n\
                    bastion_host: { address: '', port: '', user: '', ssh_key: '', ssh_key_path: '' }\n";
        let imported = parse(text, &Options::default()).unwrap();
        assert!(imported.nodes.iter().all(|node| node.jump.is_empty()));
        assert_eq!(imported.remarks.len(), 1, "how to become root is said once: {:?}", imported.remarks);
    }

    #[test]
    fn options_have_their_say() {
        let defaults = Some(r#"{"become":"doas"}"#.into());
        let imported = parse(CLUSTER, &Options { all_hosts: true, defaults, ..Options::default() }).unwrap();
        assert_eq!(imported.nodes.iter().map(|n| n.become_root).collect::<Vec<_>>(), [Become::Doas; 3]);
        let error = parse("nodes:\n- address: a\n  port: ssh\n", &Options::default()).unwrap_err();
        assert_eq!((error.line(), error.key()), (Some(3), Some("nodes[0].port")));
    }
}
