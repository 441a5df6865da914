//! What is told of it.

use std::time::Duration;

use regconf::{Outcome, Settings};

use crate::fleet::{Deed, Fate, Fleet, nodes, number, settings};
use crate::{push, silent};

#[test]
fn nodes_with_the_same_end_are_a_group() {
    let (options, _) = Fleet::new(|name, deed| match (number(name) % 5, deed) {
        (0, Deed::Connect) => Fate::Unreachable,
        _ => Fate::Well,
    })
    .options();
    let mut nodes = nodes(10);
    nodes[3].settings = Some(Settings::default().remove("my-registry.com").unwrap());
    let rollout = regconf::survey(&nodes, &settings(), &options, &mut silent);
    let groups = rollout.groups();
    let shown: Vec<_> = groups.iter().map(|group| (group.outcome, group.nodes.join(" "))).collect();
    let expected = [
        (Outcome::Unreachable, "n000 n005"),
        (Outcome::Pending, "n001 n002 n004 n006 n007 n008 n009"),
        (Outcome::Unchanged, "n003"),
    ];
    assert_eq!(shown, expected.map(|(outcome, nodes)| (outcome, nodes.to_owned())));
    let text = groups.to_string();
    assert!(text.starts_with("2 unreachable: n000, n005\n    connection refused\n7 pending: n001, "), "{text}");
    assert_eq!(text.matches("+++ b/etc/containerd/config.toml").count(), 1, "{text}");
    assert!(text.contains("\nrestart containerd\n1 unchanged"), "{text}");
    assert!(text.ends_with("1 unchanged: n003\n"), "{text}");
}

#[test]
fn each_phase_is_timed() {
    let (options, _) = Fleet::well().options();
    let report = push(&nodes(1), &options);
    let node = &report.nodes[0];
    let timing = node.timing;
    let sum = timing.connect + timing.gather + timing.plan + timing.wait + timing.apply + timing.verify;
    assert!(timing.gather >= Duration::from_millis(2) && timing.apply >= Duration::from_millis(2), "{timing:?}");
    assert!(timing.plan > Duration::ZERO && timing.verify > Duration::ZERO, "{timing:?}");
    assert!(sum <= node.took && sum + Duration::from_millis(50) > node.took, "{timing:?} of {:?}", node.took);
    assert!(node.verified().any(|held| held == "containerd has the config_path"));
    assert_eq!(node.address, "10.0.0.1:22");
}
