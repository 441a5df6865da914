use serde_json::{Value, json};

use super::super::{Imported, Options, load, parse};
use crate::node::{Become, Identity};

fn read(text: &str) -> Imported {
    parse(text, &Options::default()).unwrap()
}

fn remarks(imported: &Imported) -> Vec<String> {
    imported.remarks.iter().map(|remark| format!("{} {remark}", remark.kind)).collect()
}

fn ensured(imported: &Imported) -> Value {
    imported.settings.to_json()["ensure"].clone()
}

fn starts_with(said: &[String], starts: &[&str]) {
    assert_eq!(said.len(), starts.len(), "{said:#?}");
    for (remark, start) in said.iter().zip(starts) {
        assert!(remark.starts_with(start), "{remark}");
    }
}

const CLUSTER: &str = r#"
apiVersion: kubekey.kubesphere.io/v1alpha2
kind: Cluster
spec:
  hosts:
  - {name: n1, address: 10.0.0.11, internalAddress: 10.1.0.11, port: 2222, user: ops, password: "hunter2", timeout: 7}
  - {name: n2, address: 10.0.0.12, privateKeyPath: "/keys/lab", labels: {disk: ssd}}
  - {name: n3, address: 10.0.0.13}
  - {name: reg, address: 10.0.0.20, password: hunter2}
  roleGroups:
    etcd: [n1]
    control-plane: [n1]
    worker: ["n[2:3]", n9]
    registry: [reg]
  kubernetes: {containerManager: containerd}
  registry:
    registryMirrors: ["https://mirror.lab", mirror2.lab]
    insecureRegistries: ["10.0.0.20:5000", "http://b.lab"]
    privateRegistry: "dockerhub.lab"
    namespaceOverride: lab
    auths:
      "c.lab": {username: u, password: hunter2, skipTLSVerify: true}
      "d.lab:5000": {plainHTTP: true, skipTLSVerify: true, certsPath: /certs}
      e.lab: {username: u}
---
kind: ClusterConfiguration
spec: {registry: {x: 1}}
"#;

#[test]
fn a_cluster_has_nodes_and_registries() {
    let imported = read(CLUSTER);
    let [n1, n2, n3] = &imported.nodes[..] else { panic!("three nodes: {:?}", imported.nodes) };
    assert_eq!(
        (n1.place().as_str(), n1.user.as_str(), n1.roles.join(" ")),
        ("10.0.0.11:2222", "ops", "etcd control-plane".into())
    );
    assert_eq!((n1.become_root, n1.become_password.as_ref()), (Become::Sudo, Some(&"hunter2".into())));
    assert_eq!((n1.password.is_some(), n1.connect_timeout.unwrap().as_secs()), (true, 7));
    assert_eq!((&n2.identities[..], n2.user.as_str()), (&[Identity::File("/keys/lab".into())][..], "root"));
    assert_eq!((n3.roles.join(" "), n3.engines.join(" ")), ("worker".into(), "containerd".into()));
    assert_eq!(
        ensured(&imported),
        json!([
            { "host": "docker.io", "endpoints": [{ "url": "https://mirror.lab" }] },
            { "host": "10.0.0.20:5000", "endpoints": [{ "url": "http://10.0.0.20:5000" }] },
            { "host": "b.lab", "endpoints": [{ "url": "http://b.lab" }] },
            { "host": "c.lab", "endpoints": [{ "url": "https://c.lab", "skip_verify": true }] },
            { "host": "d.lab:5000", "endpoints": [{ "url": "http://d.lab:5000" }] },
        ])
    );
    let said = remarks(&imported);
    assert!(!said.join(" ").contains("hunter2"));
    starts_with(
        &said,
        &[
            "unresolved line 8: spec.hosts[2]: has neither a password nor a key",
            "skipped line 9: spec.hosts[3]: is neither of the control plane",
            "skipped line 13: spec.roleGroups.worker[1]: n9 is none of the hosts",
            "skipped line 17: spec.registry.registryMirrors[1]: ",
            "decided line 18: spec.registry.insecureRegistries[1]: has a scheme",
            "ineffective line 19: spec.registry.privateRegistry: only tells",
            "ineffective line 20: spec.registry.namespaceOverride: renames images",
            "skipped line 22: spec.registry.auths.c.lab: is a login",
            "unresolved line 23: spec.registry.auths.d.lab:5000.certsPath: is a folder",
            "decided line 23: spec.registry.auths.d.lab:5000: is plain http",
        ],
    );
}

