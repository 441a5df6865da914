//! The nodes: for each an address of the loopback, a root folder and an sshd that lives in it.
//!
//! A root has its own `/etc`, `/var`, `/run`, `/tmp` and `/root` on a tmpfs. `/usr` and `/dev` are this machine's, read
//! only, with the stand-ins in `/usr/local/bin`; `/proc` is [a plain folder](procfs). Everything is mounted in a mount
//! namespace of the benchmark's own, so that nothing is left when it ends, however it ends.
//!
//! What that leaves out: a tmpfs syncs for nothing; the real systemctl and docker take 5 to 40 ms of processor time at
//! each call, the stand-ins 1 ms.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, mount, mount_bind, mount_bind_recursive, mount_remount};

use crate::job::{CONFIG, Result};
use crate::procfs;

/// daemon.json as it is before.
pub(crate) const BEFORE: &str = include_str!("daemon.json");
const SSHD: &str = "/usr/sbin/sshd";
/// Where programs are, for whatever is started with an empty environment.
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How long all servers may take to listen, or to end their sessions.
const PATIENCE: Duration = Duration::from_secs(60);
const STAND_INS: [&str; 3] = ["systemctl", "docker", "dockerd"];

/// All of them. Their servers end when dropped, or when the thread ends that made them.
#[derive(Debug)]
pub(crate) struct Nodes {
    base: PathBuf,
    port: u16,
    all: Vec<Node>,
}

/// One node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) address: String,
    pub(crate) root: PathBuf,
    server: Child,
}

impl Nodes {
    /// Makes so many, in a tmpfs mounted at `base`. The mounts must be this process's own.
    pub(crate) fn start(base: &Path, count: usize) -> Result<Self> {
        if !Path::new(SSHD).exists() {
            return Err(format!("{SSHD} is missing: apt-get install openssh-server").into());
        }
        fs::create_dir_all(base)?;
        mount("regconf-bench", base, "tmpfs", MountFlags::empty(), Some(c"mode=755"))?;
        make_client(base)?;
        make_shared(&base.join("shared"))?;
        let port = TcpListener::bind(address(0) + ":0")?.local_addr()?.port();
        let mut made = Self { base: base.to_owned(), port, all: Vec::new() };
        for i in 0..count {
            let node = made.make_node(i)?;
            node.reset()?;
            made.all.push(node);
        }
        made.write_lists()?;
        made.wait_until("a server listens on each node", |node| node.root.join("run/sshd.pid").exists())?;
        Ok(made)
    }

