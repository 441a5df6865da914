//! Starting a container and ending it hard.

use crate::rootfs::RootFs;
use crate::run::poll;
use crate::{Error, Result, cgroup};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long the first process of a container may take to appear.
const INIT_LIMIT: Duration = Duration::from_secs(30);
/// How long a killed container may take to be gone.
const GONE_LIMIT: Duration = Duration::from_secs(30);

/// Joins the groups named before `--`, then becomes the command after it. A
/// group that takes no process is no reason to stop.
const JOIN_AND_EXEC: &str = r#"while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@""#;

/// What to start.
pub(crate) struct Spec<'a> {
    /// Unique on the machine: the container's and its group's name.
    pub(crate) machine: &'a str,
    /// The name the node has for itself.
    pub(crate) hostname: &'a str,
    pub(crate) rootfs: &'a RootFs,
    /// Where the kernel shows the network namespace.
    pub(crate) netns: &'a str,
    /// Takes what the container prints on its console.
    pub(crate) console: &'a Path,
}

/// A running container.
#[derive(Debug)]
pub(crate) struct Container {
    machine: String,
    nspawn: Child,
    init: u32,
}

impl Container {
    /// Starts the container and waits until its first process is systemd.
    pub(crate) fn start(spec: &Spec) -> Result<Self> {
        let mut nspawn = command(spec)?.spawn().map_err(Error::io("starting systemd-nspawn"))?;
        match find_init(&mut nspawn, spec) {
            Ok(init) => Ok(Self { machine: spec.machine.to_owned(), nspawn, init }),
            Err(error) => {
                // Its death takes the container with it.
                let _ = nspawn.kill();
                let _ = nspawn.wait();
                Err(error)
            }
        }
    }

    /// The container's first process, as the machine numbers it.
    pub(crate) fn init(&self) -> u32 {
        self.init
    }

    /// Kills the first process, and the kernel kills all the others: no
    /// daemon gets to write or tidy anything.
    pub(crate) fn kill(mut self) -> Result<()> {
        // While nspawn has not been waited for, the number cannot have become
        // somebody else's.
        let ended = matches!(self.nspawn.try_wait(), Ok(Some(_)));
        let init = i32::try_from(self.init).ok().and_then(Pid::from_raw);
        if let Some(pid) = init.filter(|_| !ended) {
            // Only fails if it has just ended.
            let _ = kill_process(pid, Signal::KILL);
        }
        let what = format!("container {} to be gone", self.machine);
        poll(&what, GONE_LIMIT, || self.nspawn.try_wait().map_err(Error::io("waiting for systemd-nspawn")))?;
        cgroup::remove(&self.machine)
    }
}

fn command(spec: &Spec) -> Result<Command> {
    let open = |file: &mut OpenOptions| file.open(spec.console);
    let console: File =
        open(OpenOptions::new().create(true).append(true)).map_err(Error::io("opening a console log"))?;
    let console_too = console.try_clone().map_err(Error::io("sharing a console log"))?;
    let mut command = Command::new("sh");
    command
        .args(["-c", JOIN_AND_EXEC, "sh"])
        .args(cgroup::create(spec.machine)?)
        .args(["--", "systemd-nspawn", "--register=no", "--keep-unit"])
        .args(["--quiet", "--link-journal=no", "--resolv-conf=off"])
        .args(["--timezone=off", "--capability=all"])
        // What container engines need and nspawn denies.
        .arg("--system-call-filter=@keyring bpf perf_event_open")
        .arg(format!("--machine={}", spec.machine))
        .arg(format!("--hostname={}", spec.hostname))
        .arg(format!("--directory={}", spec.rootfs.root().display()))
        .arg(format!("--network-namespace-path={}", spec.netns))
        .args(spec.rootfs.binds().map(|bind| format!("--bind={bind}")))
        .arg("--boot")
        .env("SYSTEMD_NSPAWN_API_VFS_WRITABLE", "yes")
        .stdin(Stdio::null())
        .stdout(console)
        .stderr(console_too);
    Ok(command)
}

fn find_init(nspawn: &mut Child, spec: &Spec) -> Result<u32> {
    let parent = nspawn.id();
    let found = poll("the container's systemd", INIT_LIMIT, || {
        if let Ok(Some(status)) = nspawn.try_wait() {
            return Err(Error::new("systemd-nspawn ended early", status.to_string()));
        }
        Ok(init_below(parent))
    });
    found.map_err(|error| {
        let console = fs::read_to_string(spec.console).unwrap_or_default();
        Error::new(format!("{}: {error}", spec.machine), console)
    })
}

/// The child of `parent` that is the first process of its own process
/// namespace, once it runs systemd and no longer nspawn's own code.
fn init_below(parent: u32) -> Option<u32> {
    let is_init = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| is_init_status(&status, parent))
    };
    fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).find(is_init)
}

fn is_init_status(status: &str, parent: u32) -> bool {
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let numbers: Vec<&str> = field("NSpid").unwrap_or("").split_whitespace().collect();
    field("Name") == Some("systemd")
        && field("PPid") == Some(&parent.to_string())
        && numbers.len() > 1
        && numbers.last() == Some(&"1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_an_init_by_parent_name_and_inner_number() {
        let status = |name, parent, inner| format!("Name:\t{name}\nPid:\t70\nPPid:\t{parent}\nNSpid:\t70\t{inner}\n");
        assert!(is_init_status(&status("systemd", 69, "1"), 69));
        assert!(!is_init_status(&status("systemd", 68, "1"), 69));
        assert!(!is_init_status(&status("systemd-nspawn", 69, "1"), 69));
        assert!(!is_init_status(&status("systemd", 69, "12"), 69));
        assert!(!is_init_status(&status("systemd", 69, ""), 69));
    }
}
