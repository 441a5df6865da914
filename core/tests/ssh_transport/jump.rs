//! Ways through other hosts and programs.

use std::ops::ControlFlow;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use regconf::transport::{Limit, Ssh, SshShared, Stream, Transport};
use regconf::{Cancel, ErrorKind, HostKeys, Identity, Node, Secret};

use super::support::{Sshd, keygen};
use super::{SOON, connect, limit, refusal, run};

/// A node behind these hosts.
fn behind(node: &Sshd, hosts: &[&Sshd]) -> Node {
    let mut node = node.node();
    node.jump = hosts.iter().enumerate().map(|(i, host)| host_of(host, &format!("jump{i}"))).collect();
    node
}

fn host_of(sshd: &Sshd, name: &str) -> Arc<Node> {
    let mut host = sshd.node();
    name.clone_into(&mut host.name);
    Arc::new(host)
}

fn says_hello(node: &Node) {
    assert_eq!(run(&mut connect(node).unwrap(), "echo hello", b"").0, b"hello\n");
}

fn logins(sshd: &Sshd) -> usize {
    sshd.read("log").matches("Accepted publickey").count()
}

#[test]
fn a_chain_of_two_jump_hosts_each_with_its_own_login() {
    let servers = [Sshd::start(), Sshd::start(), Sshd::start()];
    let [first, second, last] = &servers;
    second.add_key("locked", "ecdsa", "open sesame");
    let mut node = behind(last, &[first, second]);
    let mut host = Node::clone(&node.jump[1]);
    host.identities = vec![Identity::EncryptedFile(second.path("locked"), Secret::new("open sesame"))];
    host.host_keys = HostKeys::Pinned(vec![second.fingerprint("host_ed25519.pub")]);
    host.known_hosts.clear();
    node.jump[1] = Arc::new(host);
    says_hello(&node);
    assert_eq!(servers.each_ref().map(logins), [1, 1, 1]);
    // Each is reached from the one before it.
    assert!(second.read("log").contains(&format!("Connection from {}", "127.0.0.1")), "{}", second.read("log"));
}

#[test]
fn much_goes_through_both_ways() {
    let (host, last) = (Sshd::start(), Sshd::start());
    let mut ssh = connect(&behind(&last, &[&host])).unwrap();
    let input: Vec<u8> = (0..8 << 20).map(|n: u32| (n % 251).to_le_bytes()[0]).collect();
    ssh_cat(&mut ssh, &input);
}

fn ssh_cat(ssh: &mut Ssh, input: &[u8]) {
    ssh.start("cat", &limit(20)).unwrap();
    let mut out = Vec::new();
    let mut listener = |stream, bytes: &[u8]| {
        if stream == Stream::Out {
            out.extend_from_slice(bytes);
        }
        Ok(if out.len() < input.len() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    ssh.converse(input, &mut listener, &limit(60)).unwrap();
    assert!(out == input);
}

#[test]
fn one_connection_serves_many_nodes_and_keys_are_exchanged_anew_meanwhile() {
    let host = Sshd::builder().line("RekeyLimit 1M").line("MaxSessions 1").start();
    let servers = [Sshd::start(), Sshd::start(), Sshd::start()];
    let shared = SshShared::new();
    std::thread::scope(|scope| {
        for n in 0..6 {
            let node = behind(&servers[n % 3], &[&host]);
            let shared = &shared;
            scope.spawn(move || {
                let mut ssh = Ssh::connect(&node, shared, &limit(30)).unwrap();
                ssh_cat(&mut ssh, &vec![b'x'; 2 << 20]);
            });
        }
    });
    assert_eq!(logins(&host), 1, "{}", host.read("log"));
}

#[test]
fn a_node_is_verified_end_to_end_under_its_own_name() {
    let (host, last, other) = (Sshd::start(), Sshd::start(), Sshd::start());
    let mut node = behind(&last, &[&host]);
    node.known_hosts = other.node().known_hosts;
    let error = refusal(&node);
    assert_eq!(error.kind(), ErrorKind::HostKey);
    assert!(error.message().contains(&format!("[{}]:{} is unknown", last.address, last.port)), "{error}");
    assert_eq!(logins(&last), 0);
    // So is the jump host, before it is shown a credential.
    let mut node = behind(&last, &[&host]);
    let mut wrong = Node::clone(&node.jump[0]);
    wrong.known_hosts = other.node().known_hosts;
    node.jump = vec![Arc::new(wrong)];
    let before = logins(&host);
    let error = refusal(&node);
    assert_eq!((error.kind(), logins(&host)), (ErrorKind::HostKey, before));
    assert!(error.to_string().contains("jump host jump0: "), "{error}");
}

#[test]
fn a_jump_host_that_lets_us_not_in_is_asked_once_for_all_nodes() {
    let (host, last) = (Sshd::start(), Sshd::start());
    keygen(&host.path("stranger"), "ed25519", "");
    let mut node = behind(&last, &[&host]);
    let mut stranger = Node::clone(&node.jump[0]);
    stranger.identities = vec![Identity::File(host.path("stranger"))];
    node.jump = vec![Arc::new(stranger)];
    let shared = SshShared::new();
    for _ in 0..4 {
        let error = Ssh::connect(&node, &shared, &limit(20)).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.to_string().contains("jump host jump0: "), "{error}");
    }
    assert_eq!(host.read("log").matches("Connection from").count(), 1);
}

#[test]
fn a_node_that_the_jump_host_cannot_reach_is_its_own_failure() {
    let (host, last, gone) = (Sshd::start(), Sshd::start(), Sshd::start());
    let mut dead = behind(&gone, &[&host]);
    drop(gone);
    dead.known_hosts = last.node().known_hosts;
    dead.identities = last.node().identities;
    let shared = SshShared::new();
    let error = Ssh::connect(&dead, &shared, &limit(20)).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("through jump0: it opens no way to"), "{error}");
    assert!(error.message().contains("it was tried 3 times"), "{error}");
    drop(Ssh::connect(&behind(&last, &[&host]), &shared, &limit(20)).unwrap());
    let closed = Sshd::builder().line("AllowTcpForwarding no").start();
    let error = refusal(&behind(&last, &[&closed]));
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.hint().unwrap().contains("AllowTcpForwarding"), "{error}");
}

