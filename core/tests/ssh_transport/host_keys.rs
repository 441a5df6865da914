//! Host keys: which are taken, which are refused, and how it is said.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use regconf::Cancel;
use regconf::transport::{Limit, Ssh, SshShared};
use regconf::{Error, ErrorKind, HostKeys, Node, Result};

use super::support::{Sshd, keygen, next_address};

fn connect_with(node: &Node, shared: &SshShared) -> Result<()> {
    let limit = Limit::new("testing", Duration::from_secs(20), &Cancel::new());
    Ssh::connect(node, shared, &limit).map(drop)
}

fn connect(node: &Node) -> Result<()> {
    connect_with(node, &SshShared::new())
}

fn refusal(node: &Node) -> Error {
    let error = connect(node).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HostKey, "{error}");
    error
}

/// A `known_hosts` file that says of the server what `line` makes of its name and its key.
fn known(sshd: &Sshd, line: impl Fn(&str, &str) -> String) -> Node {
    let name = format!("[{}]:{}", sshd.address, sshd.port);
    let key = sshd.read("host_ed25519.pub");
    sshd.write("known", &(line(&name, key.trim()) + "\n"));
    let mut node = sshd.node();
    node.known_hosts = vec![sshd.path("known")];
    node
}

/// The public half of another key.
fn other_key(sshd: &Sshd, kind: &str) -> String {
    keygen(&sshd.path(&format!("other_{kind}")), kind, "");
    sshd.read(&format!("other_{kind}.pub")).trim().to_owned()
}

#[test]
fn a_known_key_of_each_type_is_asked_for() {
    let sshd = Sshd::builder().host_keys(&["ed25519", "ecdsa", "rsa"]).start();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let key = sshd.read(&format!("host_{kind}.pub"));
        connect(&known(&sshd, |name, _| format!("{name} {key}"))).unwrap();
    }
}

#[test]
fn names_are_matched_as_openssh_does() {
    let sshd = Sshd::start();
    connect(&known(&sshd, |name, key| format!("# comment\nx {key}\nother,{name} {key}"))).unwrap();
    connect(&known(&sshd, |_, key| format!("[127.0.*]:* {key}"))).unwrap();
    connect(&known(&sshd, |_, key| format!("{} {key}", sshd.address))).unwrap();
    refusal(&known(&sshd, |name, key| format!("*,!{name},!{} {key}", sshd.address)));
    let mut node = known(&sshd, |_, key| format!("[LocalHost]:{} {key}", sshd.port));
    node.address = "LOCALHOST".to_owned();
    // The server does not listen there, so the name is only looked up.
    assert_eq!(connect(&node).unwrap_err().kind(), ErrorKind::Connect);
}

#[test]
fn hashed_names_are_found() {
    let sshd = Sshd::start();
    let node = known(&sshd, |name, key| format!("{name} {key}"));
    let hash = Command::new("ssh-keygen").args(["-H", "-f", &node.known_hosts[0]]).output().unwrap();
    assert!(hash.status.success());
    assert!(sshd.read("known").starts_with("|1|"));
    connect(&node).unwrap();
}

#[test]
fn an_unknown_key_is_shown() {
    let sshd = Sshd::start();
    let node = known(&sshd, |_, key| format!("elsewhere {key}"));
    let error = refusal(&node);
    assert!(error.message().contains("is unknown"), "{error}");
    assert!(error.message().contains("ssh-ed25519"), "{error}");
    assert!(error.message().contains(&sshd.fingerprint("host_ed25519.pub")), "{error}");
    assert!(error.message().contains(&sshd.path("known")), "{error}");
    assert!(error.hint().unwrap().contains("ssh-keyscan") && error.hint().unwrap().contains("accept-new"), "{error}");
    assert!(!sshd.read("log").contains("Accepted"), "no credential goes to an unknown server");
    let mut node = node;
    node.known_hosts.clear();
    assert!(refusal(&node).message().contains("no known_hosts file is named"));
}

