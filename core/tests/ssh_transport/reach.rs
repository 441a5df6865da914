//! Reaching a server, or not.

use std::net::TcpListener;
use std::time::Instant;

use regconf::transport::{Ssh, SshShared};
use regconf::{ErrorKind, Identity, Node};

use super::support::Sshd;
use super::{SOON, limit, refusal};

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
fn no_common_algorithm_is_explained() {
    let sshd = Sshd::builder().line("KexAlgorithms sntrup761x25519-sha512@openssh.com").start();
    let error = refusal(&sshd.node());
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().contains("in common") && error.message().contains("OpenSSH"), "{error}");
    assert!(error.hint().unwrap().contains("curve25519-sha256"));
}
