use super::super::remark::{Remark, RemarkKind};
use super::*;
use crate::node::Become;

fn read(text: &str) -> (Source, Inventory, Vec<String>) {
    let source = Source::text(text);
    let mut remarks = Remarks::default();
    let inventory = Inventory::read(&source, &mut remarks).unwrap();
    (source, inventory, remarks.into_list().iter().map(ToString::to_string).collect())
}

/// What a variable is for a host, or the remark on it.
fn value(text: &str, host: &str, name: &str) -> String {
    value_with(text, host, name, &Options::default())
}

fn value_with(text: &str, host: &str, name: &str, options: &Options) -> String {
    let (source, inventory, _) = read(text);
    let scope = inventory.scope(inventory.host(host).unwrap(), &source, options);
    let mut remarks = Remarks::default();
    let mut reader = Reader { scope: &scope, source: &source, options, remarks: &mut remarks };
    let found = reader.variable(&[name]).unwrap_or_else(|error| Some((error.to_string(), Place::default())));
    let said = remarks.into_list();
    found.map_or_else(|| said.iter().map(ToString::to_string).collect(), |(text, _)| text)
}

const NESTED: &str = "
all:
  vars: { a: all, b: all, c: all, d: all, e: all }
  hosts: { n: { e: host } }
  children:
    parent:
      vars: { b: parent, c: parent, d: parent }
      children:
        child: { vars: { c: child }, hosts: { n: } }
    zeta: { vars: { d: zeta }, hosts: { n: } }
";

#[test]
fn what_stands_nearest_to_the_host_counts() {
    let values = ["a", "b", "c", "d", "e"].map(|name| value(NESTED, "n", name));
    // Of two groups that are as deep as each other the later name counts.
    assert_eq!(values, ["all", "parent", "child", "zeta", "host"]);
    let first = NESTED.replace("zeta: { vars: {", "zeta: { vars: { ansible_group_priority: 0,");
    assert_eq!(value(&first, "n", "d"), "parent");
}

#[test]
fn yaml_and_ini_say_the_same() {
    let ini = "
lone:2222 x='a b' # a host of no group
[parent:children]
child
[child]
n[1:2].lab ansible_user=ops list=\"['a', 'b']\"
[parent:vars]
text = with blanks
[all:vars]
top=1
";
    let (_, inventory, _) = read(ini);
    let names: Vec<_> = inventory.hosts().iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["lone", "n1.lab", "n2.lab"]);
    assert!(inventory.is_in("n2.lab", "parent") && !inventory.is_in("lone", "parent"));
    let of = |host: &str, name: &str| value(ini, host, name);
    assert_eq!([of("lone", "ansible_port"), of("lone", "x"), of("n1.lab", "text")], ["2222", "a b", "with blanks"]);
    assert_eq!((of("n2.lab", "top"), of("n2.lab", "ansible_user")), ("1".into(), "ops".into()));
    assert!(of("n1.lab", "list").contains("list: is a list, and not a text"));
}

#[test]
fn references_are_followed_and_expressions_are_not() {
    let text = "
all:
  hosts: { n: }
  vars:
    plain: '{{ other }}'
    other: '{{given}}/x'
    inside: 'a {{ inventory_hostname }} b {{- other -}} c'
    loop: '{{ loop }}'
    filter: \"{{ other | upper }}\"
    block: '{% if true %}x{% endif %}'
    open: '{{ other'
    none: '{{ nobody }}'
    vault: !vault |
      $ANSIBLE_VAULT;1.1
    raw: !unsafe '{{ x }}'
    custom: !lookup x
    number: 22
";
    let mut options = Options::default();
    options.variables.insert("given".into(), "G".into());
    let of = |name: &str| value_with(text, "n", name, &options);
    assert_eq!([of("plain"), of("inside"), of("raw"), of("number")], ["G/x", "a n b G/x c", "{{ x }}", "22"]);
    for (name, why) in [
        ("loop", "without end"),
        ("filter", "Jinja"),
        ("block", "Jinja"),
        ("open", "Jinja"),
        ("none", "not in these files"),
        ("vault", "Ansible Vault"),
        ("custom", "a tag"),
    ] {
        let said = of(name);
        assert!(said.starts_with("line ") && said.contains(&format!(": {name}: ")) && said.contains(why), "{said}");
    }
}