#[test]
fn a_changed_key_is_refused_whatever_the_policy() {
    let sshd = Sshd::start();
    let other = other_key(&sshd, "ed25519");
    let mut node = known(&sshd, |name, _| format!("# one line\n{name} {other}"));
    for policy in [HostKeys::Strict, HostKeys::AcceptNew] {
        node.host_keys = policy;
        let error = refusal(&node);
        assert!(error.message().contains("has changed"), "{error}");
        assert!(error.message().contains(&sshd.fingerprint("host_ed25519.pub")), "{error}");
        assert!(error.message().contains(&sshd.fingerprint("other_ed25519.pub")), "{error}");
        assert_eq!((error.path(), error.line()), (Some(sshd.path("known").as_str()), Some(2)));
        assert!(error.hint().unwrap().contains("ssh-keygen -R"), "{error}");
        assert_eq!(sshd.read("known").lines().count(), 2);
    }
    // A key of another type is no new host's either.
    let other = other_key(&sshd, "ecdsa");
    let mut node = known(&sshd, |name, _| format!("{name} {other}"));
    node.host_keys = HostKeys::AcceptNew;
    assert!(refusal(&node).message().contains("has changed"));
}

#[test]
fn a_revoked_key_is_refused_whatever_the_policy() {
    let sshd = Sshd::start();
    let mut node = known(&sshd, |name, key| format!("{name} {key}\n@revoked * {key}"));
    let pin = sshd.fingerprint("host_ed25519.pub");
    for policy in [HostKeys::Strict, HostKeys::AcceptNew, HostKeys::Pinned(vec![pin])] {
        node.host_keys = policy;
        let error = refusal(&node);
        assert!(error.message().contains("is revoked"), "{error}");
        assert_eq!(error.line(), Some(2));
    }
    sshd.write("known", "@revoked * ssh-ed25519 cut\n");
    assert_eq!(connect(&node).unwrap_err().kind(), ErrorKind::Parse);
}

#[test]
fn a_certificate_authority_says_nothing_of_a_plain_key() {
    let sshd = Sshd::start();
    let mut node = known(&sshd, |_, key| format!("@cert-authority * {key}"));
    for policy in [HostKeys::Strict, HostKeys::AcceptNew] {
        node.host_keys = policy;
        let error = refusal(&node);
        assert!(error.message().contains("presents no certificate of"), "{error}");
        assert_eq!(error.line(), Some(1));
    }
    connect(&known(&sshd, |name, key| format!("@cert-authority * {key}\n{name} {key}"))).unwrap();
}

/// A server with a certificate for its key, made by an authority of this type with these words of ssh-keygen, in which
/// `HOST` is its address.
struct Certified {
    keys: Sshd,
    server: Sshd,
}

impl Certified {
    fn new(authority: &str, host: &'static str, words: &[&str]) -> Self {
        let keys = Sshd::builder().host_keys(&[host]).start();
        keygen(&keys.path("authority"), authority, "");
        let key = keys.path(&format!("host_{host}"));
        let (ca, public) = (keys.path("authority"), format!("{key}.pub"));
        let mut sign = Command::new("ssh-keygen");
        let address = next_address();
        let words = words.iter().map(|word| word.replace("HOST", &address));
        sign.args(["-q", "-s", &ca, "-I", "its id"]).args(words).arg(&public);
        assert!(sign.status().unwrap().success());
        let line = format!("HostKey {key}\nHostCertificate {key}-cert.pub");
        Self { server: Sshd::builder().host_keys(&[]).line(&line).address(&address).start(), keys }
    }

    fn ca(&self) -> String {
        self.keys.read("authority.pub").trim().to_owned()
    }

