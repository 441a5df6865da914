//! Logging in: which credentials are tried, and how a refusal is told.

use std::process::Command;
use std::time::Instant;

use regconf::transport::{Ssh, SshShared};
use regconf::{ErrorKind, Identity, Node};

use super::support::password::{Asks, Server};
use super::support::{Agent, Sshd, keygen};
use super::{SOON, connect, limit, refusal, run};

fn echoes(node: &Node) {
    let (out, _) = run(&mut connect(node).unwrap(), "echo hello", b"");
    assert_eq!(out, b"hello\n");
}

fn encrypted(sshd: &Sshd, passphrase: &str) -> Identity {
    Identity::EncryptedFile(sshd.path("locked"), passphrase.into())
}

#[test]
fn logs_in_with_each_type_of_key() {
    let sshd = Sshd::start();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        sshd.add_key(kind, kind, "");
        let mut node = sshd.node();
        node.identities = vec![Identity::File(sshd.path(kind))];
        echoes(&node);
        node.identities = vec![Identity::Key(sshd.read(kind).into())];
        echoes(&node);
    }
}

#[test]
fn decrypts_keys_and_tells_a_wrong_passphrase() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let _ = std::fs::remove_file(sshd.path("locked"));
        sshd.add_key("locked", kind, "open sesame");
        node.identities = vec![encrypted(&sshd, "open sesame")];
        echoes(&node);
    }
    node.identities = vec![encrypted(&sshd, "wrong")];
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.message(), "the passphrase of the private key is wrong");
    assert_eq!(error.path(), Some(sshd.path("locked").as_str()));
    assert!(!format!("{error:?}").contains("wrong\""));
    node.identities = vec![Identity::File(sshd.path("locked"))];
    assert!(refusal(&node).message().contains("encrypted and no passphrase"));
}

#[test]
fn decrypts_pem_keys() {
    let sshd = Sshd::start();
    for format in ["PEM", "PKCS8"] {
        let _ = std::fs::remove_file(sshd.path("locked"));
        sshd.add_key("locked", "rsa", "");
        let rewrite = ["-q", "-p", "-m", format, "-P", "", "-N", "open sesame", "-f", &sshd.path("locked")];
        assert!(Command::new("ssh-keygen").args(rewrite).output().unwrap().status.success());
        let mut node = sshd.node();
        node.identities = vec![encrypted(&sshd, "open sesame")];
        echoes(&node);
        node.identities = vec![encrypted(&sshd, "wrong")];
        let error = refusal(&node);
        assert!(error.message().starts_with("the passphrase of the private key is wrong"), "{format}: {error}");
        node.identities = vec![Identity::File(sshd.path("locked"))];
        assert!(refusal(&node).message().contains("encrypted and no passphrase"), "{format}");
    }
}

#[test]
fn an_encrypted_key_is_decrypted_once() {
    let sshd = Sshd::start();
    sshd.add_key("locked", "ed25519", "open sesame");
    let mut node = sshd.node();
    node.identities = vec![encrypted(&sshd, "open sesame")];
    let shared = SshShared::new();
    drop(Ssh::connect(&node, &shared, &limit(20)).unwrap());
    std::fs::remove_file(sshd.path("locked")).unwrap();
    drop(Ssh::connect(&node, &shared, &limit(20)).unwrap());
}

#[test]
fn keys_that_cannot_be_read_are_named() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    node.identities = vec![Identity::File(sshd.path("missing"))];
    let error = refusal(&node);
    assert_eq!((error.kind(), error.path()), (ErrorKind::Io, Some(sshd.path("missing").as_str())));
    sshd.write("broken", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
    node.identities = vec![Identity::File(sshd.path("broken"))];
    let error = refusal(&node);
    assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidArgument, Some(sshd.path("broken").as_str())));
    assert!(error.message().starts_with("the private key cannot be used"), "{error}");
    node.identities = vec![];
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.message().starts_with("no credentials are given"), "{error}");
}

