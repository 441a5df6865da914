//! Removing all traces of a fleet by its id.
//!
//! Works from what the kernel says and not from notes of the fleet, so that it
//! also works after the process that made the fleet was killed.

use crate::run::{check, poll};
use crate::{Error, Result, cgroup};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long killed processes may take to be gone.
const GONE_LIMIT: Duration = Duration::from_secs(20);

/// Ends the processes in the fleet's namespaces, then removes its groups,
/// namespaces, mounts and folder. What is gone already is no error.
pub(crate) fn sweep(id: &str, dir: &Path) -> Result<()> {
    let prefix = format!("{id}-");
    let namespaces = namespaces(&prefix)?;
    for namespace in &namespaces {
        end_processes(namespace)?;
    }
    for group in cgroup::names(&prefix)? {
        cgroup::remove(&group)?;
    }
    for mount in mounts_below(dir)? {
        check(&["umount", &mount])?;
    }
    for namespace in &namespaces {
        check(&["ip", "netns", "del", namespace])?;
    }
    forget_machines(&prefix)?;
    remove(dir)
}

/// Removes the folders that a killed nspawn could not remove itself.
fn forget_machines(prefix: &str) -> Result<()> {
    let Ok(machines) = fs::read_dir("/run/systemd/nspawn/propagate") else {
        return Ok(());
    };
    for machine in machines.flatten() {
        if machine.file_name().to_string_lossy().starts_with(prefix) {
            fs::remove_dir(machine.path()).map_err(Error::io("forgetting a machine"))?;
        }
    }
    Ok(())
}

fn namespaces(prefix: &str) -> Result<Vec<String>> {
    let list = check(&["ip", "netns", "list"])?;
    let names = list.lines().filter_map(|line| line.split(' ').next());
    Ok(names.filter(|name| name.starts_with(prefix)).map(str::to_owned).collect())
}

/// Nothing lives in these namespaces but what the fleet, or a test with it,
/// has started there. This process itself may be among them.
fn end_processes(namespace: &str) -> Result<()> {
    poll(&format!("{namespace} to be empty"), GONE_LIMIT, || {
        let mut alive = false;
        for line in check(&["ip", "netns", "pids", namespace])?.lines() {
            let pid = line.trim().parse().ok().and_then(Pid::from_raw);
            if let Some(pid) = pid.filter(|pid| *pid != rustix::process::getpid()) {
                // Only fails if it has just ended.
                let _ = kill_process(pid, Signal::KILL);
                alive = true;
            }
        }
        Ok((!alive).then_some(()))
    })
}

/// The mounts below `dir`, innermost first.
fn mounts_below(dir: &Path) -> Result<Vec<String>> {
    let path = "/proc/self/mountinfo";
    let text = fs::read_to_string(path).map_err(Error::io(format!("reading {path}")))?;
    let mut mounts: Vec<String> = text
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .filter(|mount| Path::new(mount).starts_with(dir))
        .map(str::to_owned)
        .collect();
    mounts.reverse();
    Ok(mounts)
}

/// Without crossing into other file systems, whatever may be mounted below.
fn remove(dir: &Path) -> Result<()> {
    let dir = dir.display().to_string();
    check(&["rm", "-rf", "--one-file-system", "--", &dir])?;
    Ok(())
}