    pub(crate) fn first(&self, count: usize) -> &[Node] {
        &self.all[..count.min(self.all.len())]
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What drivers get: `home`, which is clean, `id`, `known_hosts`.
    pub(crate) fn client(&self) -> PathBuf {
        self.base.join("client")
    }

    /// A file with the addresses of the first nodes, one a line.
    pub(crate) fn hosts(&self, count: usize) -> Result<PathBuf> {
        let path = self.client().join(format!("hosts-{count}"));
        let lines: Vec<_> = self.first(count).iter().map(|node| node.address.as_str()).collect();
        fs::write(&path, lines.join("\n") + "\n")?;
        Ok(path)
    }

    /// The numbers of the servers' processes.
    pub(crate) fn servers(&self) -> impl Iterator<Item = u32> {
        self.all.iter().map(|node| node.server.id())
    }

    /// Waits until no server has a session.
    pub(crate) fn drain(&self) -> Result<()> {
        self.wait_until("all sessions end", |node| {
            let id = node.server.id();
            fs::read_to_string(format!("/proc/{id}/task/{id}/children")).is_ok_and(|text| text.trim().is_empty())
        })
    }

    fn wait_until(&self, what: &str, is_so: impl Fn(&Node) -> bool) -> Result<()> {
        let began = Instant::now();
        for node in &self.all {
            while !is_so(node) {
                if began.elapsed() > PATIENCE {
                    let log = fs::read_to_string(node.root.join("run/sshd.log")).unwrap_or_default();
                    return Err(format!("waited in vain until {what}: {}: {log}", node.address).into());
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        Ok(())
    }

    fn make_node(&self, i: usize) -> Result<Node> {
        let (root, address) = (self.base.join(format!("n{i}")), address(i));
        make_root(&root, &self.base)?;
        let config = format!(
            "ListenAddress {address}\nPort {}\nHostKey /etc/ssh/host_key\nAuthorizedKeysFile /etc/ssh/authorized_keys\n\
             UsePAM no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             MaxStartups 1000\nPidFile /run/sshd.pid\nPrintMotd no\nUseDNS no\nLogLevel ERROR\n\
             Subsystem sftp internal-sftp\n",
            self.port
        );
        fs::write(root.join("etc/ssh/sshd_config"), config)?;
        let log = fs::File::create(root.join("run/sshd.log"))?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "chroot"]).arg(&root).args([
            SSHD,
            "-D",
            "-e",
            "-f",
            "/etc/ssh/sshd_config",
        ]);
        let server =
            command.env_clear().env("PATH", PATH).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        Ok(Node { address, root, server: server.map_err(|error| format!("setpriv: {error}"))? })
    }

    fn write_lists(&self) -> Result<()> {
        let key = fs::read_to_string(self.base.join("client/host_key.pub"))?;
        let port = self.port;
        let lines: Vec<_> = self.all.iter().map(|node| format!("[{}]:{port} {key}", node.address)).collect();
        Ok(fs::write(self.client().join("known_hosts"), lines.concat())?)
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for node in &mut self.all {
            let _ = node.server.kill();
            let _ = node.server.wait();
        }
    }
}

impl Node {
    /// As it was before any push.
    pub(crate) fn reset(&self) -> Result<()> {
        for folder in ["etc/docker", "run/bench", "var", "tmp", "root"] {
            let path = self.root.join(folder);
            if path.exists() {
                fs::remove_dir_all(&path)?;
            }
            fs::create_dir(&path)?;
        }
        fs::set_permissions(self.root.join("tmp"), fs::Permissions::from_mode(0o1777))?;
        for folder in ["var/lib", "var/tmp", "var/log"] {
            fs::create_dir_all(self.root.join(folder))?;
        }
        fs::write(self.root.join("root/.bashrc"), "")?;
        fs::write(self.root.join(CONFIG.trim_start_matches('/')), BEFORE)?;
        fs::write(self.root.join("run/bench/in-force.json"), BEFORE)?;
        Ok(fs::write(self.root.join("run/bench/reloads"), "")?)
    }
}

/// The address of a node of this number.
fn address(i: usize) -> String {
    format!("127.88.{}.{}", 1 + i / 250, 1 + i % 250)
}

/// The keys, and a home without any start-up file.
fn make_client(base: &Path) -> Result<()> {
    let client = base.join("client");
    fs::create_dir_all(client.join("home"))?;
    for name in ["id", "host_key"] {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(client.join(name));
        run(&mut command)?;
    }
    Ok(())
}

/// What all nodes have in common: `usr` with the stand-ins, and `proc`.
fn make_shared(shared: &Path) -> Result<()> {
    let (usr, local) = (shared.join("usr"), shared.join("local"));
    fs::create_dir_all(&usr)?;
    mount_bind("/usr", &usr)?;
    build_stand_ins(&local.join("bin"))?;
    mount_bind(&local, usr.join("local"))?;
    procfs::make(&shared.join("proc"))
}

/// Compiles programs that answer as those of a docker node do, so that what a push costs is not what they cost.
fn build_stand_ins(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("stand_ins");
    for name in STAND_INS {
        let source = sources.join(name).with_extension("c");
        run(Command::new("cc").args(["-O2", "-o"]).arg(folder.join(name)).arg(source))?;
    }
    Ok(())
}

fn make_root(root: &Path, base: &Path) -> Result<()> {
    for folder in ["etc/ssh", "etc/systemd/system", "etc/alternatives", "run/sshd", "usr", "dev", "proc", "sys"] {
        fs::create_dir_all(root.join(folder))?;
    }
    make_etc(root, base)?;
    let shared = base.join("shared");
    mount_bind_recursive(shared.join("usr"), root.join("usr"))?;
    for (from, to) in [
        (Path::new("/dev"), "dev"),
        (&shared.join("proc"), "proc"),
        (Path::new("/etc/alternatives"), "etc/alternatives"),
    ] {
        mount_bind(from, root.join(to))?;
    }
    for folder in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
        make_link_or_mount(&Path::new("/").join(folder), &root.join(folder))?;
    }
    for folder in ["usr", "dev", "proc", "etc/alternatives"] {
        mount_remount(root.join(folder), MountFlags::BIND | MountFlags::RDONLY, "")?;
    }
    Ok(())
}

/// `/bin` and the like are links into `/usr` on most systems, and folders on some.
fn make_link_or_mount(from: &Path, to: &Path) -> Result<()> {
    if let Ok(target) = fs::read_link(from) {
        symlink(target, to)?;
    } else if from.is_dir() {
        fs::create_dir(to)?;
        mount_bind(from, to)?;
        mount_remount(to, MountFlags::BIND | MountFlags::RDONLY, "")?;
    }
    Ok(())
}

fn make_etc(root: &Path, base: &Path) -> Result<()> {
    let etc = root.join("etc");
    let texts = [
        ("passwd", "root:x:0:0:root:/root:/bin/bash\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"),
        ("shadow", "root:*:20000:0:99999:7:::\nsshd:!:20000::::::\n"),
        ("group", "root:x:0:\nnogroup:x:65534:\n"),
        ("nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n"),
        ("hosts", "127.0.0.1 localhost\n"),
        ("systemd/system/docker.service", "[Service]\nExecStart=/usr/local/bin/dockerd -H fd://\n"),
    ];
    for (name, text) in texts {
        fs::write(etc.join(name), text)?;
    }
    for (from, to) in [("host_key", "host_key"), ("id.pub", "authorized_keys")] {
        fs::copy(base.join("client").join(from), etc.join("ssh").join(to))?;
    }
    for name in ["ld.so.cache", "ld.so.conf"] {
        if Path::new("/etc").join(name).exists() {
            fs::copy(Path::new("/etc").join(name), etc.join(name))?;
        }
    }
    Ok(())
}

/// Runs a command to its end; its complaint is the error.
fn run(command: &mut Command) -> Result<()> {
    let out = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if out.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&out.stderr)).into())
}