    /// What is known is made of the server's name, in brackets, and the authority's key.
    fn known(&self, line: impl Fn(&str, &str) -> String) -> Node {
        let name = format!("[{}]:{}", self.server.address, self.server.port);
        self.server.write("known", &(line(&name, &self.ca()) + "\n"));
        let mut node = self.server.node();
        node.identities = vec![regconf::Identity::File(self.server.path("id"))];
        node.known_hosts = vec![self.server.path("known")];
        node
    }
}

#[test]
fn certificates_of_each_type_are_taken() {
    for (authority, host) in [("ed25519", "ed25519"), ("ecdsa", "rsa"), ("rsa", "ecdsa"), ("ed25519", "rsa")] {
        let all = Certified::new(authority, host, &["-h", "-n", "other,HOST"]);
        connect(&all.known(|name, ca| format!("@cert-authority {name} {ca}"))).unwrap();
        // OpenSSH agrees, so what is refused below is refused for its own reason.
        let node = all.known(|_, ca| format!("@cert-authority 127.* {ca}"));
        connect(&node).unwrap();
        assert!(openssh_connects(&all, &node), "{authority} {host}");
    }
}

fn openssh_connects(all: &Certified, node: &Node) -> bool {
    let known = format!("UserKnownHostsFile={}", node.known_hosts[0]);
    let id = all.server.path("id");
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", "none", "-o", "BatchMode=yes", "-o", "GlobalKnownHostsFile=none", "-o", &known, "-i", &id]);
    ssh.args(["-p", &node.port.to_string(), &format!("{}@{}", node.user, node.address), "true"]);
    ssh.output().unwrap().status.success()
}

#[test]
fn certificates_that_are_not_good_are_refused() {
    for (words, says) in [
        (&["-h", "-n", "elsewhere,127.*"][..], "it is for elsewhere, 127.*"),
        (&["-h"], "it names no host"),
        (&["-h", "-n", "HOST", "-V", "20200101:20200102"], "it expired"),
        (&["-h", "-n", "HOST", "-V", "20990101:20990102"], "it is not valid yet"),
        (&["-n", "HOST"], "it is a user's"),
        (&["-h", "-n", "HOST", "-O", "critical:x@y=z"], "critical option \"x@y\""),
    ] {
        let all = Certified::new("ed25519", "ed25519", words);
        let mut node = all.known(|name, ca| format!("@cert-authority {name} {ca}"));
        for policy in [HostKeys::Strict, HostKeys::AcceptNew] {
            node.host_keys = policy;
            let error = refusal(&node);
            assert!(error.message().contains(says) && error.message().contains("its id"), "{words:?}: {error}");
        }
        assert!(!all.server.read("log").contains("Accepted"), "no credential goes to it");
        // OpenSSH 9.2 takes one that names no host for all of them: any host could pose as any other.
        assert_eq!(openssh_connects(&all, &node), words.len() == 1, "{words:?}");
    }
}

#[test]
fn revocation_wins_over_a_certificate() {
    let all = Certified::new("ed25519", "ed25519", &["-h", "-n", "HOST"]);
    let host = all.keys.read("host_ed25519.pub");
    for revoked in [all.ca(), host.trim().to_owned()] {
        let node = all.known(|name, ca| format!("@cert-authority {name} {ca}\n@revoked * {revoked}"));
        assert!(refusal(&node).message().contains("is revoked"));
    }
}

#[test]
fn a_certificate_of_another_authority_counts_as_its_plain_key() {
    let all = Certified::new("ed25519", "ed25519", &["-h", "-n", "HOST"]);
    let other = other_key(&all.keys, "ecdsa");
    let error = refusal(&all.known(|name, _| format!("@cert-authority {name} {other}")));
    assert!(error.message().contains("presents no certificate of"), "{error}");
    let host = all.keys.read("host_ed25519.pub");
    connect(&all.known(|name, _| format!("@cert-authority {name} {other}\n{name} {host}"))).unwrap();
    // Without an authority a server that has a certificate presents its plain key.
    connect(&all.known(|name, _| format!("{name} {host}"))).unwrap();
    let mut pinned = all.known(|name, ca| format!("@cert-authority {name} {ca}"));
    pinned.host_keys = HostKeys::Pinned(vec![all.keys.fingerprint("host_ed25519.pub")]);
    connect(&pinned).unwrap();
}

