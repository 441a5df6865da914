//! The whole way on folders of this machine: settings in, files changed, a report out.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use regconf::{ErrorKind, Node, Options, Outcome, Registry, Settings};

const CONFIG: &str = "# mine\nversion = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"p\" # kept\n";
const DAEMON: &str = "{\n\t\"exec-opts\": [\"native.cgroupdriver=systemd\"]\n}\n";

fn system(config: &str, daemon: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [("etc/containerd/config.toml", config), ("etc/docker/daemon.json", daemon)] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn settings() -> Settings {
    Settings::default()
        .ensure(Registry::new("my-registry.com").unwrap().endpoint("http://192.168.30.56:5000").unwrap())
        .unwrap()
        .ensure(Registry::plain_http("192.168.30.56:5000").unwrap())
        .unwrap()
}

fn push(root: &Path, settings: &Settings, options: &Options) -> regconf::NodeReport {
    let node = Node::local(root.to_str().unwrap());
    let report = regconf::push(&[node], settings, options, &mut |_| ControlFlow::Continue(()));
    report.nodes.into_iter().next().unwrap()
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap()
}

#[test]
fn files_are_merged_and_a_second_push_finds_nothing() {
    let root = system(CONFIG, DAEMON);
    let first = push(root.path(), &settings(), &Options::default());
    assert_eq!((first.outcome, first.error), (Outcome::Changed, None));
    let config = read(root.path(), "etc/containerd/config.toml");
    assert!(config.starts_with(CONFIG) && config.contains("config_path = \"/etc/containerd/certs.d\""), "{config}");
    assert!(
        read(root.path(), "etc/containerd/certs.d/my-registry.com/hosts.toml").contains("http://192.168.30.56:5000")
    );
    assert!(
        read(root.path(), "etc/docker/daemon.json").contains("\t\"insecure-registries\": [\"192.168.30.56:5000\"]")
    );
    let second = push(root.path(), &settings(), &Options::default());
    assert_eq!((second.outcome, second.error), (Outcome::Unchanged, None));
    assert!(root.path().join("var/lib/regconf/backup/etc/docker/daemon.json").exists());
}

#[test]
fn a_dry_run_changes_nothing() {
    let root = system(CONFIG, DAEMON);
    let mut options = Options::default();
    options.dry_run = true;
    let report = push(root.path(), &settings(), &options);
    assert_eq!(report.outcome, Outcome::Pending);
    assert!(report.plan.unwrap().diff().contains("+\t\"insecure-registries\": [\"192.168.30.56:5000\"]"));
    assert_eq!(read(root.path(), "etc/containerd/config.toml"), CONFIG);
    assert!(!root.path().join("var").exists());
}

#[test]
fn removing_leaves_what_others_wrote() {
    let root = system(CONFIG, DAEMON);
    push(root.path(), &settings(), &Options::default());
    let gone = Settings::default().remove("my-registry.com").unwrap().remove("192.168.30.56:5000").unwrap();
    assert_eq!(push(root.path(), &gone, &Options::default()).outcome, Outcome::Changed);
    assert!(!root.path().join("etc/containerd/certs.d/my-registry.com").exists());
    assert!(read(root.path(), "etc/docker/daemon.json").contains("\"insecure-registries\": []"));
    assert_eq!(push(root.path(), &gone, &Options::default()).outcome, Outcome::Unchanged);
}

#[test]
fn a_file_that_changed_after_the_survey_is_not_touched() {
    let root = system(CONFIG, DAEMON);
    let nodes = [Node::local(root.path().to_str().unwrap())];
    let options = Options::default();
    let mut silent = |_: regconf::Event<'_>| ControlFlow::Continue(());
    let rollout = regconf::survey(&nodes, &settings(), &options, &mut silent);
    assert_eq!(rollout.report().nodes[0].outcome, Outcome::Pending);
    fs::write(root.path().join("etc/docker/daemon.json"), "{}").unwrap();
    let report = rollout.apply(&options, &mut silent);
    let error = report.nodes[0].error.as_ref().unwrap();
    assert_eq!((report.nodes[0].outcome, error.kind()), (Outcome::Failed, ErrorKind::Stale), "{error}");
    assert_eq!(read(root.path(), "etc/containerd/config.toml"), CONFIG);
    assert!(!root.path().join("etc/containerd/certs.d").exists(), "a new folder was left");
}

#[test]
fn a_file_that_cannot_be_merged_stops_its_node_only() {
    let (good, bad) = (system(CONFIG, DAEMON), system(CONFIG, "{ // c\n}"));
    let nodes = [bad.path(), good.path()].map(|root| Node::local(root.to_str().unwrap()));
    let report = regconf::push(&nodes, &settings(), &Options::default(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(report.nodes.iter().map(|node| node.outcome).collect::<Vec<_>>(), [Outcome::Failed, Outcome::Changed]);
    let error = report.nodes[0].error.as_ref().unwrap();
    assert_eq!(
        (error.kind(), error.path(), error.line()),
        (ErrorKind::Parse, Some("/etc/docker/daemon.json"), Some(1))
    );
    assert_eq!(read(bad.path(), "etc/containerd/config.toml"), CONFIG);
    assert!(report.check().is_err());
}

#[test]
fn owner_mode_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let root = system(CONFIG, DAEMON);
    let real = root.path().join("etc/real.json");
    let link = root.path().join("etc/docker/daemon.json");
    fs::rename(&link, &real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../real.json", &link).unwrap();
    assert_eq!(push(root.path(), &settings(), &Options::default()).error, None);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("192.168.30.56:5000"));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn links_that_lead_out_of_the_root_are_refused() {
    let root = system(CONFIG, DAEMON);
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("daemon.json");
    fs::write(&target, "{}").unwrap();
    let link = root.path().join("etc/docker/daemon.json");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let report = push(root.path(), &settings(), &Options::default());
    assert_eq!(report.outcome, Outcome::Failed);
    assert_eq!(fs::read_to_string(&target).unwrap(), "{}");
}

#[test]
fn cancelling_begins_no_further_node() {
    let roots: Vec<_> = (0..8).map(|_| system(CONFIG, DAEMON)).collect();
    let nodes: Vec<_> = roots.iter().map(|root| Node::local(root.path().to_str().unwrap())).collect();
    let mut options = Options::default();
    options.parallel = 1;
    let report = regconf::push(&nodes, &settings(), &options, &mut |_| ControlFlow::Break(()));
    assert_eq!(report.nodes.len(), 8);
    assert_eq!(report.nodes[7].outcome, Outcome::NotTried);
    for (root, node) in roots.iter().zip(&report.nodes) {
        let changed = read(root.path(), "etc/containerd/config.toml") != CONFIG;
        assert_eq!(changed, node.outcome == Outcome::Changed, "{node:?}");
    }
}

#[test]
fn a_node_names_its_engines_and_where_their_files_are() {
    let root = system(CONFIG, DAEMON);
    let own = root.path().join("etc/docker/own.json");
    fs::write(&own, "{}\n").unwrap();
    let mut node = Node::local(root.path().to_str().unwrap());
    node.engines = vec!["docker".to_owned()];
    node.config_paths.insert("docker".to_owned(), "/etc/docker/own.json".to_owned());
    let push = |node: &Node| {
        let registry = Registry::plain_http("192.168.30.56:5000").unwrap();
        let settings = Settings::default().ensure(registry).unwrap();
        let mut silent = |_: regconf::Event<'_>| ControlFlow::Continue(());
        regconf::push(std::slice::from_ref(node), &settings, &Options::default(), &mut silent).nodes.remove(0)
    };
    let report = push(&node);
    assert_eq!((report.outcome, report.error), (Outcome::Changed, None));
    assert!(fs::read_to_string(own).unwrap().contains("192.168.30.56:5000"));
    assert_eq!(read(root.path(), "etc/containerd/config.toml"), CONFIG);
    assert_eq!(read(root.path(), "etc/docker/daemon.json"), DAEMON);
    node.engines = vec!["podman".to_owned()];
    assert_eq!(push(&node).error.unwrap().kind(), ErrorKind::InvalidArgument);
}