#[test]
fn faults_name_line_and_key() {
    let error = |text: &str| {
        let error = Inventory::read(&Source::text(text), &mut Remarks::default()).unwrap_err();
        error.to_string()
    };
    assert!(error("all:\n  hosts: [a]\n").starts_with("line 2: all.hosts: is a list, and not a map of hosts"));
    assert!(error("all:\n  hosts:\n  children:\n    a: x\n").starts_with("line 4: all.children.a: is a text"));
    assert!(error("all:\n  hosts: { 'n[3:1]': }\n").starts_with("line 2: all.hosts.n[3:1]: \"n[3:1]\" has a range"));
    assert!(error("[a]\nn x='y\n").starts_with("line 2: has a quote that is not closed"));
    assert!(error("[a]\nn hunter2\n").starts_with("line 2: has a word that is no variable"));
    assert!(!error("[a]\nn hunter2\n").contains("hunter2"));
    assert!(error("[a:b]\n").starts_with("line 1: [a:b] is no part of a group"));
    assert!(error("[a:children]\nb\n[b:children]\na\n").contains("is below itself"));
    assert!(error("[1, 2]\n").contains("is a list, and not a map of groups"));
    let (_, _, remarks) = read("all:\n  hosts: { n: }\n  var: {}\n");
    assert_eq!(remarks, ["line 3: all.var: is no part of a group: hosts, children or vars"]);
}

/// The entry of the only host, or what was said.
fn entry(variables: &str) -> (serde_json::Value, Vec<String>) {
    let text = format!("all:\n  hosts:\n    n:\n      {}\n", variables.replace('\n', "\n      "));
    let (source, inventory, _) = read(&text);
    let options = Options::default();
    let host = inventory.host("n").unwrap();
    let scope = inventory.scope(host, &source, &options);
    let mut remarks = Remarks::default();
    let mut reader = Reader { scope: &scope, source: &source, options: &options, remarks: &mut remarks };
    let found = login(host, &mut reader).unwrap();
    let json = found.map(|login| {
        let hops: Vec<_> = login.jump_hosts.iter().map(|(name, entry)| serde_json::json!([name, entry])).collect();
        serde_json::json!({ "entry": login.entry, "hops": hops, "has_way": login.has_way })
    });
    let said = remarks.into_list().iter().map(|remark| format!("{} {}", remark.kind, remark.text)).collect();
    (json.unwrap_or_default(), said)
}

#[test]
fn logins_have_many_names() {
    let (found, said) = entry(
        "ansible_ssh_host: fd00::1\nansible_ssh_port: '2222'\nansible_ssh_user: ops\nansible_ssh_pass: 0123\n\
         ansible_private_key_file: keys/a\nansible_become_method: ansible.builtin.sudo\nansible_become_pass: x\n\
         ansible_become_user: admin",
    );
    let wanted = serde_json::json!({ "name": "n", "address": "fd00::1", "port": 2222, "user": "ops", "password": "0123",
        "identity_files": ["keys/a"], "become": "sudo", "become_password": "x" });
    assert_eq!(found["entry"], wanted);
    assert!(said.len() == 1 && said[0].starts_with("ineffective engines are set by root alone"), "{said:?}");
    let (found, said) = entry("ansible_user: ops");
    assert_eq!(found["entry"]["become"], "sudo");
    assert!(said.len() == 1 && said[0].starts_with("decided is not root, and no ansible_become is told"), "{said:?}");
    assert_eq!(entry("ansible_user: ops\nansible_become: no").0["entry"]["become"], "none");
    assert_eq!(entry("ansible_user: root").0["entry"].get("become"), None);
    assert_eq!(entry("ansible_become: no\nansible_become_method: doas").0["entry"]["become"], "none");
    assert!(entry("ansible_become_method: runas").1[0].starts_with("skipped is a way to become root"));
    assert_eq!(entry("ansible_connection: winrm").0, serde_json::Value::Null);
    assert_eq!(entry("ansible_connection: local").0["entry"]["local"], true);
}

