//! One node of the fleet.

use crate::namespace::Namespace;
use crate::nspawn::{Container, Spec};
use crate::rootfs::{Access, RootFs};
use crate::run::{Output, poll};
use crate::{Error, Kind, Result};
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a node may take from power-on to all services active.
const BOOT_LIMIT: Duration = Duration::from_secs(180);
/// How long a command in a node may take.
const EXEC_LIMIT: Duration = Duration::from_secs(180);
/// What must be active before a node counts as booted. Until user sessions
/// are permitted, sshd turns away everyone but root.
const SERVICES: [&str; 4] = ["ssh", "containerd", "docker", "systemd-user-sessions"];

/// A node: a container with its own systemd, sshd, containerd and docker.
#[derive(Debug)]
pub struct Node {
    name: String,
    kind: Kind,
    address: Ipv4Addr,
    machine: String,
    dir: PathBuf,
    // In this order: the container must be gone before its root is unmounted.
    container: Mutex<Option<Container>>,
    rootfs: RootFs,
    namespace: Namespace,
}

impl Node {
    /// Makes a node that is still switched off.
    pub(crate) fn prepare(
        (name, kind): (String, Kind),
        (namespace, address): (Namespace, Ipv4Addr),
        dir: PathBuf,
        access: Access,
    ) -> Result<Self> {
        namespace.allow_forwarding()?;
        let rootfs = RootFs::mount(kind, dir.clone())?;
        rootfs.personalise(access)?;
        Ok(Self {
            name,
            kind,
            address,
            machine: namespace.name().to_owned(),
            dir,
            container: Mutex::new(None),
            rootfs,
            namespace,
        })
    }

    /// Its name, for example `trixie` or `trixie-2`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is made from.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The address its sshd listens at, on port 22.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// The public host keys, each as `type base64`. They stay the same over a
    /// power cut.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn host_public_keys(&self) -> Result<Vec<String>> {
        self.rootfs.host_public_keys()
    }

    /// The node's file system as the machine sees it, also while the node is
    /// off. Beware of absolute links in it: here they lead out of the node.
    pub fn root(&self) -> PathBuf {
        self.rootfs.root()
    }

    /// Everything the node has printed on its console so far.
    pub fn console(&self) -> String {
        let raw = std::fs::read(self.dir.join("console.log")).unwrap_or_default();
        String::from_utf8_lossy(&raw).into_owned()
    }

    /// Switches the node on and waits until it can be used.
    ///
    /// # Errors
    /// If it is on already, or does not come up within its deadline.
    pub fn boot(&self) -> Result<()> {
        {
            let mut container = self.container();
            if container.is_some() {
                return Err(Error::new(format!("booting {}", self.name), "it is on"));
            }
            *container = Some(Container::start(&Spec {
                machine: &self.machine,
                hostname: &self.name,
                rootfs: &self.rootfs,
                netns: &self.namespace.path(),
                console: &self.dir.join("console.log"),
            })?);
        }
        self.wait_active(&SERVICES)
    }

    /// Cuts the node's power: all its processes are killed at once. What they
    /// had written is there at the next [`Node::boot`].
    ///
    /// # Errors
    /// If the container does not go away.
    pub fn power_off(&self) -> Result<()> {
        let container = self.container().take();
        container.map_or(Ok(()), Container::kill)
    }

    /// Waits until all `units` are active.
    ///
    /// # Errors
    /// If they are not within the time a boot may take; the state of the
    /// units is in the error.
    pub fn wait_active(&self, units: &[&str]) -> Result<()> {
        let is_active = [&["systemctl", "is-active"], units].concat();
        let status = [&["systemctl", "--no-pager", "status"], units].concat();
        let what = format!("{} on {}", units.join(", "), self.name);
        // Not the exit code: it is 0 as soon as one of them is active.
        let waited = poll(&what, BOOT_LIMIT, || {
            let states = self.exec(&is_active)?.stdout;
            let active = states.lines().filter(|state| *state == "active").count();
            Ok((active == units.len()).then_some(()))
        });
        waited.map_err(|error| {
            let status = self.exec(&status).map_or(self.console(), |o| o.text());
            Error::new(error.to_string(), status)
        })
    }

    /// Runs `argv` in the node as root. What takes longer than three minutes is
    /// ended, with exit code 124.
    ///
    /// # Errors
    /// If the node is off. A command that fails is no error.
    pub fn exec(&self, argv: &[&str]) -> Result<Output> {
        self.exec_raw(argv, &[]).map(Output::from)
    }

    /// Runs a shell `script` in the node as root.
    ///
    /// # Errors
    /// If the node is off. A script that fails is no error.
    pub fn sh(&self, script: &str) -> Result<Output> {
        self.exec(&["sh", "-c", script])
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If the node is off or the file cannot be read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let output = self.exec_raw(&["cat", "--", path], &[])?;
        let bytes = output.stdout.clone();
        Output::from(output).ok(&format!("reading {path} on {}", self.name))?;
        Ok(bytes)
    }

    /// Writes a file, making the folders above it.
    ///
    /// # Errors
    /// If the node is off or the file cannot be written.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> Result<()> {
        let script = r#"mkdir -p -- "$(dirname -- "$1")" && cat >"$1""#;
        let output = self.exec_raw(&["sh", "-c", script, "sh", path], content.as_ref())?;
        Output::from(output).ok(&format!("writing {path} on {}", self.name))?;
        Ok(())
    }

    /// Pulls through containerd's CRI, as a kubelet does.
    ///
    /// # Errors
    /// If the node is off. A pull that fails is no error.
    pub fn crictl_pull(&self, image: &str) -> Result<Output> {
        self.exec(&["crictl", "pull", image])
    }

    /// Pulls through docker.
    ///
    /// # Errors
    /// If the node is off. A pull that fails is no error.
    pub fn docker_pull(&self, image: &str) -> Result<Output> {
        self.exec(&["docker", "pull", image])
    }

    fn exec_raw(&self, argv: &[&str], input: &[u8]) -> Result<std::process::Output> {
        let what = || format!("running {argv:?} on {}", self.name);
        let mut child = self
            .command(argv)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::io(what()))?;
        // A command that does not read its input is free to end without it.
        if let Some(mut stdin) = child.stdin.take() {
            let _ = stdin.write_all(input);
        }
        child.wait_with_output().map_err(Error::io(what()))
    }

    /// A command in all of the node's namespaces, ended at its deadline by a
    /// process in there: only that one can reach all of its children.
    fn command(&self, argv: &[&str]) -> Result<Command> {
        let init = self.container().as_ref().map(Container::init);
        let init = init.ok_or_else(|| Error::new(format!("{} is switched off", self.name), ""))?;
        let mut command = Command::new("nsenter");
        command
            .args(["-t", &init.to_string()])
            .args(["-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--"])
            .args(["timeout", "-k", "5", &EXEC_LIMIT.as_secs().to_string()])
            .args(argv)
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/root")
            .env("LC_ALL", "C.UTF-8");
        Ok(command)
    }

    fn container(&self) -> MutexGuard<'_, Option<Container>> {
        self.container.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A panic in here would abort a test that is already panicking.
        if let Err(error) = self.power_off() {
            eprintln!("{}: {error}", self.name);
        }
    }
}