#[test]
fn a_refusal_lists_what_was_tried() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    node.identities.clear();
    for name in ["a", "b"] {
        keygen(&sshd.path(name), "ed25519", "");
        node.identities.push(Identity::File(sshd.path(name)));
    }
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::Authentication);
    for text in [sshd.path("a"), sshd.fingerprint("a"), sshd.path("b"), "the server takes publickey".to_owned()] {
        assert!(error.message().contains(&text), "{text}: {error}");
    }
}

/// A server that trusts an authority.
struct Trusting {
    sshd: Sshd,
    authority: tempfile::TempDir,
}

impl Trusting {
    fn start() -> Self {
        let authority = tempfile::TempDir::new().unwrap();
        let ca = authority.path().join("ca").to_str().unwrap().to_owned();
        keygen(&ca, "ed25519", "");
        Self { sshd: Sshd::builder().line(&format!("TrustedUserCAKeys {ca}.pub")).start(), authority }
    }

    /// Signs a public key of the server's folder.
    fn sign(&self, key: &str, words: &[&str]) {
        let mut sign = Command::new("ssh-keygen");
        sign.arg("-q").arg("-s").arg(self.authority.path().join("ca")).args(["-I", "its id"]).args(words);
        assert!(sign.arg(self.sshd.path(&format!("{key}.pub"))).status().unwrap().success());
    }
}

#[test]
fn certificates_let_keys_in_that_are_not_known() {
    let trusting = Trusting::start();
    let sshd = &trusting.sshd;
    for kind in ["ed25519", "ecdsa", "rsa"] {
        keygen(&sshd.path(kind), kind, if kind == "rsa" { "open sesame" } else { "" });
        trusting.sign(kind, &["-n", &super::support::user()]);
        let mut node = sshd.node();
        node.identities = vec![Identity::EncryptedFile(sshd.path(kind), "open sesame".into())];
        assert_eq!(refusal(&node).kind(), ErrorKind::Authentication);
        node.certificates = vec![sshd.path(&format!("{kind}-cert.pub"))];
        echoes(&node);
    }
    assert_eq!(sshd.read("log").matches("Accepted publickey").count(), 3);
    assert_eq!(sshd.read("log").matches("-CERT SHA256:").count(), 3, "{}", sshd.read("log"));
}

#[test]
fn certificates_that_are_no_use_are_named() {
    let trusting = Trusting::start();
    let sshd = &trusting.sshd;
    keygen(&sshd.path("a"), "ed25519", "");
    let mut node = sshd.node();
    node.identities = vec![Identity::File(sshd.path("a"))];
    node.certificates = vec![sshd.path("a-cert.pub")];
    assert_eq!(refusal(&node).kind(), ErrorKind::Io);
    trusting.sign("a", &["-n", "somebody", "-V", "20200101:20200102"]);
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.message().contains("a-cert.pub \"its id\", which has expired"), "{error}");
    trusting.sign("a", &["-h", "-n", "somebody"]);
    assert!(refusal(&node).message().contains("a host's certificate"));
    node.certificates = vec![sshd.path("a.pub")];
    assert!(refusal(&node).message().contains("not a certificate"));
    trusting.sign("id", &["-n", "somebody"]);
    node.certificates = vec![sshd.path("id-cert.pub")];
    let error = refusal(&node);
    assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidArgument, Some(sshd.path("id-cert.pub").as_str())));
}

#[test]
fn no_more_keys_are_tried_than_servers_bear() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    let good = node.identities.pop();
    for n in 0..5 {
        keygen(&sshd.path(&format!("k{n}")), "ed25519", "");
        node.identities.push(Identity::File(sshd.path(&format!("k{n}"))));
    }
    node.identities.extend(good);
    let error = refusal(&node);
    assert!(error.message().contains("1 more keys were not tried"), "{error}");
    assert!(!sshd.read("log").contains("Too many authentication failures"));
    // The server hangs up earlier than most.
    let strict = Sshd::builder().line("MaxAuthTries 2").start();
    node.port = strict.port;
    node.address.clone_from(&strict.address);
    node.known_hosts = strict.node().known_hosts;
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.message().contains("hung up"), "{error}");
}

