use super::super::{Format, Imported, Options, RemarkKind, load, parse};
use crate::node::Identity;

const INVENTORY: &str = "
all:
  hosts:
    localhost: { ansible_connection: local, kuboardspray_resource_package: spray-v2.21.0c_k8s-v1.26.4_v4.4-amd64 }
    bastion: { ansible_host: 203.0.113.7, ansible_port: '2222', ansible_user: jump, ansible_password: hunter2 }
    one: { ansible_host: 10.9.0.11, ip: 10.9.0.11 }
    two: { ansible_host: 10.9.0.12, ansible_port: '2200', ansible_become: true, ansible_become_password: 4711 }
    new: { ansible_host: 10.9.0.13, kuboardspray_node_action: add_node }
    old: { ansible_host: 10.9.0.14 }
    db: { ansible_host: 10.9.0.15 }
  vars:
    ansible_ssh_args: \"{{ kuboardspray_ssh_args }} {{ '' if x is defined else kuboardspray_ssh_multiplexing }}\"
    kuboardspray_cluster_dir: /data/cluster/lab
  children:
    target:
      vars:
        ansible_user: ops
        ansible_port: '22'
        ansible_ssh_private_key_file: '{{ kuboardspray_cluster_dir }}/private-key/lab.key'
        container_manager: containerd
        containerd_insecure_registries:
          reg.lab.internal:
            - http://10.20.0.9:5000
            - null
        docker_insecure_registries: [ 10.20.0.9:5000 ]
      children:
        etcd: { hosts: { one: {}, db: } }
        k8s_cluster:
          children:
            kube_control_plane: { hosts: { one: {} } }
            kube_node: { hosts: { one: {}, two: {}, new: {}, old: { kuboardspray_node_action: remove_node } } }
            calico_rr: { hosts: {} }
";

fn import(text: &str) -> Imported {
    parse(text, &Options::default()).unwrap()
}

fn remarks(imported: &Imported, kind: RemarkKind) -> Vec<String> {
    imported.remarks.iter().filter(|remark| remark.kind == kind).map(ToString::to_string).collect()
}

#[test]
fn nodes_of_the_cluster_go_through_the_bastion() {
    let imported = import(INVENTORY);
    assert_eq!(imported.format, Format::KuboardSpray);
    let shown: Vec<_> = imported.nodes.iter().map(|n| (n.name.as_str(), n.user.as_str(), n.port)).collect();
    assert_eq!(shown, [("one", "ops", 22), ("two", "ops", 2200), ("new", "ops", 22)]);
    let [one, two, _] = imported.nodes.as_slice() else { panic!("three nodes") };
    assert_eq!((one.roles.join(" "), two.roles.join(" ")), ("control-plane etcd worker".into(), "worker".into()));
    assert_eq!(two.become_password.as_ref().unwrap().expose(), "4711");
    let bastion = &one.jump[0];
    assert_eq!((bastion.address.as_str(), bastion.port, bastion.user.as_str()), ("203.0.113.7", 2222, "jump"));
    assert_eq!(bastion.password.as_ref().unwrap().expose(), "hunter2");
    let skipped = remarks(&imported, RemarkKind::Skipped);
    assert_eq!(skipped.len(), 4, "{skipped:?}");
    assert!(
        skipped.iter().any(|text| text.contains("line 8: ") || text.contains("old is marked with \"remove_node\""))
    );
    assert!(skipped.iter().any(|text| text.contains("db: has etcd only")), "{skipped:?}");
    let decided = remarks(&imported, RemarkKind::Decided);
    assert!(decided.len() == 2 && decided[0].contains("new is marked for adding"), "{decided:?}");
    assert!(decided[1].contains("is not root, and no ansible_become is told"), "{decided:?}");
    let all = imported.remarks.iter().map(ToString::to_string).collect::<String>() + &format!("{imported:?}");
    assert!(!all.contains("hunter2") && !all.contains("4711"));
}

