//! Any text as a node list.
#![no_main]

use std::collections::HashSet;

use regconf::{Node, inventory};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(nodes) = inventory::parse(text) else { return };
    assert!(!nodes.is_empty(), "a list without nodes");
    let mut names = HashSet::new();
    for node in &nodes {
        assert!(names.insert(&node.name), "two nodes are {}", node.name);
        assert!(node.root.starts_with('/'), "{}: the root is {}", node.name, node.root);
        if !node.is_local {
            can_be_written(node);
        }
    }
});

/// A node's place, written as in a list, is the same place.
fn can_be_written(node: &Node) {
    let address = if node.address.contains(':') { format!("[{}]", node.address) } else { node.address.clone() };
    let place = format!("{}@{address}:{}", node.user, node.port);
    let Ok(again) = Node::new(&place) else { panic!("{place:?} cannot be read again") };
    let parts = |node: &Node| (node.user.clone(), node.address.clone(), node.port);
    assert_eq!(parts(&again), parts(node), "{place:?}");
}