#[test]
fn the_agent_signs() {
    let sshd = Sshd::start();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        sshd.add_key(kind, kind, "");
        let agent = Agent::start(&sshd, &[kind]);
        let mut node = sshd.node();
        node.identities.clear();
        node.agent = Some(agent.socket.clone());
        echoes(&node);
        drop(agent);
        let error = refusal(&node);
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.message().contains("cannot be reached"), "{error}");
        std::fs::remove_file(sshd.path("agent")).unwrap();
    }
}

#[test]
fn an_agent_that_hangs_does_not_hang_us() {
    let sshd = Sshd::start();
    let agent = std::os::unix::net::UnixListener::bind(sshd.path("deaf")).unwrap();
    let mut node = sshd.node();
    node.identities.clear();
    node.agent = Some(sshd.path("deaf"));
    let start = Instant::now();
    let error = Ssh::connect(&node, &SshShared::new(), &limit(1)).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(start.elapsed() < SOON);
    drop(agent);
}

#[test]
fn the_password_comes_last() {
    let server = Server::start(Asks::Password);
    let key = tempfile::TempDir::new().unwrap();
    let file = key.path().join("id").to_str().unwrap().to_owned();
    keygen(&file, "ed25519", "");
    let mut node = server.node();
    node.identities.push(Identity::File(file));
    node.password = Some("correct".into());
    let (out, _) = run(&mut connect(&node).unwrap(), "its command", b"");
    assert_eq!(out, b"its command");
    assert_eq!(*server.log.lock().unwrap(), ["password correct"]);
    node.password = Some("not it".into());
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.message().ends_with("password; the server takes publickey, password"), "{error}");
    assert!(!format!("{error:?}").contains("not it"));
    assert_eq!(server.log.lock().unwrap().len(), 2, "a wrong password is given once");
}

#[test]
fn the_password_answers_a_hidden_question() {
    let server = Server::start(Asks::Questions(&[("Password: ", false)]));
    let mut node = server.node();
    node.password = Some("correct".into());
    drop(connect(&node).unwrap());
    node.password = Some("not it".into());
    assert!(refusal(&node).message().contains("password (keyboard-interactive)"));
    assert_eq!(server.log.lock().unwrap().len(), 2);
}

#[test]
fn other_questions_are_not_answered() {
    let server = Server::start(Asks::Questions(&[("Password: ", false), ("One-time code: ", false)]));
    let mut node = server.node();
    node.password = Some("correct".into());
    let error = refusal(&node);
    assert!(error.message().contains("One-time code"), "{error}");
    assert_eq!(*server.log.lock().unwrap(), ["answers correct|"]);
}

#[test]
fn a_banner_is_no_hindrance() {
    let sshd = Sshd::builder().line(concat!("Banner ", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).start();
    echoes(&sshd.node());
    let mut node = sshd.node();
    keygen(&sshd.path("other"), "ed25519", "");
    node.identities = vec![Identity::File(sshd.path("other"))];
    assert!(refusal(&node).message().contains("the server takes publickey"));
}

#[test]
fn a_server_may_want_two_keys() {
    let sshd = Sshd::builder().line("AuthenticationMethods publickey,publickey").start();
    let mut node = sshd.node();
    assert_eq!(refusal(&node).kind(), ErrorKind::Authentication);
    sshd.add_key("second", "ecdsa", "");
    node.identities.push(Identity::File(sshd.path("second")));
    echoes(&node);
}

#[test]
fn a_name_may_have_addresses_that_refuse() {
    // Where localhost is ::1 too, nobody listens there.
    let server = Server::start(Asks::Password);
    let mut node = server.node();
    node.address = "localhost".to_owned();
    node.password = Some("correct".into());
    drop(connect(&node).unwrap());
}