#[test]
fn a_pinned_key_needs_no_file() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    node.known_hosts.clear();
    let right = sshd.fingerprint("host_ed25519.pub");
    let wrong = format!("SHA256:{}", "A".repeat(43));
    node.host_keys = HostKeys::Pinned(vec![wrong.clone(), right.clone()]);
    connect(&node).unwrap();
    node.host_keys = HostKeys::Pinned(vec![wrong.clone()]);
    let error = refusal(&node);
    assert!(error.message().contains(&right) && error.message().contains(&wrong), "{error}");
    for bad in [vec![], vec!["MD5:00".to_owned()], vec![right.replace("SHA256:", "")]] {
        node.host_keys = HostKeys::Pinned(bad);
        assert_eq!(connect(&node).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
}

#[test]
fn a_new_key_is_added_once() {
    let sshd = Sshd::start();
    let file = sshd.path("new/folder/known_hosts");
    let mut node = sshd.node();
    node.host_keys = HostKeys::AcceptNew;
    node.known_hosts = vec![file.clone()];
    let shared = SshShared::new();
    connect_with(&node, &shared).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let key = sshd.read("host_ed25519.pub");
    let key = key.split(' ').take(2).collect::<Vec<_>>().join(" ");
    assert_eq!(text, format!("[{}]:{} {key}\n", sshd.address, sshd.port));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // OpenSSH finds it there.
    let find = ["-F", &format!("[{}]:{}", sshd.address, sshd.port), "-f", &file];
    assert!(Command::new("ssh-keygen").args(find).output().unwrap().status.success());
    node.host_keys = HostKeys::Strict;
    connect_with(&node, &shared).unwrap();
    connect(&node).unwrap();
    node.host_keys = HostKeys::AcceptNew;
    node.known_hosts.clear();
    assert_eq!(connect(&node).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_line_that_was_cut_is_ended_first() {
    let sshd = Sshd::start();
    sshd.write("known", "elsewhere ssh-ed25519 cut");
    let mut node = sshd.node();
    node.host_keys = HostKeys::AcceptNew;
    node.known_hosts = vec![sshd.path("known")];
    connect(&node).unwrap();
    assert_eq!(sshd.read("known").lines().count(), 2);
    node.host_keys = HostKeys::Strict;
    connect(&node).unwrap();
}

#[test]
fn threads_that_meet_the_same_host_add_it_once() {
    let servers = [Sshd::start(), Sshd::start()];
    let file = servers[0].path("known");
    let shared = SshShared::new();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let mut node = servers[n % 2].node();
            node.host_keys = HostKeys::AcceptNew;
            node.known_hosts = vec![file.clone()];
            let shared = &shared;
            scope.spawn(move || connect_with(&node, shared).unwrap());
        }
    });
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2);
}

#[test]
fn another_program_may_add_meanwhile() {
    let servers = [Sshd::start(), Sshd::start()];
    let file = servers[0].path("known");
    let shared = SshShared::new();
    let mut nodes = servers.each_ref().map(Sshd::node);
    for node in &mut nodes {
        node.host_keys = HostKeys::AcceptNew;
        node.known_hosts = vec![file.clone()];
    }
    connect_with(&nodes[0], &shared).unwrap();
    let before = fs::read_to_string(&file).unwrap();
    // The second server's name gets another key, which this run has not read.
    let name = format!("[{}]:{}", servers[1].address, servers[1].port);
    fs::write(&file, format!("{before}{name} {}\n", other_key(&servers[0], "ed25519"))).unwrap();
    let error = connect_with(&nodes[1], &shared).unwrap_err();
    assert!(error.message().contains("has changed"), "{error}");
}
