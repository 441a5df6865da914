//! SSH against real servers: logging in, and talking to a command.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::process::Command;
use std::time::{Duration, Instant};

use regconf::transport::{Cancel, Limit, Ssh, SshShared, Stream, Transport};
use regconf::{Error, ErrorKind, Identity, Node, Result};
use support::password::{Asks, Server};
use support::{Agent, Sshd, keygen};

/// What ends at a deadline or a cancel does so in a tenth of a second; a machine may be busy with other tests.
const SOON: Duration = Duration::from_secs(8);

fn limit(seconds: u64) -> Limit {
    Limit::new("testing", Duration::from_secs(seconds), &Cancel::new())
}

fn connect(node: &Node) -> Result<Ssh> {
    Ssh::connect(node, &SshShared::new(), &limit(20))
}

fn refusal(node: &Node) -> Error {
    connect(node).map(drop).unwrap_err()
}

/// All that a command writes to its output and its errors.
fn run(ssh: &mut Ssh, command: &str, input: &[u8]) -> (Vec<u8>, Vec<u8>) {
    ssh.start(command, &limit(20)).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut ends = 0;
    let mut listener = |stream, bytes: &[u8]| {
        match stream {
            Stream::Out => out.extend_from_slice(bytes),
            Stream::Err => err.extend_from_slice(bytes),
            Stream::End => {
                assert!(bytes.is_empty());
                ends += 1;
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    };
    ssh.converse(input, &mut listener, &limit(60)).unwrap();
    assert_eq!(ends, 1);
    (out, err)
}

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
fn much_input_and_much_output_at_once() {
    let sshd = Sshd::start();
    let input: Vec<u8> = (0..8 << 20).map(|n: u32| (n % 251).to_le_bytes()[0]).collect();
    // The listener ends at the input's end, for cat does not.
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("cat", &limit(20)).unwrap();
    let mut out = Vec::new();
    let mut listener = |_, bytes: &[u8]| {
        out.extend_from_slice(bytes);
        Ok(if out.len() < input.len() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    ssh.converse(&input, &mut listener, &limit(60)).unwrap();
    assert!(out == input);
}

#[test]
fn a_flood_of_errors_beside_output() {
    let sshd = Sshd::start();
    let flood = "head -c 8388608 /dev/zero >&2 & head -c 8388608 /dev/zero; wait";
    let (out, err) = run(&mut connect(&sshd.node()).unwrap(), flood, b"");
    assert_eq!((out.len(), err.len()), (8 << 20, 8 << 20));
}

#[test]
fn input_that_was_not_written_yet_comes_first() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("echo ready; sleep 1; cat", &limit(20)).unwrap();
    let first = vec![b'a'; 4 << 20];
    ssh.converse(&first, &mut |_, _| Ok(ControlFlow::Break(())), &limit(20)).unwrap();
    let mut out = Vec::new();
    let mut listener = |_, bytes: &[u8]| {
        out.extend_from_slice(bytes);
        Ok(if out.ends_with(b"\n") { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    ssh.converse(b"b\n", &mut listener, &limit(20)).unwrap();
    assert_eq!(out.len(), first.len() + 2);
    assert!(out.ends_with(b"aab\n"));
}

#[test]
fn a_conversation_has_many_turns() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("exec sh -s", &limit(20)).unwrap();
    for n in 0..20 {
        let mut out = Vec::new();
        let mut listener = |_, bytes: &[u8]| {
            out.extend_from_slice(bytes);
            Ok(if out.ends_with(b"\n") { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        ssh.converse(format!("echo {n}\n").as_bytes(), &mut listener, &limit(20)).unwrap();
        assert_eq!(out, format!("{n}\n").as_bytes());
    }
}

#[test]
fn the_listener_decides() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("echo said; exit 3", &limit(20)).unwrap();
    let error = ssh.converse(b"", &mut |_, _| Err(Error::new(ErrorKind::Parse, "odd")), &limit(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parse);
    let error = ssh.converse(b"", &mut |_, _| Ok(ControlFlow::Continue(())), &limit(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().starts_with("the connection was lost"), "{error}");
}

#[test]
fn a_forced_command_is_heard() {
    let sshd = Sshd::builder().line("ForceCommand echo This account is closed. >&2").start();
    let (out, err) = run(&mut connect(&sshd.node()).unwrap(), "echo hello", b"");
    assert_eq!((out.as_slice(), err.as_slice()), (&b""[..], &b"This account is closed.\n"[..]));
}

#[test]
fn a_command_that_hangs_ends_at_its_deadline() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("while :; do echo tick; sleep 0.1; done", &limit(20)).unwrap();
    let start = Instant::now();
    let error = ssh.converse(b"", &mut |_, _| Ok(ControlFlow::Continue(())), &limit(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    drop(ssh);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn a_cancel_is_heard() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("sleep 60", &limit(20)).unwrap();
    let cancel = Cancel::new();
    let other = cancel.clone();
    let start = Instant::now();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        other.cancel();
    });
    let limit = Limit::new("testing", Duration::from_secs(30), &cancel);
    let error = ssh.converse(b"", &mut |_, _| Ok(ControlFlow::Continue(())), &limit).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    drop(ssh);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    thread.join().unwrap();
}

#[test]
fn a_cancel_in_the_middle_of_input_is_heard() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("sleep 60", &limit(20)).unwrap();
    let start = Instant::now();
    let error = ssh.converse(&vec![b'x'; 16 << 20], &mut |_, _| Ok(ControlFlow::Continue(())), &limit(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    drop(ssh);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn a_server_that_never_speaks_ends_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut node = Sshd::start().node();
    node.host_keys = regconf::HostKeys::Pinned(vec![format!("SHA256:{}", "A".repeat(43))]);
    node.identities = vec![Identity::Key("-----BEGIN RSA PRIVATE KEY-----\n".into())];
    node.known_hosts.clear();
    node.address = "127.0.0.1".to_owned();
    node.port = listener.local_addr().unwrap().port();
    let start = Instant::now();
    let error = Ssh::connect(&node, &SshShared::new(), &limit(1)).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains(&format!("127.0.0.1:{}", node.port)), "{error}");
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn a_refused_connection_names_address_and_cause() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    drop(sshd);
    node.identities = vec![Identity::Key("-----BEGIN RSA PRIVATE KEY-----\n".into())];
    node.known_hosts.clear();
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().contains(&format!("{}:{}: connection refused", node.address, node.port)), "{error}");
    node.address = "no-such-host.invalid".to_owned();
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("no-such-host.invalid") && error.message().contains("no such host"), "{error}");
}

#[test]
fn a_server_that_hangs_up_first_is_quoted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"Not allowed at this time\r\n").unwrap();
    });
    let mut node = Node::new(format!("127.0.0.1:{port}")).unwrap();
    node.identities = vec![Identity::Key("-----BEGIN RSA PRIVATE KEY-----\n".into())];
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().contains("before it said who it is"), "{error}");
    assert!(error.message().contains("Not allowed at this time"), "{error}");
    assert!(error.hint().unwrap().contains("MaxStartups"));
}

#[test]
fn a_server_that_never_stops_ends_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = b"welcome\n".repeat(1 << 16);
        while std::io::Write::write_all(&mut stream, &lines).is_ok() {}
    });
    let mut node = Node::new(format!("127.0.0.1:{port}")).unwrap();
    node.identities = vec![Identity::Key("-----BEGIN RSA PRIVATE KEY-----\n".into())];
    let start = Instant::now();
    let error = Ssh::connect(&node, &SshShared::new(), &limit(1)).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn a_session_that_is_killed_is_a_lost_connection() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    // The parent of the login shell is the session's sshd.
    ssh.start("echo $PPID; exec sleep 60", &limit(20)).unwrap();
    let mut kill_time = None;
    let mut listener = |stream, bytes: &[u8]| {
        if stream == Stream::Out {
            let pid = String::from_utf8_lossy(bytes).trim().to_owned();
            assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
            kill_time = Some(Instant::now());
        }
        Ok(ControlFlow::Continue(()))
    };
    let error = ssh.converse(b"", &mut listener, &limit(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().starts_with("the connection was lost"), "{error}");
    assert!(kill_time.unwrap().elapsed() < SOON);
}

#[test]
fn no_common_algorithm_is_explained() {
    let sshd = Sshd::builder().line("KexAlgorithms sntrup761x25519-sha512@openssh.com").start();
    let error = refusal(&sshd.node());
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().contains("in common") && error.message().contains("OpenSSH"), "{error}");
    assert!(error.hint().unwrap().contains("curve25519-sha256"));
}