#[test]
fn ways_of_ssh_arguments() {
    let way = |args: &str| entry(&format!("ansible_ssh_common_args: >-\n  {args}"));
    let (found, said) = way("-o ProxyCommand=\"ssh -o StrictHostKeyChecking=no -i k -W %h:%p jump@h -p 2222 -q\"");
    let hop = serde_json::json!({ "identity_files": ["k"], "address": "h", "user": "jump", "port": 2222 });
    assert_eq!((&found["hops"][0][0], &found["hops"][0][1]), (&"jump@h:2222".into(), &hop));
    assert!(said.is_empty() && found["has_way"] == true, "{said:?}");
    let (found, said) = way("-J a,root@b:23 -o ConnectTimeout=9 -o UserKnownHostsFile='kh more' -C");
    assert_eq!((&found["hops"][0][0], &found["hops"][1][0]), (&"a".into(), &"root@b:23".into()));
    assert_eq!((&found["entry"]["connect_timeout"], &found["entry"]["known_hosts"][1]), (&9.into(), &"more".into()));
    assert!(said.iter().all(|text| text.starts_with("unresolved no key")), "{said:?}");
    let (found, _) = way("-o ProxyCommand='nc -x proxy:1080 %h %p'");
    assert_eq!(found["entry"]["proxy_command"], serde_json::json!(["nc", "-x", "proxy:1080", "%h", "%p"]));
    let (found, said) = way("-o ProxyCommand='sshpass -p hunter2 ssh j nc %h %p' -F my -o Foo=hunter2 -z");
    assert!(found["hops"].as_array().unwrap().is_empty() && found["entry"].get("proxy_command").is_none());
    assert!(said.len() == 4 && !said.join("").contains("hunter2"), "{said:?}");
    let (found, _) = way("-o ProxyCommand='sshpass -phunter2 ssh -l me -W [%h]:%p j'");
    assert_eq!(found["hops"][0][1], serde_json::json!({ "password": "hunter2", "user": "me", "address": "j" }));
}

#[test]
fn many_hosts_are_read_in_no_time() {
    let text = "[kube_node]\nn[1:5000] ansible_user=ops\n[kube_node:vars]\nx=1\n";
    let (_, inventory, _) = read(text);
    assert_eq!(inventory.hosts().len(), 5000);
    let options = Options { all_hosts: true, ..Options::default() };
    let imported = super::super::parse(text, &options).unwrap();
    assert!(imported.nodes.len() == 5000 && imported.remarks.iter().all(|r| r.kind != RemarkKind::Skipped));
}

#[test]
fn groups_may_be_empty_and_kubespray_makes_one_itself() {
    let text = "all:\n  children:\n    kube_control_plane: { hosts: { a: } }\n    kube_node: { hosts: { b: } }\n    other: {}\n";
    let (_, inventory, _) = read(text);
    assert!(inventory.has_group("other") && inventory.is_in("a", "k8s_cluster") && inventory.is_in("b", "k8s_cluster"));
    let (_, inventory, _) = read("[kube-node]\na\n[k8s-cluster:children]\nkube-node\n[kube-master]\nb\n");
    assert!(inventory.is_in("a", "k8s_cluster") && !inventory.is_in("b", "k8s_cluster"));
    let (_, inventory, _) = read("[web]\na\n");
    assert!(!inventory.has_group("k8s_cluster"));
}

#[test]
fn ini_needs_no_group_and_names_those_that_are_nowhere() {
    let (_, inventory, _) = read("# no group\nn1 ansible_host=10.9.0.1\nn2\n");
    assert_eq!(inventory.hosts().len(), 2);
    let (_, inventory, remarks) = read("[kube_node]\na\n[k8s_cluster:children]\nkube_node\nkube_nodes\n");
    assert!(inventory.is_in("a", "k8s_cluster"));
    assert!(remarks.len() == 1 && remarks[0].starts_with("line 5: kube_nodes is below k8s_cluster"), "{remarks:?}");
}