#[test]
fn nodes_that_never_answer_do_not_keep_others_waiting() {
    // A listener whose queue is full drops what else wants to connect, as a firewall does.
    let full = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = full.local_addr().unwrap();
    let _waiting = fill(address);
    let (host, last) = (Sshd::start(), Sshd::start());
    let shared = SshShared::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut dead = behind(&last, &[&host]);
            dead.address = address.ip().to_string();
            dead.port = address.port();
            let shared = &shared;
            scope.spawn(move || {
                let error = Ssh::connect(&dead, shared, &limit(10)).map(drop).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
                assert!(error.to_string().contains("jump0"), "{error}");
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        let start = Instant::now();
        drop(Ssh::connect(&behind(&last, &[&host]), &shared, &limit(20)).unwrap());
        assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    });
}

#[test]
fn threads_end_when_nobody_needs_them() {
    let full = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = full.local_addr().unwrap();
    let _waiting = fill(address);
    let (host, last) = (Sshd::start(), Sshd::start());
    let shared = SshShared::new();
    let mut dead = behind(&last, &[&host]);
    dead.address = address.ip().to_string();
    dead.port = address.port();
    assert_eq!(Ssh::connect(&dead, &shared, &limit(2)).map(drop).unwrap_err().kind(), ErrorKind::Timeout);
    // The jump host waits for the node for two minutes; we do not.
    let start = Instant::now();
    while sessions(&host) > 0 {
        assert!(start.elapsed() < SOON, "the connection to the jump host is still there");
        std::thread::sleep(Duration::from_millis(50));
    }
    let ssh = Ssh::connect(&behind(&last, &[&host]), &shared, &limit(20)).unwrap();
    drop((ssh, shared));
    while sessions(&host) > 0 {
        assert!(start.elapsed() < 2 * SOON, "the connection to the jump host is still there");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn sessions(sshd: &Sshd) -> usize {
    let parent = sshd.pid().to_string();
    let found = Command::new("ps").args(["--ppid", &parent, "-o", "pid="]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().split_whitespace().count()
}

/// Connects until nothing more is taken.
fn fill(address: std::net::SocketAddr) -> Vec<std::net::TcpStream> {
    let connect = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok();
    std::iter::from_fn(connect).collect()
}

#[test]
fn a_jump_host_that_dies_is_named_and_reached_again_once() {
    let (host, last) = (Sshd::start(), Sshd::start());
    let shared = SshShared::new();
    let node = behind(&last, &[&host]);
    for _ in 0..2 {
        let mut ssh = Ssh::connect(&node, &shared, &limit(20)).unwrap();
        ssh.start("sleep 60", &limit(20)).unwrap();
        host.end_sessions();
        let start = Instant::now();
        let error = ssh.converse(b"", &mut |_, _| Ok(ControlFlow::Continue(())), &limit(20)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.message().contains("the connection to the jump host jump0 was lost"), "{error}");
        assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    }
    let error = Ssh::connect(&node, &shared, &limit(20)).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("jump host jump0: the connection to it was lost twice"), "{error}");
}

#[test]
fn a_cancel_while_the_jump_host_connects_is_heard() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let last = Sshd::start();
    let mut node = behind(&last, &[&last]);
    let mut host = Node::clone(&node.jump[0]);
    host.port = silent.local_addr().unwrap().port();
    host.address = "127.0.0.1".to_owned();
    node.jump = vec![Arc::new(host)];
    let cancel = Cancel::new();
    let limit = Limit::new("testing", Duration::from_secs(60), &cancel);
    let shared = SshShared::new();
    let start = Instant::now();
    std::thread::scope(|scope| {
        let threads = [(), ()].map(|()| scope.spawn(|| Ssh::connect(&node, &shared, &limit).map(drop).unwrap_err()));
        std::thread::sleep(Duration::from_millis(200));
        cancel.cancel();
        for thread in threads {
            assert_eq!(thread.join().unwrap().kind(), ErrorKind::Cancelled);
        }
    });
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn ways_that_cannot_be_gone_are_refused_at_once() {
    let last = Sshd::start();
    let error = |change: &dyn Fn(&mut Node)| {
        let mut node = behind(&last, &[&last, &last]);
        change(&mut node);
        let error = refusal(&node);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        error.to_string()
    };
    let changed = |node: &mut Node, i: usize, change: &dyn Fn(&mut Node)| {
        let mut host = Node::clone(&node.jump[i]);
        change(&mut host);
        node.jump[i] = Arc::new(host);
    };
    let nested = |host: &mut Node| host.jump = behind(&last, &[&last]).jump;
    assert!(error(&|node| changed(node, 0, &nested)).contains("has jump hosts of its own"));
    let program = |host: &mut Node| host.proxy_command = vec!["nc".to_owned()];
    assert!(error(&|node| changed(node, 1, &program)).contains("is reached through another"));
    assert!(error(&|node| program(node)).contains("exclude each other"));
    assert!(error(&|node| node.jump[0] = Arc::new(Node::local("/"))).contains("is this machine"));
}

/// A program that carries bytes, as `nc` does.
fn carrier() -> Vec<String> {
    ["bash", "-c", "exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3; kill $!"].map(str::to_owned).to_vec()
}

#[test]
fn a_program_carries_the_connection_and_is_ended_with_it() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    node.proxy_command = carrier();
    let marker = format!("/dev/tcp/{}/{}", sshd.address, sshd.port);
    let mut ssh = connect(&node).unwrap();
    ssh_cat(&mut ssh, &vec![b'x'; 4 << 20]);
    assert!(running(&marker) > 0);
    drop(ssh);
    let start = Instant::now();
    while running(&marker) > 0 {
        assert!(start.elapsed() < SOON);
        std::thread::sleep(Duration::from_millis(20));
    }
    // And it was waited for.
    while zombies() > 0 {
        assert!(start.elapsed() < SOON);
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn zombies() -> usize {
    let children =
        Command::new("ps").args(["--ppid", &std::process::id().to_string(), "-o", "stat="]).output().unwrap();
    String::from_utf8(children.stdout).unwrap().lines().filter(|state| state.starts_with('Z')).count()
}

fn running(marker: &str) -> usize {
    let all = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    String::from_utf8_lossy(&all.stdout).lines().filter(|line| line.contains(marker)).count()
}

#[test]
fn a_program_leads_to_the_first_jump_host() {
    let (host, last) = (Sshd::start(), Sshd::start());
    let mut node = behind(&last, &[&host]);
    let mut first = Node::clone(&node.jump[0]);
    first.proxy_command = carrier();
    node.jump = vec![Arc::new(first)];
    says_hello(&node);
}

#[test]
fn the_ways_of_an_ssh_config_are_gone() {
    let (host, last) = (Sshd::start(), Sshd::start());
    let login =
        |sshd: &Sshd| format!("IdentityFile {}\nUserKnownHostsFile {}\n", sshd.path("id"), sshd.path("known_hosts"));
    let address = |sshd: &Sshd| format!("HostName {}\nPort {}\nUser {}\n", sshd.address, sshd.port, sshd.node().user);
    let config = format!(
        "Host one\nProxyJump gate\nHost two\nProxyCommand bash -c \"{}\"\nHost one two\n{}{}Host gate\n{}{}",
        carrier()[2],
        address(&last),
        login(&last),
        address(&host),
        login(&host)
    );
    last.write("config", &config);
    last.write("nodes.json", r#"{"ssh_config":"config","nodes":[{"address":"one"},{"address":"two"}]}"#);
    let loaded = regconf::inventory::load_with_warnings(last.path("nodes.json")).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    loaded.nodes.iter().for_each(says_hello);
    assert_eq!((logins(&host), logins(&last)), (1, 2));
}

#[test]
fn what_a_program_complains_about_is_told() {
    let sshd = Sshd::start();
    let mut node = sshd.node();
    let error = |node: &Node| {
        let error = refusal(node);
        assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
        error.to_string()
    };
    node.proxy_command = ["sh", "-c", "echo no ticket for %r >&2; exit 1"].map(str::to_owned).to_vec();
    assert!(error(&node).contains(&format!("sh, which said: no ticket for {}", node.user)), "{}", error(&node));
    node.proxy_command = vec!["/nonexistent/nc".to_owned()];
    assert!(error(&node).contains("proxy_command: /nonexistent/nc cannot be started"), "{}", error(&node));
    // A program that never says anything is ended at the deadline.
    node.proxy_command = ["sleep", "987"].map(str::to_owned).to_vec();
    let start = Instant::now();
    let late = Ssh::connect(&node, &SshShared::new(), &limit(1)).map(drop).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Timeout);
    while running("sleep 987") > 0 {
        assert!(start.elapsed() < SOON);
        std::thread::sleep(Duration::from_millis(20));
    }
}
