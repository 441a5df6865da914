use super::super::{Options, RemarkKind, parse};
use crate::node::Become;

fn host(variables: &str) -> super::super::Imported {
    let text = format!("all:\n  hosts:\n    n1: {{ ansible_host: 10.9.0.1, {variables} }}\n");
    parse(&text, &Options { all_hosts: true, ..Options::default() }).unwrap()
}

#[test]
fn ways_to_become_root() {
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
    assert_eq!(
        (imported.remarks[0].kind, &imported.remarks[0].key[..]),
        (RemarkKind::Skipped, "ansible_become_method")
    );
}