#[test]
fn what_follows_a_text_in_ini_belongs_to_it() {
    let text = "[a]\nn\n[a:vars]\nport = 22 # ssh\nquoted = 'x # y' # z\nword = p #1\nlist = ['x'] # y\n";
    let of = |name: &str| value(text, "n", name);
    assert_eq!([of("port"), of("quoted"), of("word")], ["22", "x # y", "p #1"]);
    assert!(of("list").contains("is a list"));
}

#[test]
fn files_of_a_group_are_those_that_ansible_reads() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("hosts.ini", "[kube_node]\nn ansible_host=10.9.0.1\n");
    write("group_vars/all/one.yml", "docker_insecure_registries: [ one.lab ]\n");
    write("group_vars/all/notes.ini", "a: b: c\n");
    write("group_vars/all.yml", "docker_insecure_registries: [ two.lab ]\n");
    write("group_vars/k8s_cluster/c.yml", "ansible_user: ops\n");
    let imported = super::super::load(folder.path().join("hosts.ini"), &Options::default()).unwrap();
    assert_eq!(imported.settings.ensured()[0].host.name(), "one.lab");
    assert_eq!(imported.nodes[0].user, "ops");
    let said: Vec<_> = imported.remarks.iter().filter(|remark| remark.kind == RemarkKind::Ineffective).collect();
    assert!(
        said.len() == 1
            && said[0].to_string().ends_with("all.yml: has no effect: Ansible reads all alone where both are"),
        "{said:?}"
    );
}

#[test]
fn what_holds_for_many_hosts_is_said_once() {
    let text = "[kube_node]\nn[1:9] ansible_ssh_common_args='-J j -o StrictHostKeyChecking=no'\n";
    let imported = super::super::parse(text, &Options::default()).unwrap();
    let said: Vec<_> = imported.remarks.iter().map(|remark| remark.kind).collect();
    assert_eq!(said, [RemarkKind::Unresolved, RemarkKind::Ineffective, RemarkKind::Decided], "{:?}", imported.remarks);
}

#[test]
fn names_that_no_host_has_are_errors() {
    for (line, what) in [
        ("10.9.0.1[1,3] ansible_user=x", "a range is [1:3]"),
        ("n ansible_host={{", "is computed by Jinja"),
        ("n ansible_ssh_common_args='-o ProxyCommand=\"ssh -W %h:%p -p undefined j\"'", "the port \"undefined\""),
    ] {
        let said = match super::super::parse(&format!("[kube_node]\n{line}\n"), &Options::default()) {
            Ok(imported) => imported.remarks.iter().map(ToString::to_string).collect(),
            Err(error) => error.to_string(),
        };
        assert!(said.starts_with("line 2: ") && said.contains(what), "{said}");
    }
}

#[test]
fn ways_to_become_root() {
    let host = |variables: &str| {
        let text = format!("all:\n  hosts:\n    n1: {{ ansible_host: 10.9.0.1, {variables} }}\n");
        super::super::parse(&text, &Options { all_hosts: true, ..Options::default() }).unwrap()
    };
    for (variables, way) in [
        ("ansible_become: true", Become::Sudo),
        ("ansible_become_method: community.general.doas", Become::Doas),
        ("ansible_become_method: ansible.builtin.su, ansible_become_password: x", Become::Su),
        ("ansible_become: false, ansible_become_password: x", Become::None),
    ] {
        assert_eq!(host(variables).nodes[0].become_root, way, "{variables}");
    }
    let imported = host("ansible_become: true, ansible_become_method: runas");
    assert_eq!(imported.nodes[0].become_root, Become::None);
    let Remark { kind, key, .. } = &imported.remarks[0];
    assert_eq!((*kind, &key[..]), (RemarkKind::Skipped, "ansible_become_method"));
}