#[test]
fn an_insecure_registry_of_docker_leaves_the_protocol_open() {
    let text = CLUSTER.replace("containerManager: containerd", "containerManager: docker");
    let imported = read(&text);
    assert_eq!(imported.nodes[0].engines, ["docker"]);
    let said = remarks(&imported);
    assert!(said.iter().any(|r| r.contains("insecureRegistries[0]: no protocol is told")), "{said:#?}");
    let text = CLUSTER.replace("containerManager: containerd", "containerManager: crio");
    let said = remarks(&read(&text));
    assert!(said[3].starts_with("ineffective line 15: spec.kubernetes.containerManager: crio"), "{said:#?}");
}

const INVENTORY: &str = "
apiVersion: kubekey.kubesphere.io/v1
kind: Inventory
spec:
  hosts:
    localhost: {}
    n1: { connector: { type: ssh, host: 10.0.0.11, port: 2222, user: ops, password: hunter2 }, internal_ipv4: 10.1.0.11 }
    n2: { connector: { private_key_content: hunter2 } }
    etcd1: { connector: { host: 10.0.0.13 } }
    pod: { connector: { type: kubernetes } }
  groups:
    k8s_cluster: { groups: [kube_control_plane, kube_worker] }
    kube_control_plane: { hosts: [localhost, n1] }
    kube_worker: { hosts: [n1, n2, n9], vars: { connector: { port: 23 } } }
    etcd: { hosts: [etcd1, n1] }
  vars:
    connector: { user: admin }
---
apiVersion: kubekey.kubesphere.io/v1
kind: Config
spec:
  cri:
    container_manager: containerd
    registry:
      mirrors: [http://10.0.0.20:5000]
      insecure_registries: [10.0.0.20:5000]
      auths:
      - { registry: a.lab/team, username: u, password: hunter2 }
      - { registry: b.lab, skip_tls_verify: false }
  image_registry:
    auth: { registry: c.lab, ca_file: ca.pem, plain_http: false }
";

#[test]
fn an_inventory_and_a_config_of_version_4() {
    let folder = tempfile::tempdir().unwrap();
    let pem = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";
    std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
    std::fs::write(folder.path().join("inventory.yaml"), INVENTORY).unwrap();
    let imported = load(folder.path().join("inventory.yaml"), &Options::default()).unwrap();
    let shown = imported.nodes.iter().map(|n| format!("{} {}@{} {}", n.name, n.user, n.place(), n.roles.join("+")));
    assert_eq!(shown.collect::<Vec<_>>(), ["n1 ops@10.0.0.11:2222 control-plane+worker+etcd", "n2 admin@n2:23 worker"]);
    assert_eq!(imported.nodes[1].identities, [Identity::Key("hunter2".into())]);
    assert_eq!(
        ensured(&imported),
        json!([
            { "host": "docker.io", "endpoints": [{ "url": "http://10.0.0.20:5000" }] },
            { "host": "10.0.0.20:5000", "endpoints": [{ "url": "http://10.0.0.20:5000" }] },
            { "host": "a.lab", "endpoints": [{ "url": "https://a.lab", "skip_verify": true }] },
            { "host": "c.lab", "endpoints": [{ "url": "https://c.lab", "ca": pem }] },
        ])
    );
    let said: Vec<_> = imported.remarks.iter().map(|r| format!("{} {} {}", r.kind, r.line.unwrap(), r.key)).collect();
    assert_eq!(
        said,
        [
            "skipped 6 spec.hosts.localhost",
            "skipped 9 spec.hosts.etcd1",
            "skipped 10 spec.hosts.pod",
            "skipped 14 spec.groups.kube_worker.hosts[2]",
            "skipped 28 spec.cri.registry.auths[0]",
            "decided 28 spec.cri.registry.auths[0]",
        ]
    );
}
