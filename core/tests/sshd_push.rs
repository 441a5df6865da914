//! The whole way over real OpenSSH servers: each node with an address, a host key and a root of its own, and each way
//! to log in and to become root.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use regconf::{
    Become, ErrorKind, HostKeys, Identity, Node, NodeReport, Options, Outcome, Registry, Report, Secret, Settings,
};
use support::accounts::{Accounts, PASSWORD, ROOTS_PASSWORD};
use support::{Agent, Sshd};
use tempfile::TempDir;

const CONFIG: &str = "# ours\nversion = 2\n";

/// A folder with a system, which anybody may change.
fn system() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("etc/containerd")).unwrap();
    fs::write(root.path().join("etc/containerd/config.toml"), CONFIG).unwrap();
    assert!(std::process::Command::new("chmod").args(["-R", "a+rwX"]).arg(root.path()).status().unwrap().success());
    root
}

fn at(mut node: Node, name: &str, root: &TempDir) -> Node {
    name.clone_into(&mut node.name);
    root.path().to_str().unwrap().clone_into(&mut node.root);
    node
}

fn settings() -> Settings {
    let registry = Registry::new("my-registry.com").unwrap().endpoint("http://192.168.30.56:5000").unwrap();
    Settings::default().ensure(registry).unwrap()
}

fn push(nodes: &[Node]) -> Report {
    regconf::push(nodes, &settings(), &Options::default(), &mut |_| ControlFlow::Continue(()))
}

fn push_one(node: Node) -> NodeReport {
    push(&[node]).nodes.remove(0)
}

fn is_merged(root: &Path) -> bool {
    let config = fs::read_to_string(root.join("etc/containerd/config.toml")).unwrap();
    let hosts = root.join("etc/containerd/certs.d/my-registry.com/hosts.toml");
    config.starts_with(CONFIG) && config.contains("config_path") && hosts.exists()
}

#[test]
fn several_nodes_at_once_and_again() {
    let servers: Vec<_> = (0..4).map(|_| Sshd::start()).collect();
    let roots: Vec<_> = servers.iter().map(|_| system()).collect();
    let nodes: Vec<_> =
        servers.iter().zip(&roots).enumerate().map(|(i, (s, root))| at(s.node(), &format!("n{i}"), root)).collect();
    let report = push(&nodes);
    assert_eq!(report.nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["n0", "n1", "n2", "n3"]);
    for (node, root) in report.nodes.iter().zip(&roots) {
        assert_eq!((node.outcome, &node.error, is_merged(root.path())), (Outcome::Changed, &None, true));
    }
    assert!(push(&nodes).nodes.iter().all(|node| node.outcome == Outcome::Unchanged));
}

#[test]
fn a_shell_that_never_answers_is_said_to_hang_at_its_start() {
    let (server, root) = (Sshd::builder().line("ForceCommand sleep 600").start(), system());
    let mut options = Options::default();
    options.deadline = std::time::Duration::from_secs(3);
    let report =
        regconf::push(&[at(server.node(), "n", &root)], &settings(), &options, &mut |_| ControlFlow::Continue(()));
    let error = report.nodes[0].error.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("start-up file")), "{error}");
}

#[test]
fn a_link_to_nothing_is_called_so() {
    let (server, root) = (Sshd::start(), system());
    fs::create_dir_all(root.path().join("etc/docker")).unwrap();
    std::os::unix::fs::symlink("gone.json", root.path().join("etc/docker/daemon.json")).unwrap();
    let report = push_one(at(server.node(), "n", &root));
    let error = report.error.unwrap();
    assert_eq!((report.outcome, error.path()), (Outcome::Failed, Some("/etc/docker/daemon.json")), "{error}");
    assert!(error.to_string().contains("is a link to nothing"), "{error}");
}

#[test]
fn one_dead_node_is_its_own_failure() {
    let (alive, root) = (Sshd::start(), system());
    let mut dead = at(alive.node(), "dead", &root);
    "127.0.255.254".clone_into(&mut dead.address);
    let nodes = [dead, at(alive.node(), "alive", &root)];
    let report = push(&nodes);
    assert_eq!(report.nodes[0].error.as_ref().unwrap().kind(), ErrorKind::Connect);
    assert_eq!((report.nodes[0].outcome, report.nodes[1].outcome), (Outcome::Unreachable, Outcome::Changed));
    assert!(report.check().unwrap_err().to_string().starts_with("1 of 2 nodes failed; the first, dead: "));
}

#[test]
fn a_survey_is_applied_later_on_connections_of_its_own() {
    let (sshd, root) = (Sshd::start(), system());
    let nodes = [at(sshd.node(), "n", &root)];
    let mut silent = |_: regconf::Event<'_>| ControlFlow::Continue(());
    let rollout = regconf::survey(&nodes, &settings(), &Options::default(), &mut silent);
    assert!(!is_merged(root.path()));
    assert_eq!(rollout.apply(&Options::default(), &mut silent).nodes[0].outcome, Outcome::Changed);
    assert!(is_merged(root.path()));
}