#[test]
fn keys_lie_beside_the_inventory_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.yaml");
    std::fs::write(&path, INVENTORY).unwrap();
    let imported = load(&path, &Options::default()).unwrap();
    let key = folder.path().join("private-key/lab.key").to_string_lossy().into_owned();
    assert_eq!(imported.nodes[0].identities, [Identity::File(key)]);
    assert_eq!(load(folder.path(), &Options::default()).unwrap(), imported);
    let mut options = Options::default();
    options.variables.insert("kuboardspray_cluster_dir".into(), "/srv/lab".into());
    options.removed = true;
    let imported = load(&path, &options).unwrap();
    assert_eq!(imported.nodes[0].identities, [Identity::File("/srv/lab/private-key/lab.key".into())]);
    assert_eq!(imported.nodes.last().unwrap().name, "old");
    options.all_hosts = true;
    assert_eq!(load(&path, &options).unwrap().nodes.last().unwrap().name, "db");
}

#[test]
fn a_node_is_left_out_only_when_it_is_being_removed() {
    let names = |action: &str| {
        let imported = import(&INVENTORY.replace("remove_node", action));
        (imported.nodes.iter().any(|node| node.name == "old"), remarks(&imported, RemarkKind::Unknown).len())
    };
    assert_eq!([names("remove_node"), names("upgrade_node"), names("other_node")], [(false, 0), (true, 0), (true, 1)]);
}

#[test]
fn each_shape_of_insecure_registries_is_read() {
    let with = |variables: &str| {
        let text = format!(
            "all:\n  hosts: {{ n: {{ ansible_host: 10.9.0.1 }} }}\n  children:\n    target:\n      children: {{ k8s_cluster: {{ hosts: {{ n: }} }} }}\n      vars:\n{variables}"
        );
        import(&text)
    };
    let shown = |imported: &Imported| {
        let shown = imported.settings.ensured().iter().map(|registry| {
            let urls: Vec<_> = registry.endpoints.iter().map(|e| format!("{} {:?}", e.url, e.trust)).collect();
            format!("{} [{}] {}", registry.host, urls.join(", "), registry.engines.join(","))
        });
        shown.collect::<Vec<_>>().join("; ")
    };
    let a = with("        containerd_insecure_registries: [ 10.20.0.9:5000 ]\n");
    assert_eq!(shown(&a), "10.20.0.9:5000 [http://10.20.0.9:5000 System] containerd");
    let decided = remarks(&a, RemarkKind::Decided);
    assert!(decided[1].starts_with("line 7: containerd_insecure_registries[0]: no protocol"), "{decided:?}");
    let b = with(
        "        containerd_insecure_registries:\n          reg.lab.internal:\n            - http://10.20.0.9:5000\n            - null\n          empty.lab: [ null ]\n",
    );
    assert_eq!(shown(&b), "reg.lab.internal [http://10.20.0.9:5000 System] containerd");
    assert_eq!(remarks(&b, RemarkKind::Skipped).len(), 1);
    let c = with("        containerd_insecure_registries:\n          reg.lab.internal: https://10.20.0.9:5000\n");
    assert_eq!(shown(&c), "reg.lab.internal [https://10.20.0.9:5000 SkipVerify] containerd");
    assert!(remarks(&c, RemarkKind::Decided)[1].contains("under another name"));
    let docker = with(
        "        container_manager: docker\n        docker_insecure_registries: [ 10.20.0.9:5000, 10.20.0.0/16 ]\n        docker_registry_mirrors: [ 'https://mirror.lab.internal' ]\n        containerd_insecure_registries: [ x.lab ]\n",
    );
    assert_eq!(
        shown(&docker),
        "10.20.0.9:5000 [http://10.20.0.9:5000 System] docker; 10.20.0.0/16 [] docker; docker.io [https://mirror.lab.internal System] docker"
    );
    assert!(remarks(&docker, RemarkKind::Ineffective)[0].contains("container_manager is docker"));
}

#[test]
fn nodes_that_wait_for_an_upgrade_and_those_of_version_2_are_known() {
    let upgraded = INVENTORY.replace("action: add_node", "action: upgrade_node");
    assert!(import(&upgraded).nodes.iter().any(|node| node.name == "new"));
    let renamed = INVENTORY.replace("kuboardspray_", "pangeecluster_");
    let names = |imported: &Imported| imported.nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&import(&renamed)), names(&import(INVENTORY)));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.yaml");
    std::fs::write(&path, renamed).unwrap();
    let key = folder.path().join("private-key/lab.key").to_string_lossy().into_owned();
    assert_eq!(load(&path, &Options::default()).unwrap().nodes[0].identities, [Identity::File(key)]);
}
