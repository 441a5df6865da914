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
        for mut stream in listener.incoming().map(Result::unwrap) {
            // Who is refused may be gone already, and comes again.
            let _ = std::io::Write::write_all(&mut stream, b"Not allowed at this time\r\n");
        }
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

/// A port that hangs up this often before it leads to the server.
fn busy(sshd: &Sshd, times: usize, says: &'static [u8]) -> (Node, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut node = sshd.node();
    node.host_keys = regconf::HostKeys::Pinned(vec![sshd.fingerprint("host_ed25519.pub")]);
    "127.0.0.1".clone_into(&mut node.address);
    node.port = listener.local_addr().unwrap().port();
    let count = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
    let (counted, target) = (std::sync::Arc::clone(&count), (sshd.address.clone(), sshd.port));
    std::thread::spawn(move || {
        for mut client in listener.incoming().map(Result::unwrap) {
            if counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < times {
                let _ = std::io::Write::write_all(&mut client, says);
                continue;
            }
            let mut server = std::net::TcpStream::connect((target.0.as_str(), target.1)).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            std::thread::spawn(move || std::io::copy(&mut server, &mut client));
        }
    });
    (node, count)
}

#[test]
fn a_busy_server_is_asked_again() {
    let sshd = Sshd::start();
    for says in [&b""[..], b"Exceeded MaxStartups\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"] {
        let (node, count) = busy(&sshd, 2, says);
        drop(super::connect(&node).unwrap());
        assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 3);
        let (mut node, count) = busy(&sshd, 9, says);
        let error = refusal(&node);
        assert_eq!((error.kind(), count.load(std::sync::atomic::Ordering::SeqCst)), (ErrorKind::Connect, 3));
        assert!(error.message().contains("it was tried 3 times"), "{error}");
        node.connect_attempts = 1;
        assert!(!refusal(&node).message().contains("tried"));
    }
}

#[test]
fn who_is_refused_does_not_ask_again() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    node.identities = vec![Identity::Key("-----BEGIN RSA PRIVATE KEY-----\n".into())];
    let _ = refusal(&node);
    super::support::keygen(&sshd.path("stranger"), "ed25519", "");
    let before = sshd.read("log").matches("Connection from").count();
    node.identities = vec![Identity::File(sshd.path("stranger"))];
    assert_eq!(refusal(&node).kind(), ErrorKind::Authentication);
    node.known_hosts.clear();
    assert_eq!(refusal(&node).kind(), ErrorKind::HostKey);
    assert_eq!(sshd.read("log").matches("Connection from").count(), before + 2);
}

#[test]
fn the_algorithms_of_openssh_7_4() {
    let kex = "KexAlgorithms curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,\
               diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group14-sha256";
    let ciphers = "Ciphers chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes256-gcm@openssh.com";
    let old = |host_keys: &str| Sshd::builder().line(kex).line(ciphers).line(host_keys).host_keys(&["rsa"]).start();
    drop(super::connect(&old("HostKeyAlgorithms ssh-rsa,rsa-sha2-512,rsa-sha2-256").node()).unwrap());
    // One that signs with SHA-1 alone cannot be reached, and is told so.
    let error = refusal(&old("HostKeyAlgorithms ssh-rsa").node());
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().contains("in common"), "{error}");
    assert!(error.hint().unwrap().contains("HostKeyAlgorithms"), "{error}");
}

#[test]
fn a_silent_server_is_asked_whether_it_is_there() {
    let sshd = Sshd::builder().line("LogLevel DEBUG1").start();
    let mut ssh = super::connect(&sshd.node()).unwrap();
    let (out, _) = super::run(&mut ssh, "sleep 17; echo done", b"");
    assert_eq!(out, b"done\n");
    assert!(sshd.read("log").contains("keepalive@libssh2.org"), "{}", sshd.read("log"));
}

#[test]
fn the_key_exchange_that_costs_a_node_least_and_any_that_is_left() {
    let curve = "curve25519-sha256";
    for (allowed, chosen) in [(format!("{curve},ecdh-sha2-nistp256"), "ecdh-sha2-nistp256"), (curve.to_owned(), curve)]
    {
        let sshd = Sshd::builder().line("LogLevel DEBUG1").line(&format!("KexAlgorithms {allowed}")).start();
        drop(super::connect(&sshd.node()).unwrap());
        assert!(sshd.read("log").contains(&format!("kex: algorithm: {chosen} ")), "{}", sshd.read("log"));
    }
}

#[test]
fn no_common_algorithm_is_explained() {
    let sshd = Sshd::builder().line("KexAlgorithms sntrup761x25519-sha512@openssh.com").start();
    let error = refusal(&sshd.node());
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().contains("in common") && error.message().contains("OpenSSH"), "{error}");
    assert!(error.hint().unwrap().contains("curve25519-sha256"));
}