#[test]
fn each_way_to_log_in() {
    let sshd = Sshd::start();
    sshd.add_key("locked", "ed25519", "opensesame");
    let agent = Agent::start(&sshd, &["id"]);
    let by = |change: &dyn Fn(&mut Node)| {
        let root = system();
        let mut node = at(sshd.node(), "n", &root);
        node.identities.clear();
        change(&mut node);
        let report = push_one(node);
        assert_eq!((report.outcome, report.error, is_merged(root.path())), (Outcome::Changed, None, true));
    };
    by(&|node| node.identities.push(Identity::File(sshd.path("id"))));
    by(&|node| node.identities.push(Identity::Key(Secret::new(sshd.read("id")))));
    by(&|node| node.identities.push(Identity::EncryptedFile(sshd.path("locked"), Secret::new("opensesame"))));
    by(&|node| node.agent = Some(agent.socket.clone()));
}

#[test]
fn a_host_key_is_verified_before_anything_else() {
    let (sshd, root) = (Sshd::start(), system());
    let mut node = at(sshd.node(), "n", &root);
    sshd.write("others", "");
    node.known_hosts = vec![sshd.path("others")];
    let refused = push_one(node.clone());
    let error = refused.error.unwrap();
    assert_eq!((refused.outcome, error.kind()), (Outcome::Failed, ErrorKind::HostKey));
    assert!(error.to_string().contains(&sshd.fingerprint("host_ed25519.pub")), "{error}");
    assert!(!sshd.read("log").contains("Accepted"), "a credential was shown to an unknown host");
    node.host_keys = HostKeys::AcceptNew;
    assert_eq!(push_one(node.clone()).outcome, Outcome::Changed);
    node.host_keys = HostKeys::Strict;
    assert_eq!(push_one(node).outcome, Outcome::Unchanged, "the key was recorded");
}

#[test]
fn thirty_nodes_behind_one_jump_host() {
    // The jump host and the node's own server drop logins at random from the tenth at once; the servers of all nodes
    // are one, so that they are met by all.
    let lines = ["MaxStartups 10:30:60", "MaxSessions 10"];
    let careful = || lines.iter().fold(Sshd::builder(), |builder, line| builder.line(line)).start();
    let (host, last) = (careful(), careful());
    let roots: Vec<_> = (0..30).map(|_| system()).collect();
    let jump = std::sync::Arc::new(host.node());
    let nodes = roots.iter().enumerate().map(|(i, root)| {
        let mut node = at(last.node(), &format!("n{i}"), root);
        node.jump = vec![std::sync::Arc::clone(&jump)];
        node
    });
    let nodes: Vec<_> = nodes.collect();
    let mut options = Options::default();
    options.connect_timeout = std::time::Duration::from_secs(60);
    let report = regconf::push(&nodes, &settings(), &options, &mut |_| ControlFlow::Continue(()));
    for (node, root) in report.nodes.iter().zip(&roots) {
        assert_eq!(
            (node.outcome, &node.error, is_merged(root.path())),
            (Outcome::Changed, &None, true),
            "{}",
            node.name
        );
    }
    assert!(host.read("log").matches("Accepted publickey").count() <= 4, "{}", host.read("log"));
}

/// Whether this test may do what it needs root for; without root only if the tests that need it are switched off.
fn is_root() -> bool {
    let switched_off = std::env::var_os("REGCONF_SKIP_FLEET").is_some_and(|value| value == "1");
    let is_root = support::user() == "root";
    assert!(is_root || switched_off, "this test needs root; REGCONF_SKIP_FLEET=1 leaves it out");
    is_root
}

#[test]
fn each_way_to_become_root() {
    if !is_root() {
        return;
    }
    let accounts = Accounts::new();
    let sshd = Sshd::builder().wrapped(&accounts.wrapper()).line("PasswordAuthentication yes").start();
    let reached = |user: &str, become_root: Become, password: Option<&str>| {
        let mut node = sshd.node();
        user.clone_into(&mut node.user);
        node.identities.clear();
        node.password = Some(Secret::new(PASSWORD));
        node.become_root = become_root;
        node.become_password = password.map(Secret::new);
        node
    };
    for (user, become_root, password) in [
        ("nopw", Become::Sudo, None),
        ("nopw", Become::Sudo, Some(PASSWORD)),
        ("pw", Become::Sudo, Some(PASSWORD)),
        ("nopw", Become::Doas, None),
        ("plain", Become::Su, Some(ROOTS_PASSWORD)),
    ] {
        let root = system();
        let report = push_one(at(reached(user, become_root, password), "n", &root));
        assert_eq!((report.outcome, report.error), (Outcome::Changed, None), "{user} {password:?}");
        let made = fs::metadata(root.path().join("etc/containerd/certs.d")).unwrap();
        assert_eq!(made.uid(), 0, "{user} was not root");
    }
    for (user, become_root, password, says) in [
        ("pw", Become::Sudo, None, "give become_password"),
        ("pw", Become::Sudo, Some("wrong"), "does not take the password"),
        ("plain", Become::Sudo, Some(PASSWORD), "may not use sudo"),
        ("plain", Become::None, None, "plain is not root"),
        ("pw", Become::Doas, None, "doas asks for a password"),
        ("plain", Become::Doas, None, "may not use doas"),
        ("plain", Become::Su, Some("wrong"), "does not take the password of root"),
    ] {
        let report = push_one(reached(user, become_root, password));
        let error = report.error.unwrap();
        assert_eq!((report.outcome, error.kind()), (Outcome::Failed, ErrorKind::Privilege), "{user}: {error}");
        assert!(error.to_string().contains(says), "{user}: {error}");
        assert!(!error.to_string().contains("correct horse") && !error.to_string().contains("wrong"), "{error}");
    }
}
