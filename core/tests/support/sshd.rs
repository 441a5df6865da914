//! Real SSH servers for tests.
#![allow(dead_code, clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::missing_panics_doc)]

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use regconf::{Identity, Node};
use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";

/// An sshd of its own: configuration, host keys and port. It ends when dropped.
///
/// The folder has `id` and `id.pub`, which may log in, and `known_hosts`, which has the server's keys.
pub(crate) struct Sshd {
    folder: TempDir,
    child: Child,
    pub(crate) address: String,
    pub(crate) port: u16,
}

/// What an [`Sshd`] is to be.
pub(crate) struct Builder {
    lines: String,
    host_keys: Vec<&'static str>,
    wrapper: Vec<String>,
    address: Option<String>,
}

impl Builder {
    /// Where it listens, if that must be known before.
    pub(crate) fn address(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// Adds a line to `sshd_config`, in front, where the first of a keyword wins.
    pub(crate) fn line(mut self, line: &str) -> Self {
        writeln!(self.lines, "{line}").unwrap();
        self
    }

    /// The types of host keys, as for `ssh-keygen -t`.
    pub(crate) fn host_keys(mut self, kinds: &[&'static str]) -> Self {
        self.host_keys = kinds.to_vec();
        self
    }

    /// Starts it by these words, to which its own command is added.
    pub(crate) fn wrapped(mut self, wrapper: &[String]) -> Self {
        self.wrapper = wrapper.to_vec();
        self
    }

    pub(crate) fn start(self) -> Sshd {
        assert!(Path::new(SSHD).exists(), "{SSHD} is missing: install the package openssh-server");
        let folder = TempDir::new().unwrap();
        let address = self.address.unwrap_or_else(next_address);
        let port = TcpListener::bind((address.as_str(), 0)).unwrap().local_addr().unwrap().port();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let mut config = self.lines;
        let mut known_hosts = String::new();
        for kind in &self.host_keys {
            let key = path(&format!("host_{kind}"));
            keygen(&key, kind, "");
            writeln!(config, "HostKey {key}").unwrap();
            writeln!(known_hosts, "[{address}]:{port} {}", fs::read_to_string(format!("{key}.pub")).unwrap()).unwrap();
        }
        keygen(&path("id"), "ed25519", "");
        fs::copy(path("id.pub"), path("authorized_keys")).unwrap();
        fs::write(path("known_hosts"), known_hosts).unwrap();
        let authorized = path("authorized_keys");
        // At this level bash does not read the .bashrc of whoever runs the tests.
        writeln!(config, "SetEnv SHLVL=2").unwrap();
        writeln!(
            config,
            "ListenAddress {address}\nPort {port}\nAuthorizedKeysFile {authorized}\nPidFile none\nStrictModes no\n\
             UsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nMaxStartups 1000\nLogLevel VERBOSE"
        )
        .unwrap();
        fs::write(path("sshd_config"), config).unwrap();
        let child = launch(&self.wrapper, &path("sshd_config"), &path("log"));
        let sshd = Sshd { folder, child, address, port };
        sshd.wait_until_it_listens();
        sshd
    }
}

impl Sshd {
    pub(crate) fn builder() -> Builder {
        Builder { lines: String::new(), host_keys: vec!["ed25519"], wrapper: Vec::new(), address: None }
    }

    pub(crate) fn start() -> Self {
        Self::builder().start()
    }

    /// A node that can be reached: by `id`, with `known_hosts`, strictly.
    pub(crate) fn node(&self) -> Node {
        let mut node = Node::new(format!("{}@{}:{}", user(), self.address, self.port)).unwrap();
        node.identities.push(Identity::File(self.path("id")));
        node.known_hosts.push(self.path("known_hosts"));
        node
    }

    /// A path in the server's folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Cuts all connections that it has now; it goes on listening.
    pub(crate) fn end_sessions(&self) {
        let parent = self.child.id().to_string();
        let found = Command::new("ps").args(["--ppid", &parent, "-o", "pid="]).output().unwrap();
        for session in String::from_utf8(found.stdout).unwrap().split_whitespace() {
            let _ = Command::new("kill").args(["-9", session]).status();
        }
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Makes a key `name` that may log in.
    pub(crate) fn add_key(&self, name: &str, kind: &str, passphrase: &str) {
        keygen(&self.path(name), kind, passphrase);
        let all = self.read("authorized_keys") + &self.read(&format!("{name}.pub"));
        self.write("authorized_keys", &all);
    }

    /// The fingerprint of a key in the folder, as ssh-keygen tells it.
    pub(crate) fn fingerprint(&self, name: &str) -> String {
        let output = Command::new("ssh-keygen").args(["-lf", &self.path(name)]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split(' ').nth(1).unwrap().to_owned()
    }

    /// The pid of the server.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_it_listens(&self) {
        let start = Instant::now();
        while !self.read("log").contains("Server listening") {
            assert!(start.elapsed() < Duration::from_secs(10), "sshd does not start: {}", self.read("log"));
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(wrapper: &[String], config: &str, log: &str) -> Child {
    // Where sshd, as root, confines its unprivileged half. The package's service makes it at boot.
    if user() == "root" {
        fs::create_dir_all("/run/sshd").unwrap();
    }
    let log = fs::File::create(log).unwrap();
    let mut words = wrapper.iter().map(String::as_str).chain([SSHD]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).args(["-D", "-e", "-f", config]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().unwrap()
}

/// An address of its own for each server, so that ports are not fought for.
pub(crate) fn next_address() -> String {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    format!("127.0.{}.{}", std::process::id() % 250 + 1, NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn keygen(path: &str, kind: &str, passphrase: &str) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", path]);
    // The least that both sides take: a key is made in every test.
    if kind == "rsa" {
        command.args(["-b", "2048"]);
    }
    assert!(command.status().expect("ssh-keygen is missing: install openssh-client").success());
}

pub(crate) fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An SSH agent with a key of a server's folder. It ends when dropped.
pub(crate) struct Agent {
    child: Child,
    pub(crate) socket: String,
}

impl Agent {
    pub(crate) fn start(sshd: &Sshd, keys: &[&str]) -> Self {
        let socket = sshd.path("agent");
        let child = Command::new("ssh-agent").args(["-D", "-a", &socket]).stdout(Stdio::null()).spawn();
        let child = child.expect("ssh-agent is missing: install openssh-client");
        let start = Instant::now();
        while !Path::new(&socket).exists() {
            assert!(start.elapsed() < Duration::from_secs(10), "ssh-agent does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        for key in keys {
            let mut add = Command::new("ssh-add");
            add.arg(sshd.path(key)).env("SSH_AUTH_SOCK", &socket).stderr(Stdio::null());
            // The socket is there a moment before anybody listens.
            while !add.status().unwrap().success() {
                assert!(start.elapsed() < Duration::from_secs(20), "ssh-agent takes no key");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Self { child, socket }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
