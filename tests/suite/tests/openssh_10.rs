//! SSH against OpenSSH 10, from the base of a node that is never booted.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use regconf::transport::{Limit, Ssh, SshShared, Stream, Transport};
use regconf::{Cancel, ErrorKind, HostKeys, Identity, Node};
use tempfile::TempDir;

/// Runs a command in a base, of which nothing is changed: what is written goes to memory. `$0` is the base, `$1` a folder
/// of this machine that is also there.
const INSIDE: &str = "set -e; base=$0 shared=$1; shift
t=$shared/inside; mkdir \"$t\"; mount -t tmpfs none \"$t\"; mkdir \"$t/u\" \"$t/w\" \"$t/r\"
mount -t overlay none -o \"lowerdir=$base,upperdir=$t/u,workdir=$t/w\" \"$t/r\"
mkdir -p \"$t/r/run/sshd\" \"$t/r$shared\"; mount --bind \"$shared\" \"$t/r$shared\"
mount --bind /dev \"$t/r/dev\"; mount --bind /proc \"$t/r/proc\"
exec chroot \"$t/r\" \"$@\"";

/// A server in its own mount namespace. It ends when dropped.
struct Sshd {
    folder: TempDir,
    child: Child,
    port: u16,
}

impl Sshd {
    fn start(is_certified: bool) -> Self {
        regconf_fleet::ensure_bases().unwrap();
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for name in ["host", "id", "ca"] {
            run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &path(name)]);
        }
        run("ssh-keygen", &["-q", "-s", &path("ca"), "-I", "host", "-h", "-n", "127.0.0.1", &path("host.pub")]);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let certificate =
            if is_certified { format!("HostCertificate {}", path("host-cert.pub")) } else { String::new() };
        let config = format!(
            "{certificate}\nListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n\
             StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nLogLevel DEBUG1\n",
            path("host"),
            path("id.pub")
        );
        fs::write(path("config"), config).unwrap();
        let log = fs::File::create(path("log")).unwrap();
        let base = regconf_fleet::cache_dir().join("trixie");
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", INSIDE]).arg(base).arg(folder.path());
        command.args(["/usr/sbin/sshd", "-D", "-e", "-f", &path("config")]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let sshd = Self { folder, child, port };
        let start = Instant::now();
        while !sshd.log().contains("Server listening") {
            assert!(start.elapsed() < Duration::from_secs(20), "sshd does not start: {}", sshd.log());
            std::thread::sleep(Duration::from_millis(10));
        }
        sshd
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    /// A node whose key is known by the authority alone.
    fn node(&self) -> Node {
        let mut node = Node::new(format!("root@127.0.0.1:{}", self.port)).unwrap();
        node.identities.push(Identity::File(self.path("id")));
        let ca = fs::read_to_string(self.path("ca.pub")).unwrap();
        fs::write(self.path("known_hosts"), format!("@cert-authority [127.0.0.1]:* {ca}")).unwrap();
        node.known_hosts.push(self.path("known_hosts"));
        node
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(program: &str, arguments: &[&str]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program} {arguments:?}");
}

/// What a command answers.
fn ask(node: &Node, command: &str) -> regconf::Result<String> {
    let limit = Limit::new("testing", Duration::from_secs(30), &Cancel::new());
    let mut ssh = Ssh::connect(node, &SshShared::new(), &limit)?;
    ssh.start(command, &limit)?;
    let mut out = Vec::new();
    let mut listener = |stream, bytes: &[u8]| {
        if stream == Stream::Out {
            out.extend_from_slice(bytes);
        }
        Ok(if stream == Stream::End { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    ssh.converse(b"", &mut listener, &limit)?;
    Ok(String::from_utf8(out).unwrap())
}

fn is_switched_off() -> bool {
    std::env::var_os("REGCONF_SKIP_FLEET").is_some_and(|value| value == "1")
}

#[test]
fn logins_jumps_and_certificates() {
    if is_switched_off() {
        return;
    }
    let (first, last) = (Sshd::start(false), Sshd::start(true));
    let mut host = first.node();
    let error = ask(&host, "true").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HostKey, "it has no certificate: {error}");
    fs::remove_file(first.path("known_hosts")).unwrap();
    host.host_keys = HostKeys::AcceptNew;
    let version = ask(&host, "ssh -V 2>&1").unwrap();
    assert!(version.contains("OpenSSH_10"), "{version}");
    assert!(first.log().contains("kex: algorithm: mlkem768x25519-sha256"), "{}", first.log());
    let mut node = last.node();
    node.jump = vec![Arc::new(host)];
    assert_eq!(ask(&node, "echo hello").unwrap(), "hello\n");
    assert!(last.log().contains("ssh-ed25519-cert-v01@openssh.com"), "{}", last.log());
}
